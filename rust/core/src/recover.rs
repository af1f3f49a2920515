//! After a process died, and when a run ends: drain what is left, fold all writers into one file.

use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::control::Control;
use crate::drain::{Drain, closing_records, copied_rings, no_rings};
use crate::error::{CoreError, Result};
use crate::fold::{Fold, is_derived};
use crate::folder::{CONTROL, FOLDED_WRITERS, Folder, SYNC_STATE, WRITERS, WriterFiles, try_lock};
use crate::framing::{FILE_HEADER, FrameReader};
use crate::record;
use crate::rows::{row_leaves, runtime_of};
use crate::value::Value;
use crate::words::HeapWords;

/// What a recovery did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Rows in the run's file now.
    pub rows: u64,
    /// Writers that were finished.
    pub writers: u64,
}

/// When the journals of other writers are folded into the owner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// As soon as no writer lives, unless somebody sends the journals from where they lie.
    WhenAlone,
    /// As soon as no writer lives: everything was sent.
    Now,
}

/// Finish what killed processes left in a run's folder.
///
/// Safe at any time and from many processes: the lock on `control` proves the owner dead and
/// keeps others out; being killed here leaves everything for the next one.
///
/// # Errors
/// `Io` or `Damaged`.
pub fn recover(path: &Path, folding: Folding) -> Result<Option<Recovered>> {
    recover_open(&Arc::new(Folder::open(path)?), folding)
}

/// The same for a folder that is open, wherever it was moved.
///
/// # Errors
/// `Io` or `Damaged`.
pub fn recover_open(folder: &Arc<Folder>, folding: Folding) -> Result<Option<Recovered>> {
    let folder = Arc::new(folder.reopen()?);
    let lockable = |e| CoreError::io(folder.path(), e);
    if !folder.has_leftovers() || !try_lock(folder.handle()).map_err(lockable)? {
        return Ok(None);
    }
    if let Ok(control) = folder.edit(CONTROL)
        && !try_lock(&control).map_err(lockable)?
    {
        return Ok(None);
    }
    let mut done = Recovered::default();
    if let Some(owner) = folder.owner_files() {
        done.rows = finish_dead(&folder, &owner, true)?;
        done.writers += 1;
    }
    let (finished, living) = finish_others(&folder)?;
    done.writers += finished;
    if !living {
        // Offsets of what was sent are offsets in each writer's own file.
        if folding == Folding::Now || !folder.has(SYNC_STATE) || folder.has(FOLDED_WRITERS) {
            done.rows = fold_writers(&folder)?.unwrap_or(done.rows);
        }
        folder.remove_temporaries();
        folder.remove(CONTROL);
    }
    Ok(Some(done))
}

/// Finish the journals of writers that are dead; returns how many, and whether any lives.
fn finish_others(folder: &Arc<Folder>) -> Result<(u64, bool)> {
    let (mut finished, mut living) = (0, false);
    for files in folder.other_files() {
        let dead = match folder.edit(&files.ring) {
            Ok(ring) => try_lock(&ring).unwrap_or(false),
            Err(_) => true,
        };
        if dead {
            finish_dead(folder, &files, false)?;
            finished += 1;
        }
        living |= !dead;
    }
    Ok((finished, living))
}

/// Drain a dead writer's rings into its journal and remove them; returns its rows.
fn finish_dead(folder: &Arc<Folder>, files: &WriterFiles, owner: bool) -> Result<u64> {
    let leftovers = folder.leftovers(files);
    let mut rows = 0;
    if leftovers.contains(&files.ring) {
        rows = finish_journal(folder, files, owner)?;
        // As long as the ring is there, the next recovery does all of this again, and needs all
        // files to do it: so the ring goes first.
        folder.remove(&files.ring);
    }
    for name in &leftovers {
        folder.remove(name);
    }
    Ok(rows)
}

/// Write to a dead writer's journal what it had not written; returns its rows.
fn finish_journal(folder: &Arc<Folder>, files: &WriterFiles, owner: bool) -> Result<u64> {
    let journal = folder.read(&files.journal)?.unwrap_or_default();
    let rings = match copied_rings(folder, files)? {
        Some(rings) => rings,
        None => no_rings(journal.len() as u64)?,
    };
    let file = folder.edit(&files.journal)?;
    let mut drain = Drain::resume(rings, Arc::clone(folder), files.clone(), file, &journal)?;
    drain.pass()?;
    let runtime = drain.fold.last_runtime();
    let closing = if owner { closing_records(runtime, None) } else { Vec::new() };
    drain.finish(&closing)?;
    if let Some(file) = drain.take_dirty() {
        file.sync_data().map_err(|e| CoreError::io(folder.path().join(&files.journal), e))?;
    }
    Ok(drain.fold.rows())
}

/// A record and when it was written, in seconds since the run's start.
struct Timed {
    at: f64,
    payload: Vec<u8>,
}

