//! `TopicFilter.IncludeList`: which topics a regular expression of the command line means.

use super::thrown::Thrown;
use crate::consumer::Pattern;

/// A comma is an alternative, blanks and quotes around it mean nothing.
pub(super) fn include_list(text: &str) -> Result<Pattern, Thrown> {
    let regex = text.trim().replace(',', "|").replace(' ', "");
    let regex = regex.trim_matches(['"', '\'']);
    let invalid = |_| Thrown::new("java.lang.RuntimeException", format!("{regex} is an invalid regex."));
    Pattern::parse(regex).map_err(invalid)
}
