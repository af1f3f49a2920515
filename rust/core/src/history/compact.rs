//! Compaction: tails become segments, small segments larger ones, the log shorter.
//!
//! `compact` writes files that nobody knows of yet and returns what the metadata store has to keep
//! in one transaction; `committed` lets readers see them and lets go of what they replace. Dying
//! in between leaves files that no manifest names; the next start removes them and reads the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::cells::{KeyCells, RunCells, Side, Stream};
use super::key_index::LARGEST;
use super::manifest::{Manifest, SegmentEntry, Shelf};
use super::merge::merge_segments;
use super::names::escape;
use super::run_state::Facts;
use super::segment::{Segment, SegmentFacts, write_segment};
use super::shelves::{Shelved, Shelves};
use super::store::{HistoryStore, SharedRun, locked};
use super::store_read::merge;
use super::tail::Tail;
use super::ulid::ulid;
use crate::error::{CoreError, Result};
use crate::json::write_str;

/// So many segments of one level become one of the next.
const MERGE_AT: usize = 8;

/// Segments larger than this stay as they are.
const LARGEST_INPUT: u64 = 256 << 20;

/// The highest level.
const LAST_LEVEL: u8 = 4;

/// So many cells are gathered for one segment, so that memory stays bounded.
const CELLS_AT_ONCE: usize = 8 << 20;

/// Fewer are not worth it, where more would have too large an index.
const MERGE_AT_LEAST: usize = MERGE_AT / 2;

/// About what one key of one run takes in an index beside its name.
const KEY_BYTES: u64 = 128;

/// What a compaction made, to be kept in one transaction.
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    /// Replaces the manifest before.
    pub manifest: Vec<u8>,
    /// Replace the states of these runs.
    pub runs: Vec<(u64, Vec<u8>)>,
    /// The latest of these runs.
    pub facts: Vec<Facts>,
    /// What went wrong and was left as it is, one sentence each.
    pub warnings: Vec<String>,
    /// For `committed`.
    pub token: u64,
}

/// Where compaction stands.
#[derive(Debug, Default)]
pub(super) struct Compactor {
    /// The last one that was committed.
    committed: Manifest,
    pending: Option<Pending>,
    tokens: u64,
    /// Runs whose tails are sealed and not in a committed segment.
    unsettled: BTreeSet<u64>,
    forgotten: BTreeSet<u64>,
    /// Names of segments that could not be merged, and are not tried again.
    set_aside: BTreeSet<String>,
    /// Segments that were replaced, and when: others who read the folder may have just listed them.
    replaced: Vec<(Instant, Arc<Shelved>)>,
    closed: bool,
}

/// A compaction that waits for its transaction.
#[derive(Debug)]
struct Pending {
    token: u64,
    manifest: Manifest,
    end: (u64, u64),
    added: Vec<Arc<Shelved>>,
    removed: Vec<Arc<Shelved>>,
    sealed: Vec<Sealed>,
}

/// A run's tails that go into segments.
#[derive(Debug)]
struct Sealed {
    run: u64,
    project: u64,
    shared: SharedRun,
    tails: Vec<Arc<Tail>>,
}

impl Compactor {
    pub fn new(committed: Manifest) -> Self {
        let forgotten = committed.forgotten.clone();
        Self { committed, forgotten, ..Self::default() }
    }

    /// Let go of segments that were replaced, and remove them when that was long enough ago. What is
    /// left when the store is closed is removed at the next start.
    fn replace(&mut self, gone: Vec<Arc<Shelved>>, linger: Duration) {
        let now = Instant::now();
        for shelved in gone {
            shelved.close();
            self.replaced.push((now, shelved));
        }
        for (_, old) in self.replaced.extract_if(.., |(at, _)| now.duration_since(*at) >= linger) {
            old.doom();
        }
    }

    /// Compact no more: the folder may be another store's from now on.
    pub fn close(&mut self) {
        self.closed = true;
    }
}

