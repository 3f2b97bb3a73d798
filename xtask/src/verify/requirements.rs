//! The table of the page's requirements: which numbers the browser tests name, and what came of them. A
//! requirement's test has a title that begins with its number, as in `R12: …`.

use std::collections::BTreeMap;

use super::tally::Tally;

/// The requirements of the page are numbered from 1 to this.
const LAST: u32 = 25;

/// A line for each requirement: number, tests passed and failed, title of the first; those without a test say so.
pub fn table(tap: &str) -> String {
    let mut found: BTreeMap<u32, (Tally, &str)> = BTreeMap::new();
    for (number, passed, title) in tap.lines().filter_map(named) {
        let entry = found.entry(number).or_insert((Tally::default(), title));
        entry.0.add(Tally::of(passed));
    }
    let mut lines = vec!["requirements of the page".to_owned()];
    for number in 1..=LAST {
        lines.push(match found.get(&number) {
            Some((tally, title)) => {
                let word = if tally.failed == 0 { "held" } else { "BROKEN" };
                format!("  {number:>2}  {word:<6}  {} passed, {} failed  {title}", tally.passed, tally.failed)
            }
            None => format!("  {number:>2}  no test of its own"),
        });
    }
    lines.join("\n")
}

/// `not ok 3 - R12: title` of Node's test runner: number, whether it passed, title. Subtests are indented
/// and belong to their test.
fn named(line: &str) -> Option<(u32, bool, &str)> {
    let (passed, rest) = match line.strip_prefix("not ok ") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix("ok ")?),
    };
    let (_, title) = rest.split_once(" - ")?;
    let (number, title) = title.strip_prefix('R')?.split_once(": ")?;
    Some((number.parse().ok()?, passed, title))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_its_line() {
        let tap = "TAP version 13\n# Subtest: R2: there and back\nok 1 - R2: there and back\n  ---\n  ...\n\
                   not ok 2 - R19: all is visible at 390x844\nok 3 - R19: all is visible at 1280x720\n\
                   ok 4 - the page opens\n    ok 1 - R3: a subtest\n1..4";
        let table = table(tap);
        assert!(table.contains("   2  held    1 passed, 0 failed  there and back"), "{table}");
        assert!(table.contains("  19  BROKEN  1 passed, 1 failed  all is visible at 390x844"), "{table}");
        assert!(table.contains("   3  no test of its own"), "{table}");
        assert_eq!(table.lines().count(), 26);
    }
}
