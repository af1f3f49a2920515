//! What kind of value a cell that is no number holds.

use crate::history::cells::Side;

/// Name what a cell holds: `null`, `bool`, `string`, `list`, `object`, `integer` (one beyond 64
/// bits), or, of an object that has one, its `_type`, such as `image-file`.
#[must_use]
pub fn kind_of(side: &Side) -> &str {
    match side {
        Side::Null => "null",
        Side::Bool(_) => "bool",
        Side::Json(text) => kind_of_json(text),
    }
}

fn kind_of_json(text: &str) -> &str {
    match text.trim_start().bytes().next() {
        Some(b'"') => "string",
        Some(b'[') => "list",
        Some(b'{') => named_type(text).unwrap_or("object"),
        Some(b'n') => "null",
        Some(b't' | b'f') => "bool",
        _ => "integer",
    }
}

/// The text of the top-level member `_type`, if it is a plain one. Values may be megabytes long,
/// so nothing is built on the way.
fn named_type(text: &str) -> Option<&str> {
    let mut depth = 0_u32;
    let mut at = 0;
    let mut named = false;
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                let string = quoted(text.get(at + 1..)?)?;
                at += string.len() + 1;
                if depth == 1 && named {
                    return (!string.is_empty() && !string.contains('\\')).then_some(string);
                }
                named = depth == 1 && string == "_type" && followed_by_colon(text.get(at + 1..)?);
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b':') {
            named = false;
        }
        at += 1;
    }
    None
}

fn quoted(rest: &str) -> Option<&str> {
    let mut escaped = false;
    let end = rest.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    rest.get(..end)
}

fn followed_by_colon(rest: &str) -> bool {
    rest.trim_start().starts_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_by_what_the_text_holds() {
        for (text, kind) in [
            (r#""a""#, "string"),
            ("[1]", "list"),
            ("{}", "object"),
            (r#"{"a": "_type", "b": 1}"#, "object"),
            (r#"{"a": {"_type": "no"}, "_type" : "image-file", "c": 2}"#, "image-file"),
            (r#"{"_type": 5, "x": "y"}"#, "object"),
            (r#"{"path": "a\"b", "_type": "table-file"}"#, "table-file"),
            (r#"{"_type": "bro"#, "object"),
            ("123456789012345678901234567890", "integer"),
        ] {
            assert_eq!(kind_of(&Side::Json(text.into())), kind, "{text}");
        }
        assert_eq!(kind_of(&Side::Null), "null");
        assert_eq!(kind_of(&Side::Bool(true)), "bool");
    }
}
