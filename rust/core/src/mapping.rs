//! Files mapped as words. One of the two modules of this crate that may hold `unsafe`.
#![allow(unsafe_code)]
#![allow(clippy::cast_ptr_alignment)] // a mapping starts at a page

use std::fs::File;
use std::io;
use std::sync::atomic::AtomicU64;

use memmap2::{MmapOptions, MmapRaw};
use rustix::fs::FallocateFlags;

use crate::words::Words;

/// A file, reserved on disk and mapped shared, as words.
pub struct MappedWords {
    map: MmapRaw,
}

impl MappedWords {
    /// Reserve `bytes` of the file on disk and map them.
    ///
    /// Reserving first matters: writing to a mapped hole on a full disk kills the process.
    ///
    /// # Errors
    /// Whatever the system says: no room, or a file system without reservation or mapping.
    pub fn create(file: &File, bytes: usize) -> io::Result<Self> {
        rustix::fs::fallocate(file, FallocateFlags::empty(), 0, bytes as u64)?;
        Self::open(file, bytes)
    }

    /// Map `bytes` of a file that is at least as long.
    ///
    /// # Errors
    /// Whatever the system says, or `InvalidData` for a file that is too short.
    pub fn open(file: &File, bytes: usize) -> io::Result<Self> {
        if file.metadata()?.len() < bytes as u64 || !bytes.is_multiple_of(8) {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        Ok(Self { map: MmapOptions::new().len(bytes).map_raw(file)? })
    }
}

impl Words for MappedWords {
    type Word = AtomicU64;
    fn words(&self) -> &[AtomicU64] {
        // SAFETY: the mapping is page-aligned, `len` is a multiple of 8 and lives as long as self;
        // all access to it, here and in other processes, is by atomics or by `read(2)`.
        unsafe { std::slice::from_raw_parts(self.map.as_ptr().cast::<AtomicU64>(), self.map.len() / 8) }
    }
}
