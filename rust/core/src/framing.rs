//! Blocks and chunks of a `.wandb` file: append records, read them back, stop at a torn tail.
//!
//! The layout is `LevelDB`'s log with its own 7-byte file header inside block 0 and a plain CRC-32.

use crate::error::{CoreError, Result};

/// Blocks are aligned to absolute offsets of the file.
pub const BLOCK_BYTES: u64 = 32768;

/// `:W&B`, the magic number, version 0.
pub const FILE_HEADER: [u8; 7] = [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00];

const CHUNK_HEADER_BYTES: u64 = 7;
const FULL: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;

/// Append one record's chunks to `out`, which will be written at offset `start` of the file.
pub fn append_record(out: &mut Vec<u8>, start: u64, record: &[u8]) {
    let mut rest = record;
    let mut first = true;
    loop {
        let room = room_for_payload(out, start);
        let fits = rest.len() as u64 <= room;
        let (now, later) = rest.split_at(if fits { rest.len() } else { usize::try_from(room).unwrap_or(0) });
        append_chunk(out, chunk_kind(first, fits), now);
        if fits {
            return;
        }
        rest = later;
        first = false;
    }
}

const fn chunk_kind(first: bool, last: bool) -> u8 {
    match (first, last) {
        (true, true) => FULL,
        (true, false) => FIRST,
        (false, false) => MIDDLE,
        (false, true) => LAST,
    }
}

/// Bytes a chunk may hold here, after zeros where not even a chunk's header fits.
fn room_for_payload(out: &mut Vec<u8>, start: u64) -> u64 {
    let left = BLOCK_BYTES - (start + out.len() as u64) % BLOCK_BYTES;
    if left >= CHUNK_HEADER_BYTES {
        return left - CHUNK_HEADER_BYTES;
    }
    out.resize(out.len() + usize::try_from(left).unwrap_or(0), 0);
    BLOCK_BYTES - CHUNK_HEADER_BYTES
}

fn append_chunk(out: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    out.extend_from_slice(&checksum(kind, payload).to_le_bytes());
    // A chunk never outgrows its block, so its length fits 16 bits.
    out.extend_from_slice(&u16::try_from(payload.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.push(kind);
    out.extend_from_slice(payload);
}

fn checksum(kind: u8, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[kind]);
    hasher.update(payload);
    hasher.finalize()
}

/// Why reading stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// At the end of whole records.
    End,
    /// In the middle of a record: still being written, or torn.
    Incomplete,
    /// At a chunk whose checksum, kind or length is wrong.
    Damaged,
}

/// Reads records from the bytes of a file, one by one.
pub struct FrameReader<'a> {
    file: &'a [u8],
    /// Where in the file its bytes begin.
    base: u64,
    at: usize,
    whole: usize,
    /// After damage: the rest of a record that began in it is passed over.
    resuming: bool,
}

impl<'a> FrameReader<'a> {
    /// Start after the file's header.
    ///
    /// # Errors
    /// `Damaged` if the header is not there.
    pub fn new(file: &'a [u8]) -> Result<Self> {
        if !file.starts_with(&FILE_HEADER) {
            return Err(CoreError::Damaged(
                "this is no .wandb file: its first seven bytes are not `:W&B` and a version".into(),
            ));
        }
        Ok(Self { file, base: 0, at: FILE_HEADER.len(), whole: FILE_HEADER.len(), resuming: false })
    }

    /// Go on in the middle of a file: `bytes` lie at `offset` of it, where a record begins, or
    /// where a block does after damage.
    #[must_use]
    pub const fn within(bytes: &'a [u8], offset: u64, resuming: bool) -> Self {
        Self { file: bytes, base: offset, at: 0, whole: 0, resuming }
    }

    /// Bytes up to the end of the last whole record.
    #[must_use]
    pub const fn whole_bytes(&self) -> usize {
        self.whole
    }

