//! A link's text as it travels: with a check that tells a damaged one, and folded (deflate, base64url)
//! where that is shorter. What it says is `share.rs`'s; this is only its envelope.

use std::borrow::Cow;

use crate::command::CommandError;

/// Begins a folded link.
const FOLDED: &str = "z1.";
/// The check stands right behind the version, so that a link that was cut off still has it.
const CHECK: &str = "&c=";
/// Unfolded, no link is longer: hundreds of kilobytes are thousands of commands.
const TEXT_MAX: usize = 1 << 20;
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn damaged<T>(message: impl Into<String>) -> Result<T, CommandError> {
    Err(CommandError { place: "link".into(), message: message.into() })
}

/// A link's text, ready to be sent: the shorter of its two forms.
pub fn seal(text: &str) -> String {
    let plain = match text.split_once('&') {
        Some((version, rest)) => format!("{version}{CHECK}{:x}&{rest}", check(rest)),
        None => text.to_owned(),
    };
    let folded = format!("{FOLDED}{}", letters(&miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 9)));
    if folded.len() < plain.len() { folded } else { plain }
}

/// What a link says. One without a check, as a person writes it, is taken as it is.
///
/// # Errors
/// It is damaged, or of a version that this page does not know.
pub fn unseal(link: &str) -> Result<Cow<'_, str>, CommandError> {
    let link = link.trim().trim_start_matches('#');
    if let Some(version) = version(link).filter(|version| *version != 1) {
        return damaged(format!(
            "it is of version {version}, and this page knows version 1: load the page again for its newest version, or ask for the link anew"
        ));
    }
    if let Some(folded) = link.strip_prefix(FOLDED) {
        let text = bytes(folded)
            .and_then(|bytes| miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&bytes, TEXT_MAX).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        return match text {
            Some(text) => Ok(Cow::Owned(text)),
            None => damaged("it is damaged or was cut off: copy the whole of it"),
        };
    }
    let Some((version, rest)) = link.split_once('&') else { return Ok(Cow::Borrowed(link)) };
    let Some((given, rest)) = rest.strip_prefix("c=").and_then(|rest| rest.split_once('&')) else {
        return Ok(Cow::Borrowed(link));
    };
    if u32::from_str_radix(given, 16) == Ok(check(rest)) {
        Ok(Cow::Owned(format!("{version}&{rest}")))
    } else {
        damaged("it is damaged or was cut off: copy the whole of it")
    }
}

/// The number behind `k` or `z` at the beginning.
fn version(link: &str) -> Option<u32> {
    let digits = link.strip_prefix(['k', 'z'])?;
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    let is_whole = digits.get(end..).is_some_and(|rest| rest.is_empty() || rest.starts_with(['&', '.', '~']));
    digits.get(..end).filter(|_| is_whole)?.parse().ok()
}

/// FNV-1a of 32 bits: it finds damage, it proves nothing.
fn check(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn letters(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for letter in 0..=three.len() {
            text.push(char::from(LETTERS[(bits >> (18 - 6 * letter) & 63) as usize]));
        }
    }
    text
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for index in 0..4 {
            let value = match four.get(index) {
                Some(letter) => LETTERS.iter().position(|own| own == letter)? as u32,
                None => 0,
            };
            bits = bits << 6 | value;
        }
        let whole = [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8];
        bytes.extend_from_slice(whole.get(..four.len().checked_sub(1)?)?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    const LINK: &str =
        "k1&seed=7&brokers=1,2&zk=1&tick=2000&do=9000000~400~kill+1&at=12000000~900&lesson=sandbox&step=0";

    fn long() -> String {
        let commands: String =
            (0..400).map(|n| format!("&do={}~{}~kill+{}", 9_000_000 + n, n * 7, 101 + n % 3)).collect();
        format!("k1&seed=7{commands}&at=12000000~9000")
    }

    #[test]
    fn what_is_sealed_is_unsealed() {
        for text in [LINK.to_owned(), long(), "k1&seed=1".into(), "lesson=a".into(), String::new()] {
            let sealed = seal(&text);
            assert_eq!(unseal(&sealed).as_deref(), Ok(&*text), "{sealed}");
            assert!(sealed.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        assert!(seal(LINK).starts_with("k1&c="), "a short one can be read");
        assert!(seal(&long()).len() * 3 < long().len(), "a long one is folded");
        assert_eq!(unseal(LINK).as_deref(), Ok(LINK), "by hand");
    }

    #[test]
    fn every_cut_and_every_changed_letter_is_noticed() {
        for sealed in [seal(LINK), seal(&long())] {
            // Before the check is whole there is nothing to notice it by: the reader of the text refuses.
            for end in 16..sealed.len() {
                let cut = unseal(&sealed[..end]);
                assert!(cut.is_err(), "cut at {end}: {cut:?}");
            }
            for at in (16..sealed.len()).step_by(5) {
                let mut other = sealed.clone();
                other.replace_range(at..=at, if &sealed[at..=at] == "A" { "B" } else { "A" });
                assert!(unseal(&other).is_err(), "changed at {at}");
            }
        }
    }

    #[test]
    fn a_newer_version_is_named() {
        for link in ["k2&seed=1", "z9.AAAA", "k17"] {
            assert!(unseal(link).is_err_and(|error| error.message.contains("newest version")), "{link}");
        }
        for link in ["k1&seed=1", "kafka", "lesson=k2", ""] {
            assert!(unseal(link).is_ok(), "{link}");
        }
    }

    #[test]
    fn ten_thousand_broken_links_do_no_harm() {
        let mut rng = Rng::new(99);
        let whole = [seal(LINK), seal(&long()), LINK.to_owned()];
        for _ in 0..10_000 {
            let mut link: Vec<u8> = whole[rng.below(3) as usize].clone().into_bytes();
            for _ in 0..=rng.below(4) {
                let at = rng.below(link.len() as u64) as usize;
                match rng.below(3) {
                    0 => link.truncate(at.max(1)),
                    1 => link[at] = b' ' + rng.below(95) as u8,
                    _ => link.insert(at, b' ' + rng.below(95) as u8),
                }
            }
            let text = String::from_utf8(link).expect("it is ASCII");
            if let Ok(said) = unseal(&text) {
                assert!(said.len() <= TEXT_MAX);
            }
        }
        // A bomb: a megabyte and more of nothing in a few hundred letters.
        let bomb = letters(&miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'0'; TEXT_MAX * 4], 9));
        assert!(unseal(&format!("{FOLDED}{bomb}")).is_err());
    }
}
