//! The script between the page and its program, as wasm-bindgen writes it, made shorter: without indents and comments, and
//! with short names for what the program imports. A tenth of its compressed size, and as much of the program's.

use std::collections::BTreeMap;

/// Two letters are enough for as many as a page imports.
const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A short name for each word; none if they are short already.
pub fn short_names(words: &[String]) -> BTreeMap<String, String> {
    if words.iter().all(|word| word.len() <= 2) || words.len() > LETTERS.len() * LETTERS.len() {
        return BTreeMap::new();
    }
    let letter = |place: usize| char::from(LETTERS[place % LETTERS.len()]);
    let name = |place: usize| format!("{}{}", letter(place / LETTERS.len()), letter(place));
    words.iter().enumerate().map(|(place, word)| (word.clone(), name(place))).collect()
}

/// The script with these words in the place of the long ones.
pub fn shortened(script: &str, short: &BTreeMap<String, String>) -> String {
    // A text over several lines keeps its blanks.
    let joined = script.lines().any(|line| line.matches('`').count() % 2 == 1);
    let mut text = String::with_capacity(script.len());
    for line in script.lines() {
        let bare = if joined { line } else { line.trim_start() };
        if bare.is_empty() || bare.starts_with("//") {
            continue;
        }
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
        let mut rest = bare;
        while let Some(start) = rest.find(is_word) {
            let (before, from) = rest.split_at(start);
            let (word, after) = from.split_at(from.find(|letter| !is_word(letter)).unwrap_or(from.len()));
            text.push_str(before);
            text.push_str(short.get(word).map_or(word, String::as_str));
            rest = after;
        }
        text.push_str(rest);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_replaced_as_wholes_and_indents_and_comments_go() {
        let words = ["__wbg_now_1".to_owned(), "__wbg_now_12".to_owned()];
        let short = short_names(&words);
        let script = "    // what it takes\n    __wbg_now_12: function() {\n        return now(`a  b`);\n    },\n\n    __wbg_now_1: x,";
        assert_eq!(shortened(script, &short), "ab: function() {\nreturn now(`a  b`);\n},\naa: x,\n");
    }

    #[test]
    fn a_text_of_several_lines_is_left_as_it_is() {
        assert_eq!(shortened("  a = `\n  b`;", &BTreeMap::new()), "  a = `\n  b`;\n");
    }

    #[test]
    fn what_is_short_already_stays() {
        let words: Vec<String> = ["aa", "ab"].map(str::to_owned).to_vec();
        assert!(short_names(&words).is_empty());
        let many: Vec<String> = (0..200).map(|number| format!("__wbg_{number}")).collect();
        let names: std::collections::BTreeSet<String> = short_names(&many).into_values().collect();
        assert_eq!(names.len(), 200, "each has its own");
    }
}
