//! A file, and its code without comments and text: rules about code must not stumble over prose.

/// A file of the repository.
pub struct Source {
    /// Its path from the root, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
    /// For Rust: the text with comments, strings and characters blanked; lines stay where they are.
    pub code: String,
    /// The first line of the first test module; what is below may do what tests may.
    tests_from: usize,
}

impl Source {
    /// A file with this text.
    pub fn new(path: &str, text: &str) -> Self {
        let code = if path.ends_with(".rs") { code_only(text) } else { String::new() };
        let is_test_file = path.ends_with("/tests.rs") || path.contains("/tests/") || path.starts_with("tests/");
        let marker = code.lines().position(|line| line.trim_start().starts_with("#[cfg(test)]"));
        // `#[cfg(test)] mod tests;` names a file of tests and begins none here.
        let inline = marker.filter(|&at| !code.lines().nth(at + 1).is_some_and(|next| next.trim_end().ends_with(';')));
        let tests_from = if is_test_file { 0 } else { inline.unwrap_or(usize::MAX) };
        Self { path: path.to_owned(), text: text.to_owned(), code, tests_from }
    }

    /// True of Rust files in core.
    pub fn is_core(&self) -> bool {
        self.path.starts_with("core/src/") && self.path.ends_with(".rs")
    }

    /// True of Rust files.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Lines of code, numbered from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Lines of code that are not tests.
    pub fn lines_outside_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().take_while(|(number, _)| *number <= self.tests_from)
    }
}

/// True if `word` stands in `line` as a whole word.
pub fn has_word(line: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        let bounded_before = !word.starts_with(is_part) || !before.is_some_and(is_part);
        let bounded_after = !word.ends_with(is_part) || !after.is_some_and(is_part);
        bounded_before && bounded_after
    })
}

/// Blanks comments, strings and characters.
fn code_only(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let end = match letter {
            '/' if letters.get(at + 1) == Some(&'/') => end_of_line(&letters, at),
            '/' if letters.get(at + 1) == Some(&'*') => end_of_block_comment(&letters, at),
            '"' => end_of_string(&letters, at),
            'r' if !code.ends_with(|before: char| before.is_alphanumeric() || before == '_') => {
                end_of_raw_string(&letters, at).unwrap_or(at)
            }
            '\'' => end_of_character(&letters, at).unwrap_or(at),
            _ => at,
        };
        if end == at {
            code.push(letter);
            at += 1;
        } else {
            code.extend(letters.get(at..end).into_iter().flatten().map(|&gone| if gone == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    code
}

fn end_of_line(letters: &[char], at: usize) -> usize {
    letters.iter().skip(at).position(|&letter| letter == '\n').map_or(letters.len(), |length| at + length)
}

fn end_of_block_comment(letters: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0usize, start);
    while at < letters.len() {
        match (letters.get(at), letters.get(at + 1)) {
            (Some('/'), Some('*')) => (depth, at) = (depth + 1, at + 2),
            (Some('*'), Some('/')) => (depth, at) = (depth.saturating_sub(1), at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    letters.len()
}

fn end_of_string(letters: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(letter) = letters.get(at) {
        match letter {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    letters.len()
}

/// The end of `r"…"` or `r#"…"#`; `None` if `r` begins a plain name.
fn end_of_raw_string(letters: &[char], start: usize) -> Option<usize> {
    let hashes = letters.iter().skip(start + 1).take_while(|&&letter| letter == '#').count();
    let open = start + 1 + hashes;
    if letters.get(open) != Some(&'"') {
        return None;
    }
    let mut at = open + 1;
    while at < letters.len() {
        if letters.get(at) == Some(&'"') && letters.iter().skip(at + 1).take_while(|&&one| one == '#').count() >= hashes
        {
            return Some(at + 1 + hashes);
        }
        at += 1;
    }
    Some(letters.len())
}

/// The end of `'a'` or `'\n'`; `None` for a lifetime.
fn end_of_character(letters: &[char], start: usize) -> Option<usize> {
    if letters.get(start + 1) == Some(&'\\') {
        let close = letters.iter().skip(start + 3).take(12).position(|&letter| letter == '\'')?;
        return Some(start + 3 + close + 1);
    }
    (letters.get(start + 2) == Some(&'\'')).then_some(start + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_text_are_blanked_and_code_stays() {
        let text = "a /* x /* y */ z */ b // c\nlet s = \"HashMap \\\" f64\"; d\nr#\"e \" f\"# g 'h' 'i '\\'' j<'k>\n";
        let code = code_only(text);
        assert_eq!(code.lines().count(), text.lines().count());
        let words: Vec<&str> = code.split_whitespace().collect();
        assert_eq!(words.join(" "), "a b let s = ; d g 'i j<'k>");
    }

    #[test]
    fn words_are_whole_words() {
        assert!(has_word("let x: f64 = y", "f64"));
        assert!(!has_word("elf64 f640", "f64"));
        assert!(has_word("a.unwrap()", ".unwrap()"));
        assert!(has_word("std::time::Instant", "std::time"));
    }

    #[test]
    fn what_is_below_the_test_module_is_a_test() {
        let source = Source::new("core/src/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n x.unwrap() }\n");
        assert_eq!(source.lines_outside_tests().count(), 1);
        let named = Source::new("core/src/a.rs", "#[cfg(test)]\nmod tests;\nfn a() {}\n");
        assert_eq!(named.lines_outside_tests().count(), 3);
    }
}
