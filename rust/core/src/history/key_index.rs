//! What a file at rest knows of each key without its columns being read, and how that is laid out.
//!
//! The index lies in the Parquet file between the last row group and the footer, where other
//! readers pass over it; the footer says where. Everything in it can be had again from the columns.

use std::sync::Arc;

use crate::error::{CoreError, Result};
use crate::history::cells::{Numbers, RowId, Side};

/// The first bytes of an index.
const MAGIC: &[u8; 4] = b"FKI1";

/// An unpacked index larger than this is neither written nor read.
pub const LARGEST: u64 = 1 << 30;

/// Where the rows of a key lie in a file, and between which steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Number of its first row in the file.
    pub first_row: u64,
    /// How many rows.
    pub count: u64,
    /// Step of its first row.
    pub first_step: i64,
    /// Step of its last row.
    pub last_step: i64,
    /// The smallest and the largest attempt.
    pub attempts: (u16, u16),
    /// The smallest and the largest writer.
    pub writers: (u16, u16),
}

impl Place {
    fn new(first_row: u64, row: RowId) -> Self {
        Self {
            first_row,
            count: 0,
            first_step: row.step,
            last_step: row.step,
            attempts: (row.attempt, row.attempt),
            writers: (row.writer, row.writer),
        }
    }

    fn push(&mut self, row: RowId) {
        self.count += 1;
        self.first_step = self.first_step.min(row.step);
        self.last_step = self.last_step.max(row.step);
        self.attempts = (self.attempts.0.min(row.attempt), self.attempts.1.max(row.attempt));
        self.writers = (self.writers.0.min(row.writer), self.writers.1.max(row.writer));
    }

    /// The row after the last one.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first_row.saturating_add(self.count)
    }
}

/// What is known of a key's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberFacts {
    /// Where they lie.
    pub place: Place,
    /// The first one, in order of rows.
    pub first: f64,
    /// The last one.
    pub last: f64,
    /// The smallest finite one; NaN when there is none.
    pub min: f64,
    /// The largest finite one; NaN when there is none.
    pub max: f64,
    /// How many are NaN.
    pub nans: u64,
    /// How many are infinite.
    pub infinities: u64,
    /// How many are integers that a double can't hold.
    pub exact: u64,
    /// No number is smaller than the one before it, and none is NaN.
    pub monotonic: bool,
}

impl NumberFacts {
    /// Start with a key's first numbers; `None` if there are none.
    #[must_use]
    pub fn of(first_row: u64, numbers: &Numbers) -> Option<Self> {
        let (row, first) = (*numbers.rows.first()?, *numbers.values.first()?);
        let mut facts = Self {
            place: Place::new(first_row, row),
            first,
            last: first,
            min: f64::NAN,
            max: f64::NAN,
            nans: 0,
            infinities: 0,
            exact: 0,
            monotonic: true,
        };
        facts.push(numbers);
        Some(facts)
    }

    /// Go on with numbers of later rows.
    pub fn push(&mut self, numbers: &Numbers) {
        for (row, value) in numbers.rows.iter().zip(&numbers.values) {
            self.place.push(*row);
            self.monotonic &= *value >= self.last;
            self.last = *value;
            if value.is_finite() {
                // `f64::min` takes the other operand when one is NaN.
                self.min = self.min.min(*value);
                self.max = self.max.max(*value);
            } else if value.is_nan() {
                self.nans += 1;
            } else {
                self.infinities += 1;
            }
        }
        self.exact += numbers.exact.len() as u64;
    }
}

/// What is known of a key's cells that are no numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct SideFacts {
    /// Where they lie.
    pub place: Place,
    /// The kinds among them (`kind_of`), by name.
    pub kinds: Vec<Arc<str>>,
}

