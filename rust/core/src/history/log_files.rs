//! The log's files: written, and read back after the process died.
//!
//! `wal/<number>.wal`: a header, then frames. The header says which seq the first frame comes after,
//! so that a log whose older files are gone still knows how far it had come. A file's end may be torn; what was
//! not durable was not acknowledged, so it is cut off.

use std::fs::OpenOptions;
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};

use super::frame::{ENVELOPE, first_frame};
use super::log::Placed;
use super::log_disk::{LogDisk, LogFolder};
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
    files: Box<dyn LogFolder>,
}

/// A file that is compacted is only left for a new one if that frees so much.
const WORTH_LEAVING: u64 = 1 << 20;

#[derive(Debug)]
struct Current {
    file: Box<dyn LogDisk>,
    place: LogFile,
    /// Up to here it is durable.
    synced: u64,
}

impl LogWriter {
    /// Go on after `closed`; the next file is made when there is something to write.
    #[must_use]
    pub fn new(folder: PathBuf, closed: Vec<LogFile>, seal_bytes: u64, files: Box<dyn LogFolder>) -> Self {
        let next_number = closed.last().map_or(1, |file| file.number + 1);
        Self { folder, closed, current: None, next_number, seal_bytes, files }
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
        let synced = if whole > 0 { current.file.sync() } else { Ok(()) };
        let sound = match (&synced, &refused) {
            (Err(_), _) => {
                // The best that can be done: leave nothing behind that is written again elsewhere.
                let _ = current.file.cut(current.synced);
                false
            }
            (Ok(()), Some(_)) => current.file.cut(end).is_ok(),
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
        let path = file_path(&self.folder, place.number);
        let file = self.files.create(&path, &header(after)).map_err(|error| CoreError::io(&path, error))?;
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
            let (count, failure) = write_all(&mut *self.file, some);
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
}

fn write_all(file: &mut dyn LogDisk, frames: &[Placed]) -> (u64, Option<io::Error>) {
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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::fs::File;
    use std::io::Write;
    use std::path::Path;
    use std::sync::{Arc, Mutex};

    use super::super::frame::Unplaced;
    use super::super::log_disk::SystemFolder;
    use super::*;
    use proptest::prelude::*;

    /// What a disk does when it is asked the next time.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fault {
        None,
        /// No file can be made.
        Create,
        /// Only so many bytes go in, then it is full.
        Full(usize),
        /// A sync fails, and what was written is lost or not.
        Sync {
            lost: bool,
        },
        /// It is full, and the torn end can't be cut off.
        Stuck(usize),
    }

    type Plan = Arc<Mutex<VecDeque<Fault>>>;

    #[derive(Debug)]
    struct FaultyFolder(Plan);

    #[derive(Debug)]
    struct FaultyDisk {
        file: File,
        plan: Plan,
        room: Option<usize>,
        stuck: bool,
        synced: u64,
    }

    fn next(plan: &Plan) -> Fault {
        plan.lock().unwrap().pop_front().unwrap_or(Fault::None)
    }

    impl LogFolder for FaultyFolder {
        fn create(&mut self, path: &Path, header: &[u8]) -> io::Result<Box<dyn LogDisk>> {
            if self.0.lock().unwrap().front() == Some(&Fault::Create) {
                next(&self.0);
                return Err(io::ErrorKind::StorageFull.into());
            }
            SystemFolder.create(path, header)?;
            let mut file = OpenOptions::new().write(true).open(path)?;
            std::io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
            let plan = self.0.clone();
            Ok(Box::new(FaultyDisk { file, plan, room: None, stuck: false, synced: header.len() as u64 }))
        }
    }

    impl Write for FaultyDisk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.room.is_none()
                && let Fault::Full(room) | Fault::Stuck(room) = next_if_write(&self.plan)
            {
                self.room = Some(room);
            }
            let Some(room) = self.room else { return self.file.write(bytes) };
            if room == 0 {
                self.room = None;
                return Err(io::ErrorKind::StorageFull.into());
            }
            let written = self.file.write(&bytes[..room.min(bytes.len())])?;
            self.room = Some(room - written);
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Takes a fault of writing; one that can't be cut off says so to `cut`.
    fn next_if_write(plan: &Plan) -> Fault {
        let mut plan = plan.lock().unwrap();
        match plan.front().copied() {
            Some(fault @ Fault::Full(_)) => {
                plan.pop_front();
                fault
            }
            Some(fault @ Fault::Stuck(_)) => fault,
            Some(Fault::None) => {
                plan.pop_front();
                Fault::None
            }
            _ => Fault::None,
        }
    }

    impl LogDisk for FaultyDisk {
        fn sync(&mut self) -> io::Result<()> {
            let fault = self.plan.lock().unwrap().front().copied();
            if let Some(Fault::Sync { lost }) = fault {
                next(&self.plan);
                if lost {
                    self.file.set_len(self.synced)?;
                    self.file.set_len(self.synced + 40)?;
                }
                self.stuck = true;
                return Err(io::Error::other("the disk is broken"));
            }
            self.synced = self.file.metadata()?.len();
            Ok(())
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            let fault = self.plan.lock().unwrap().front().copied();
            if self.stuck || matches!(fault, Some(Fault::Stuck(_))) {
                next(&self.plan);
                return Err(io::Error::other("it can't be cut"));
            }
            self.file.cut(length)
        }
    }

    fn faults() -> impl Strategy<Value = Vec<Fault>> {
        let fault = prop_oneof![
            Just(Fault::None),
            Just(Fault::Create),
            (0_usize..120).prop_map(Fault::Full),
            any::<bool>().prop_map(|lost| Fault::Sync { lost }),
            (0_usize..120).prop_map(Fault::Stuck),
        ];
        proptest::collection::vec(fault, 0..12)
    }

    fn frames(from: u64, sizes: &[usize]) -> Vec<Placed> {
        let frame = |(seq, size): (u64, &usize)| Placed {
            seq,
            bytes: Unplaced::new(0, |out| out.resize(out.len() + size, 7)).place(seq),
        };
        (from..).zip(sizes).map(frame).collect()
    }

    fn read_back(folder: &Path) -> Vec<u64> {
        let mut found = Vec::new();
        let replayed = replay(folder, 0, |seq, _| {
            found.push(seq);
            Ok(())
        });
        assert_eq!(replayed.unwrap().warnings, [] as [String; 0]);
        found
    }

    proptest! {
        // Each one waits for a disk many times.
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn whatever_fails_each_durable_frame_is_read_once_and_in_order(
            faults in faults(),
            groups in proptest::collection::vec(proptest::collection::vec(0_usize..60, 1..4), 1..6),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let plan: Plan = Arc::new(Mutex::new(faults.into()));
            let files = Box::new(FaultyFolder(plan));
            let mut writer = LogWriter::new(folder.path().to_owned(), Vec::new(), 150, files);
            let mut next_seq = 1;
            for sizes in groups {
                let mut group = frames(next_seq, &sizes);
                next_seq += sizes.len() as u64;
                while !group.is_empty() {
                    let outcome = writer.write(&group);
                    prop_assert_eq!(outcome.written == group.len(), outcome.failure.is_none());
                    let durable = group[0].seq + outcome.written as u64 - 1;
                    group.drain(..outcome.written);
                    // The machine may die here.
                    let found = read_copy(folder.path());
                    prop_assert!(found.len() as u64 >= durable, "{:?} lack {}", found, durable);
                    prop_assert_eq!(&found, &(1..=found.len() as u64).collect::<Vec<_>>());
                }
            }
            prop_assert_eq!(read_back(folder.path()), (1..next_seq).collect::<Vec<_>>());
        }
    }

    /// Read a copy of the log: reading cuts off what is torn.
    fn read_copy(folder: &Path) -> Vec<u64> {
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
        read_back(copy.path())
    }

    #[test]
    fn files_are_removed_when_they_are_compacted_but_never_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::new(folder.path().to_owned(), Vec::new(), 150, Box::new(SystemFolder));
        for seq in 1..=5 {
            assert_eq!(writer.write(&frames(seq, &[200])).written, 1);
        }

        writer.remove_through(3);
        assert_eq!(read_back_after(folder.path(), 3), [4, 5]);
        writer.remove_through(5);

        assert_eq!(file_numbers(folder.path()).unwrap(), [5]);
        assert_eq!(replay(folder.path(), 5, |_, _| Ok(())).unwrap().last_seq, 5);
    }

    fn read_back_after(folder: &Path, compacted: u64) -> Vec<u64> {
        let mut found = Vec::new();
        replay(folder, compacted, |seq, _| {
            found.push(seq);
            Ok(())
        })
        .unwrap();
        found
    }

    #[test]
    fn a_file_of_another_kind_or_of_a_newer_version_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = file_path(folder.path(), 1);
        let mut newer = header(0);
        newer[8] = 9;
        for (bytes, told) in [(newer, "newer Ferrule"), (vec![1; 60], "damaged at its beginning")] {
            std::fs::write(&path, &bytes).unwrap();

            let refused = replay(folder.path(), 0, |_, _| Ok(())).unwrap_err().to_string();

            assert!(refused.contains(told), "{refused}");
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
        }
        std::fs::write(&path, [0; 24]).unwrap();
        assert_eq!(replay(folder.path(), 0, |_, _| Ok(())).unwrap().files, []);
        assert!(!path.exists());
    }
}
