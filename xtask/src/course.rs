//! The course as one file beside the program: the texts of all lessons in their order, without the blocks that only
//! the check of a lesson reads, the glossary behind them, and
//! the long texts that core reads. Compiled into the program they would weigh a tenth of it.

use std::path::Path;

use crate::process::root;

/// The file's name in the folder of the page.
pub const NAME: &str = "course.md";
/// Stands between two lessons: the form feed of a text file.
pub const BETWEEN: char = '\u{c}';
/// Texts that core does not have in the page (`core/src/beside.rs`): `text PATH` and the text.
const BESIDE: [&str; 4] = ["shell/usage", "config/tables", "protocol/tables", "invariant/tables"];
/// Blocks that the page does not need.
const ONLY_CHECKED: [&str; 3] = ["```alternative", "```wrong", "```covers"];

/// Writes it where Trunk gathers the page; Trunk calls this after each build (`Trunk.toml`).
///
/// # Errors
/// Not called by Trunk, or a file cannot be read or written.
pub fn for_trunk() -> Result<(), String> {
    let folder = std::env::var("TRUNK_STAGING_DIR")
        .map_err(|_| "TRUNK_STAGING_DIR is not set: `cargo xtask course` is called by Trunk".to_owned())?;
    write(Path::new(&folder))
}

fn write(folder: &Path) -> Result<(), String> {
    let read = |path: std::path::PathBuf| {
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let list = read(root().join("core/src/lesson/library.rs"))?;
    let mut course = String::new();
    for id in ids(&list) {
        let text = read(root().join(format!("assets/lessons/{id}.md")))?;
        if !course.is_empty() {
            course.push(BETWEEN);
        }
        course.push_str(&shortened(&text));
    }
    if course.is_empty() {
        return Err("core/src/lesson/library.rs lists no lesson".into());
    }
    course.push(BETWEEN);
    course.push_str(&read(root().join("assets/lessons/GLOSSARY.md"))?);
    for folder in BESIDE {
        let inside = root().join("core/src").join(folder);
        let mut names: Vec<_> = std::fs::read_dir(&inside)
            .map_err(|error| format!("{}: {error}", inside.display()))?
            .filter_map(|entry| entry.ok().map(|entry| entry.file_name().to_string_lossy().into_owned()))
            .collect();
        names.sort();
        for name in names {
            course.push_str(&format!("{BETWEEN}text {folder}/{name}\n{}", read(inside.join(&name))?));
        }
    }
    let path = folder.join(NAME);
    std::fs::write(&path, course).map_err(|error| format!("{}: {error}", path.display()))
}

/// The lessons that the list in core names, in its order.
fn ids(list: &str) -> Vec<&str> {
    let inside =
        list.split_once("= lessons! {").and_then(|(_, rest)| rest.split_once("};")).map_or("", |(inside, _)| inside);
    inside.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix('"')).collect()
}

/// A lesson without what only its check reads.
fn shortened(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut skips = false;
    for line in text.lines() {
        if skips {
            skips = line != "```";
            continue;
        }
        if ONLY_CHECKED.contains(&line) {
            skips = true;
            continue;
        }
        // The empty line before a block that is gone would be the second in a row.
        if line.is_empty() && short.ends_with("\n\n") {
            continue;
        }
        short.push_str(line);
        short.push('\n');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_core_is_read() {
        let list = std::fs::read_to_string(root().join("core/src/lesson/library.rs")).expect("the list");
        let ids = ids(&list);
        assert_eq!(ids.first(), Some(&"where-a-record-goes"));
        assert_eq!(ids.last(), Some(&"the-night-shift"));
        assert!(ids.iter().all(|id| root().join(format!("assets/lessons/{id}.md")).is_file()));
    }

    #[test]
    fn what_only_the_check_reads_is_left_out() {
        let text = "## A?\n\n```goal\n- x\n```\n\n```wrong\nkill 1\n```\n\n```covers\nT1\n```\n\n```done\nYes.\n```\n";
        assert_eq!(shortened(text), "## A?\n\n```goal\n- x\n```\n\n```done\nYes.\n```\n");
    }
}
