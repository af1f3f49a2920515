//! Reading a run's folder: while it is written, after it ended, after its process died.

use std::path::Path;
use std::sync::Arc;

use crate::drain::{Drain, copied_rings};
use crate::error::{CoreError, Result};
use crate::fold::Fold;
use crate::folder::{CONTROL, FOLDED_WRITERS, Folder, WriterFiles, try_lock};
use crate::framing::{FrameReader, Stop};
use crate::record;
use crate::recover::record_time;
use crate::value::Value;

/// How often a read is tried anew when a run's files changed under it.
const TRIES: usize = 8;

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its owner lives.
    Running,
    /// It ended with code 0.
    Finished,
    /// It ended with another code.
    Failed,
    /// Its owner is gone and wrote no end.
    Crashed,
}

/// All records of a run at one instant.
#[derive(Debug)]
pub struct Snapshot {
    /// Payloads of the records, all writers merged by time.
    pub payloads: Vec<Vec<u8>>,
    /// What the run is doing.
    pub state: State,
    /// The code of its exit record.
    pub exit_code: Option<i32>,
    /// What was damaged and left out.
    pub warnings: Vec<String>,
}

impl Snapshot {
    /// The nested summary: rules over all rows, writes by hand in their order.
    #[must_use]
    pub fn summary(&self) -> Value {
        let mut fold = Fold::default();
        self.payloads.iter().for_each(|payload| fold.replay(payload));
        fold.summary()
    }

    fn of(payloads: Vec<Vec<u8>>, running: bool, warnings: Vec<String>) -> Self {
        let exit_code = payloads.iter().rev().find_map(|payload| exit_code(payload));
        let state = match exit_code {
            Some(0) => State::Finished,
            Some(_) => State::Failed,
            None if running => State::Running,
            None => State::Crashed,
        };
        Self { payloads, state, exit_code, warnings }
    }
}

fn exit_code(payload: &[u8]) -> Option<i32> {
    let (18, _) = record::peek_kind(payload)? else { return None };
    let record = record::decode(payload).ok()?;
    match record.get("exit")?.get("exit_code") {
        Some(Value::Int(code)) => i32::try_from(*code).ok(),
        _ => Some(0),
    }
}

/// Read one `.wandb` file by itself.
///
/// # Errors
/// `Io`, or `Damaged` if it is no such file.
pub fn read_journal(path: &Path) -> Result<Snapshot> {
    let bytes = std::fs::read(path).map_err(|e| CoreError::io(path, e))?;
    let mut warnings = Vec::new();
    let payloads = payloads(&bytes, &path.display().to_string(), &mut warnings)?;
    Ok(Snapshot::of(payloads, false, warnings))
}

/// Read a run's folder.
///
/// # Errors
/// `Io` of kind `NotFound` if there is no journal in it, `Damaged` if it is none.
pub fn read_folder(path: &Path) -> Result<Snapshot> {
    let folder = Arc::new(Folder::open(path)?);
    let mut latest = read_once(&folder)?;
    for _ in 0..TRIES {
        if latest.1 == fingerprint(&folder) {
            break;
        }
        latest = read_once(&folder)?;
    }
    Ok(latest.0)
}

/// What changes when writers come, end or are folded: then a read may have mixed old and new.
type Fingerprint = (Vec<String>, Vec<String>);

fn fingerprint(folder: &Folder) -> Fingerprint {
    (folder.names(None), folder.names(Some(crate::folder::WRITERS)))
}

fn read_once(folder: &Arc<Folder>) -> Result<(Snapshot, Fingerprint)> {
    let before = fingerprint(folder);
    let Some(owner) = folder.owner_files() else {
        let missing =
            std::io::Error::new(std::io::ErrorKind::NotFound, "there is no run-*.wandb in this folder");
        return Err(CoreError::io(folder.path(), missing));
    };
    let running = owner_lives(folder);
    let mut warnings = Vec::new();
    if folder.has(FOLDED_WRITERS) && folder.has(&owner.folded()) {
        // A fold that was interrupted at its last step: the folded file holds everything.
        let whole = folder.read(&owner.folded())?.unwrap_or_default();
        return Ok((
            Snapshot::of(payloads(&whole, &owner.folded(), &mut warnings)?, running, warnings),
            before,
        ));
    }
    let mut journals = vec![read_writer(folder, &owner, &mut warnings)?];
    for files in folder.other_files() {
        journals.push(read_writer(folder, &files, &mut warnings)?);
    }
    Ok((Snapshot::of(merged(journals), running, warnings), before))
}

