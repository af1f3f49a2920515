//! What lies in a ring: parts of rows, ready records, console text, pointers to spilled entries.
//!
//! Compact and typed: nothing is turned to text while the caller waits.

use crate::error::{CoreError, Result};
use crate::pixels::{Fact, MadeFiles};
use crate::value::Value;
use crate::wire::{Cursor, as_text, put_varint};

/// The row that was open is sealed before this part is merged.
pub const SEAL_BEFORE: u8 = 1;
/// The row this part belongs to is sealed after it.
pub const SEAL_AFTER: u8 = 2;
/// The part belongs to a row whose step went back; the open row stays open.
pub const PAST: u8 = 4;
/// The row carries no step of its own (shared mode).
pub const NO_STEP: u8 = 8;
/// The numbers of spilled pixels that the row speaks of stand behind its items.
const WITH_FILES: u8 = 16;

const ROW: u8 = 1;
const RECORD: u8 = 2;
const CONSOLE: u8 = 3;
const SPILLED: u8 = 4;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const STR: u8 = 5;
const LIST: u8 = 6;
const DICT: u8 = 7;
/// Doubles side by side: a long list of numbers costs eight bytes each.
const FLOATS: u8 = 8;
/// A fact of a file that is made of spilled pixels when the entry is read.
const LATER: u8 = 9;

/// Bytes kept free before a row's items for what is known only when it is placed.
const ROW_HEAD_BYTES: usize = 30;

/// Values deeper than this are refused when reading an entry.
const DEEPEST: usize = 512;

/// Where and when a part of a row belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowHead {
    /// `SEAL_BEFORE`, `SEAL_AFTER`, `PAST`, `NO_STEP`.
    pub flags: u8,
    /// The row's step.
    pub step: i64,
    /// Wall clock of the call, seconds since the epoch.
    pub timestamp: f64,
    /// Seconds since the run's start, by the monotonic clock.
    pub runtime: f64,
}

/// A member's key as it stands in an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// Its number in the ring's key table.
    Known(u32),
    /// Itself.
    Inline(&'a str),
}

/// Collects the items of one row part.
#[derive(Debug)]
pub struct RowEncoder {
    bytes: Vec<u8>,
    items: u32,
    files: Vec<u64>,
}

/// How far a row's encoder has got.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    bytes: usize,
    items: u32,
    files: usize,
}

impl Default for RowEncoder {
    fn default() -> Self {
        Self { bytes: vec![0; ROW_HEAD_BYTES], items: 0, files: Vec::new() }
    }
}

impl RowEncoder {
    /// Forget all items.
    pub fn clear(&mut self) {
        self.bytes.truncate(ROW_HEAD_BYTES);
        self.items = 0;
        self.files.clear();
    }

    /// Keep the buffer from holding on to the memory of one giant row.
    pub fn shrink(&mut self) {
        self.bytes.shrink_to(1 << 16);
    }

    /// Start a top-level item: its value must follow.
    pub fn item(&mut self, key: Key<'_>) {
        self.items += 1;
        self.key(key);
    }