impl HistoryStore {
    /// Write what is in the log to segments; none when there is nothing to do.
    ///
    /// A checkpoint that was never committed is replaced by the next one.
    ///
    /// # Errors
    /// `Io` if a file can't be written: nothing is lost, and the next one tries again. `Invalid` if
    /// a run that the log has was neither opened nor forgotten.
    pub fn compact(&self) -> Result<Option<Checkpoint>> {
        let mut compactor = locked(&self.compactor);
        if compactor.closed {
            return Err(CoreError::Closed);
        }
        compactor.replace(Vec::new(), self.linger);
        if let Some(given_up) = compactor.pending.take() {
            given_up.added.iter().for_each(|shelved| shelved.doom());
        }
        let (sealed, checkpoint, end) = self.seal(&mut compactor)?;
        let compacted = end.0;
        let mut work = Work {
            store: self,
            forgotten: compactor.forgotten.clone(),
            set_aside: std::mem::take(&mut compactor.set_aside),
            shelves: self.shelves().clone(),
            added: Vec::new(),
            removed: Vec::new(),
            warnings: Vec::new(),
        };
        if let Err(error) = work.write(&sealed) {
            work.added.iter().for_each(|shelved| shelved.doom());
            compactor.set_aside = work.set_aside;
            return Err(error);
        }
        work.tidy();
        let forgotten = work.still_there();
        let Work { added, removed, shelves, warnings, set_aside, .. } = work;
        compactor.set_aside = set_aside;
        let nothing_new = sealed.is_empty() && added.is_empty() && removed.is_empty() && warnings.is_empty();
        if nothing_new && compacted == compactor.committed.compacted {
            return Ok(None);
        }
        let manifest = Manifest { compacted, segments: shelves.entries(), forgotten };
        compactor.tokens += 1;
        let token = compactor.tokens;
        let checkpoint = Checkpoint { manifest: manifest.pack(), warnings, token, ..checkpoint };
        compactor.pending = Some(Pending { token, manifest, end, added, removed, sealed });
        Ok(Some(checkpoint))
    }

    /// Close the tails of all runs that have something, at one place of the log.
    fn seal(&self, compactor: &mut Compactor) -> Result<(Vec<Sealed>, Checkpoint, (u64, u64))> {
        let _gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        let mut dirty = locked(&self.dirty);
        let unknown = |run: &&u64| {
            !compactor.forgotten.contains(run) && self.find(**run).is_some_and(|run| !locked(&run).opened)
        };
        if let Some(run) = dirty.iter().find(unknown) {
            return Err(CoreError::Invalid(format!(
                "run {run} was found in the log and is not open: open or forget it, then compact again"
            )));
        }
        compactor.unsettled.append(&mut dirty);
        let mut sealed = Vec::new();
        let mut checkpoint = Checkpoint::default();
        for run in &compactor.unsettled {
            let Some(shared) = self.find(*run) else { continue };
            let mut state = locked(&shared);
            state.seal();
            state.dirty = false;
            if !compactor.forgotten.contains(run) {
                checkpoint.runs.push((*run, state.pack()));
                checkpoint.facts.push(state.facts().clone());
            }
            let tails = state.sealed.clone();
            sealed.push(Sealed { run: *run, project: state.project, shared: shared.clone(), tails });
        }
        Ok((sealed, checkpoint, self.log.end()))
    }

    /// Let go of what a checkpoint replaces: its transaction has been committed.
    ///
    /// # Errors
    /// `Invalid` if it is not the last one.
    pub fn committed(&self, token: u64) -> Result<()> {
        let mut compactor = locked(&self.compactor);
        if compactor.closed {
            return Err(CoreError::Closed);
        }
        let Some(pending) = compactor.pending.take_if(|pending| pending.token == token) else {
            return Err(CoreError::Invalid(
                "this checkpoint is not the last one that `compact` returned, or is committed already".into(),
            ));
        };
        {
            let _gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
            let mut shelves = self.shelves();
            shelves.remove(&pending.removed);
            pending.added.iter().for_each(|shelved| shelves.put(shelved.clone()));
            for sealed in &pending.sealed {
                let mut state = locked(&sealed.shared);
                state.sealed.drain(..sealed.tails.len());
                if !state.dirty {
                    state.told();
                    compactor.unsettled.remove(&sealed.run);
                }
            }
        }
        compactor.replace(pending.removed, self.linger);
        let entries = self.shelves().entries();
        compactor.forgotten.retain(|run| entries.iter().any(|entry| entry.has(*run)));
        self.log.compacted(pending.end);
        compactor.committed = pending.manifest;
        Ok(())
    }

    /// Erase a run at the next compactions. It is not open any more.
    pub fn forget_run(&self, run: u64) {
        let mut compactor = locked(&self.compactor);
        self.take_out(run);
        locked(&self.dirty).remove(&run);
        compactor.unsettled.remove(&run);
        // A compaction that waits for its transaction may have written it just now.
        let mut written = self.shelves().entries();
        written.extend(compactor.pending.iter().flat_map(|pending| pending.manifest.segments.clone()));
        if written.iter().any(|entry| entry.has(run)) {
            compactor.forgotten.insert(run);
        }
    }
}

/// One compaction at work.
struct Work<'a> {
    store: &'a HistoryStore,
    forgotten: BTreeSet<u64>,
    set_aside: BTreeSet<String>,
    shelves: Shelves,
    added: Vec<Arc<Shelved>>,
    removed: Vec<Arc<Shelved>>,
    warnings: Vec<String>,
}

