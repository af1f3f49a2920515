//! A ring of entries in a region of words: one producer at a time, one consumer, no locks.
//!
//! Layout, in words: a header of 64, then the key table, then the data. Positions count bytes ever
//! written, always multiples of eight; an entry is one header word (length and checksum) and its
//! payload, padded. The producer publishes `HEAD` after copying, so an entry is either whole or
//! was never there. The consumer publishes what it has made durable in one of two slots and then
//! raises `SEQUENCE`, so that after a SIGKILL between any two stores one consistent slot is read.

use crate::error::{CoreError, Result};
use crate::words::{Word, Words};

/// Identifies the file and its version: "FRRLRING" and 1.
const MAGIC: u64 = u64::from_le_bytes(*b"FRRLRNG\x01");

const HEADER_WORDS: usize = 64;
const AT_MAGIC: usize = 0;
const AT_DATA_BYTES: usize = 1;
const AT_KEYS_BYTES: usize = 2;
const AT_HEAD: usize = 8;
const AT_TAIL: usize = 16;
const AT_SEQUENCE: usize = 24;
const AT_SLOTS: [usize; 2] = [32, 40];
const AT_KEYS_USED: usize = 48;
const AT_LOST: usize = 56;

/// What the consumer has made durable, read and written as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Position in the ring of rows before which nothing is needed: older than an open row.
    pub rows: u64,
    /// Position up to which entries were taken in: their records are in the journal, but for
    /// those of rows still open.
    pub rows_done: u64,
    /// The first position of the ring of console text that is still needed.
    pub console: u64,
    /// Length of the journal's whole records.
    pub journal_bytes: u64,
    /// Number of the spill file that holds the open rows; zero for none.
    pub carry: u64,
}

/// A ring over a region.
pub struct Ring<M: Words> {
    memory: M,
    keys_at: usize,
    data_at: usize,
    data_words: usize,
    keys_bytes: usize,
}

impl<M: Words> Ring<M> {
    /// Bytes of the region for given sizes of data and key table.
    #[must_use]
    pub const fn region_bytes(data_bytes: usize, keys_bytes: usize) -> usize {
        HEADER_WORDS * 8 + data_bytes + keys_bytes
    }

    /// Make a new ring in a zeroed region.
    ///
    /// # Errors
    /// `Invalid` if the sizes are not powers of two of at least 64, or the region is too small.
    pub fn create(memory: M, data_bytes: usize, keys_bytes: usize) -> Result<Self> {
        if !data_bytes.is_power_of_two() || data_bytes < 64 || !keys_bytes.is_multiple_of(8) {
            return Err(CoreError::Invalid(format!("a ring of {data_bytes} bytes: use a power of two")));
        }
        memory.set(AT_DATA_BYTES, data_bytes as u64);
        memory.set(AT_KEYS_BYTES, keys_bytes as u64);
        memory.set(AT_MAGIC, MAGIC);
        Self::open(memory)
    }

    /// Take up a ring that was made before.
    ///
    /// # Errors
    /// `Damaged` if the region is no ring or contradicts itself.
    pub fn open(memory: M) -> Result<Self> {
        let size = |index| usize::try_from(memory.get(index)).unwrap_or(usize::MAX);
        let (data_bytes, keys_bytes) = (size(AT_DATA_BYTES), size(AT_KEYS_BYTES));
        let wanted = data_bytes.checked_add(keys_bytes).and_then(|sum| sum.checked_add(HEADER_WORDS * 8));
        if memory.get(AT_MAGIC) != MAGIC
            || !data_bytes.is_power_of_two()
            || !keys_bytes.is_multiple_of(8)
            || wanted.is_none_or(|bytes| bytes / 8 > memory.words().len())
        {
            return Err(CoreError::Damaged("a ring's header is not whole".into()));
        }
        let data_at = HEADER_WORDS + keys_bytes / 8;
        Ok(Self { memory, keys_at: HEADER_WORDS, data_at, data_words: data_bytes / 8, keys_bytes })
    }

    /// The region.
    pub const fn memory(&self) -> &M {
        &self.memory
    }

    /// Bytes of entries it can hold, headers included.
    #[must_use]
    pub const fn data_bytes(&self) -> u64 {
        (self.data_words * 8) as u64
    }