fn owner_lives(folder: &Folder) -> bool {
    folder.edit(CONTROL).is_ok_and(|control| !try_lock(&control).unwrap_or(true))
}

fn merged(mut journals: Vec<Vec<Vec<u8>>>) -> Vec<Vec<u8>> {
    if journals.len() < 2 {
        return journals.pop().unwrap_or_default();
    }
    let mut all: Vec<(f64, Vec<u8>)> = Vec::new();
    for (writer, payloads) in journals.into_iter().enumerate() {
        let mut at = 0.0_f64;
        for payload in payloads {
            at = at.max(record_time(&payload, 0.0).filter(|time| *time < 1e9).unwrap_or(at));
            if writer == 0 || !is_header(&payload) {
                all.push((at, payload));
            }
        }
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    all.into_iter().map(|(_, payload)| payload).collect()
}

fn is_header(payload: &[u8]) -> bool {
    record::peek_kind(payload).is_some_and(|(kind, _)| kind == 21)
}

/// One writer's records: those in its journal, and those a recovery would add.
fn read_writer(
    folder: &Arc<Folder>,
    files: &WriterFiles,
    warnings: &mut Vec<String>,
) -> Result<Vec<Vec<u8>>> {
    let rings = steady_rings(folder, files)?;
    let journal = folder.read(&files.journal)?.unwrap_or_default();
    let Some(rings) = rings else {
        return payloads(&journal, &files.journal, warnings);
    };
    let mut drain = Drain::inspect(rings, Arc::clone(folder), files.clone(), &journal);
    drain.finish(&[])?;
    let (gathered, start, damage) = drain.into_gathered();
    warnings.extend(damage);
    let kept = usize::try_from(start).unwrap_or(usize::MAX).min(journal.len());
    let mut whole = journal.get(..kept).unwrap_or_default().to_vec();
    if whole.is_empty() {
        whole.extend_from_slice(&crate::framing::FILE_HEADER);
    }
    whole.extend_from_slice(&gathered);
    payloads(&whole, &files.journal, warnings)
}

/// Copies of the rings that the producer did not overtake while they were copied.
fn steady_rings(folder: &Folder, files: &WriterFiles) -> Result<Option<crate::drain::RingPair>> {
    for _ in 0..TRIES {
        let Some(rings) = copied_rings(folder, files)? else { return Ok(None) };
        let Some(later) = copied_rings(folder, files)? else { continue };
        let overtaken = |old: &crate::ring::Ring<_>, new: &crate::ring::Ring<_>, from: u64| {
            new.head().saturating_sub(from) > old.data_bytes()
        };
        let commit = rings.0.commit();
        if !overtaken(&rings.0, &later.0, commit.rows) && !overtaken(&rings.1, &later.1, commit.console) {
            return Ok(Some(rings));
        }
    }
    copied_rings(folder, files)
}

/// Payloads of a journal's whole records; damaged blocks are skipped and told.
fn payloads(journal: &[u8], name: &str, warnings: &mut Vec<String>) -> Result<Vec<Vec<u8>>> {
    if journal.is_empty() {
        warnings.push(format!("{name} is empty: its process died before anything was written."));
        return Ok(Vec::new());
    }
    let mut reader = FrameReader::new(journal).map_err(|e| CoreError::Damaged(format!("{name}: {e}")))?;
    let mut all = Vec::new();
    let mut payload = Vec::new();
    loop {
        match reader.read(&mut payload) {
            Ok(()) => all.push(payload.clone()),
            Err(Stop::Damaged) => {
                warnings.push(format!("{name}: a damaged block after record {} was skipped.", all.len()));
                reader.skip_block();
            }
            Err(_) => return Ok(all),
        }
    }
}
