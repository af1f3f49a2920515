//! Numbers and texts packed into bytes: log frames, states of runs, manifests.
//!
//! Integers are LEB128, signed ones zigzagged first; texts and byte strings have their length
//! before them; doubles are eight bytes, little-endian.

use std::sync::Arc;

use crate::error::{CoreError, Result};

/// Append an unsigned integer.
pub fn put_u64(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

/// Append a count.
pub fn put_len(out: &mut Vec<u8>, length: usize) {
    put_u64(out, length as u64);
}

/// Append a signed integer.
#[allow(clippy::cast_sign_loss)] // zigzag: the sign moves to the lowest bit
pub fn put_i64(out: &mut Vec<u8>, value: i64) {
    put_u64(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Append a double.
pub fn put_f64(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// Append bytes with their length.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_len(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Append text with its length.
pub fn put_str(out: &mut Vec<u8>, text: &str) {
    put_bytes(out, text.as_bytes());
}

/// Append text that may be missing.
pub fn put_option(out: &mut Vec<u8>, text: Option<&str>) {
    out.push(u8::from(text.is_some()));
    if let Some(text) = text {
        put_str(out, text);
    }
}

/// Reads what the functions above wrote, and refuses what they can't have written.
#[derive(Debug)]
pub struct Unpacker<'a> {
    rest: &'a [u8],
}

impl<'a> Unpacker<'a> {
    /// Start at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Read one byte.
    ///
    /// # Errors
    /// `Damaged` at the end; so for all the others.
    pub fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.rest.split_first().ok_or_else(short)?;
        self.rest = rest;
        Ok(*first)
    }

    /// Read an unsigned integer.
    ///
    /// # Errors
    /// `Damaged`
    pub fn u64(&mut self) -> Result<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(CoreError::Damaged("an integer of more than 64 bits".into()))
    }

    /// Read a signed integer.
    ///
    /// # Errors
    /// `Damaged`
    #[allow(clippy::cast_possible_wrap)] // zigzag
    pub fn i64(&mut self) -> Result<i64> {
        let value = self.u64()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Read a number that fits in 16 bits.
    ///
    /// # Errors
    /// `Damaged`
    pub fn u16(&mut self) -> Result<u16> {
        u16::try_from(self.u64()?).map_err(|_| CoreError::Damaged("a number beyond 16 bits".into()))
    }

    /// Read a number that fits in 32 bits.
    ///
    /// # Errors
    /// `Damaged`
    pub fn u32(&mut self) -> Result<u32> {
        u32::try_from(self.u64()?).map_err(|_| CoreError::Damaged("a number beyond 32 bits".into()))
    }

    /// Read a count of things that take at least one byte each, so that a wrong one claims no memory.
    ///
    /// # Errors
    /// `Damaged`
    pub fn count(&mut self) -> Result<usize> {
        let count = usize::try_from(self.u64()?).map_err(|_| short())?;
        if count > self.rest.len() { Err(short()) } else { Ok(count) }
    }

    /// Read a double.
    ///
    /// # Errors
    /// `Damaged`
    pub fn f64(&mut self) -> Result<f64> {
        let (bytes, rest) = self.rest.split_first_chunk::<8>().ok_or_else(short)?;
        self.rest = rest;
        Ok(f64::from_le_bytes(*bytes))
    }

    /// Read that many bytes.
    ///
    /// # Errors
    /// `Damaged`
    pub fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or_else(short)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Read bytes with their length.
    ///
    /// # Errors
    /// `Damaged`
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.count()?;
        self.take(length)
    }

    /// Read text.
    ///
    /// # Errors
    /// `Damaged`
    pub fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| CoreError::Damaged("text that is no UTF-8".into()))
    }

    /// Read text that may be missing.
    ///
    /// # Errors
    /// `Damaged`
    pub fn option(&mut self) -> Result<Option<Arc<str>>> {
        Ok(if self.byte()? == 0 { None } else { Some(self.text()?.into()) })
    }
}

fn short() -> CoreError {
    CoreError::Damaged("it ends too early".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(n in any::<u64>(), i in any::<i64>(), x in any::<f64>(), text in ".*") {
            let mut out = Vec::new();
            put_u64(&mut out, n);
            put_i64(&mut out, i);
            put_f64(&mut out, x);
            put_option(&mut out, Some(&text));
            put_option(&mut out, None);

            let mut unpacker = Unpacker::new(&out);

            prop_assert_eq!(unpacker.u64().unwrap(), n);
            prop_assert_eq!(unpacker.i64().unwrap(), i);
            prop_assert_eq!(unpacker.f64().unwrap().to_bits(), x.to_bits());
            prop_assert_eq!(unpacker.option().unwrap(), Some(text.into()));
            prop_assert_eq!(unpacker.option().unwrap(), None);
            prop_assert!(unpacker.rest().is_empty() && unpacker.byte().is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut unpacker = Unpacker::new(&bytes);
            while unpacker.u64().is_ok() && unpacker.text().is_ok() && unpacker.i64().is_ok() {}
        }
    }
}
