//! Fixed regions of 64-bit words that one process writes and another may read after its death.
//!
//! Everything above works on words through atomics, so the same code runs on a mapped file, on
//! the heap, and under loom.

use std::sync::atomic::{AtomicU64, Ordering};

/// One shared 64-bit word.
pub trait Word: Send + Sync {
    /// Read; what was written before the matching `release` is seen.
    fn acquire(&self) -> u64;
    /// Write; whoever reads it by `acquire` sees all that was written before.
    fn release(&self, value: u64);
    /// Read a word that an `acquire` elsewhere has made visible.
    fn load(&self) -> u64;
    /// Write a word that a `release` elsewhere will publish.
    fn store(&self, value: u64);
    /// Add, returning the value before.
    fn add(&self, value: u64) -> u64;
    /// Raise to at least `value`.
    fn raise(&self, value: u64);
}

impl Word for AtomicU64 {
    fn acquire(&self) -> u64 {
        self.load(Ordering::Acquire)
    }
    fn release(&self, value: u64) {
        self.store(value, Ordering::Release);
    }
    fn load(&self) -> u64 {
        self.load(Ordering::Relaxed)
    }
    fn store(&self, value: u64) {
        self.store(value, Ordering::Relaxed);
    }
    fn add(&self, value: u64) -> u64 {
        self.fetch_add(value, Ordering::AcqRel)
    }
    fn raise(&self, value: u64) {
        self.fetch_max(value, Ordering::AcqRel);
    }
}

/// A region of words.
pub trait Words: Send + Sync {
    /// The kind of word.
    type Word: Word;
    /// All of them.
    fn words(&self) -> &[Self::Word];

    /// The word at an index; a region too small for its own header is refused before this is asked.
    fn word(&self, index: usize) -> Option<&Self::Word> {
        self.words().get(index)
    }

    /// `acquire` of a word; zero beyond the end.
    fn get(&self, index: usize) -> u64 {
        self.word(index).map_or(0, Word::acquire)
    }

    /// `release` into a word; nothing beyond the end.
    fn set(&self, index: usize, value: u64) {
        if let Some(word) = self.word(index) {
            word.release(value);
        }
    }
}

/// Words on the heap: where no file can be mapped, and for reading a copy of one.
pub struct HeapWords(Box<[AtomicU64]>);

impl HeapWords {
    /// Zeros.
    #[must_use]
    pub fn zeroed(bytes: usize) -> Self {
        Self((0..bytes / 8).map(|_| AtomicU64::new(0)).collect())
    }

    /// A copy of a file's bytes; an odd tail is left out.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.as_chunks::<8>().0.iter().map(|word| AtomicU64::new(u64::from_le_bytes(*word))).collect())
    }
}

impl Words for HeapWords {
    type Word = AtomicU64;
    fn words(&self) -> &[AtomicU64] {
        &self.0
    }
}

/// Either a mapped file or the heap.
pub enum Region {
    /// Survives the process.
    Mapped(crate::mapping::MappedWords),
    /// Does not.
    Heap(HeapWords),
}

impl Region {
    /// Whether what is written here survives the death of this process.
    #[must_use]
    pub const fn survives(&self) -> bool {
        matches!(self, Self::Mapped(_))
    }
}

impl Words for Region {
    type Word = AtomicU64;
    fn words(&self) -> &[AtomicU64] {
        match self {
            Self::Mapped(words) => words.words(),
            Self::Heap(words) => words.words(),
        }
    }
}
