//! A small reader for the JSON in znodes and in the files of Kafka's tools. It never fails loudly: what a
//! person wrote into a znode by hand may be anything, and what cannot be read is absent.

/// A JSON value. Fractions do not occur in Kafka's znodes and are cut off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Json {
    /// `null`, `true` or `false`.
    Word,
    /// A whole number.
    Number(i64),
    /// A string.
    Text(String),
    /// `[…]`.
    List(Vec<Json>),
    /// `{…}` in its order.
    Object(Vec<(String, Json)>),
}

/// Deeper nesting than any znode of Kafka has.
const MAX_DEPTH: usize = 16;

impl Json {
    /// Reads one value.
    pub fn parse(text: &str) -> Option<Self> {
        let mut open: Vec<(Option<String>, Self)> = Vec::new();
        let mut key: Option<String> = None;
        let mut rest = text.char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            let value = match c {
                '{' | '[' => {
                    if open.len() >= MAX_DEPTH {
                        return None;
                    }
                    let empty = if c == '{' { Self::Object(Vec::new()) } else { Self::List(Vec::new()) };
                    open.push((key.take(), empty));
                    continue;
                }
                '}' | ']' => {
                    let (own_key, value) = open.pop()?;
                    key = own_key;
                    value
                }
                '"' => {
                    let text = read_text(&mut rest)?;
                    if key.is_none() && matches!(open.last(), Some((_, Self::Object(_)))) {
                        key = Some(text);
                        continue;
                    }
                    Self::Text(text)
                }
                '-' | '0'..='9' => {
                    let mut end = at + 1;
                    while let Some((next, _)) =
                        rest.next_if(|(_, c)| matches!(c, '0'..='9' | '.' | 'e' | 'E' | '+' | '-'))
                    {
                        end = next + 1;
                    }
                    let digits = text.get(at..end)?;
                    Self::Number(digits.split('.').next()?.parse().ok()?)
                }
                'a'..='z' => {
                    let mut end = at + 1;
                    while let Some((next, _)) = rest.next_if(|(_, c)| c.is_ascii_alphanumeric()) {
                        end = next + 1;
                    }
                    if !matches!(text.get(at..end), Some("null" | "true" | "false")) {
                        return None;
                    }
                    Self::Word
                }
                _ => continue,
            };
            match open.last_mut() {
                None => return Some(value),
                Some((_, Self::List(items))) => items.push(value),
                Some((_, Self::Object(fields))) => fields.push((key.take()?, value)),
                Some(_) => return None,
            }
        }
        None
    }

    /// A field of an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.fields().iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The fields of an object, none of anything else.
    pub fn fields(&self) -> &[(String, Self)] {
        if let Self::Object(fields) = self { fields } else { &[] }
    }

    /// The items of a list, none of anything else.
    pub fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// A number, also one written as a string.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A 32-bit number.
    pub fn int(&self) -> Option<i32> {
        self.number().and_then(|number| i32::try_from(number).ok())
    }

    /// A string.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// The rest of a string up to its closing quote. Simplified: `\u` escapes are kept as they stand.
fn read_text(rest: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()?.1 {
            '"' => return Some(text),
            '\\' => match rest.next()?.1 {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'u' => text.push_str("\\u"),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}

/// `text` as a JSON string, with its quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn znodes_are_read_and_nonsense_is_absent() {
        let read = Json::parse(r#"{"partitions":{"0":[1,2],"1":[]},"id":"a\"b","x":null,"n":-1}"#);
        let read = read.as_ref();
        let partitions = read.and_then(|json| json.get("partitions"));
        assert_eq!(partitions.map(|p| p.fields().len()), Some(2));
        assert_eq!(partitions.and_then(|p| p.get("0")).map(|list| list.items().len()), Some(2));
        assert_eq!(read.and_then(|json| json.get("id")).and_then(Json::text), Some("a\"b"));
        assert_eq!(read.and_then(|json| json.get("n")).and_then(Json::int), Some(-1));
        for nonsense in
            ["", "{", "{\"a\"", "]", "\"open", "{\"a\":1", "{1}", "junk", "nulls", "{\"a\":nonsense}", &"[".repeat(100)]
        {
            assert_eq!(Json::parse(nonsense), None, "{nonsense}");
        }
        assert_eq!(quoted("a\"b\n"), r#""a\"b\n""#);
    }
}
