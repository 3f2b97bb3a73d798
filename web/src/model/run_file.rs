//! A run as a file: what a link says, a line for each part, readable and editable by a person. The first
//! line names the format and its version; web/README.md describes it.

use playground_core::command::Command;
use playground_core::timeline::{escape, known_part, unescape};

/// How the first line begins.
const TITLE: &str = "Kafka Playground run, version ";
const VERSION: u32 = 1;
/// No run of a person's making is longer.
const MOST_BYTES: usize = 4 << 20;
/// A file that was read: the link that it stands for, and where its commands are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunFile {
    /// What stands behind `#` in a link.
    pub fragment: String,
    /// The line of each command, from 1.
    lines: Vec<usize>,
}

/// The text of a file for a link's text.
pub fn write(link: &str) -> String {
    let mut text =
        format!("{TITLE}{VERSION}\n# key=value; do=MICROSECONDS~EVENTS~COMMAND gives a command at that moment\n");
    for part in link.split('&').skip(1) {
        match part.split_once('=').filter(|(key, _)| *key == "do").and_then(|(_, value)| spelled(value)) {
            Some(line) => text.push_str(&line),
            None => text.push_str(part),
        }
        text.push('\n');
    }
    text
}

/// A command's part with its line as a person writes it.
fn spelled(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '~');
    let (time, steps, command) = (parts.next()?, parts.next()?, unescape(parts.next()?)?);
    (!command.contains('\n')).then(|| format!("do={time}~{steps}~{command}"))
}

/// Reads a file.
///
/// # Errors
/// It is none, or of another version, or a line is not understood: the message names the line and what
/// was expected there.
pub fn read(text: &str) -> Result<RunFile, String> {
    if text.len() > MOST_BYTES {
        return Err(format!("a run of at most {} MB is expected", MOST_BYTES >> 20));
    }
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let first = lines.next().map_or("", |(_, line)| line.trim_start_matches('\u{feff}'));
    match first.strip_prefix(TITLE).map(|version| version.trim().parse::<u32>()) {
        Some(Ok(VERSION)) => {}
        Some(Ok(other)) => {
            return Err(format!(
                "line 1: version {VERSION} is expected, this file has version {other}; load the page again for its newest version"
            ));
        }
        _ => return Err(format!("line 1: \"{TITLE}{VERSION}\" is expected")),
    }
    let mut run = RunFile { fragment: "k1".to_owned(), lines: Vec::new() };
    for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let Some((key, value)) = line.split_once('=') else {
            return Err(format!("line {number}: key=value is expected, found {}", shortened(line)));
        };
        known_part(key).map_err(|expected| format!("line {number}: {expected}"))?;
        let part = if key == "do" {
            run.lines.push(number);
            command(value).map_err(|why| format!("line {number}: {why}"))?
        } else if value.contains(['&', '#', ' ']) {
            return Err(format!("line {number}: no space, & or # is expected in {key}, found {}", shortened(value)));
        } else {
            value.to_owned()
        };
        run.fragment.push_str(&format!("&{key}={part}"));
    }
    Ok(run)
}

/// Checks a command's part and writes it as a link has it.
fn command(value: &str) -> Result<String, String> {
    let mut parts = value.splitn(3, '~');
    let (Some(time), Some(steps), Some(line)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(format!("do=MICROSECONDS~EVENTS~COMMAND is expected, found {}", shortened(value)));
    };
    for (what, number) in [("microseconds", time), ("events", steps)] {
        if number.parse::<u64>().is_err() {
            return Err(format!("a number of {what} is expected, found {}", shortened(number)));
        }
    }
    Command::parse(line).map_err(|error| format!("{}: {}", error.place, error.message))?;
    Ok(format!("{time}~{steps}~{}", escape(line)))
}

fn shortened(text: &str) -> String {
    if text.chars().count() > 60 {
        format!("{}…", text.chars().take(60).collect::<String>())
    } else {
        text.to_owned()
    }
}

impl RunFile {
    /// Where in the file a refusal of its link lies: `link, command 3: 102: …` is of a line.
    pub fn placed(&self, why: &str) -> String {
        let told = why.strip_prefix("link, command ").and_then(|rest| rest.split_once(": "));
        let line = told.and_then(|(number, _)| self.lines.get(number.parse::<usize>().ok()?.checked_sub(1)?));
        match (told, line) {
            (Some((_, rest)), Some(line)) => format!("line {line}: {rest}"),
            _ => why.strip_prefix("link, ").unwrap_or(why).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "k1&seed=7&brokers=101,102&zk=1&tick=2000&do=9000000~400~kill+102&do=9500000~500~send+p+%22a+b%22&at=12000000~900&lesson=sandbox&step=0";

    #[test]
    fn a_file_says_what_the_link_says() {
        let text = write(LINK);
        assert!(text.contains("\ndo=9000000~400~kill 102\n"), "{text}");
        assert_eq!(read(&text).map(|run| run.fragment).as_deref(), Ok(LINK));
        assert_eq!(read(&text.replace('\n', "\r\n")).map(|run| run.fragment).as_deref(), Ok(LINK));
    }

    #[test]
    fn a_refusal_names_the_line_and_what_was_expected() {
        let good = write(LINK);
        for (bad, line, expected) in [
            ("hello".to_owned(), 1, "Kafka Playground run, version 1"),
            (good.replace("version 1", "version 2"), 1, "version 1 is expected"),
            (good.replace("zk=1", "zk"), 5, "key=value"),
            (good.replace("zk=1", "zoo=1"), 5, "one of seed"),
            (good.replace("9000000~400~kill 102", "soon~400~kill 102"), 7, "number of microseconds"),
            (good.replace("9000000~400~kill 102", "9000000"), 7, "MICROSECONDS~EVENTS~COMMAND"),
            (good.replace("~kill 102", "~kil 102"), 7, "kil"),
            (good.replace("tick=2000", "tick=2 000"), 6, "no space"),
        ] {
            let why = read(&bad).expect_err(&bad);
            assert!(why.starts_with(&format!("line {line}: ")) && why.contains(expected), "{why}");
        }
    }

    #[test]
    fn what_the_replay_refuses_is_placed_in_the_file() {
        let run = read(&write(LINK)).expect("it is good");
        assert_eq!(run.placed("link, command 2: p: there is no such client"), "line 8: p: there is no such client");
        assert_eq!(run.placed("link, at: a number is expected"), "at: a number is expected");
        assert_eq!(run.placed("link, command 9: x: y"), "command 9: x: y");
    }
}