impl SideFacts {
    /// Start with a key's first cells; `None` if there are none.
    #[must_use]
    pub fn of(first_row: u64, cells: &[(RowId, Side)]) -> Option<Self> {
        let mut facts = Self { place: Place::new(first_row, cells.first()?.0), kinds: Vec::new() };
        facts.push(cells);
        Some(facts)
    }

    /// Go on with cells of later rows.
    pub fn push(&mut self, cells: &[(RowId, Side)]) {
        for (row, side) in cells {
            self.place.push(*row);
            let kind = super::kinds::kind_of(side);
            if let Err(at) = self.kinds.binary_search_by(|known| known.as_ref().cmp(kind)) {
                self.kinds.insert(at, kind.into());
            }
        }
    }
}

/// Facts that can stand in an index.
pub trait Facts: Sized {
    /// Where the key's rows lie.
    fn place(&self) -> &Place;
    /// Append the bytes after the place.
    fn write(&self, out: &mut Vec<u8>);
    /// Read what `write` wrote.
    ///
    /// # Errors
    /// `Damaged`.
    fn read(place: Place, bytes: &mut Bytes<'_>) -> Result<Self>;
}

impl Facts for NumberFacts {
    fn place(&self) -> &Place {
        &self.place
    }

    fn write(&self, out: &mut Vec<u8>) {
        for value in [self.first, self.last, self.min, self.max] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        for count in [self.nans, self.infinities, self.exact] {
            out.extend_from_slice(&count.to_le_bytes());
        }
        out.push(u8::from(self.monotonic));
    }

    fn read(place: Place, bytes: &mut Bytes<'_>) -> Result<Self> {
        Ok(Self {
            place,
            first: f64::from_le_bytes(bytes.array()?),
            last: f64::from_le_bytes(bytes.array()?),
            min: f64::from_le_bytes(bytes.array()?),
            max: f64::from_le_bytes(bytes.array()?),
            nans: bytes.u64()?,
            infinities: bytes.u64()?,
            exact: bytes.u64()?,
            monotonic: bytes.array::<1>()? == [1],
        })
    }
}

impl Facts for SideFacts {
    fn place(&self) -> &Place {
        &self.place
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_u32(out, self.kinds.len());
        self.kinds.iter().for_each(|kind| write_text(out, kind));
    }

