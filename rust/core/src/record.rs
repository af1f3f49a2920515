//! Records as trees of values, and back: the generic way, for all kinds but the hot one.

use crate::error::{CoreError, Result};
use crate::json::write_f64_as_python;
use crate::schema::{Field, Kind, Message, Plurality, schema};
use crate::value::Value;
use crate::wire::{Cursor, Raw, as_text, put_bytes, put_number, put_tag, put_varint};

/// Messages nest at most this deep; deeper input is refused.
const DEEPEST: usize = 16;

/// The field `uuid`, which readers ignore.
pub const UUID: u32 = 19;

/// Encode a record given as a dict of field names.
///
/// # Errors
/// `Invalid` for an unknown field or a value of the wrong type, naming it.
pub fn encode(record: &Value) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(256);
    encode_message(&mut out, "Record", record)?;
    Ok(out)
}

/// A record that announces a file, by its path below the run's files.
///
/// # Errors
/// None that can happen.
pub fn files(path: &str) -> Result<Vec<u8>> {
    let fields = [("path", path), ("policy", "NOW"), ("type", "OTHER")];
    let item = fields.map(|(key, text)| (key.into(), Value::from(text)));
    let dict = |key: &str, value: Value| Value::Dict(vec![(key.into(), value)]);
    encode(&dict("files", dict("files", Value::List(vec![Value::Dict(item.into())]))))
}

/// Decode a record; unknown fields are left out, as newer clients write some.
///
/// # Errors
/// `Damaged` if the bytes are no record.
pub fn decode(bytes: &[u8]) -> Result<Value> {
    decode_message("Record", bytes, 0)
}

fn message_named(name: &str) -> Result<&'static Message> {
    schema().message(name).ok_or_else(|| CoreError::Invalid(format!("unknown message `{name}`")))
}

fn wrong(field: &Field, value: &Value) -> CoreError {
    CoreError::Invalid(format!("record field `{}` can't hold {value:?}", field.name))
}

fn encode_message(out: &mut Vec<u8>, name: &str, value: &Value) -> Result<()> {
    let Value::Dict(members) = value else {
        return Err(CoreError::Invalid(format!("`{name}` must be a dict")));
    };
    let message = message_named(name)?;
    for (key, _) in members {
        if message.named(key).is_none() {
            return Err(CoreError::Invalid(format!("`{name}` has no field `{key}`")));
        }
    }
    for field in message.fields() {
        if let Some(value) = value.get(field.name) {
            encode_field(out, field, value)?;
        }
    }
    Ok(())
}

fn encode_field(out: &mut Vec<u8>, field: &Field, value: &Value) -> Result<()> {
    match (field.plurality, value) {
        (Plurality::One, Value::Null) => Ok(()),
        (Plurality::One, value) => encode_one(out, field, value),
        (Plurality::Many, Value::List(items)) => {
            items.iter().try_for_each(|item| encode_one(out, field, item))
        }
        (Plurality::Many, Value::Dict(members)) => encode_items(out, field, members),
        (Plurality::Map, Value::Dict(members)) => members.iter().try_for_each(|(key, value)| {
            let entry =
                Value::Dict(vec![("key".into(), Value::Str(key.clone())), ("value".into(), value.clone())]);
            encode_one(out, field, &entry)
        }),
        _ => Err(wrong(field, value)),
    }
}

/// A dict for repeated items of `key` and `value_json`: thousands of them need no tree each.
///
/// Strings are JSON as it stands; floats are written here, several times faster than by Python.
fn encode_items(out: &mut Vec<u8>, field: &Field, members: &[(Box<str>, Value)]) -> Result<()> {
    let no_items = || CoreError::Invalid(format!("record field `{}` can't hold a dict", field.name));
    let Kind::Message(name) = &field.kind else { return Err(no_items()) };
    let message = message_named(name)?;
    let key_field = message.named("key").ok_or_else(no_items)?;
    let text_field = message.named("value_json").ok_or_else(no_items)?;
    let (mut inner, mut text) = (Vec::new(), Vec::new());
    for (key, value) in members {
        text.clear();
        match value {
            Value::Str(written) => text.extend_from_slice(written.as_bytes()),
            Value::Float(number) => write_f64_as_python(&mut text, *number),
            _ => return Err(wrong(text_field, value)),
        }
        inner.clear();
        if !key.is_empty() {
            put_bytes(&mut inner, key_field.number, key.as_bytes());
        }
        put_bytes(&mut inner, text_field.number, &text);
        put_bytes(out, field.number, &inner);
    }
    Ok(())
}