impl Work<'_> {
    /// Tails into new segments.
    fn write(&mut self, sealed: &[Sealed]) -> Result<()> {
        let mut by_project: BTreeMap<u64, Vec<&Sealed>> = BTreeMap::new();
        for run in sealed.iter().filter(|run| !self.forgotten.contains(&run.run)) {
            by_project.entry(run.project).or_default().push(run);
        }
        for (project, runs) in by_project {
            for kind in Shelf::ALL {
                let mut gathered: BTreeMap<u64, RunCells> = BTreeMap::new();
                let (mut cells, mut index_bytes) = (0, 0);
                for run in &runs {
                    let found = cells_of(&run.tails, kind);
                    cells += found.values().map(count).sum::<usize>();
                    index_bytes += found.keys().map(|name| name.len() as u64 + KEY_BYTES).sum::<u64>();
                    if !found.is_empty() {
                        gathered.insert(run.run, found);
                    }
                    if cells >= CELLS_AT_ONCE || index_bytes >= LARGEST / 2 {
                        self.write_one(kind, project, &std::mem::take(&mut gathered))?;
                        (cells, index_bytes) = (0, 0);
                    }
                }
                self.write_one(kind, project, &gathered)?;
            }
        }
        Ok(())
    }

    fn write_one(&mut self, kind: Shelf, project: u64, runs: &BTreeMap<u64, RunCells>) -> Result<()> {
        if runs.is_empty() {
            return Ok(());
        }
        let entry = blank(kind, project, 0, self.shelves.next_order());
        let facts = write_segment(&entry.folder(&self.store.folder), &entry.name, runs)?;
        self.put(entry, &facts);
        Ok(())
    }

    fn put(&mut self, entry: SegmentEntry, facts: &SegmentFacts) {
        if facts.files.is_empty() {
            return;
        }
        let shelved = self.shelved(entry, facts);
        self.shelves.put(shelved.clone());
        self.added.push(shelved);
    }

    fn shelved(&self, entry: SegmentEntry, facts: &SegmentFacts) -> Arc<Shelved> {
        let entry = SegmentEntry { bytes: facts.bytes(), runs: facts.runs.clone(), ..entry };
        self.shelves.shelved(&self.store.folder, entry)
    }

    /// Make few segments of many, and erase forgotten runs. What can't be is left as it is: one file
    /// that is damaged must not keep the rows of all others in the log.
    fn tidy(&mut self) {
        let places: Vec<(Shelf, u64)> = self.shelves.projects().collect();
        for (kind, project) in places {
            for level in 0..=LAST_LEVEL {
                let inputs = self.to_merge(kind, project, level);
                if let Some(last) = inputs.last() {
                    let order = last.entry.order;
                    self.try_to_merge(&inputs, blank(kind, project, level + 1, order));
                }
                for tainted in self.tainted(kind, project, level) {
                    let order = tainted.entry.order;
                    self.try_to_merge(&[tainted], blank(kind, project, level, order));
                }
            }
        }
    }

    /// Merge segments; if that fails, say so, and leave them alone from now on.
    fn try_to_merge(&mut self, inputs: &[Arc<Shelved>], entry: SegmentEntry) {
        let Err(error) = self.merge(inputs, entry) else { return };
        self.warnings.push(format!(
            "{} history files could not be merged and stay as they are: {error}",
            inputs.len()
        ));
        if is_full(&error) {
            return;
        }
        let mut broken: Vec<_> = inputs.iter().filter(|input| input.segment().is_err()).collect();
        if broken.is_empty() {
            broken.extend(inputs);
        }
        self.set_aside.extend(broken.into_iter().map(|shelved| shelved.entry.name.clone()));
    }

    /// Segments of a level that follow each other, if they are many enough to become one.
    fn to_merge(&self, kind: Shelf, project: u64, level: u8) -> Vec<Arc<Shelved>> {
        let small = |shelved: &Arc<Shelved>| {
            level < LAST_LEVEL
                && shelved.entry.level == level
                && shelved.entry.bytes < LARGEST_INPUT
                && !self.set_aside.contains(&shelved.entry.name)
        };
        let row = self.shelves.of_project(kind, project);
        let groups = row.chunk_by(|before, after| small(before) && small(after));
        let mut fitting = groups.filter(|group| group.len() >= MERGE_AT).flat_map(with_index_within);
        fitting.find(|group| group.len() >= MERGE_AT_LEAST).unwrap_or_default().to_vec()
    }

    fn tainted(&self, kind: Shelf, project: u64, level: u8) -> Vec<Arc<Shelved>> {
        let row = self.shelves.of_project(kind, project).iter();
        let tainted = |shelved: &&Arc<Shelved>| {
            shelved.entry.level == level
                && !self.set_aside.contains(&shelved.entry.name)
                && self.forgotten.iter().any(|run| shelved.entry.has(*run))
        };
        row.filter(tainted).cloned().collect()
    }

    fn merge(&mut self, inputs: &[Arc<Shelved>], entry: SegmentEntry) -> Result<()> {
        let opened = inputs.iter().map(|input| input.segment()).collect::<Result<Vec<_>>>()?;
        let segments: Vec<&Segment> = opened.iter().map(AsRef::as_ref).collect();
        let folder = entry.folder(&self.store.folder);
        let keep = |run| !self.forgotten.contains(&run);
        let facts = merge_segments(&segments, &folder, &entry.name, stream_of(entry.kind), &keep)?;
        if !facts.files.is_empty() {
            let merged = self.shelved(entry, &facts);
            // What it is made of goes only when it is known that it can be read.
            if let Err(error) = merged.segment() {
                merged.doom();
                return Err(error);
            }
            self.shelves.put(merged.clone());
            self.added.push(merged);
        }
        self.shelves.remove(inputs);
        for input in inputs {
            // One that this compaction wrote itself was never known to anybody.
            if let Some(at) = self.added.iter().position(|added| Arc::ptr_eq(added, input)) {
                self.added.remove(at).doom();
            } else {
                self.removed.push(input.clone());
            }
        }
        Ok(())
    }

    /// Forgotten runs that some segment still has.
    fn still_there(&self) -> BTreeSet<u64> {
        let entries = self.shelves.entries();
        let has = |run: &&u64| entries.iter().any(|entry| entry.has(**run));
        self.forgotten.iter().filter(has).copied().collect()
    }
}

