//! Pixels on their way to a file: laid down raw while the caller waits, made a PNG file later.
//!
//! Whoever drains a ring makes the files of a row before it writes the row: the thread beside the
//! caller, or a recovery after that process was killed. The same pixels give the same file.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use foldhash::fast::FixedState;
use sha2::{Digest as _, Sha256};

use crate::digest::hex;
use crate::error::{CoreError, Result};
use crate::png;
use crate::value::Value;
use crate::wire::{Cursor, put_varint};

/// Digits of a file's digest that stand in its name.
const SHOWN_DIGITS: usize = 20;

/// So many threads at most, and a core is left to the training.
const MOST_THREADS: usize = 4;

/// Rows of 8-bit pixels, and what the file of them is to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pixels<'a> {
    /// Pixels of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes of a pixel, as `png::encode` has them.
    pub channels: u8,
    /// What the file's path below the run's files begins with, up to its digest.
    pub name: &'a str,
    /// What it ends with, the dot included.
    pub extension: &'a str,
    /// Row after row from the top, without gaps.
    pub raw: &'a [u8],
}

impl<'a> Pixels<'a> {
    /// What lies before the raw bytes in a spill file.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32 + self.name.len());
        put_varint(&mut out, self.width.into());
        put_varint(&mut out, self.height.into());
        put_varint(&mut out, self.channels.into());
        for text in [self.name, self.extension] {
            put_varint(&mut out, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
        put_varint(&mut out, self.raw.len() as u64);
        out
    }

    /// Read a spill file.
    ///
    /// # Errors
    /// `Damaged` if it is none.
    pub fn read(spilled: &'a [u8]) -> Result<Self> {
        let mut cursor = Cursor::new(spilled);
        let size = |number: u64| u32::try_from(number).map_err(|_| CoreError::Damaged("no image".into()));
        Ok(Self {
            width: size(cursor.varint()?)?,
            height: size(cursor.varint()?)?,
            channels: u8::try_from(cursor.varint()?).map_err(|_| CoreError::Damaged("no image".into()))?,
            name: cursor.text()?,
            extension: cursor.text()?,
            raw: cursor.delimited()?,
        })
    }

    fn made(&self) -> Result<Made> {
        let file = png::encode(self.raw, self.width, self.height, self.channels)?;
        let sha256 = hex(&Sha256::digest(&file));
        let shown = sha256.get(..SHOWN_DIGITS).unwrap_or(&sha256);
        Ok(Made { path: format!("{}_{shown}{}", self.name, self.extension), sha256, file })
    }
}

/// A file that was made of pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Where it goes, below the run's files.
    pub path: String,
    /// SHA-256 of it, hexadecimal.
    pub sha256: String,
    /// The file.
    pub file: Vec<u8>,
}

/// What a row says of a file that is made later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Its SHA-256, hexadecimal.
    Sha256,
    /// Its bytes.
    Size,
    /// Its path below the run's files.
    Path,
}

impl Fact {
    /// As it stands in an entry.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What a code stands for.
    ///
    /// # Errors
    /// `Damaged` if it stands for nothing.
    pub fn of_code(code: u8) -> Result<Self> {
        let all = [Self::Sha256, Self::Size, Self::Path];
        let damaged = || CoreError::Damaged("an unknown fact of a file".into());
        all.into_iter().find(|fact| fact.code() == code).ok_or_else(damaged)
    }

    fn of(self, made: &Made) -> Value {
        match self {
            Self::Sha256 => Value::from(made.sha256.as_str()),
            Self::Size => Value::Int(i64::try_from(made.file.len()).unwrap_or(i64::MAX)),
            Self::Path => Value::from(made.path.as_str()),
        }
    }
}

/// What became of spilled pixels.
#[derive(Debug)]
pub struct Outcome {
    /// The file, or why there is none.
    pub made: std::result::Result<Made, String>,
    /// Bytes of the spill file.
    pub spilled: u64,
}

/// Files that were made, by the numbers of their spill files.
#[derive(Debug, Default)]
pub struct MadeFiles(HashMap<u64, Outcome, FixedState>);

impl MadeFiles {
    /// What is known of a file; null where it could not be made.
    #[must_use]
    pub fn fact(&self, number: u64, fact: Fact) -> Value {
        let made = self.0.get(&number).and_then(|outcome| outcome.made.as_ref().ok());
        made.map_or(Value::Null, |made| fact.of(made))
    }

    /// Whether pixels of this number were looked at.
    #[must_use]
    pub fn has(&self, number: u64) -> bool {
        self.0.contains_key(&number)
    }

    /// Move those of some numbers out.
    #[must_use]
    pub fn take(&mut self, numbers: &[u64]) -> Self {
        Self(numbers.iter().filter_map(|number| Some((*number, self.0.remove(number)?))).collect())
    }

    /// Move all of the others in.
    pub fn put(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The outcomes, in the order of their numbers.
    #[must_use]
    pub fn in_order(&self) -> Vec<(u64, &Outcome)> {
        let mut all: Vec<_> = self.0.iter().map(|(number, outcome)| (*number, outcome)).collect();
        all.sort_by_key(|(number, _)| *number);
        all
    }
}

/// Make the files of spilled pixels, several at a time.
#[must_use]
pub fn make(spilled: &[(u64, Vec<u8>)]) -> MadeFiles {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(MadeFiles::default());
    let work = || {
        while let Some((number, bytes)) = spilled.get(next.fetch_add(1, Ordering::Relaxed)) {
            let made = Pixels::read(bytes).and_then(|pixels| pixels.made()).map_err(|e| e.to_string());
            let outcome = Outcome { made, spilled: bytes.len() as u64 };
            done.lock().unwrap_or_else(PoisonError::into_inner).0.insert(*number, outcome);
        }
    };
    let threads =
        thread::available_parallelism().map_or(1, |all| usize::from(all) - 1).clamp(1, MOST_THREADS);
    thread::scope(|scope| {
        for _ in 1..threads.min(spilled.len()) {
            // A machine that starts no more threads has this one.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spilled(pixels: &Pixels<'_>) -> Vec<u8> {
        [&pixels.head(), pixels.raw].concat()
    }

    proptest! {
        #[test]
        fn garbage_makes_no_file_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let files = make(&[(1, bytes.clone())]);

            prop_assert_eq!(files.in_order().len(), 1);
            prop_assert_eq!(files.in_order()[0].1.spilled, bytes.len() as u64);
        }
    }

    #[test]
    fn what_was_spilled_is_made_and_described() {
        let raw = vec![7; 6 * 4 * 3];
        let pixels = Pixels { width: 6, height: 4, channels: 3, name: "a/b_0", extension: ".png", raw: &raw };
        assert_eq!(Pixels::read(&spilled(&pixels)).unwrap(), pixels);

        let mut files = make(&[(2, spilled(&pixels)), (9, vec![1, 2, 3])]);

        let file = png::encode(&raw, 6, 4, 3).unwrap();
        let sha256 = hex(&Sha256::digest(&file));
        assert!(files.in_order()[1].1.made.is_err());
        assert_eq!(files.fact(2, Fact::Path), Value::from(format!("a/b_0_{}.png", &sha256[..20]).as_str()));
        assert_eq!(files.fact(2, Fact::Size), Value::Int(i64::try_from(file.len()).unwrap()));
        assert_eq!(files.fact(2, Fact::Sha256), Value::from(sha256.as_str()));
        assert_eq!(files.fact(9, Fact::Path), Value::Null);
        assert_eq!(files.take(&[9, 10]).in_order().len(), 1);
        assert!(files.has(2) && !files.has(9));
    }
}
