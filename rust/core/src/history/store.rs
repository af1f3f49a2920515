//! A server's history: requests taken in exactly once, readable at once, durable when told so.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use super::accept::Scratch;
use super::cells::Stream;
use super::compact::Compactor;
use super::frame::{unpack_batch, unpack_head, unpack_ranges, unpack_texts};
use super::log::{Log, LogOptions, log_folder};
use super::log_disk::sync_folder;
use super::log_files::replay;
use super::manifest::{Manifest, Shelf};
use super::packing::Unpacker;
use super::run_state::{Facts, NewLines, RunState, stream_index};
use super::shelves::{Shelved, Shelves, sweep};
use crate::error::{CoreError, Result};

/// How a store behaves.
#[derive(Clone, Copy, Debug)]
pub struct StoreOptions {
    /// Under load, the log is synced once in so many milliseconds.
    pub sync_ms: f64,
    /// A file of the log is closed when it is this long.
    pub seal_bytes: u64,
    /// More bytes than this waiting to be written are refused.
    pub backlog_bytes: usize,
    /// Segments that were merged stay so long beside what they became.
    pub linger: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        let linger = Duration::from_mins(10);
        Self { sync_ms: 5.0, seal_bytes: 64 << 20, backlog_bytes: 256 << 20, linger }
    }
}

pub(super) type SharedRun = Arc<Mutex<RunState>>;

/// History of all runs of one server, in one folder.
#[derive(Debug)]
pub struct HistoryStore {
    pub(super) log: Log,
    runs: RwLock<HashMap<u64, SharedRun, foldhash::fast::FixedState>>,
    /// Taken in shared while a frame goes into log and tail, alone while a compaction begins.
    pub(super) gate: RwLock<()>,
    pub(super) scratch: Mutex<Vec<Scratch>>,
    /// Runs that have rows in hot tails.
    pub(super) dirty: Mutex<BTreeSet<u64>>,
    pub(super) compactor: Mutex<Compactor>,
    shelves: Mutex<Shelves>,
    pub(super) linger: Duration,
    pub(super) folder: PathBuf,
    recovered: Vec<u64>,
    warnings: Vec<String>,
    /// Held locked until the store is closed.
    lock: Mutex<Option<File>>,
}

impl HistoryStore {
    /// Open a folder, and read what the log has beyond the last checkpoint.
    ///
    /// # Errors
    /// `Io` if the folder can't be read or written; `Invalid` if another process has it open;
    /// `Damaged` if it was written by a newer version.
    pub fn open(folder: &Path, manifest: Option<&[u8]>, options: StoreOptions) -> Result<Self> {
        let manifest = manifest.map_or_else(|| Ok(Manifest::default()), Manifest::unpack)?;
        let wal = log_folder(folder);
        std::fs::create_dir_all(&wal).map_err(|error| CoreError::io(&wal, error))?;
        sync_folder(folder).map_err(|error| CoreError::io(folder, error))?;
        let lock = lock_folder(&wal)?;
        let mut runs = HashMap::default();
        let mut scratch = Scratch::default();
        let mut replay =
            replay(&wal, manifest.compacted, |_, payload| apply_frame(&mut runs, &mut scratch, payload))?;
        // What the log lacks may be in segments that this manifest doesn't know: they stay.
        let whole = replay.warnings.is_empty() && (manifest.compacted > 0 || !replay.files.is_empty());
        replay.warnings.extend(sweep(folder, &manifest, whole)?);
        runs.retain(|run, _| !manifest.forgotten.contains(run));
        let recovered: BTreeSet<u64> = runs.keys().copied().collect();
        let warnings = std::mem::take(&mut replay.warnings);
        let log = Log::open(&wal, replay, log_options(options)?)?;
        log.compacted((manifest.compacted, 0));
        Ok(Self {
            log,
            runs: RwLock::new(runs),
            gate: RwLock::new(()),
            scratch: Mutex::new(vec![scratch]),
            dirty: Mutex::new(recovered.clone()),
            shelves: Mutex::new(Shelves::of(folder, &manifest)),
            compactor: Mutex::new(Compactor::new(manifest)),
            linger: options.linger,
            folder: folder.to_owned(),
            recovered: recovered.into_iter().collect(),
            warnings,
            lock: Mutex::new(Some(lock)),
        })
    }

    /// Make a run known, with the state of its last checkpoint; again is harmless.
    ///
    /// # Errors
    /// `Damaged` if the state can't be read.
    pub fn open_run(&self, run: u64, project: u64, state: Option<&[u8]>) -> Result<()> {
        let shared = {
            let mut runs = self.runs.write().unwrap_or_else(PoisonError::into_inner);
            runs.entry(run).or_insert_with(|| new_run(run, project)).clone()
        };
        let mut known = locked(&shared);
        if known.opened { Ok(()) } else { known.open(project, state) }
    }

    /// Whether `open_run` was called for a run.
    #[must_use]
    pub fn is_open(&self, run: u64) -> bool {
        self.find(run).is_some_and(|shared| locked(&shared).opened)
    }

    /// Line numbers after the last one of each stream: history, events, console.
    ///
    /// # Errors
    /// `Invalid` if the run is not open; so for the others.
    pub fn line_counts(&self, run: u64, attempt: u16, writer: &str) -> Result<[i64; 3]> {
        let shared = self.opened(run)?;
        let known = locked(&shared);
        let received = known.find_writer(writer).and_then(|writer| known.received(attempt, writer));
        Ok(received
            .map_or([0; 3], |[history, events, console]| [history.next(), events.next(), console.next()]))
    }

    /// The latest of a run, none if nothing came since the last checkpoint.
    ///
    /// # Errors
    /// `Invalid` if the run is not open.
    pub fn facts(&self, run: u64) -> Result<Option<Facts>> {
        let shared = self.opened(run)?;
        let known = locked(&shared);
        Ok(Some(known.facts().clone()).filter(|_| known.changed))
    }

