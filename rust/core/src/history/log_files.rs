//! The log's files: written, and read back after the process died.
//!
//! `wal/<number>.wal`: a header, then frames. The header says which seq the first frame comes after,
//! so that a log whose older files are gone still knows how far it had come. A file's end may be torn; what was
//! not durable was not acknowledged, so it is cut off.

use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::frame::{ENVELOPE, first_frame};
use super::log::Placed;
use crate::error::{CoreError, Result};

const MAGIC: &[u8; 8] = b"ferrwal\n";
const VERSION: u32 = 1;
const HEADER: usize = 24;

/// As many slices as one system call takes.
const SLICES: usize = 1024;

/// A file of the log that is written no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Its number, which is its place among the files.
    pub number: u64,
    /// The seq of its last frame; of an empty one that of the frame before.
    pub last_seq: u64,
}

/// What came of writing some frames.
#[derive(Debug)]
pub struct Outcome {
    /// How many of them, from the first on, are durable now.
    pub written: usize,
    /// Why the others are not.
    pub failure: Option<CoreError>,
}

/// Writes frames into files, one after the other.
#[derive(Debug)]
pub struct LogWriter {
    folder: PathBuf,
    closed: Vec<LogFile>,
    current: Option<Current>,
    next_number: u64,
    seal_bytes: u64,
}

/// A file that is compacted is only left for a new one if that frees so much.
const WORTH_LEAVING: u64 = 1 << 20;

#[derive(Debug)]
struct Current {
    file: File,
    place: LogFile,
    /// Up to here it is durable.
    synced: u64,
}

impl LogWriter {
    /// Go on after `closed`; the next file is made when there is something to write.
    #[must_use]
    pub fn new(folder: PathBuf, closed: Vec<LogFile>, seal_bytes: u64) -> Self {
        let next_number = closed.last().map_or(1, |file| file.number + 1);
        Self { folder, closed, current: None, next_number, seal_bytes }
    }

    /// Write frames and sync them.
    ///
    /// What doesn't fit is cut off at the last whole frame, and that one is made durable. After a
    /// failed sync nobody knows what the file holds: the next try begins a new one.
    pub fn write(&mut self, frames: &[Placed]) -> Outcome {
        let (mut current, path) = match self.take_current(frames) {
            Ok(opened) => opened,
            Err(failure) => return Outcome { written: 0, failure: Some(failure) },
        };
        let (whole, end, refused) = current.write(frames);
        let synced = if whole > 0 { current.file.sync_data() } else { Ok(()) };
        let sound = match (&synced, &refused) {
            (Err(_), _) => {
                // The best that can be done: leave nothing behind that is written again elsewhere.
                let _ = current.file.set_len(current.synced);
                false
            }
            (Ok(()), Some(_)) => current.cut(end).is_ok(),
            (Ok(()), None) => true,
        };
        let written = if synced.is_ok() { whole } else { 0 };
        if let Some(last) = written.checked_sub(1).and_then(|at| frames.get(at)) {
            current.place.last_seq = last.seq;
            current.synced = end;
        }
        if sound && current.synced < self.seal_bytes {
            self.current = Some(current);
        } else {
            self.closed.push(current.place);
        }
        let failure = synced.err().or(refused).map(|error| CoreError::io(&path, error));
        Outcome { written, failure }
    }

    fn take_current(&mut self, frames: &[Placed]) -> Result<(Current, PathBuf)> {
        if let Some(current) = self.current.take() {
            let path = file_path(&self.folder, current.place.number);
            return Ok((current, path));
        }
        let before = frames.first().map_or(0, |frame| frame.seq.saturating_sub(1));
        let current = self.begin(before)?;
        let path = file_path(&self.folder, current.place.number);
        Ok((current, path))
    }

    fn begin(&mut self, after: u64) -> Result<Current> {
        let place = LogFile { number: self.next_number, last_seq: after };
        let file = create(&file_path(&self.folder, place.number), after)?;
        self.next_number += 1;
        Ok(Current { file, place, synced: HEADER as u64 })
    }

    /// Remove files that hold nothing after a seq, but never the newest one.
    pub fn remove_through(&mut self, seq: u64) {
        let left = self.current.take_if(|now| now.place.last_seq <= seq && now.synced > WORTH_LEAVING);
        if let Some(left) = left {
            // Without room for a new one the old one has to do.
            match self.begin(left.place.last_seq) {
                Ok(new) => {
                    self.closed.push(left.place);
                    self.current = Some(new);
                }
                Err(_) => self.current = Some(left),
            }
        }
        let newest = self.current.is_none().then(|| self.closed.last().cloned()).flatten();
        let folder = &self.folder;
        // One that can't be removed now is passed over at the next start, and removed then.
        self.closed.retain(|file| {
            file.last_seq > seq
                || newest.as_ref() == Some(file)
                || std::fs::remove_file(file_path(folder, file.number)).is_err()
        });
    }
}

impl Current {
    /// How many frames went in whole, where they end, and what stopped the others.
    fn write(&mut self, frames: &[Placed]) -> (usize, u64, Option<io::Error>) {
        let mut bytes = 0_u64;
        let mut refused = None;
        for some in frames.chunks(SLICES) {
            let (count, failure) = write_all(&mut self.file, some);
            bytes += count;
            refused = failure;
            if refused.is_some() {
                break;
            }
        }
        let mut whole = 0;
        let mut end = self.synced;
        for frame in frames {
            let after = end + frame.bytes.len() as u64;
            if after > self.synced + bytes {
                break;
            }
            end = after;
            whole += 1;
        }
        (whole, end, refused)
    }