    /// Position just past the newest entry.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.memory.get(AT_HEAD)
    }

    /// Bytes that entries not yet consumed take.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.head().saturating_sub(self.memory.get(AT_TAIL))
    }

    /// Whether an entry of this size has room now.
    #[must_use]
    pub fn has_room(&self, payload_bytes: usize) -> bool {
        self.used() + entry_bytes(payload_bytes) <= self.data_bytes()
    }

    /// Add an entry; false if there is no room. Only one thread may push at a time.
    pub fn push(&self, payload: &[u8]) -> bool {
        if !self.has_room(payload.len()) {
            return false;
        }
        let head = self.head();
        self.put(head, u64::from(u32::try_from(payload.len()).unwrap_or(u32::MAX)) | (sum(payload) << 32));
        let (whole, rest) = payload.as_chunks::<8>();
        let mut at = head;
        for word in whole {
            at += 8;
            self.put(at, u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            self.put(at + 8, tail_word(rest));
        }
        self.memory.set(AT_HEAD, head + entry_bytes(payload.len()));
        true
    }

    /// Copy the entry at `position` and return the position after it; `None` at the head.
    ///
    /// # Errors
    /// `Damaged` if the entry is not whole: overwritten, or lost with the machine's power.
    pub fn read(&self, position: u64, payload: &mut Vec<u8>) -> Result<Option<u64>> {
        let head = self.head();
        if position >= head {
            return Ok(None);
        }
        let header = self.peek(position);
        let length = usize::try_from(header & 0xffff_ffff).unwrap_or(usize::MAX);
        let next = position + entry_bytes(length);
        if next > head {
            return Err(damaged(position));
        }
        payload.clear();
        for at in (position + 8..next).step_by(8) {
            payload.extend_from_slice(&self.peek(at).to_le_bytes());
        }
        payload.truncate(length);
        if sum(payload) != header >> 32 {
            return Err(damaged(position));
        }
        Ok(Some(next))
    }

    /// Give room up to `position` back to the producer.
    pub fn release(&self, position: u64) {
        self.memory.set(AT_TAIL, position);
    }

    /// What is durable.
    #[must_use]
    pub fn commit(&self) -> Commit {
        loop {
            let sequence = self.memory.get(AT_SEQUENCE);
            let slot = slot_of(sequence);
            let commit = Commit {
                rows: self.memory.get(slot),
                rows_done: self.memory.get(slot + 1),
                console: self.memory.get(slot + 2),
                journal_bytes: self.memory.get(slot + 3),
                carry: self.memory.get(slot + 4),
            };
            // A slot is rewritten only after the other one was published.
            if self.memory.get(AT_SEQUENCE) == sequence {
                return commit;
            }
        }
    }

    /// Publish what is durable.
    pub fn set_commit(&self, commit: Commit) {
        let sequence = self.memory.get(AT_SEQUENCE) + 1;
        let slot = slot_of(sequence);
        self.memory.set(slot, commit.rows);
        self.memory.set(slot + 1, commit.rows_done);
        self.memory.set(slot + 2, commit.console);
        self.memory.set(slot + 3, commit.journal_bytes);
        self.memory.set(slot + 4, commit.carry);
        self.memory.set(AT_SEQUENCE, sequence);
    }

    /// Add a key to the table; false when it is full, and the key must stand in its entries.
    pub fn push_key(&self, key: &str) -> bool {
        let used = usize::try_from(self.memory.get(AT_KEYS_USED)).unwrap_or(usize::MAX);
        let bytes = 8 + key.len().div_ceil(8) * 8;
        if used.checked_add(bytes).is_none_or(|end| end > self.keys_bytes) {
            return false;
        }
        let at = self.keys_at + used / 8;
        self.memory.set(at, key.len() as u64);
        for (index, chunk) in key.as_bytes().chunks(8).enumerate() {
            self.memory.set(at + 1 + index, tail_word(chunk));
        }
        self.memory.set(AT_KEYS_USED, (used + bytes) as u64);
        true
    }

    /// Keys added since the table had `from` bytes, and its bytes now.
    #[must_use]
    pub fn keys_since(&self, from: u64) -> (Vec<Box<str>>, u64) {
        let used = self.memory.get(AT_KEYS_USED).min(self.keys_bytes as u64);
        let mut keys = Vec::new();
        let mut at = from;
        while at < used {
            let index = self.keys_at + usize::try_from(at / 8).unwrap_or(usize::MAX);
            let length = usize::try_from(self.memory.get(index)).unwrap_or(usize::MAX).min(self.keys_bytes);
            let mut bytes: Vec<u8> = (0..length.div_ceil(8))
                .flat_map(|word| self.memory.get(index + 1 + word).to_le_bytes())
                .collect();
            bytes.truncate(length);
            keys.push(String::from_utf8_lossy(&bytes).into());
            at += 8 + length.div_ceil(8) as u64 * 8;
        }
        (keys, used)
    }

    /// Count rows that had to be given up.
    pub fn count_lost(&self, rows: u64) {
        if let Some(word) = self.memory.word(AT_LOST) {
            word.add(rows);
        }
    }

    /// Rows that had to be given up so far.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.memory.get(AT_LOST)
    }

    fn index(&self, position: u64) -> usize {
        let word = usize::try_from(position / 8).unwrap_or(0);
        self.data_at + (word & (self.data_words - 1))
    }

    fn put(&self, position: u64, value: u64) {
        if let Some(word) = self.memory.word(self.index(position)) {
            word.store(value);
        }
    }

    fn peek(&self, position: u64) -> u64 {
        self.memory.word(self.index(position)).map_or(0, Word::load)
    }
}

