//! Which names a topic may have (`org.apache.kafka.common.internals.Topic`).

/// The longest legal name, in characters.
pub const MAX_NAME_LENGTH: usize = 249;

/// Kafka's message about an illegal name, `None` for a legal one.
pub fn invalid_name(name: &str) -> Option<String> {
    const INVALID: &str = "Topic name is invalid: ";
    if name.is_empty() {
        return Some(format!("{INVALID}the empty string is not allowed"));
    }
    if name == "." || name == ".." {
        return Some(format!("{INVALID}'{name}' is not allowed"));
    }
    if name.encode_utf16().count() > MAX_NAME_LENGTH {
        return Some(format!(
            "{INVALID}the length of '{name}' is longer than the max allowed length {MAX_NAME_LENGTH}"
        ));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
        return Some(format!(
            "{INVALID}'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        ));
    }
    None
}

/// The name holds a character that metric names do not tell from another.
pub fn has_collision_chars(name: &str) -> bool {
    name.contains(['.', '_'])
}

/// Two names give the same metric name: `.` and `_` are not told apart there.
pub fn collides(one: &str, other: &str) -> bool {
    one.replace('.', "_") == other.replace('.', "_")
}