    /// How far it has got, to return to by `rewind` if a value can't be encoded.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        Mark { bytes: self.bytes.len(), items: self.items, files: self.files.len() }
    }

    /// Bytes since `mark`.
    #[must_use]
    pub const fn len_since(&self, mark: Mark) -> usize {
        self.bytes.len() - mark.bytes
    }

    /// Take back everything since `mark`; returns the numbers of the spilled pixels among it.
    pub fn rewind(&mut self, mark: Mark) -> Vec<u64> {
        self.bytes.truncate(mark.bytes);
        self.items = mark.items;
        self.files.split_off(mark.files.min(self.files.len()))
    }

    /// The key of a dict's member: its value must follow.
    pub fn key(&mut self, key: Key<'_>) {
        match key {
            Key::Known(number) => put_varint(&mut self.bytes, u64::from(number) + 1),
            Key::Inline(text) => {
                self.bytes.push(0);
                put_varint(&mut self.bytes, text.len() as u64);
                self.bytes.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// `null`.
    pub fn null(&mut self) {
        self.bytes.push(NULL);
    }

    /// A boolean.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(if value { TRUE } else { FALSE });
    }

    /// An integer.
    pub fn int(&mut self, value: i64) {
        self.fixed(INT, value.to_le_bytes());
    }

    /// A double.
    pub fn float(&mut self, value: f64) {
        self.fixed(FLOAT, value.to_le_bytes());
    }

    fn fixed(&mut self, tag: u8, bytes: [u8; 8]) {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&bytes);
    }

    /// Text.
    pub fn str(&mut self, text: &str) {
        self.bytes.push(STR);
        put_varint(&mut self.bytes, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Start a list: this many values must follow.
    pub fn list(&mut self, count: usize) {
        self.bytes.push(LIST);
        put_varint(&mut self.bytes, count as u64);
    }

    /// Start a dict: this many keys and values must follow.
    pub fn dict(&mut self, count: usize) {
        self.bytes.push(DICT);
        put_varint(&mut self.bytes, count as u64);
    }

    /// A list of doubles.
    pub fn floats(&mut self, values: impl ExactSizeIterator<Item = f64>) {
        self.bytes.push(FLOATS);
        put_varint(&mut self.bytes, values.len() as u64);
        for value in values {
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// A fact of the file that will be made of spilled pixels.
    pub fn later(&mut self, number: u64, fact: Fact) {
        self.bytes.extend_from_slice(&[LATER, fact.code()]);
        put_varint(&mut self.bytes, number);
        if !self.files.contains(&number) {
            self.files.push(number);
        }
    }

    /// The numbers of spilled pixels that no entry speaks of yet; they are forgotten here.
    pub fn take_files(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.files)
    }

    /// Any value.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.null(),
            Value::Bool(on) => self.bool(*on),
            Value::Int(n) => self.int(*n),
            Value::Float(x) => self.float(*x),
            Value::Str(text) => self.str(text),
            Value::List(items) => {
                self.list(items.len());
                for item in items {
                    self.value(item);
                }
            }
            Value::Dict(members) => {
                self.dict(members.len());
                for (key, value) in members {
                    self.key(Key::Inline(key));
                    self.value(value);
                }
            }
        }
    }

    /// Bytes of the entry so far.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len() + if self.files.is_empty() { 0 } else { 8 * self.files.len() + 4 }
    }

    /// Whether no item was added.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// The entry, with its head filled in.
    pub fn finish(&mut self, head: RowHead) -> &[u8] {
        let mut bytes = [0_u8; ROW_HEAD_BYTES];
        let flags = head.flags | self.put_files();
        let fields: [&[u8]; 6] = [
            &[ROW, flags],
            &head.step.to_le_bytes(),
            &head.timestamp.to_le_bytes(),
            &head.runtime.to_le_bytes(),
            &self.items.to_le_bytes(),
            &[],
        ];
        for (slot, byte) in bytes.iter_mut().zip(fields.iter().flat_map(|field| field.iter())) {
            *slot = *byte;
        }
        if let Some(start) = self.bytes.get_mut(..ROW_HEAD_BYTES) {
            start.copy_from_slice(&bytes);
        }
        &self.bytes
    }

    /// Put the numbers of spilled pixels behind the items; returns the flag that says so.
    fn put_files(&mut self) -> u8 {
        let Ok(count @ 1..) = u32::try_from(self.files.len()) else { return 0 };
        for number in self.files.drain(..) {
            self.bytes.extend_from_slice(&number.to_le_bytes());
        }
        self.bytes.extend_from_slice(&count.to_le_bytes());
        WITH_FILES
    }
}

/// The numbers of the spilled pixels that an entry speaks of.
#[must_use]
pub fn files_of(payload: &[u8]) -> Vec<u64> {
    let ([ROW, flags, ..], Some((rest, count))) = (payload, payload.split_last_chunk::<4>()) else {
        return Vec::new();
    };
    if flags & WITH_FILES == 0 {
        return Vec::new();
    }
    let count = usize::try_from(u32::from_le_bytes(*count)).unwrap_or(0);
    let numbers = rest.rchunks_exact(8).take(count).filter_map(|number| number.try_into().ok());
    numbers.map(u64::from_le_bytes).collect()
}

/// A ready record as an entry.
#[must_use]
pub fn record_entry(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 1);
    out.push(RECORD);
    out.extend_from_slice(body);
    out
}

