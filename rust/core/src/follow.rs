//! Following a journal while it is written: whole records past an offset, as they come.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::error::{CoreError, Result};
use crate::framing::{BLOCK_BYTES, FILE_HEADER, FrameReader, Stop};

/// The least that is read from the file at once.
const LEAST_READ: usize = 64 * 1024;

/// A record and where it ends in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The record's bytes, without framing.
    pub payload: Vec<u8>,
    /// The file's offset just past it: the place from which a later reader goes on.
    pub end: u64,
}

/// Reads a journal from an offset on, again and again, never past an incomplete record.
pub struct Tail {
    path: PathBuf,
    file: Option<File>,
    offset: u64,
    stop: Stop,
    resuming: bool,
}

impl Tail {
    /// Start at the end of a record, or at 0. The file need not exist yet.
    #[must_use]
    pub fn new(path: &Path, offset: u64) -> Self {
        Self { path: path.to_owned(), file: None, offset, stop: Stop::End, resuming: false }
    }

    /// The end of the last record that was read.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Why the last read returned no more.
    #[must_use]
    pub const fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Whole records of about this many bytes in all; at least one, if there is one.
    ///
    /// # Errors
    /// `Io`, or `Damaged` if this is no journal.
    pub fn read(&mut self, most_bytes: usize) -> Result<Vec<Followed>> {
        let Some(size) = self.size()? else { return Ok(Vec::new()) };
        if self.offset == 0 && !self.skip_header(size)? {
            return Ok(Vec::new());
        }
        let mut window = most_bytes.max(LEAST_READ);
        loop {
            let bytes = self.bytes(window, size)?;
            let records = self.records(&bytes);
            let all = self.offset.saturating_add(bytes.len() as u64) >= size;
            // One record may be larger than the window; a damaged one is no larger than its block.
            if !records.is_empty() || all || self.stop == Stop::Damaged {
                return Ok(records);
            }
            window = window.saturating_mul(4);
        }
    }

    /// Go on at the next block, where a record may start again, after `Damaged`.
    pub fn skip_damage(&mut self) {
        self.offset = (self.offset / BLOCK_BYTES + 1) * BLOCK_BYTES;
        self.stop = Stop::End;
        self.resuming = true;
    }

    fn named(&self, source: std::io::Error) -> CoreError {
        CoreError::io(&self.path, source)
    }

    /// Bytes in the file now; `None` while there is none.
    fn size(&mut self) -> Result<Option<u64>> {
        if self.file.is_none() {
            match File::open(&self.path) {
                Ok(file) => self.file = Some(file),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(e) => return Err(self.named(e)),
            }
        }
        let size = self.file.as_ref().map(|file| file.metadata().map(|facts| facts.len())).transpose();
        size.map_err(|e| self.named(e))
    }

    /// Whether the file's header is there and was passed over.
    fn skip_header(&mut self, size: u64) -> Result<bool> {
        if size < FILE_HEADER.len() as u64 {
            self.stop = if size == 0 { Stop::End } else { Stop::Incomplete };
            return Ok(false);
        }
        FrameReader::new(&self.bytes(FILE_HEADER.len(), size)?)
            .map_err(|e| CoreError::Damaged(format!("{}: {e}", self.path.display())))?;
        self.offset = FILE_HEADER.len() as u64;
        Ok(true)
    }

    fn bytes(&self, most: usize, size: u64) -> Result<Vec<u8>> {
        // A file that a recovery has cut is written again to the same bytes: wait for them.
        let left = usize::try_from(size.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; most.min(left)];
        let Some(file) = &self.file else { return Ok(Vec::new()) };
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match file.read_at(rest, self.offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.named(e)),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn records(&mut self, bytes: &[u8]) -> Vec<Followed> {
        let start = self.offset;
        let mut reader = FrameReader::within(bytes, start, self.resuming);
        let mut records = Vec::new();
        let mut payload = Vec::new();
        self.stop = loop {
            match reader.read(&mut payload) {
                Ok(()) => {
                    self.offset = start + reader.whole_bytes() as u64;
                    self.resuming = false;
                    records.push(Followed { payload: payload.clone(), end: self.offset });
                }
                Err(stop) => break stop,
            }
        };
        records
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::append_record;
    use std::io::Write;

    fn all(tail: &mut Tail) -> Vec<Vec<u8>> {
        tail.read(1).unwrap().into_iter().map(|followed| followed.payload).collect()
    }

    fn framed(records: &[Vec<u8>]) -> Vec<u8> {
        let mut file = FILE_HEADER.to_vec();
        for record in records {
            append_record(&mut file, 0, record);
        }
        file
    }

    #[test]
    fn records_come_once_each_however_the_file_grows() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run-a.wandb");
        let records: Vec<Vec<u8>> = (0..9_u8).map(|n| vec![n; usize::from(n) * 9_000]).collect();
        let bytes = framed(&records);
        let mut tail = Tail::new(&path, 0);
        assert_eq!(all(&mut tail), Vec::<Vec<u8>>::new());
        let mut file = File::create(&path).unwrap();

        let mut read = Vec::new();
        for piece in bytes.chunks(997) {
            file.write_all(piece).unwrap();
            read.append(&mut all(&mut tail));
        }

        assert_eq!(read, records);
        assert_eq!((tail.offset(), tail.stop()), (bytes.len() as u64, &Stop::End));
    }

    #[test]
    fn a_reader_goes_on_from_any_end_it_was_told() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run-a.wandb");
        let records: Vec<Vec<u8>> = (0..40_u8).map(|n| vec![n; 3_000]).collect();
        std::fs::write(&path, framed(&records)).unwrap();
        let ends: Vec<u64> =
            Tail::new(&path, 0).read(1 << 20).unwrap().iter().map(|followed| followed.end).collect();

        for (at, end) in ends.iter().enumerate() {
            let later = Tail::new(&path, *end).read(1 << 20).unwrap();
            assert_eq!(later.len(), records.len() - at - 1);
        }
    }

    #[test]
    fn damage_stops_the_reader_until_it_is_told_to_pass_over() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run-a.wandb");
        let records: Vec<Vec<u8>> = (0..40_u8).map(|n| vec![n; 3_000]).collect();
        let mut bytes = framed(&records);
        if let Some(byte) = bytes.get_mut(9_100) {
            *byte ^= 1;
        }
        std::fs::write(&path, bytes).unwrap();
        let mut tail = Tail::new(&path, 0);
        assert_eq!(tail.read(1 << 20).unwrap().len(), 3);
        assert_eq!(tail.stop(), &Stop::Damaged);
        assert_eq!(tail.read(1 << 20).unwrap().len(), 0);

        tail.skip_damage();

        assert!(tail.read(1 << 20).unwrap().len() > 20);
    }
}
