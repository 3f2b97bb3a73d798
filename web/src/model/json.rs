//! JSON set out on several lines, for people to read. What is no JSON stays as it is.

/// Objects open a line for each field; lists of plain values stay on one line.
pub fn pretty(text: &str) -> String {
    if !text.starts_with(['{', '[']) {
        return text.to_owned();
    }
    let mut out = String::new();
    let (mut depth, mut quoted, mut escaped, mut inline) = (0_usize, false, false, 0_usize);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => {
                quoted = true;
                out.push(c);
            }
            '{' if chars.peek() == Some(&'}') => out.push(c),
            '{' => {
                depth += 1;
                out.push(c);
                line(&mut out, depth);
            }
            '}' if out.ends_with('{') => out.push(c),
            '}' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            '[' => {
                inline += 1;
                out.push(c);
            }
            ']' => {
                inline = inline.saturating_sub(1);
                out.push(c);
            }
            ',' if inline > 0 => out.push_str(", "),
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', depth * 2));
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn fields_get_lines_and_lists_do_not() {
        assert_eq!(
            pretty(r#"{"leader":101,"isr":[101,102],"a":{"b":"x,{y}"},"c":{}}"#),
            "{\n  \"leader\": 101,\n  \"isr\": [101, 102],\n  \"a\": {\n    \"b\": \"x,{y}\"\n  },\n  \"c\": {}\n}"
        );
        assert_eq!(pretty("12"), "12");
        assert_eq!(pretty("{{{"), "{\n  {\n    {\n      ");
    }
}
