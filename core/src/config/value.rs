//! Values as text: types and ranges checked in Kafka's words (`ConfigDef.parseType` and validators).

use super::ConfigError;
use super::registry::{ConfigDef, ConfigType};
use crate::ids::Name;

/// A decimal number without floating point: millionths (`0.5` is 500,000).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Millionths(pub i64);

impl Millionths {
    fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        if !whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit()) {
            return None;
        }
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let padded: String = fraction.chars().chain("000000".chars()).take(6).collect();
        let value = whole.checked_mul(1_000_000)?.checked_add(padded.parse().ok()?)?;
        Some(Self(if negative { -value } else { value }))
    }
}

/// The bounds that Kafka's words for a range name.
enum Valid<'a> {
    Any,
    Range { min: &'a str, max: Option<&'a str>, also: Option<&'a str> },
    OneOf { names: Vec<&'a str>, any_case: bool },
    NonEmpty,
    Throttled,
}

fn parse_valid(words: &str) -> Valid<'_> {
    if words.starts_with("non-empty") {
        return Valid::NonEmpty;
    }
    if words.starts_with("[partitionId]:[brokerId]") {
        return Valid::Throttled;
    }
    let (any_case, rest) = match words.strip_prefix("(case insensitive) ") {
        Some(rest) => (true, rest),
        None => (false, words),
    };
    let Some((inner, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else { return Valid::Any };
    if let Some((min, max)) = inner.split_once(",...") {
        return Valid::Range { min, max: max.strip_prefix(','), also: after.strip_prefix(" or ") };
    }
    if !after.is_empty() {
        return Valid::Any;
    }
    Valid::OneOf { names: inner.split(", ").collect(), any_case }
}

fn number(def: &ConfigDef, text: &str) -> Option<i128> {
    match def.config_type {
        ConfigType::Short => text.parse::<i16>().ok().map(i128::from),
        ConfigType::Int => text.parse::<i32>().ok().map(i128::from),
        ConfigType::Long => text.parse::<i64>().ok().map(i128::from),
        ConfigType::Double => Millionths::parse(text).map(|value| i128::from(value.0)),
        _ => None,
    }
}

/// Checks a value against its key's type and range.
pub(super) fn check(def: &ConfigDef, value: &str) -> Result<(), ConfigError> {
    let refuse = |message: &str| Err(ConfigError::invalid(def.name, value, message));
    let trimmed = value.trim();
    match def.config_type {
        ConfigType::Boolean => {
            if !trimmed.eq_ignore_ascii_case("true") && !trimmed.eq_ignore_ascii_case("false") {
                return refuse("Expected value to be either true or false");
            }
        }
        ConfigType::Short | ConfigType::Int | ConfigType::Long | ConfigType::Double => {
            let Some(found) = number(def, trimmed) else {
                return refuse(&format!("Not a number of type {}", def.config_type.name()));
            };
            if let Valid::Range { min, max, also } = parse_valid(def.valid) {
                let bound = |text: &str| number(def, text);
                if also.and_then(bound) == Some(found) {
                    return Ok(());
                }
                if bound(min).is_some_and(|min| found < min) {
                    return refuse(&format!("Value must be at least {min}"));
                }
                if let Some(max) = max
                    && bound(max).is_some_and(|max| found > max)
                {
                    return refuse(&format!("Value must be no more than {max}"));
                }
            }
        }
        ConfigType::String | ConfigType::List | ConfigType::Class | ConfigType::Password => {
            check_words(def, value, trimmed)?;
        }
    }
    Ok(())
}

/// `partition:broker`, or nothing.
fn is_replica(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.is_empty() || text.split_once(':').is_some_and(|(partition, broker)| is_number(partition) && is_number(broker))
}

fn check_words(def: &ConfigDef, value: &str, trimmed: &str) -> Result<(), ConfigError> {
    let refuse = |value: &str, message: &str| Err(ConfigError::invalid(def.name, value, message));
    match parse_valid(def.valid) {
        Valid::NonEmpty if trimmed.is_empty() => refuse(value, "String must be non-empty"),
        // `ThrottledReplicaListValidator`
        Valid::Throttled if !(trimmed == "*" || trimmed.split(',').all(|one| is_replica(one.trim()))) => {
            let items: Vec<&str> = trimmed.split(',').map(str::trim).collect();
            let (name, form) = (def.name, def.valid);
            let expected = "must be the literal '*' or a list of replicas in the following format";
            refuse(&format!("[{}]", items.join(", ")), &format!("{name} {expected}: {form}"))
        }
        Valid::OneOf { names, any_case } => {
            let items: Vec<&str> = match def.config_type {
                ConfigType::List => trimmed.split(',').map(str::trim).filter(|item| !item.is_empty()).collect(),
                _ => vec![trimmed],
            };
            let is_known = |item: &str| {
                names.iter().any(|name| if any_case { name.eq_ignore_ascii_case(item) } else { *name == item })
            };
            match items.iter().find(|item| !is_known(item)) {
                None => Ok(()),
                Some(item) if any_case => {
                    refuse(item, &format!("String must be one of (case insensitive): {}", names.join(", ")))
                }
                Some(item) => refuse(item, &format!("String must be one of: {}", names.join(", "))),
            }
        }
        _ => Ok(()),
    }
}

/// How a struct's field is read from a checked text.
pub(super) trait FromText: Sized {
    /// The value, or what stands for it if the text is none of it (which a check rules out).
    fn from_text(text: Option<&str>) -> Self;
}

macro_rules! integers {
    ($($kind:ty)*) => { $(
        impl FromText for $kind {
            fn from_text(text: Option<&str>) -> Self {
                let wide = text.and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(0);
                // Kafka's "no limit" of -1 is the largest value in an unsigned field.
                <$kind>::try_from(wide).unwrap_or(<$kind>::MAX)
            }
        }
    )* };
}

integers!(u64 i64 i32 i16);

impl FromText for bool {
    fn from_text(text: Option<&str>) -> Self {
        text.is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    }
}

impl FromText for Name {
    fn from_text(text: Option<&str>) -> Self {
        text.unwrap_or("").trim().into()
    }
}

impl<T: FromText> FromText for Option<T> {
    fn from_text(text: Option<&str>) -> Self {
        text.map(|text| T::from_text(Some(text)))
    }
}

impl FromText for Vec<Name> {
    fn from_text(text: Option<&str>) -> Self {
        text.unwrap_or("").split(',').map(str::trim).filter(|item| !item.is_empty()).map(Name::from).collect()
    }
}

impl FromText for Millionths {
    fn from_text(text: Option<&str>) -> Self {
        text.and_then(|text| Self::parse(text.trim())).unwrap_or_default()
    }
}
