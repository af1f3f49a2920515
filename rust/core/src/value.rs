//! The values a run can log, as a tree.

use crate::json;

/// A logged, configured or decoded value.
///
/// Dicts keep their order of insertion. Integers beyond 64 bits are floats before they come here.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`, JSON `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer within 64 bits, exact.
    Int(i64),
    /// A double, NaN and infinities included.
    Float(f64),
    /// Text.
    Str(Box<str>),
    /// A list.
    List(Vec<Value>),
    /// A dict with text keys.
    Dict(Vec<(Box<str>, Value)>),
}

impl Value {
    /// The number this is, if it is one; booleans count as the original counts them: not at all.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            #[allow(clippy::cast_precision_loss)] // the original compares as doubles too
            Self::Int(n) => Some(*n as f64),
            Self::Float(x) => Some(*x),
            _ => None,
        }
    }

    /// The text this is, if it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The member of a dict.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Dict(members) => members.iter().find(|(name, _)| &**name == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The items of a list; none if this is no list.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// This value as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        json::write_value(&mut out, self);
        String::from_utf8(out).unwrap_or_default()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}