fn encode_one(out: &mut Vec<u8>, field: &Field, value: &Value) -> Result<()> {
    #[allow(clippy::cast_sign_loss)] // two's complement is the wire form of negative integers
    match (&field.kind, value) {
        (Kind::Signed, Value::Int(n)) => put_unless_zero(out, field, *n as u64),
        (Kind::Zigzag, Value::Int(n)) => put_unless_zero(out, field, ((n << 1) ^ (n >> 63)) as u64),
        (Kind::Unsigned | Kind::Enum(_), Value::Int(n)) if *n >= 0 => put_unless_zero(out, field, *n as u64),
        (Kind::Bool, Value::Bool(on)) => put_unless_zero(out, field, u64::from(*on)),
        (Kind::Enum(name), Value::Str(member)) => {
            let number = schema().enum_number(name, member).ok_or_else(|| wrong(field, value))?;
            put_unless_zero(out, field, number);
        }
        (Kind::Double, value) => {
            let number = value.number().ok_or_else(|| wrong(field, value))?;
            put_tag(out, field.number, 1);
            out.extend_from_slice(&number.to_le_bytes());
        }
        (Kind::Text, Value::Str(text)) => {
            // proto3 leaves out the empty text, but a repeated one must keep its place.
            if !text.is_empty() || field.plurality == Plurality::Many {
                put_bytes(out, field.number, text.as_bytes());
            }
        }
        (Kind::Message(name), value) => {
            let mut inner = Vec::new();
            encode_message(&mut inner, name, value)?;
            put_bytes(out, field.number, &inner);
        }
        _ => return Err(wrong(field, value)),
    }
    Ok(())
}

fn put_unless_zero(out: &mut Vec<u8>, field: &Field, bits: u64) {
    if bits != 0 {
        put_number(out, field.number, bits);
    }
}

fn decode_message(name: &str, bytes: &[u8], depth: usize) -> Result<Value> {
    if depth > DEEPEST {
        return Err(CoreError::Damaged("a record nests too deep".into()));
    }
    let message = message_named(name)?;
    let mut members: Vec<(Box<str>, Value)> = Vec::new();
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_empty() {
        let (number, raw) = cursor.field()?;
        if let Some(field) = message.numbered(number) {
            let value = decode_one(field, raw, depth)?;
            add_member(&mut members, field, value);
        }
    }
    Ok(Value::Dict(members))
}

fn decode_one(field: &Field, raw: Raw<'_>, depth: usize) -> Result<Value> {
    #[allow(clippy::cast_possible_wrap)] // two's complement is the wire form
    Ok(match (&field.kind, raw) {
        (Kind::Signed | Kind::Unsigned, Raw::Bits(bits)) => Value::Int(bits as i64),
        (Kind::Zigzag, Raw::Bits(bits)) => Value::Int(((bits >> 1) as i64) ^ -((bits & 1) as i64)),
        (Kind::Bool, Raw::Bits(bits)) => Value::Bool(bits != 0),
        (Kind::Double, Raw::Bits(bits)) => Value::Float(f64::from_bits(bits)),
        (Kind::Enum(name), Raw::Bits(bits)) => {
            schema().enum_member(name, bits).map_or(Value::Int(bits as i64), Value::from)
        }
        (Kind::Text, Raw::Bytes(bytes)) => Value::from(as_text(bytes)?),
        (Kind::Message(name), Raw::Bytes(bytes)) => decode_message(name, bytes, depth + 1)?,
        _ => return Err(CoreError::Damaged(format!("field `{}` has the wrong wire kind", field.name))),
    })
}

fn add_member(members: &mut Vec<(Box<str>, Value)>, field: &Field, value: Value) {
    let place = members.iter().position(|(name, _)| &**name == field.name);
    let slot = place.and_then(|at| members.get_mut(at)).map(|(_, slot)| slot);
    match (field.plurality, slot) {
        (Plurality::One, Some(slot)) => *slot = value,
        (Plurality::One, None) => members.push((field.name.into(), value)),
        (Plurality::Many, Some(Value::List(items))) => items.push(value),
        (Plurality::Many, _) => members.push((field.name.into(), Value::List(vec![value]))),
        (Plurality::Map, Some(Value::Dict(entries))) => entries.push(map_entry(&value)),
        (Plurality::Map, _) => {
            members.push((field.name.into(), Value::Dict(vec![map_entry(&value)])));
        }
    }
}

