//! History records read back: the leaves of a row, straight from the wire.

use crate::error::Result;
use crate::json;
use crate::value::Value;
use crate::wire::{Cursor, Raw, as_text};

/// Numbers of the fields read here: of `Record`, `HistoryRecord` and `HistoryItem`.
const HISTORY: u32 = 2;
const ITEM: u32 = 1;
const KEY: u32 = 1;
const NESTED_KEY: u32 = 2;
const VALUE_JSON: u32 = 16;

/// A leaf's names from the top, and its value.
pub type Leaf = (Vec<Box<str>>, Value);

/// The leaves of a history record, in its order; what can't be read is left out.
#[must_use]
pub fn row_leaves(payload: &[u8]) -> Vec<Leaf> {
    let Some((HISTORY, history)) = crate::record::peek_kind(payload) else { return Vec::new() };
    let mut leaves = Vec::new();
    let mut cursor = Cursor::new(history);
    while let Ok((number, raw)) = cursor.field() {
        if let (ITEM, Raw::Bytes(item)) = (number, raw)
            && let Ok(Some(leaf)) = read_item(item)
        {
            leaves.push(leaf);
        }
    }
    leaves
}

fn read_item(item: &[u8]) -> Result<Option<Leaf>> {
    let mut names = Vec::new();
    let mut value = None;
    let mut cursor = Cursor::new(item);
    while !cursor.is_empty() {
        match cursor.field()? {
            (KEY | NESTED_KEY, Raw::Bytes(name)) => names.push(as_text(name)?.into()),
            (VALUE_JSON, Raw::Bytes(text)) => value = Some(json::parse(as_text(text)?)?),
            (number, raw) => value = typed_value(number, raw)?.or(value),
        }
    }
    Ok(value.map(|value| (names, value)))
}

/// The typed fields of newer clients: none, boolean, integer (zigzag), number, text, JSON.
fn typed_value(number: u32, raw: Raw<'_>) -> Result<Option<Value>> {
    #[allow(clippy::cast_possible_wrap)] // two's complement is the wire form
    Ok(match (number, raw) {
        (3, Raw::Bits(_)) => Some(Value::Null),
        (4, Raw::Bits(bits)) => Some(Value::Bool(bits != 0)),
        (5, Raw::Bits(bits)) => Some(Value::Int(((bits >> 1) as i64) ^ -((bits & 1) as i64))),
        (6, Raw::Bits(bits)) => Some(Value::Float(f64::from_bits(bits))),
        (7, Raw::Bytes(text)) => Some(Value::from(as_text(text)?)),
        (8, Raw::Bytes(text)) => Some(json::parse(as_text(text)?)?),
        _ => None,
    })
}

/// The step of a row's leaves, if they have one.
#[must_use]
pub fn step_of(leaves: &[Leaf]) -> Option<i64> {
    match top_value(leaves, "_step") {
        Some(Value::Int(step)) => Some(*step),
        _ => None,
    }
}

/// Seconds since the run's start at which a row was logged, if its leaves say so.
#[must_use]
pub fn runtime_of(leaves: &[Leaf]) -> Option<f64> {
    top_value(leaves, "_runtime").and_then(Value::number)
}

fn top_value<'a>(leaves: &'a [Leaf], name: &str) -> Option<&'a Value> {
    let top = |leaf: &&Leaf| matches!(leaf.0.as_slice(), [only] if **only == *name);
    leaves.iter().find(top).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record;

    #[test]
    fn rows_of_old_and_new_clients_read_alike() {
        let text = r#"{"num":3,"history":{"item":[{"key":"a","value_json":"1.5"},
            {"nested_key":["b","c"],"value_json":"[1,null]"},{"nested_key":["d"],"integer":-5},
            {"nested_key":["e"],"number":0.25},{"nested_key":["f"],"text":"x"},{"nested_key":["g"],"json":"{}"},
            {"nested_key":["h"],"boolean":true},{"nested_key":["bad"],"value_json":"{"},
            {"nested_key":["_step"],"value_json":"7"},{"nested_key":["_runtime"],"value_json":"2"}]}}"#;
        let payload = record::encode(&json::parse(text).unwrap()).unwrap();

        let leaves = row_leaves(&payload);

        let shown: Vec<String> =
            leaves.iter().map(|(names, v)| format!("{}={}", names.join("."), v.to_json())).collect();
        let wanted =
            ["a=1.5", "b.c=[1,null]", "d=-5", "e=0.25", "f=\"x\"", "g={}", "h=true", "_step=7", "_runtime=2"];
        assert_eq!(shown, wanted);
        assert_eq!((step_of(&leaves), runtime_of(&leaves)), (Some(7), Some(2.0)));
    }
}
