//! Protocol-buffer wire primitives: varints, tags, length-delimited fields.

use crate::error::{CoreError, Result};

/// Append a varint.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        #[allow(clippy::cast_possible_truncation)] // seven bits are kept on purpose
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    #[allow(clippy::cast_possible_truncation)]
    out.push(value as u8);
}

/// How many bytes `put_varint` writes.
#[must_use]
pub const fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

/// Append the tag of a field. Kinds: 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.
pub fn put_tag(out: &mut Vec<u8>, number: u32, kind: u8) {
    put_varint(out, (u64::from(number) << 3) | u64::from(kind));
}

/// Append a length-delimited field.
pub fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_tag(out, number, 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Append a varint field, also when it is zero.
pub fn put_number(out: &mut Vec<u8>, number: u32, value: u64) {
    put_tag(out, number, 0);
    put_varint(out, value);
}

/// One field as it lies in a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Raw<'a> {
    /// A varint, or the bits of a fixed-size number.
    Bits(u64),
    /// A length-delimited payload.
    Bytes(&'a [u8]),
}

/// Walks the bytes of a message or a compact entry, never past their end.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Start at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What is left.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// Take `count` bytes.
    ///
    /// # Errors
    /// `Damaged` if fewer are left.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(count).ok_or_else(short)?;
        self.bytes = rest;
        Ok(head)
    }

    /// Take an array of bytes.
    ///
    /// # Errors
    /// `Damaged` if fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(short)?;
        self.bytes = rest;
        Ok(*head)
    }

    /// Take one byte.
    ///
    /// # Errors
    /// `Damaged` at the end.
    pub fn byte(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Take a varint.
    ///
    /// # Errors
    /// `Damaged` if it is cut off or longer than 64 bits.
    pub fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(CoreError::Damaged("a number is longer than 64 bits".into()))
    }

    /// Take a varint that counts bytes or members still to come in these bytes.
    ///
    /// # Errors
    /// `Damaged` if it says more than there are.
    pub fn length(&mut self) -> Result<usize> {
        let length = self.varint()?;
        usize::try_from(length).ok().filter(|l| *l <= self.bytes.len()).ok_or_else(short)
    }

    /// Take a length and that many bytes.
    ///
    /// # Errors
    /// `Damaged` if it is cut off.
    pub fn delimited(&mut self) -> Result<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    /// Take a length and that many bytes of UTF-8.
    ///
    /// # Errors
    /// `Damaged` if it is cut off or not UTF-8.
    pub fn text(&mut self) -> Result<&'a str> {
        as_text(self.delimited()?)
    }

    /// Take the next field of a message: its number and payload.
    ///
    /// # Errors
    /// `Damaged` if it is cut off or of an unknown wire kind.
    pub fn field(&mut self) -> Result<(u32, Raw<'a>)> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).map_err(|_| short())?;
        let raw = match tag & 7 {
            0 => Raw::Bits(self.varint()?),
            1 => Raw::Bits(u64::from_le_bytes(self.array()?)),
            2 => Raw::Bytes(self.delimited()?),
            5 => Raw::Bits(u64::from(u32::from_le_bytes(self.array()?))),
            kind => return Err(CoreError::Damaged(format!("a field of unknown wire kind {kind}"))),
        };
        Ok((number, raw))
    }
}

/// Bytes as text.
///
/// # Errors
/// `Damaged` if they are not UTF-8.
pub fn as_text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| CoreError::Damaged("a text is not UTF-8".into()))
}

fn short() -> CoreError {
    CoreError::Damaged("a record is cut off".into())
}