/// Fold the journals of all other writers into the owner's, by time; returns the rows.
fn fold_writers(folder: &Arc<Folder>) -> Result<Option<u64>> {
    let Some(owner) = folder.owner_files() else { return Ok(None) };
    finish_fold(folder, &owner)?;
    let others = folder.other_files();
    if others.is_empty() {
        folder.remove_folder(WRITERS);
        return Ok(None);
    }
    let started = started_wall(folder);
    let mut journals = vec![timed_records(folder, &owner, started)?];
    for files in &others {
        journals.push(timed_records(folder, files, started)?);
    }
    let fold = write_folded(merge(journals));
    let temporary = owner.folded();
    let file = folder.replace(&temporary)?;
    let named = |e| CoreError::io(folder.path().join(&temporary), e);
    file.write_all_at(&fold.output.bytes, FILE_HEADER.len() as u64).map_err(named)?;
    file.write_all_at(&FILE_HEADER, 0).map_err(named)?;
    file.sync_data().map_err(named)?;
    folder.rename(WRITERS, FOLDED_WRITERS)?;
    finish_fold(folder, &owner)?;
    Ok(Some(fold.rows()))
}

/// Put the folded file in the owner's place and remove what it holds.
///
/// The renaming of the writers' folder is the instant at which the folded file counts: before it
/// the fold is made anew, after it the fold is finished, so that no row is there twice.
fn finish_fold(folder: &Folder, owner: &WriterFiles) -> Result<()> {
    if !folder.has(FOLDED_WRITERS) {
        folder.remove(&owner.folded());
        return Ok(());
    }
    if folder.has(&owner.folded()) {
        folder.rename(&owner.folded(), &owner.journal)?;
    }
    for name in folder.names(Some(FOLDED_WRITERS)) {
        folder.remove(&format!("{FOLDED_WRITERS}/{name}"));
    }
    folder.remove_folder(FOLDED_WRITERS);
    Ok(())
}

fn started_wall(folder: &Folder) -> f64 {
    let control =
        folder.read(CONTROL).ok().flatten().map(|bytes| Control::open(HeapWords::from_bytes(&bytes)));
    control.and_then(std::result::Result::ok).map_or(0.0, |control| control.started_wall())
}

fn timed_records(folder: &Folder, files: &WriterFiles, started_wall: f64) -> Result<Vec<Timed>> {
    let journal = folder.read(&files.journal)?.unwrap_or_default();
    let mut records = Vec::new();
    let Ok(mut reader) = FrameReader::new(&journal) else { return Ok(records) };
    let (mut payload, mut at) = (Vec::new(), 0.0_f64);
    while reader.read(&mut payload).is_ok() {
        // Only forward: a writer's records stay in its order whatever their clocks say.
        at = at.max(record_time(&payload, started_wall).unwrap_or(at));
        records.push(Timed { at, payload: payload.clone() });
    }
    Ok(records)
}

/// When a record was written, if it says so.
#[must_use]
pub fn record_time(payload: &[u8], started_wall: f64) -> Option<f64> {
    match record::peek_kind(payload)? {
        (2, _) => runtime_of(&row_leaves(payload)),
        (kind @ (STATS | OUTPUT), _) => {
            let record = record::decode(payload).ok()?;
            let stamp = record.get(if kind == STATS { "stats" } else { "output_raw" })?.get("timestamp")?;
            let part = |name: &str| stamp.get(name).and_then(Value::number).unwrap_or(0.0);
            Some(part("seconds") + part("nanos") / 1e9 - started_wall)
        }
        _ => None,
    }
}

/// All records by time; at equal times the owner's come first.
fn merge(journals: Vec<Vec<Timed>>) -> Vec<Vec<u8>> {
    let mut all: Vec<(f64, usize, usize, Vec<u8>)> = Vec::new();
    for (writer, records) in journals.into_iter().enumerate() {
        all.extend(
            records.into_iter().enumerate().map(|(line, timed)| (timed.at, writer, line, timed.payload)),
        );
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    all.into_iter().map(|(_, _, _, payload)| payload).collect()
}

/// Number the records anew, compute the summary over all of them, put the end last.
fn write_folded(payloads: Vec<Vec<u8>>) -> Fold {
    let mut fold = Fold::default();
    fold.continue_at(FILE_HEADER.len() as u64);
    let mut closing = Vec::new();
    let mut headers = 0;
    for payload in payloads {
        let Some((kind, _)) = record::peek_kind(&payload) else { continue };
        headers += u32::from(kind == HEADER);
        let again = kind == HEADER && headers > 1;
        match record::decode(&payload) {
            Ok(record) if again || is_derived(&record) => {}
            Ok(record) if kind == EXIT || is_runtime(&record) => closing.push(payload),
            _ => fold.copy_record(&payload),
        }
    }
    fold.write_summary();
    for payload in &closing {
        fold.copy_record(payload);
    }
    fold
}

const STATS: u32 = 7;
const OUTPUT: u32 = 13;
const HEADER: u32 = 21;
const EXIT: u32 = 18;

/// Whether this is the closing summary with the run's time.
fn is_runtime(record: &Value) -> bool {
    let items =
        record.get("summary").and_then(|summary| summary.get("update")).map(Value::items).unwrap_or_default();
    items.iter().any(|item| {
        let names: Vec<&str> = item
            .get("nested_key")
            .map(Value::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Value::text)
            .collect();
        names == ["_wandb", "runtime"]
    })
}
