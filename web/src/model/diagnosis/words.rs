//! Names and numbers within a sentence.

/// More names than this are counted.
const NAMED: usize = 3;

/// `102`, `102 and 103`, `101, 102 and 103`; of more, so many `words`.
pub fn listed<T: ToString>(all: &[T], words: &str) -> String {
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        many if many.len() > NAMED => format!("{} {words}", many.len()),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `102 is dead`, `102 and 103 are dead`.
pub fn said_of<T: ToString>(all: &[T], words: &str, one: &str, many: &str) -> String {
    format!("{} {}", listed(all, words), of_many(all.len(), one, many))
}

/// `is` or `are`, `leads` or `lead`: what agrees with so many.
pub fn of_many<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// `Two`, at the beginning of a sentence; figures from ten on.
pub fn in_words(count: usize) -> String {
    let words = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];
    words.get(count).map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_named_and_many_counted() {
        let none: [i32; 0] = [];
        assert_eq!(listed(&none, "brokers"), "");
        assert_eq!(listed(&[102], "brokers"), "102");
        assert_eq!(listed(&[101, 102, 103], "brokers"), "101, 102 and 103");
        assert_eq!(listed(&[101, 102, 103, 104], "brokers"), "4 brokers");
        assert_eq!([in_words(2), in_words(12)], ["Two", "12"]);
    }
}