const fn slot_of(sequence: u64) -> usize {
    let [even, odd] = AT_SLOTS;
    if sequence.is_multiple_of(2) { even } else { odd }
}

const fn entry_bytes(payload_bytes: usize) -> u64 {
    8 + (payload_bytes.div_ceil(8) * 8) as u64
}

fn tail_word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    for (slot, byte) in word.iter_mut().zip(bytes) {
        *slot = *byte;
    }
    u64::from_le_bytes(word)
}

/// A quick 32-bit checksum: enough to tell a whole entry from stale or zeroed pages.
fn sum(payload: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = payload.as_chunks::<8>();
    let mix = |state: u64, word: u64| (state.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    let state =
        words.iter().fold(payload.len() as u64 + 1, |state, word| mix(state, u64::from_le_bytes(*word)));
    mix(state, tail_word(rest)) >> 32
}

fn damaged(position: u64) -> CoreError {
    CoreError::Damaged(format!("the ring's entry at {position} is not whole"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::HeapWords;

    fn ring(data: usize, keys: usize) -> Ring<HeapWords> {
        let memory = HeapWords::zeroed(Ring::<HeapWords>::region_bytes(data, keys));
        Ring::create(memory, data, keys).unwrap_or_else(|_| unreachable!())
    }

    #[test]
    fn entries_come_back_in_order_around_the_end() {
        let ring = ring(256, 0);
        let (mut position, mut payload) = (0, Vec::new());
        for round in 0..500_usize {
            let sent = vec![u8::try_from(round % 251).unwrap_or(0); round % 60];
            assert!(ring.push(&sent));
            let next = ring.read(position, &mut payload).ok().flatten();
            assert_eq!(payload, sent);
            position = next.unwrap_or_default();
            ring.release(position);
        }
        assert_eq!(ring.read(position, &mut payload).ok(), Some(None));
    }

    #[test]
    fn a_full_ring_refuses_and_takes_again_after_release() {
        let ring = ring(64, 0);
        assert!(ring.push(&[1; 40]));
        assert!(!ring.push(&[2; 40]));
        ring.release(48);
        assert!(ring.push(&[2; 40]));
    }

    #[test]
    fn an_overwritten_entry_is_told_apart() {
        let ring = ring(64, 0);
        assert!(ring.push(&[1; 20]));
        ring.release(32);
        assert!(ring.push(&[2; 50]));
        assert!(ring.read(0, &mut Vec::new()).is_err());
    }

    #[test]
    fn the_last_published_commit_is_read() {
        let ring = ring(64, 0);
        for at in 1..9 {
            let commit =
                Commit { rows: at, rows_done: at + 4, console: at + 1, journal_bytes: at + 2, carry: at + 3 };
            ring.set_commit(commit);
            assert_eq!(ring.commit(), commit);
        }
    }

    #[test]
    fn keys_fill_their_table_and_then_are_refused() {
        let ring = ring(64, 64);
        assert!(ring.push_key("loss"));
        assert!(ring.push_key("größe/12345"));
        assert!(ring.push_key(""));
        assert!(!ring.push_key("far too long for what is left"));
        let (keys, used) = ring.keys_since(0);
        assert_eq!(keys, ["loss".into(), "größe/12345".into(), "".into()]);
        assert_eq!(ring.keys_since(used), (vec![], used));
    }
}
