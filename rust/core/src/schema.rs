//! The messages of a `.wandb` file, as a table read once from `schema.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A signed integer of 32 or 64 bits.
    Signed,
    /// A signed integer in zigzag form.
    Zigzag,
    /// An unsigned integer.
    Unsigned,
    /// A boolean.
    Bool,
    /// A double.
    Double,
    /// Text.
    Text,
    /// A member of the named enum.
    Enum(&'static str),
    /// The named message.
    Message(&'static str),
}

/// How often a field may stand in its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plurality {
    /// At most once.
    One,
    /// Any number of times.
    Many,
    /// A map: repeated entries with `key` = 1 and `value` = 2.
    Map,
}

/// One field of a message.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its number on the wire.
    pub number: u32,
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// How often it may stand.
    pub plurality: Plurality,
}

/// One message: its fields in order of their numbers.
#[derive(Debug, Default)]
pub struct Message {
    fields: Vec<Field>,
}

impl Message {
    /// The field of this number.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Option<&Field> {
        self.fields.iter().find(|field| field.number == number)
    }

    /// The field of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// All fields, in order of their numbers.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }
}

/// All messages and enums.
#[derive(Debug, Default)]
pub struct Schema {
    messages: HashMap<&'static str, Message>,
    enums: HashMap<&'static str, Vec<(u64, &'static str)>>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::read(include_str!("schema.txt")));

/// The table.
#[must_use]
pub fn schema() -> &'static Schema {
    &SCHEMA
}

impl Schema {
    /// The message of this name.
    #[must_use]
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.messages.get(name)
    }

    /// The number of an enum's member.
    #[must_use]
    pub fn enum_number(&self, name: &str, member: &str) -> Option<u64> {
        self.enums.get(name)?.iter().find(|(_, text)| *text == member).map(|(number, _)| *number)
    }

    /// The name of an enum's member.
    #[must_use]
    pub fn enum_member(&self, name: &str, number: u64) -> Option<&'static str> {
        self.enums.get(name)?.iter().find(|(n, _)| *n == number).map(|(_, text)| *text)
    }

    fn read(text: &'static str) -> Self {
        let mut schema = Self::default();
        let mut current = ("", "");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&'static str> = line.split_whitespace().collect();
            match *words.as_slice() {
                ["message", name] => {
                    current = ("message", name);
                    schema.messages.entry(name).or_default();
                }
                ["enum", name] => current = ("enum", name),
                [number, name, kind] => schema.add_field(current.1, number, name, kind),
                [number, member] => schema.add_member(current.1, number, member),
                _ => {}
            }
        }
        schema
    }

    fn add_field(&mut self, message: &'static str, number: &str, name: &'static str, kind: &'static str) {
        let (kind, plurality) = match (kind.strip_suffix('*'), kind.strip_suffix('%')) {
            (Some(kind), _) => (kind, Plurality::Many),
            (_, Some(kind)) => (kind, Plurality::Map),
            _ => (kind, Plurality::One),
        };
        if let Ok(number) = number.parse() {
            let field = Field { number, name, kind: kind_named(kind), plurality };
            self.messages.entry(message).or_default().fields.push(field);
        }
    }

    fn add_member(&mut self, name: &'static str, number: &str, member: &'static str) {
        if let Ok(number) = number.parse() {
            self.enums.entry(name).or_default().push((number, member));
        }
    }
}

fn kind_named(kind: &'static str) -> Kind {
    match kind {
        "int32" | "int64" => Kind::Signed,
        "sint64" => Kind::Zigzag,
        "uint32" | "uint64" => Kind::Unsigned,
        "bool" => Kind::Bool,
        "double" => Kind::Double,
        "string" => Kind::Text,
        _ => kind.strip_prefix("enum:").map_or(Kind::Message(kind), Kind::Enum),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_message_and_enum_is_in_the_table() {
        let schema = schema();
        assert_eq!(schema.messages.len(), 67);
        for message in schema.messages.values() {
            for field in message.fields() {
                match field.kind {
                    Kind::Message(name) => assert!(schema.message(name).is_some(), "{name}"),
                    Kind::Enum(name) => assert!(schema.enum_member(name, 0).is_some(), "{name}"),
                    _ => {}
                }
            }
        }
    }
}
