//! Names and numbers one after the other, as `write!` prints them but without its machinery: what is
//! observed most often is printed into the fingerprint in every second event.

use std::fmt;

use crate::ids::{Name, TopicPartition};

/// Something that is printed as it is.
pub(super) trait Word {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// `say!(f, a, " of ", b)` prints what `write!(f, "{a} of {b}")` does.
macro_rules! say {
    ($f:expr, $($word:expr),+) => {{
        $($crate::machine::words::Word::say($word, $f)?;)+
        Ok(())
    }};
}

pub(super) use say;

impl Word for str {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Word for Name {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Word for TopicPartition {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        say!(f, &self.topic, "-", &self.partition)
    }
}

impl Word for i32 {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        i64::from(*self).say(f)
    }
}

impl Word for i64 {
    fn say(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nineteen digits and a sign.
        let mut digits = [0u8; 20];
        let mut at = digits.len();
        let mut left = self.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        if *self < 0 {
            at -= 1;
            digits[at] = b'-';
        }
        f.write_str(std::str::from_utf8(&digits[at..]).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Said(TopicPartition, i64);

    impl fmt::Display for Said {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            say!(f, &self.0.topic, ": ", &self.0, " at ", &self.1)
        }
    }

    #[test]
    fn words_are_what_write_prints() {
        for number in [0, 7, 10, -1, -10, 99_999, i64::MAX, i64::MIN] {
            let tp = TopicPartition::new("trucks_gps", number as i32);
            let written = format!("{}: {tp} at {number}", tp.topic);
            assert_eq!(Said(tp, number).to_string(), written);
        }
    }
}