fn map_entry(entry: &Value) -> (Box<str>, Value) {
    let key = entry.get("key").and_then(Value::text).unwrap_or_default();
    (key.into(), entry.get("value").cloned().unwrap_or(Value::Null))
}

/// The record's number on the wire and its payload, without decoding it: `(2, …)` is a history row.
#[must_use]
pub fn peek_kind(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_empty() {
        match cursor.field() {
            Ok((1 | 16 | 19 | 200, _)) => {}
            Ok((number, Raw::Bytes(payload))) => return Some((number, payload)),
            _ => return None,
        }
    }
    None
}

/// The number of a kind of record; `None` for an unknown kind.
#[must_use]
pub fn kind_number(name: &str) -> Option<u32> {
    schema().message("Record").and_then(|record| record.named(name)).map(|field| field.number)
}

/// The name of a kind of record; `None` for an unknown number.
#[must_use]
pub fn kind_name(number: u32) -> Option<&'static str> {
    schema().message("Record").and_then(|record| record.numbered(number)).map(|field| field.name)
}

/// A record's bytes after its number, which stands first.
#[must_use]
pub fn without_number(payload: &[u8]) -> &[u8] {
    let mut cursor = Cursor::new(payload);
    match cursor.field() {
        Ok((1, _)) => cursor.rest(),
        _ => payload,
    }
}

/// Put a record's number before its body, as field 1.
pub fn number_record(out: &mut Vec<u8>, num: u64, body: &[u8]) {
    put_tag(out, 1, 0);
    put_varint(out, num);
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn a_record_comes_back_as_it_went() {
        let text = r#"{"num":3,"environment":{"os":"linux","started_at":{"seconds":5,"nanos":7},"args":["-x","","y"],
            "cpu_count":4,"disk":{"/":{"total":9,"used":3}},"slurm":{"a":"b"}}}"#;
        let record = parse(text).unwrap_or(Value::Null);
        let bytes = encode(&record).unwrap_or_default();
        assert_eq!(decode(&bytes).ok(), Some(record));
    }

    #[test]
    fn the_worked_example_has_its_bytes() {
        let record = parse(
            r#"{"num":2,"history":{"item":[{"nested_key":["a","b"],"value_json":"0.5"}],"step":{"num":7}}}"#,
        );
        let bytes = encode(&record.unwrap_or(Value::Null)).unwrap_or_default();
        let wanted = [
            0x08, 2, 0x12, 0x12, 0x0a, 0x0c, 0x12, 1, b'a', 0x12, 1, b'b', 0x82, 1, 3, b'0', b'.', b'5',
            0x12, 2, 8, 7,
        ];
        assert_eq!(bytes, wanted);
    }

    #[test]
    fn a_dict_of_texts_stands_for_items() {
        let short = parse(r#"{"config":{"update":{"lr":0.1,"":"{}"}}}"#).unwrap_or(Value::Null);
        let long = parse(r#"{"config":{"update":[{"key":"lr","value_json":"0.1"},{"value_json":"{}"}]}}"#);
        assert_eq!(encode(&short).ok(), encode(&long.unwrap_or(Value::Null)).ok());
        for wrong in [r#"{"config":{"update":{"lr":1}}}"#, r#"{"run":{"tags":{"a":"b"}}}"#] {
            assert!(encode(&parse(wrong).unwrap_or(Value::Null)).is_err());
        }
    }

    #[test]
    fn unknown_fields_are_named_when_encoding_and_skipped_when_decoding() {
        let record = parse(r#"{"config":{"updates":[]}}"#).unwrap_or(Value::Null);
        assert!(encode(&record).is_err_and(|e| e.to_string().contains("updates")));
        let mut bytes = Vec::new();
        put_bytes(&mut bytes, 27, b"??");
        assert_eq!(decode(&bytes).ok(), Some(Value::Dict(vec![])));
    }

    #[test]
    fn negative_exit_codes_and_typed_items_survive() {
        for text in [
            r#"{"exit":{"exit_code":-1,"runtime":2}}"#,
            r#"{"history":{"item":[{"nested_key":["a"],"integer":-5},{"nested_key":["b"],"number":0.25}]}}"#,
            r#"{"files":{"files":[{"path":"a","policy":"LIVE","type":"MEDIA"}]}}"#,
        ] {
            let record = parse(text).unwrap_or(Value::Null);
            assert_eq!(encode(&record).and_then(|b| decode(&b)).ok(), Some(record));
        }
    }
}
