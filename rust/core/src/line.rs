//! A history record as the line that a server takes: JSON with nesting restored.

use crate::error::Result;
use crate::json;
use crate::wire::{Cursor, Raw, as_text};

const ITEM: u32 = 1;
const KEY: u32 = 1;
const NESTED_KEY: u32 = 2;
const VALUE_JSON: u32 = 16;

/// A row on its way to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its step, if it has one.
    pub step: Option<i64>,
    /// One JSON object.
    pub text: String,
}

/// A member of a row: a value as text, or more members.
enum Member {
    Leaf(Vec<u8>),
    Dict(Vec<(Box<str>, Member)>),
}

/// Write the payload of a `history` field as a line; values keep the spelling they have.
///
/// # Errors
/// `Damaged` if the bytes are no history record.
pub fn history_line(history: &[u8]) -> Result<Line> {
    let mut members = Vec::new();
    let mut step = None;
    let mut cursor = Cursor::new(history);
    while !cursor.is_empty() {
        if let (ITEM, Raw::Bytes(item)) = cursor.field()? {
            let (names, text) = read_item(item)?;
            if names == ["_step"] {
                step = std::str::from_utf8(&text).ok().and_then(|text| text.parse().ok());
            }
            put(&mut members, &names, text);
        }
    }
    let mut out = Vec::with_capacity(history.len());
    write_members(&mut out, &members);
    Ok(Line { step, text: String::from_utf8(out).unwrap_or_default() })
}

/// An item's names from the top, and its value as JSON; a value that is missing is null.
fn read_item(item: &[u8]) -> Result<(Vec<&str>, Vec<u8>)> {
    let mut names = Vec::with_capacity(1);
    let mut text = Vec::new();
    let mut cursor = Cursor::new(item);
    while !cursor.is_empty() {
        match cursor.field()? {
            (KEY | NESTED_KEY, Raw::Bytes(name)) => names.push(as_text(name)?),
            (VALUE_JSON, Raw::Bytes(value)) => text = as_text(value)?.as_bytes().to_vec(),
            (number, raw) => write_typed(&mut text, number, raw)?,
        }
    }
    if text.is_empty() {
        text.extend_from_slice(b"null");
    }
    Ok((names, text))
}

/// The typed fields of newer clients: none, boolean, integer (zigzag), number, text, JSON.
fn write_typed(out: &mut Vec<u8>, number: u32, raw: Raw<'_>) -> Result<()> {
    #[allow(clippy::cast_possible_wrap)] // two's complement is the wire form
    match (number, raw) {
        (4, Raw::Bits(bits)) => out.extend_from_slice(if bits == 0 { b"false" } else { b"true" }),
        (5, Raw::Bits(bits)) => json::write_i64(out, ((bits >> 1) as i64) ^ -((bits & 1) as i64)),
        (6, Raw::Bits(bits)) => json::write_f64(out, f64::from_bits(bits)),
        (7, Raw::Bytes(text)) => json::write_str(out, as_text(text)?),
        (8, Raw::Bytes(text)) => out.extend_from_slice(as_text(text)?.as_bytes()),
        _ => {}
    }
    Ok(())
}

fn put(members: &mut Vec<(Box<str>, Member)>, names: &[&str], text: Vec<u8>) {
    let Some((name, below)) = names.split_first() else { return };
    if below.is_empty() {
        // A key that stands twice is the reader's to resolve, as in the original's own lines.
        members.push(((*name).into(), Member::Leaf(text)));
        return;
    }
    // Members of one dict follow each other, so the last is nearly always the one.
    let found =
        members.iter_mut().rev().find(|(key, member)| **key == **name && matches!(member, Member::Dict(_)));
    if let Some((_, Member::Dict(inner))) = found {
        return put(inner, below, text);
    }
    let mut inner = Vec::new();
    put(&mut inner, below, text);
    members.push(((*name).into(), Member::Dict(inner)));
}

fn write_members(out: &mut Vec<u8>, members: &[(Box<str>, Member)]) {
    out.push(b'{');
    for (at, (key, member)) in members.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        json::write_str(out, key);
        out.push(b':');
        match member {
            Member::Leaf(text) => out.extend_from_slice(text),
            Member::Dict(inner) => write_members(out, inner),
        }
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;

    fn line_of(text: &str) -> Line {
        let payload = record::encode(&json::parse(text).unwrap()).unwrap();
        history_line(record::peek_kind(&payload).unwrap().1).unwrap()
    }

    #[test]
    fn nesting_is_restored_and_values_keep_their_spelling() {
        let line = line_of(
            r#"{"history":{"item":[{"nested_key":["a"],"value_json":"1e+06"},
            {"nested_key":["b","c"],"value_json":"NaN"},{"nested_key":["b","d","e"],"value_json":"[1,null]"},
            {"nested_key":["x.y"],"value_json":"\"é\""},{"nested_key":["_step"],"value_json":"7"}]}}"#,
        );

        assert_eq!(line.text, r#"{"a":1e+06,"b":{"c":NaN,"d":{"e":[1,null]}},"x.y":"é","_step":7}"#);
        assert_eq!(line.step, Some(7));
    }

    #[test]
    fn typed_values_of_newer_clients_are_spelled_as_the_others() {
        let line = line_of(
            r#"{"history":{"item":[{"key":"a","integer":-5},{"key":"b","number":0.25},{"key":"c","text":"x"},
            {"key":"d","json":"{}"},{"key":"e","boolean":true},{"key":"f"}]}}"#,
        );

        assert_eq!(line.text, r#"{"a":-5,"b":0.25,"c":"x","d":{},"e":true,"f":null}"#);
        assert_eq!(line.step, None);
    }
}
