//! The side of a drain that makes files of pixels, before the rows that speak of them are written.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{Drain, PIXEL_BYTES, Sink};
use crate::entry;
use crate::error::{CoreError, Result};
use crate::fold::Mode;
use crate::pixels::{self, Made};
use crate::record;
use crate::words::Words;

/// So many rows are looked through for pixels that can be made files at the same time.
const AHEAD_ROWS: usize = 64;

/// The run's files, below its folder.
const FILES: &str = "files";

impl<M: Words> Drain<M> {
    /// Make the files that a row speaks of, of the pixels that were spilled for it.
    pub(super) fn make_files(&mut self, numbers: &[u64], at: u64, mode: Mode) -> Result<()> {
        if let Some(error) = self.too_soon(self.unplaced.as_ref()) {
            return Err(error);
        }
        if numbers.iter().any(|number| !self.ahead.has(*number)) {
            let spilled = self.spilled_from(numbers, at, mode);
            self.ahead.put(pixels::make(&spilled));
        }
        self.fold.files = self.ahead.take(numbers);
        if mode == Mode::Rebuild {
            return Ok(());
        }
        if let Err(error) = self.place_files(numbers) {
            self.unplaced = Some((Instant::now(), error.to_string()));
            self.ahead.put(std::mem::take(&mut self.fold.files));
            return Err(error);
        }
        for (number, outcome) in self.fold.files.in_order() {
            self.pixels_made += outcome.spilled;
            self.waiting.fetch_sub(outcome.spilled, Ordering::Relaxed);
            self.spilled.push((at, number));
        }
        Ok(())
    }

    /// Read the pixels of a row, and of rows behind it: they are made files together.
    fn spilled_from(&self, numbers: &[u64], at: u64, mode: Mode) -> Vec<(u64, Vec<u8>)> {
        let mut spilled = Vec::new();
        let mut bytes = self.read_pixels(&mut spilled, numbers);
        let (mut at, mut payload) = (at, Vec::new());
        let mut looked = if mode == Mode::Write { 0 } else { AHEAD_ROWS };
        while looked < AHEAD_ROWS && bytes < PIXEL_BYTES {
            let Ok(Some(next)) = self.rows.read(at, &mut payload) else { break };
            bytes += self.read_pixels(&mut spilled, &entry::files_of(&payload));
            at = next;
            looked += 1;
        }
        spilled
    }

    /// Read those pixels that were not read yet; returns their bytes.
    fn read_pixels(&self, spilled: &mut Vec<(u64, Vec<u8>)>, numbers: &[u64]) -> u64 {
        let before = spilled.len();
        for number in numbers {
            if !self.ahead.has(*number)
                && spilled.iter().all(|(known, _)| known != number)
                && let Ok(Some(bytes)) = self.folder.read(&self.files.spill(*number))
            {
                spilled.push((*number, bytes));
            }
        }
        spilled.iter().skip(before).map(|(_, bytes)| bytes.len() as u64).sum()
    }

    /// Put the files of the row at hand in their places and announce them.
    fn place_files(&mut self, numbers: &[u64]) -> Result<()> {
        let (mut announced, mut damage) = (Vec::new(), Vec::new());
        for (_, outcome) in self.fold.files.in_order() {
            match &outcome.made {
                Ok(made) => {
                    damage.extend(self.placed(made)?);
                    announced.push(record::files(&made.path)?);
                }
                Err(reason) => damage.push(reason.clone()),
            }
        }
        let missing = numbers.iter().filter(|number| !self.fold.files.has(**number)).count();
        damage.extend((missing > 0).then(|| format!("the pixels of {missing} images are gone")));
        self.damage.extend(damage);
        self.unplaced = None;
        announced.iter().try_for_each(|record| self.fold.ready_record(record))
    }

    /// Put a file in its place; returns why it can't be there, if that will not change.
    fn placed(&self, made: &Made) -> Result<Option<String>> {
        if !matches!(self.sink, Sink::File(_)) {
            return Ok(None);
        }
        match self.folder.place(&format!("{FILES}/{}", made.path), &made.file) {
            Err(CoreError::Io { path, source }) if may_pass(&source) => Err(CoreError::Io { path, source }),
            Err(error) => Ok(Some(error.to_string())),
            Ok(()) => Ok(None),
        }
    }
}

/// Whether the disk may take later what it refuses now.
fn may_pass(source: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};

    matches!(source.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