    fn read(place: Place, bytes: &mut Bytes<'_>) -> Result<Self> {
        let count = bytes.u32()?;
        let kinds = (0..count).map(|_| bytes.text()).collect::<Result<Vec<_>>>()?;
        Ok(Self { place, kinds })
    }
}

/// The facts of each key of each run, in the order of the file's rows.
pub type Index<F> = Vec<(u64, Vec<(Arc<str>, F)>)>;

/// Lay out an index, compressed.
///
/// # Errors
/// `Io`, if the compressor gives up; `Invalid`, if the index is too large to be read again.
pub fn pack<F: Facts>(index: &Index<F>) -> Result<Vec<u8>> {
    pack_within(index, LARGEST)
}

fn pack_within<F: Facts>(index: &Index<F>, most_bytes: u64) -> Result<Vec<u8>> {
    let mut out = MAGIC.to_vec();
    write_u32(&mut out, index.len());
    for (run, keys) in index {
        out.extend_from_slice(&run.to_le_bytes());
        write_u32(&mut out, keys.len());
        for (name, facts) in keys {
            write_text(&mut out, name);
            write_place(&mut out, facts.place());
            facts.write(&mut out);
        }
        if out.len() as u64 > most_bytes {
            return Err(CoreError::Invalid(format!("the key index would be larger than {most_bytes} bytes")));
        }
    }
    zstd::bulk::compress(&out, 3).map_err(|source| CoreError::io("a key index", source))
}

/// Read an index of a file of `rows` rows.
///
/// # Errors
/// `Damaged`, if it does not hold together or does not fit the file.
pub fn unpack<F: Facts>(packed: &[u8], rows: u64) -> Result<Index<F>> {
    let raw = inflate(packed)?;
    let mut bytes = Bytes { rest: &raw };
    if bytes.array()? != *MAGIC {
        return Err(damaged("its first bytes are wrong"));
    }
    let mut index: Index<F> = Vec::new();
    let mut row = 0;
    for _ in 0..bytes.u32()? {
        let run = bytes.u64()?;
        if index.last().is_some_and(|(before, _)| *before >= run) {
            return Err(damaged("its runs are out of order"));
        }
        index.push((run, unpack_run(&mut bytes, &mut row)?));
    }
    if row != rows {
        return Err(damaged("it counts other rows than the file"));
    }
    Ok(index)
}

fn unpack_run<F: Facts>(bytes: &mut Bytes<'_>, row: &mut u64) -> Result<Vec<(Arc<str>, F)>> {
    let mut keys: Vec<(Arc<str>, F)> = Vec::new();
    for _ in 0..bytes.u32()? {
        let name = bytes.text()?;
        let place = read_place(bytes)?;
        if keys.last().is_some_and(|(before, _)| *before >= name) {
            return Err(damaged("its keys are out of order"));
        }
        if place.first_row != *row || place.count == 0 || place.first_step > place.last_step {
            return Err(damaged("a key's rows are not where they should be"));
        }
        *row = row.checked_add(place.count).ok_or_else(|| damaged("it counts too many rows"))?;
        keys.push((name, F::read(place, bytes)?));
    }
    Ok(keys)
}

fn inflate(packed: &[u8]) -> Result<Vec<u8>> {
    use std::io::Read;
    let mut raw = Vec::new();
    let decoder = zstd::stream::Decoder::new(packed).map_err(|_| damaged("it does not unpack"))?;
    decoder.take(LARGEST + 1).read_to_end(&mut raw).map_err(|_| damaged("it does not unpack"))?;
    if raw.len() as u64 > LARGEST {
        return Err(damaged("it is too large"));
    }
    Ok(raw)
}

fn damaged(why: &str) -> CoreError {
    CoreError::Damaged(format!("the key index can't be used: {why}"))
}

fn write_u32(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_u32(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn write_place(out: &mut Vec<u8>, place: &Place) {
    out.extend_from_slice(&place.first_row.to_le_bytes());
    out.extend_from_slice(&place.count.to_le_bytes());
    out.extend_from_slice(&place.first_step.to_le_bytes());
    out.extend_from_slice(&place.last_step.to_le_bytes());
    for bound in [place.attempts.0, place.attempts.1, place.writers.0, place.writers.1] {
        out.extend_from_slice(&bound.to_le_bytes());
    }
}

fn read_place(bytes: &mut Bytes<'_>) -> Result<Place> {
    Ok(Place {
        first_row: bytes.u64()?,
        count: bytes.u64()?,
        first_step: i64::from_le_bytes(bytes.array()?),
        last_step: i64::from_le_bytes(bytes.array()?),
        attempts: (u16::from_le_bytes(bytes.array()?), u16::from_le_bytes(bytes.array()?)),
        writers: (u16::from_le_bytes(bytes.array()?), u16::from_le_bytes(bytes.array()?)),
    })
}

/// Bytes of an index that are still to be read.
pub struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| damaged("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| damaged("it ends too early"))
    }

    pub(super) fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Result<Arc<str>> {
        let length = self.u32()? as usize;
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| damaged("a name is no text"))?;
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_could_not_be_read_is_not_written() {
        let row = RowId { step: 0, line: 0, writer: 0, attempt: 0 };
        let mut place = Place::new(0, row);
        place.push(row);
        let index = vec![(1, vec![(Arc::from("key"), SideFacts { place, kinds: Vec::new() })])];

        assert!(unpack::<SideFacts>(&pack_within(&index, 100).unwrap(), 1).is_ok());
        assert!(matches!(pack_within(&index, 40), Err(CoreError::Invalid(_))));
    }
}