/// Console text as an entry, written over `out`.
pub fn console_entry(out: &mut Vec<u8>, stderr: bool, timestamp: f64, text: &str) {
    out.clear();
    out.push(CONSOLE);
    out.push(u8::from(stderr));
    out.extend_from_slice(&timestamp.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// A pointer to a spilled entry.
#[must_use]
pub fn spilled_entry(number: u64) -> Vec<u8> {
    let mut out = vec![SPILLED];
    out.extend_from_slice(&number.to_le_bytes());
    out
}

/// An entry as read.
#[derive(Debug)]
pub enum Entry<'a> {
    /// A part of a row.
    Row(RowHead, Items<'a>),
    /// A record's body, without its number.
    Record(&'a [u8]),
    /// Console text: on stderr?, when, what.
    Console(bool, f64, &'a str),
    /// The entry lies in the spill file of this number.
    Spilled(u64),
}

/// Read an entry.
///
/// # Errors
/// `Damaged` if it is none.
pub fn read(payload: &[u8]) -> Result<Entry<'_>> {
    let mut cursor = Cursor::new(payload);
    match cursor.byte()? {
        ROW => {
            let head = RowHead {
                flags: cursor.byte()? & !WITH_FILES,
                step: i64::from_le_bytes(cursor.array()?),
                timestamp: f64::from_le_bytes(cursor.array()?),
                runtime: f64::from_le_bytes(cursor.array()?),
            };
            let left = u32::from_le_bytes(cursor.array()?);
            Ok(Entry::Row(head, Items { cursor, left }))
        }
        RECORD => Ok(Entry::Record(payload.get(1..).unwrap_or_default())),
        CONSOLE => {
            let stderr = cursor.byte()? != 0;
            let timestamp = f64::from_le_bytes(cursor.array()?);
            Ok(Entry::Console(stderr, timestamp, as_text(payload.get(10..).unwrap_or_default())?))
        }
        SPILLED => Ok(Entry::Spilled(u64::from_le_bytes(cursor.array()?))),
        _ => Err(CoreError::Damaged("an entry of unknown kind".into())),
    }
}

/// What an entry refers to.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The ring's table of keys.
    pub keys: &'a [Box<str>],
    /// The files that were made of the pixels it speaks of.
    pub files: &'a MadeFiles,
}

/// The items of a row part, read one after the other.
#[derive(Debug)]
pub struct Items<'a> {
    cursor: Cursor<'a>,
    left: u32,
}

/// A value inside an entry: a dict is entered, anything else is whole.
#[derive(Debug)]
pub enum Node {
    /// This many members follow, each a key and a value.
    Dict(usize),
    /// A leaf of the row.
    Leaf(Value),
}

impl<'a> Items<'a> {
    /// The key of the next item; `None` after the last.
    ///
    /// # Errors
    /// `Damaged` if the entry is cut off.
    pub fn next_key(&mut self) -> Result<Option<Key<'a>>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.key().map(Some)
    }

    /// The key of a dict's next member.
    ///
    /// # Errors
    /// `Damaged` if the entry is cut off.
    pub fn key(&mut self) -> Result<Key<'a>> {
        Ok(match self.cursor.varint()? {
            0 => Key::Inline(self.cursor.text()?),
            number => Key::Known(u32::try_from(number - 1).map_err(|_| too_deep())?),
        })
    }

    /// The next value.
    ///
    /// # Errors
    /// `Damaged` if the entry is cut off.
    pub fn node(&mut self, about: Known<'_>) -> Result<Node> {
        match self.cursor.byte()? {
            DICT => self.cursor.length().map(Node::Dict),
            tag => self.value(tag, about, 0).map(Node::Leaf),
        }
    }

    fn value(&mut self, tag: u8, about: Known<'_>, depth: usize) -> Result<Value> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        Ok(match tag {
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INT => Value::Int(i64::from_le_bytes(self.cursor.array()?)),
            FLOAT => Value::Float(f64::from_le_bytes(self.cursor.array()?)),
            STR => Value::from(self.cursor.text()?),
            FLOATS => self.float_list()?,
            LIST => {
                let count = self.cursor.length()?;
                Value::List((0..count).map(|_| self.nested(about, depth)).collect::<Result<_>>()?)
            }
            DICT => {
                let count = self.cursor.length()?;
                Value::Dict((0..count).map(|_| self.member(about, depth)).collect::<Result<_>>()?)
            }
            LATER => {
                let fact = Fact::of_code(self.cursor.byte()?)?;
                about.files.fact(self.cursor.varint()?, fact)
            }
            _ => return Err(CoreError::Damaged("a value of unknown kind".into())),
        })
    }

    fn nested(&mut self, about: Known<'_>, depth: usize) -> Result<Value> {
        let tag = self.cursor.byte()?;
        self.value(tag, about, depth + 1)
    }

    fn member(&mut self, about: Known<'_>, depth: usize) -> Result<(Box<str>, Value)> {
        let key = match self.key()? {
            Key::Inline(text) => text.into(),
            Key::Known(number) => known(about.keys, number)?.into(),
        };
        Ok((key, self.nested(about, depth)?))
    }

    fn float_list(&mut self) -> Result<Value> {
        let count = self.cursor.length()?;
        (0..count)
            .map(|_| Ok(Value::Float(f64::from_le_bytes(self.cursor.array()?))))
            .collect::<Result<_>>()
            .map(Value::List)
    }
}

/// A key of the table.
///
/// # Errors
/// `Damaged` if the table has none of that number.
pub fn known(keys: &[Box<str>], number: u32) -> Result<&str> {
    keys.get(number as usize)
        .map(|key| &**key)
        .ok_or_else(|| CoreError::Damaged(format!("no key of number {number}")))
}

fn too_deep() -> CoreError {
    CoreError::Damaged("an entry nests too deep".into())
}
