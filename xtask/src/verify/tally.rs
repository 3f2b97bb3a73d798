//! Counting: what the closing lines of test programs say.

/// Passed and failed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Checks that held.
    pub passed: u64,
    /// Checks that did not.
    pub failed: u64,
}

impl Tally {
    /// One check.
    pub fn of(holds: bool) -> Self {
        Self { passed: u64::from(holds), failed: u64::from(!holds) }
    }

    /// Adds another one.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Holds a program that counted to its exit status: one that failed has failed somewhere, and
    /// one that counted nothing has tested nothing.
    pub fn judged(mut self, success: bool) -> Self {
        if self.failed == 0 && (!success || self.passed == 0) {
            self.failed = 1;
        }
        self
    }
}

/// `test result: ok. 3 passed; 1 failed; …` of cargo test, over all test programs.
pub fn of_cargo_test(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines().filter_map(|line| line.trim().strip_prefix("test result:")) {
        for part in line.split([';', '.']) {
            let mut words = part.split_whitespace();
            match (words.next().and_then(|number| number.parse::<u64>().ok()), words.next()) {
                (Some(number), Some("passed")) => tally.passed += number,
                // A test that is ignored has not been tested: in this house that is a failure.
                (Some(number), Some("failed" | "ignored")) => tally.failed += number,
                _ => {}
            }
        }
    }
    tally
}

/// `# pass 3` and `# fail 1` of Node's test runner. Skipped, cancelled and to-do ones have not passed.
pub fn of_node_test(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines() {
        let mut words = line.split_whitespace().skip_while(|word| matches!(*word, "#" | "ℹ"));
        let (word, number) = (words.next(), words.next().and_then(|number| number.parse::<u64>().ok()));
        let is_summary = line.starts_with(['#', 'ℹ']) && words.next().is_none();
        match (word, number) {
            (Some("pass"), Some(number)) if is_summary => tally.passed += number,
            (Some("fail" | "cancelled" | "skipped" | "todo"), Some(number)) if is_summary => tally.failed += number,
            _ => {}
        }
    }
    tally
}

/// The last `N passed, N failed` that stands alone on a line, as our own programs print it.
pub fn of_plain_line(output: &str) -> Tally {
    output.lines().rev().find_map(plain_line).unwrap_or_default()
}

fn plain_line(line: &str) -> Option<Tally> {
    let (passed, failed) = line.trim().split_once(" passed, ")?;
    Some(Tally { passed: passed.parse().ok()?, failed: failed.strip_suffix(" failed")?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_runners_closing_lines_are_counted() {
        let cargo = "test a ... ok\ntest result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                     test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(of_cargo_test(cargo), Tally { passed: 4, failed: 3 });
        let node =
            "# tests 5\n# suites 0\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n# duration_ms 12.5";
        assert_eq!(of_node_test(node), Tally { passed: 3, failed: 2 });
        assert_eq!(of_node_test("ℹ pass 3\nℹ fail 0"), Tally { passed: 3, failed: 0 });
        let own = "1 passed, 0 failed\ncase x: 2 passed, 9 failed of late\n6 passed, 1 failed\n";
        assert_eq!(of_plain_line(own), Tally { passed: 6, failed: 1 });
    }

    #[test]
    fn a_program_that_fails_or_tests_nothing_has_failed() {
        assert_eq!(Tally { passed: 3, failed: 0 }.judged(false), Tally { passed: 3, failed: 1 });
        assert_eq!(Tally::default().judged(true), Tally { passed: 0, failed: 1 });
        assert_eq!(Tally { passed: 3, failed: 0 }.judged(true), Tally { passed: 3, failed: 0 });
    }
}