    /// Cut off what is torn, so that the next frame follows the last whole one.
    fn cut(&mut self, end: u64) -> io::Result<()> {
        self.file.set_len(end)?;
        self.file.seek(SeekFrom::Start(end)).map(drop)
    }
}

fn write_all(file: &mut File, frames: &[Placed]) -> (u64, Option<io::Error>) {
    let mut slices: Vec<IoSlice<'_>> = frames.iter().map(|frame| IoSlice::new(&frame.bytes)).collect();
    let mut slices = slices.as_mut_slice();
    let mut written = 0;
    while !slices.is_empty() {
        match file.write_vectored(slices) {
            Ok(0) => return (written, Some(io::ErrorKind::WriteZero.into())),
            Ok(count) => {
                written += count as u64;
                IoSlice::advance_slices(&mut slices, count);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (written, Some(error)),
        }
    }
    (written, None)
}

/// Make a file with its header, durably.
fn create(path: &Path, after: u64) -> Result<File> {
    let make = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        file.write_all(&header(after))?;
        file.sync_all()?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))?;
        Ok(file)
    };
    make().map_err(|error: io::Error| {
        let _ = std::fs::remove_file(path);
        CoreError::io(path, error)
    })
}

/// Make names in a folder durable.
///
/// # Errors
/// What the system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Magic, version, seq before the first frame, checksum of these.
fn header(after: u64) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&after.to_le_bytes());
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    bytes
}

/// Where a file of the log lies.
#[must_use]
pub fn file_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016}.wal"))
}

/// What was found in a log.
#[derive(Debug, Default)]
pub struct Replay {
    /// The files, in order.
    pub files: Vec<LogFile>,
    /// The seq of the last frame.
    pub last_seq: u64,
    /// Bytes of the frames that were handed out.
    pub bytes: u64,
    /// What was damaged, one sentence each.
    pub warnings: Vec<String>,
}

impl Replay {
    /// Go on at a seq, which should be the next one.
    fn note_gap(&mut self, path: &Path, seq: u64) {
        let missing = seq.saturating_sub(self.last_seq.saturating_add(1));
        if missing > 0 {
            self.warnings.push(format!(
                "{missing} requests that were acknowledged are neither in the checkpoint nor in the log; \
                 a file is missing or damaged, or the database is an older copy; the log goes on at: {}",
                path.display()
            ));
            self.last_seq = seq - 1;
        }
    }
}

/// Read all frames after `compacted`, in order, each once, and cut off what is torn.
///
/// # Errors
/// `Io` if a file can't be read or cut; `Damaged` if one is of a newer version, or `each` refuses.
pub fn replay(
    folder: &Path,
    compacted: u64,
    mut each: impl FnMut(u64, &[u8]) -> Result<()>,
) -> Result<Replay> {
    let mut found = Replay { last_seq: compacted, ..Replay::default() };
    let numbers = file_numbers(folder)?;
    let newest = numbers.last().copied();
    for number in numbers {
        let path = file_path(folder, number);
        let bytes = std::fs::read(&path).map_err(|error| CoreError::io(&path, error))?;
        let Some((after, mut rest)) = frames_of(&path, &bytes)? else {
            // The process died while it made the file.
            std::fs::remove_file(&path).map_err(|error| CoreError::io(&path, error))?;
            continue;
        };
        let mut last_seq = after;
        found.note_gap(&path, after + 1);
        while let Some((seq, payload, after)) = first_frame(rest) {
            last_seq = seq;
            // A frame is written twice when its first sync failed.
            if seq > found.last_seq {
                found.note_gap(&path, seq);
                each(seq, payload)?;
                found.bytes += (payload.len() + ENVELOPE) as u64;
                found.last_seq = seq;
            }
            rest = after;
        }
        if Some(number) == newest {
            // What was found here is told durable from now on, so it has to be.
            cut_and_sync(&path, (bytes.len() - rest.len()) as u64)?;
        }
        found.files.push(LogFile { number, last_seq });
    }
    Ok(found)
}

/// What the first frame comes after, and the frames; none if not even the header is whole.
fn frames_of<'a>(path: &Path, bytes: &'a [u8]) -> Result<Option<(u64, &'a [u8])>> {
    let Some((head, frames)) = bytes.split_first_chunk::<HEADER>() else { return Ok(None) };
    let (ours, after) = (head.get(..12), head.get(12..20).and_then(|after| after.first_chunk::<8>()));
    let after = after.map_or(0, |after| u64::from_le_bytes(*after));
    if header(after).get(..12) != ours && head.starts_with(MAGIC) {
        return Err(CoreError::Damaged(format!(
            "a log file was written by a newer Ferrule; start that one, which reads it: {}",
            path.display()
        )));
    }
    if header(after) == head {
        return Ok(Some((after, frames)));
    }
    // A header that never got to the disk is all zeros, and nothing comes after it.
    if frames.is_empty() && head.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    Err(CoreError::Damaged(format!(
        "a log file is damaged at its beginning, so what is in it can't be read; move it away to start without it: {}",
        path.display()
    )))
}

fn cut_and_sync(path: &Path, length: u64) -> Result<()> {
    let cut = || {
        let file = OpenOptions::new().write(true).open(path)?;
        if file.metadata()?.len() > length {
            file.set_len(length)?;
        }
        file.sync_all()
    };
    cut().map_err(|error: io::Error| CoreError::io(path, error))
}

fn file_numbers(folder: &Path) -> Result<Vec<u64>> {
    let entries = std::fs::read_dir(folder).map_err(|error| CoreError::io(folder, error))?;
    let mut numbers: Vec<u64> = entries
        .filter_map(std::result::Result::ok)
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".wal")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}