    /// Put the next record into `record`.
    ///
    /// # Errors
    /// Why there is no further record.
    pub fn read(&mut self, record: &mut Vec<u8>) -> std::result::Result<(), Stop> {
        record.clear();
        let mut inside = false;
        loop {
            let (kind, payload) = self.chunk(inside)?;
            if self.resuming && matches!(kind, MIDDLE | LAST) {
                continue;
            }
            self.resuming = false;
            if inside != matches!(kind, MIDDLE | LAST) {
                return Err(Stop::Damaged);
            }
            record.extend_from_slice(payload);
            if matches!(kind, FULL | LAST) {
                self.whole = self.at;
                return Ok(());
            }
            inside = true;
        }
    }

    /// Skip to the next block, where a record may start again, after `Damaged`.
    pub fn skip_block(&mut self) {
        let left = usize::try_from(self.left_in_block()).unwrap_or(usize::MAX);
        self.at = self.at.saturating_add(left).min(self.file.len());
        self.resuming = true;
    }

    const fn left_in_block(&self) -> u64 {
        BLOCK_BYTES - (self.base + self.at as u64) % BLOCK_BYTES
    }

    fn chunk(&mut self, inside: bool) -> std::result::Result<(u8, &'a [u8]), Stop> {
        let at_end = if inside { Stop::Incomplete } else { Stop::End };
        let header = loop {
            let left = self.left_in_block();
            let rest = self.file.get(self.at..).unwrap_or_default();
            if rest.is_empty() {
                return Err(at_end);
            }
            // Too little room for a chunk, or zeros to the block's end: the next block goes on.
            if left < CHUNK_HEADER_BYTES || (!inside && zeros_to_block_end(rest, left)) {
                self.at += usize::try_from(left).unwrap_or(0).min(rest.len());
                continue;
            }
            break rest.first_chunk::<7>().ok_or(Stop::Incomplete)?;
        };
        let [c0, c1, c2, c3, l0, l1, kind] = *header;
        let length = usize::from(u16::from_le_bytes([l0, l1]));
        let from = self.at + header.len();
        let payload = self.file.get(from..from + length).ok_or(Stop::Incomplete)?;
        if checksum(kind, payload) != u32::from_le_bytes([c0, c1, c2, c3]) || !(FULL..=LAST).contains(&kind) {
            return Err(Stop::Damaged);
        }
        self.at = from + length;
        Ok((kind, payload))
    }
}

fn zeros_to_block_end(rest: &[u8], left: u64) -> bool {
    let left = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
    rest.first_chunk::<7>().is_none_or(|head| head == &[0; 7])
        && rest.get(..left).is_some_and(|block| block.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(records: &[Vec<u8>]) -> Vec<u8> {
        let mut file = FILE_HEADER.to_vec();
        for record in records {
            append_record(&mut file, 0, record);
        }
        file
    }

    fn read(file: &[u8]) -> (Vec<Vec<u8>>, Stop) {
        let Ok(mut reader) = FrameReader::new(file) else { return (vec![], Stop::Damaged) };
        let mut records = Vec::new();
        let mut record = Vec::new();
        loop {
            match reader.read(&mut record) {
                Ok(()) => records.push(record.clone()),
                Err(stop) => return (records, stop),
            }
        }
    }

    #[test]
    fn records_around_a_block_border_come_back() {
        for left in 0..12_usize {
            let first = vec![7; 32768 - 7 - 7 - left];
            let records = vec![first, vec![1, 2, 3], vec![9; 70_000], vec![]];
            assert_eq!(read(&write(&records)), (records, Stop::End), "{left} bytes left");
        }
    }

    #[test]
    fn seven_bytes_left_take_an_empty_first_chunk() {
        let file = write(&[vec![7; 32768 - 7 - 7 - 7], vec![1]]);
        assert_eq!(file.get(32761..32768).map(|c| (c[4], c[5], c[6])), Some((0, 0, FIRST)));
    }

    #[test]
    fn the_worked_example_reads() {
        let file = [
            0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0x00, 0x51, 0xef, 0xec, 0x1e, 0x09, 0x00, 0x01, 0x08, 0x03,
            0x92, 0x01, 0x04, 0x08, 0x00, 0x10, 0x02,
        ];
        assert_eq!(read(&file).0, vec![vec![0x08, 0x03, 0x92, 0x01, 0x04, 0x08, 0x00, 0x10, 0x02]]);
    }
}