    /// The facts of all runs found in the log when the store was opened.
    #[must_use]
    pub fn recovered(&self) -> Vec<Facts> {
        let found = self.recovered.iter().filter_map(|run| self.find(*run));
        found.map(|shared| locked(&shared).facts().clone()).collect()
    }

    /// What was found damaged when the store was opened, one sentence each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// An event that becomes readable after each sync or failure.
    #[must_use]
    pub fn durable_fd(&self) -> BorrowedFd<'_> {
        self.log.notice()
    }

    /// Up to where the log is durable.
    #[must_use]
    pub fn durable_seq(&self) -> u64 {
        self.log.durable_seq()
    }

    /// Wait until the log is durable up to a place; false if it isn't in time.
    #[must_use]
    pub fn wait_durable(&self, seq: u64, at_most: Duration) -> bool {
        self.log.wait_durable(seq, at_most)
    }

    /// How many bytes of frames came since the last compaction: a compaction is due when they are many.
    #[must_use]
    pub fn log_bytes(&self) -> u64 {
        self.log.uncompacted_bytes()
    }

    /// Why the log can't be written at the moment.
    #[must_use]
    pub fn failing(&self) -> Option<String> {
        self.log.failing()
    }

    /// Make durable what waits, as far as the disk allows, and let go of the folder. Nothing more is
    /// taken in or compacted; reading stays possible.
    ///
    /// # Errors
    /// `Busy` if something could not be made durable.
    pub fn close(&self) -> Result<()> {
        let closed = self.log.close();
        // A compaction that is under way still writes into the folder.
        let mut compactor = locked(&self.compactor);
        compactor.close();
        locked(&self.lock).take();
        closed
    }

    pub(super) fn find(&self, run: u64) -> Option<SharedRun> {
        self.runs.read().unwrap_or_else(PoisonError::into_inner).get(&run).cloned()
    }

    /// Let go of a run; whether it was there.
    pub(super) fn take_out(&self, run: u64) -> bool {
        self.runs.write().unwrap_or_else(PoisonError::into_inner).remove(&run).is_some()
    }

    pub(super) fn shelves(&self) -> MutexGuard<'_, Shelves> {
        locked(&self.shelves)
    }

    /// How many history lines of a writer are missing between those that have come.
    ///
    /// # Errors
    /// `Invalid` if the run is not open.
    pub fn missing_lines(&self, run: u64, attempt: u16, writer: &str) -> Result<u64> {
        let shared = self.opened(run)?;
        let state = locked(&shared);
        let received = state.find_writer(writer).and_then(|writer| state.received(attempt, writer));
        Ok(received.map_or(0, |[history, _, _]| history.holes()))
    }

    /// Segments that have cells of a run, oldest first.
    pub(super) fn shelved(&self, kind: Shelf, project: u64, run: u64) -> Vec<Arc<Shelved>> {
        self.shelves().of_run(kind, project, run)
    }

    pub(super) fn opened(&self, run: u64) -> Result<SharedRun> {
        let shared = self.find(run).filter(|shared| locked(shared).opened);
        shared.ok_or_else(|| CoreError::Invalid(format!("run {run} is not open: call `open_run` first")))
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic can't leave what is inside half done: it is changed after everything that may fail.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn new_run(run: u64, project: u64) -> SharedRun {
    Arc::new(Mutex::new(RunState::new(run, project)))
}

fn log_options(options: StoreOptions) -> Result<LogOptions> {
    let sync_every = Duration::try_from_secs_f64(options.sync_ms / 1e3)
        .map_err(|_| CoreError::Invalid("`sync_ms` must be a number of milliseconds, 0 or more".into()))?;
    Ok(LogOptions { sync_every, seal_bytes: options.seal_bytes, backlog_bytes: options.backlog_bytes })
}

/// Two processes that write one log would destroy it.
fn lock_folder(wal: &Path) -> Result<File> {
    let path = wal.join("lock");
    let lock = File::create(&path).map_err(|error| CoreError::io(&path, error))?;
    lock.try_lock().map_err(|_| {
        CoreError::Invalid(format!(
            "another process has this history open; stop it, or give this one a folder of its own: {}",
            wal.display()
        ))
    })?;
    Ok(lock)
}

fn apply_frame(
    runs: &mut HashMap<u64, SharedRun, foldhash::fast::FixedState>,
    scratch: &mut Scratch,
    payload: &[u8],
) -> Result<()> {
    let mut from = Unpacker::new(payload);
    let head = unpack_head(&mut from)?;
    let shared = runs.entry(head.run).or_insert_with(|| new_run(head.run, head.project));
    let mut run = locked(shared);
    scratch.clear();
    let [history, events] = &mut scratch.batches;
    let history_lines = unpack_ranges(&mut from)?;
    unpack_batch(&mut from, history, &mut run.hot.history.keys)?;
    let events_lines = unpack_ranges(&mut from)?;
    unpack_batch(&mut from, events, &mut run.hot.events.keys)?;
    let console_lines = unpack_ranges(&mut from)?;
    let (console, aside) = (unpack_texts(&mut from)?, unpack_texts(&mut from)?);
    let mut received: [&[std::ops::Range<i64>]; 3] = [&[]; 3];
    for (stream, lines) in [
        (Stream::History, &history_lines),
        (Stream::Events, &events_lines),
        (Stream::Console, &console_lines),
    ] {
        if let Some(place) = received.get_mut(stream_index(stream)) {
            *place = lines;
        }
    }
    let lines = NewLines { received, rows: [history, events], console: &console, aside: &aside };
    run.apply(&head, lines);
    Ok(())
}