/// Cut segments that follow each other into groups whose indexes fit into one. Of one that can't be
/// opened no size is known: merging tells why.
fn with_index_within(group: &[Arc<Shelved>]) -> impl Iterator<Item = &[Arc<Shelved>]> {
    let mut rest = group;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |shelved: &&Arc<Shelved>| {
            bytes += shelved.segment().map_or(0, |segment| segment.index_bytes());
            bytes <= LARGEST
        };
        let count = rest.iter().take_while(fits).count().max(1);
        let (first, later) = rest.split_at_checked(count)?;
        rest = later;
        Some(first)
    })
}

/// Whether the disk was full: that may be over the next time.
fn is_full(error: &CoreError) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error, CoreError::Io { source, .. } if matches!(source.kind(), StorageFull | QuotaExceeded))
}

fn stream_of(kind: Shelf) -> Stream {
    match kind {
        Shelf::History => Stream::History,
        Shelf::Events => Stream::Events,
        Shelf::Texts => Stream::Console,
    }
}

/// Of cells of one row the last one stays: a console line that was written again.
fn keep_last(cells: &mut KeyCells) {
    cells.side.reverse();
    cells.side.dedup_by_key(|(row, _)| *row);
    cells.side.reverse();
}

fn blank(kind: Shelf, project: u64, level: u8, order: u64) -> SegmentEntry {
    SegmentEntry { kind, project, level, order, name: ulid(), bytes: 0, runs: Vec::new() }
}

fn count(cells: &KeyCells) -> usize {
    cells.numbers.rows.len() + cells.side.len()
}

/// What tails hold for a kind, oldest tail first.
fn cells_of(tails: &[Arc<Tail>], kind: Shelf) -> RunCells {
    let mut found = RunCells::new();
    let all = |_: &_| true;
    for tail in tails {
        match kind {
            Shelf::History => put_all(&mut found, tail.history.read_all(&all)),
            Shelf::Events => put_all(&mut found, tail.events.read_all(&all)),
            Shelf::Texts => put_all(&mut found, texts(tail)),
        }
    }
    if kind == Shelf::Texts {
        found.values_mut().for_each(keep_last);
    }
    found
}

fn put_all(found: &mut RunCells, cells: RunCells) {
    for (name, cells) in cells {
        merge(found, name, cells);
    }
}

/// Texts as quoted cells: the console's under the empty key, others under their file's name.
fn texts(tail: &Tail) -> RunCells {
    let mut found = RunCells::new();
    for (place, text) in tail.console.iter().chain(tail.aside.iter()) {
        let mut quoted = Vec::with_capacity(text.len() + 2);
        write_str(&mut quoted, text);
        let quoted = String::from_utf8(quoted).unwrap_or_default();
        let cells = found.entry(escape(&place.file).into()).or_default();
        cells.side.push((place.row(), Side::Json(quoted.into())));
    }
    found
}
