//! One process's writer of one run: what the caller touches, and the thread that drains.

mod pixels;

use std::fs::File;
use std::os::fd::{AsRawFd, RawFd};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::clock;
use crate::control::Control;
use crate::drain::{Drain, closing_records, runtime_since};
use crate::entry::{self, RowEncoder, RowHead};
use crate::error::{CoreError, Result};
use crate::folder::{Folder, WriterFiles};
use crate::opening::{join_control, new_control, new_ring};
use crate::recover;
use crate::ring::Ring;
use crate::steps::Steps;
use crate::value::Value;
use crate::words::Region;

/// Bytes of the table of keys in a ring; keys beyond it stand in their entries.
const KEYS_BYTES: usize = 256 * 1024;

/// The drain thread looks this often while rows come, and more and more rarely when none do: each
/// look costs a wake-up and a `write`, and rows are as safe in the ring as in the file.
const BUSY_TICK: Duration = Duration::from_millis(20);
const IDLE_TICK: Duration = Duration::from_millis(200);

/// A burst wakes it earlier: when this part of a ring is filled.
const WAKE_FRACTION: u64 = 16;

/// The file is synced this often while it grows: what a loss of power can cost.
const SYNC_EVERY: Duration = Duration::from_secs(5);

/// How long `close` keeps trying to write to a disk that refuses.
const CLOSE_PATIENCE: Duration = Duration::from_millis(1500);

/// What a writer is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    /// `None` for the process that called `init`.
    pub name: Option<String>,
    /// Wall clock of the run's start; now if `None`.
    pub started_at: Option<f64>,
    /// Refuse steps that went back.
    pub strict_steps: bool,
    /// Rows carry no step.
    pub shared: bool,
    /// Bytes of the ring of rows.
    pub ring_bytes: usize,
    /// Bytes of the ring of console text.
    pub console_ring_bytes: usize,
}

/// Something to tell the user.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A step went back; told once.
    StepBack {
        /// The step asked for.
        step: i64,
        /// The step the run had reached.
        current: i64,
    },
    /// The server numbers the rows, so a step that was asked for means nothing; told once.
    StepIgnored,
    /// Rows found no room because the disk refuses.
    RowsLost {
        /// How many, in all.
        count: u64,
    },
    /// The journal can't be written; rows wait in the ring.
    Disk {
        /// What the system said.
        reason: String,
    },
    /// A value, or a file that belongs to one, can't be kept.
    Damage {
        /// Which, and why.
        reason: String,
    },
    /// Rings can't be mapped: the last milliseconds are not safe.
    NoRing {
        /// What the system said.
        reason: String,
    },
}

/// What became of a call of `log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The row is in the ring; whether there are notices.
    Yes(bool),
    /// The ring is full: make room without holding any lock of the caller's, then call again.
    NoRoom,
    /// The row is too large for the ring: spill it.
    TooLarge,
}

/// How a writer ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// Rows in the journal.
    pub rows: u64,
    /// Rows that had to be given up.
    pub rows_lost: u64,
    /// Whether everything is in the journal.
    pub complete: bool,
    /// If not, why; or what else the user should know.
    pub reason: String,
    /// Whether what is not in the journal waits in a file, for a recovery to add it.
    pub recoverable: bool,
    /// Where the journal was opened.
    pub path: String,
}

struct Producer {
    steps: Steps,
    closed: bool,
    told_step: bool,
}

struct Shared {
    folder: Arc<Folder>,
    files: WriterFiles,
    rows: Arc<Ring<Region>>,
    console: Arc<Ring<Region>>,
    control: Control<Region>,
    producer: Mutex<Producer>,
    console_scratch: Mutex<Vec<u8>>,
    drain: Mutex<Drain<Region>>,
    notices: Mutex<Vec<Notice>>,
    has_notices: AtomicBool,
    stop: AtomicBool,
    sleeping: AtomicBool,
    drainer: OnceLock<thread::Thread>,
    disk_told: AtomicBool,
    spills: AtomicU64,
    waiting: Arc<AtomicU64>,
    strict_steps: bool,
    server_steps: bool,
}

/// A run's journal, open for writing by this process.
pub struct Writer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    locks: Mutex<Vec<File>>,
    lock_handles: Vec<RawFd>,
    owner: bool,
}

/// A lock whose holder panicked still guards whole data here: every update is complete or absent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Writer {
    /// Open a writer: the run's owner, or one more.
    ///
    /// # Errors
    /// `Io`: of kind `AlreadyExists` if the journal is there already, of kind `NotFound` if a
    /// further writer finds no run open in the folder.
    pub fn open(path: &Path, run_id: &str, options: &Options) -> Result<Self> {
        let folder = Arc::new(Folder::open(path)?);
        let mut locks = Vec::new();
        let (control, files) = match &options.name {
            None => {
                let started_at = options.started_at.unwrap_or_else(clock::wall);
                (new_control(&folder, started_at, &mut locks)?, WriterFiles::owner(run_id))
            }
            Some(name) => {
                let control = join_control(&folder)?;
                folder.make_writers()?;
                (control, WriterFiles::other(name))
            }
        };
        let (shared, ring_lock) = Shared::open(folder, files, control, options)?;
        locks.extend(ring_lock);
        let lock_handles = locks.iter().map(AsRawFd::as_raw_fd).collect();
        let shared = Arc::new(shared);
        let thread = spawn_drain(&shared)?;
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
            locks: Mutex::new(locks),
            lock_handles,
            owner: options.name.is_none(),
        })
    }

    /// Keep a part of a row.
    ///
    /// # Errors
    /// `Closed`, or `StepBack` with strict steps.
    pub fn log(&self, row: &mut RowEncoder, step: Option<i64>, commit: Option<bool>) -> Result<Kept> {
        let shared = &*self.shared;
        if row.len() > shared.spill_bytes() {
            return Ok(Kept::TooLarge);
        }
        let mut producer = lock(&shared.producer);
        if !shared.rows.has_room(row.len()) {
            return if producer.closed { Err(CoreError::Closed) } else { Ok(Kept::NoRoom) };
        }
        let head = shared.place(&mut producer, step, commit)?;
        shared.rows.push(row.finish(head));
        drop(producer);
        shared.wake_if_filling();
        Ok(Kept::Yes(shared.has_notices.load(Ordering::Relaxed)))
    }

    /// Keep a part of a row that is too large for the ring, in a file of its own.
    ///
    /// # Errors
    /// `Closed` or `StepBack`.
    pub fn log_spilled(&self, row: &mut RowEncoder, step: Option<i64>, commit: Option<bool>) -> Result<bool> {
        let shared = &*self.shared;
        if !self.make_room(64) {
            return Ok(self.lose_row());
        }
        let mut producer = lock(&shared.producer);
        let head = shared.place(&mut producer, step, commit)?;
        let kept = shared.spill(row.finish(head));
        drop(producer);
        Ok(if kept { shared.has_notices.load(Ordering::Relaxed) } else { self.lose_row() })
    }

    /// Keep a record of any kind but a row.
    ///
    /// # Errors
    /// `Closed`, or `Io` if the ring is full and the disk refuses.
    pub fn append(&self, body: &[u8]) -> Result<()> {
        let shared = &*self.shared;
        let payload = entry::record_entry(body);
        let large = payload.len() > shared.spill_bytes();
        if !self.make_room(if large { 64 } else { payload.len() }) {
            return Err(shared.disk_error());
        }
        let producer = lock(&shared.producer);
        if producer.closed {
            return Err(CoreError::Closed);
        }
        let kept = if large { shared.spill(&payload) } else { shared.rows.push(&payload) };
        drop(producer);
        shared.wake_if_filling();
        if kept { Ok(()) } else { Err(shared.disk_error()) }
    }

    /// Keep console text. Returns whether there was room.
    ///
    /// # Errors
    /// `Closed`.
    pub fn print(&self, stderr: bool, text: &str) -> Result<bool> {
        let shared = &*self.shared;
        let mut scratch = lock(&shared.console_scratch);
        if shared.stop.load(Ordering::Relaxed) {
            return Err(CoreError::Closed);
        }
        entry::console_entry(&mut scratch, stderr, clock::wall(), text);
        let kept = shared.console.push(&scratch);
        drop(scratch);
        if shared.console.used() > shared.console.data_bytes() / WAKE_FRACTION {
            shared.wake();
        }
        Ok(kept)
    }

    /// The longest console text that fits one entry.
    #[must_use]
    pub fn longest_print(&self) -> usize {
        usize::try_from(self.shared.console.data_bytes() / 4).unwrap_or(4096)
    }

    /// Drain until an entry of this size has room in both rings; false if the disk refuses.
    pub fn make_room(&self, payload_bytes: usize) -> bool {
        let shared = &*self.shared;
        let room = || shared.rows.has_room(payload_bytes);
        if room() {
            return true;
        }
        let mut drain = lock(&shared.drain);
        if !room() {
            shared.pass(&mut drain);
        }
        if !room() {
            drain.carry_open_rows();
        }
        room()
    }

    /// Drain the console's ring; false if the disk refuses.
    pub fn make_console_room(&self) -> bool {
        self.shared.pass(&mut lock(&self.shared.drain))
    }

    /// Count a row as lost: the ring is full and the disk refuses.
    pub fn lose_row(&self) -> bool {
        let shared = &*self.shared;
        shared.rows.count_lost(1);
        let count = shared.rows.lost();
        // The first loss is told at once, the whole count at the end.
        if count == 1 {
            shared.tell(Notice::RowsLost { count });
        }
        shared.has_notices.load(Ordering::Relaxed)
    }

    /// The step that the next row without a step will have, or that the open row has.
    #[must_use]
    pub fn step(&self) -> i64 {
        lock(&self.shared.producer).steps.current(&self.shared.control)
    }

    /// Count steps and time from where the run stands, before the first row.
    pub fn start_at(&self, step: i64, runtime: f64) {
        self.shared.control.start_at(step, runtime);
    }

    /// Count the last `seconds` as no part of the runtime: nothing ran in them.
    pub fn leave_out(&self, seconds: f64) {
        self.shared.control.leave_out(seconds);
    }

    /// Number of a key in the ring's table; false if it has no room.
    #[must_use]
    pub fn add_key(&self, key: &str) -> bool {
        self.shared.rows.push_key(key)
    }

    /// Catch up, then the nested summary.
    #[must_use]
    pub fn summary(&self) -> Value {
        self.caught_up(|drain| drain.fold.summary())
    }

    /// Catch up, then thinned series of what was logged.
    #[must_use]
    pub fn samples(&self) -> Vec<(String, Vec<f64>)> {
        self.caught_up(|drain| drain.fold.samples())
    }

    /// Move everything that is in the rings; returns whether the disk took it.
    #[must_use]
    pub fn flush(&self) -> bool {
        self.shared.pass(&mut lock(&self.shared.drain))
    }

    /// Flush, then make the file safe against a loss of power.
    ///
    /// # Errors
    /// `Io`.
    pub fn sync(&self) -> Result<()> {
        let mut drain = lock(&self.shared.drain);
        self.shared.pass(&mut drain);
        let file = drain.take_dirty();
        drop(drain);
        file.map_or(Ok(()), |file| file.sync_data()).map_err(|e| CoreError::io(self.shared.journal_path(), e))
    }

    fn caught_up<T>(&self, read: impl FnOnce(&mut Drain<Region>) -> T) -> T {
        let mut drain = lock(&self.shared.drain);
        self.shared.pass(&mut drain);
        read(&mut drain)
    }

    /// Take what the user should be told.
    #[must_use]
    pub fn take_notices(&self) -> Vec<Notice> {
        self.shared.has_notices.store(false, Ordering::Relaxed);
        std::mem::take(&mut lock(&self.shared.notices))
    }

    /// Whether `close` or `abandon` was called.
    #[must_use]
    pub fn closed(&self) -> bool {
        lock(&self.shared.producer).closed
    }

    /// Raw handles of the files whose locks prove this process alive.
    #[must_use]
    pub fn lock_handles(&self) -> &[RawFd] {
        &self.lock_handles
    }

    /// Seal, write the end, sync, fold the other writers' journals, clean up.
    ///
    /// # Errors
    /// `Closed` the second time.
    pub fn close(&self, exit_code: Option<i32>, runtime: Option<f64>) -> Result<Closed> {
        let shared = &*self.shared;
        {
            let mut producer = lock(&shared.producer);
            if std::mem::replace(&mut producer.closed, true) {
                return Err(CoreError::Closed);
            }
        }
        self.stop_thread();
        let mut drain = lock(&shared.drain);
        let runtime = runtime.unwrap_or_else(|| runtime_since(shared.control.started_monotonic()));
        let closing = if self.owner { closing_records(runtime, exit_code) } else { Vec::new() };
        let finished = finish_patiently(&mut drain, &closing);
        shared.tell_damage(&mut drain);
        if let Err(error) = finished {
            return Ok(self.closed_with(&drain, error.to_string()));
        }
        if let Some(file) = drain.take_dirty() {
            // Everything is in the file; only a loss of power could still take it.
            let _ = file.sync_data();
        }
        let report = self.closed_with(&drain, String::new());
        if drain.vanished() {
            return Ok(drain.write_anew().map_or_else(
                |error| Closed { complete: false, reason: error.to_string(), ..report.clone() },
                |()| Closed {
                    reason: "its folder was removed while the run was open".into(),
                    ..report.clone()
                },
            ));
        }
        drop(drain);
        self.leave();
        Ok(report)
    }

    fn closed_with(&self, drain: &Drain<Region>, reason: String) -> Closed {
        Closed {
            rows: drain.fold.rows(),
            rows_lost: self.shared.rows.lost(),
            complete: reason.is_empty(),
            recoverable: self.shared.rows.memory().survives(),
            reason,
            path: self.shared.journal_path(),
        }
    }

    /// Remove this writer's rings, fold what can be folded, give the locks back.
    fn leave(&self) {
        let shared = &*self.shared;
        for name in shared.folder.leftovers(&shared.files) {
            shared.folder.remove(&name);
        }
        if self.owner {
            shared.control.close();
        }
        lock(&self.locks).clear();
        // Whoever leaves last folds and cleans up; what can't be done now, the next recovery does.
        let _ = recover::recover_open(&shared.folder, recover::Folding::WhenAlone);
    }

    fn stop_thread(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = lock(&self.thread).take() {
            thread.thread().unpark();
            // A drain thread that panicked has left its entries in the ring.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    /// A writer that nobody closed is left for recovery, but its thread goes.
    fn drop(&mut self) {
        self.stop_thread();
    }
}

fn finish_patiently(drain: &mut Drain<Region>, closing: &[Vec<u8>]) -> Result<()> {
    let until = Instant::now() + CLOSE_PATIENCE;
    let mut result = drain.finish(closing);
    while result.is_err() && Instant::now() < until {
        thread::sleep(Duration::from_millis(110));
        result = drain.finish(closing);
    }
    result
}

impl Shared {
    fn open(
        folder: Arc<Folder>,
        files: WriterFiles,
        control: Control<Region>,
        options: &Options,
    ) -> Result<(Self, Option<File>)> {
        let journal = folder.create(&files.journal)?;
        let (rows, ring_lock, reason) = new_ring(&folder, &files.ring, options.ring_bytes, KEYS_BYTES)?;
        let (console, _, _) = new_ring(&folder, &files.console, options.console_ring_bytes, 0)?;
        let drain = Drain::create(
            Arc::clone(&rows),
            Arc::clone(&console),
            Arc::clone(&folder),
            files.clone(),
            journal,
        )?;
        let waiting = drain.waiting();
        let notices: Vec<Notice> = reason.map(|reason| Notice::NoRing { reason }).into_iter().collect();
        let shared = Self {
            folder,
            files,
            rows,
            console,
            producer: Mutex::new(Producer { steps: Steps::default(), closed: false, told_step: false }),
            console_scratch: Mutex::new(Vec::new()),
            drain: Mutex::new(drain),
            has_notices: AtomicBool::new(!notices.is_empty()),
            notices: Mutex::new(notices),
            stop: AtomicBool::new(false),
            sleeping: AtomicBool::new(false),
            drainer: OnceLock::new(),
            disk_told: AtomicBool::new(false),
            spills: AtomicU64::new(0),
            waiting,
            control,
            strict_steps: options.strict_steps,
            server_steps: options.shared,
        };
        Ok((shared, ring_lock))
    }

    fn journal_path(&self) -> String {
        self.folder.path().join(&self.files.journal).display().to_string()
    }

    /// Entries above this are spilled: the ring must never be filled by one.
    fn spill_bytes(&self) -> usize {
        usize::try_from(self.rows.data_bytes() / 4).unwrap_or(usize::MAX)
    }

    /// Decide where a part goes, and take its step.
    fn place(&self, producer: &mut Producer, step: Option<i64>, commit: Option<bool>) -> Result<RowHead> {
        if producer.closed {
            return Err(CoreError::Closed);
        }
        if self.server_steps && step.is_some() && !std::mem::replace(&mut producer.told_step, true) {
            self.tell(Notice::StepIgnored);
        }
        let explicit = step.is_some() && !self.server_steps;
        let mut placed = if self.server_steps {
            producer.steps.place_shared(&self.control, commit)
        } else {
            producer.steps.place(&self.control, step, commit)
        };
        if let Some(current) = placed.went_back_from {
            if self.strict_steps {
                return Err(CoreError::StepBack { step: placed.step, current });
            }
            if !std::mem::replace(&mut producer.told_step, true) {
                self.tell(Notice::StepBack { step: placed.step, current });
            }
        }
        producer.steps.take(&self.control, explicit, &mut placed);
        Ok(RowHead {
            flags: placed.flags,
            step: placed.step,
            timestamp: clock::wall(),
            runtime: runtime_since(self.control.started_monotonic()),
        })
    }

    /// Write an entry to a file of its own and push a pointer to it; where no file can be made,
    /// straight into the journal. The caller holds the producer.
    fn spill(&self, payload: &[u8]) -> bool {
        let number = self.spills.fetch_add(1, Ordering::Relaxed) + 1;
        if self.folder.write(&self.files.spill(number), payload).is_ok() {
            return self.rows.push(&entry::spilled_entry(number));
        }
        let mut drain = lock(&self.drain);
        self.pass(&mut drain) && drain.take_direct(payload).is_ok()
    }

    fn tell(&self, notice: Notice) {
        lock(&self.notices).push(notice);
        self.has_notices.store(true, Ordering::Relaxed);
    }

    fn wake_if_filling(&self) {
        if self.rows.used() > self.rows.data_bytes() / WAKE_FRACTION
            || self.waiting.load(Ordering::Relaxed) > pixels::WAKE_AT
        {
            self.wake();
        }
    }

    /// Wake the drain thread, if it sleeps: a system call, so only past a mark.
    fn wake(&self) {
        // Read first: a write would take the cache line from the drain thread at every call.
        if self.sleeping.load(Ordering::Relaxed)
            && self.sleeping.swap(false, Ordering::Relaxed)
            && let Some(thread) = self.drainer.get()
        {
            thread.unpark();
        }
    }

    /// Move what there is; tells once if the disk refuses.
    fn pass(&self, drain: &mut Drain<Region>) -> bool {
        let passed = drain.pass();
        if passed.is_err() {
            self.tell_disk(drain);
        } else {
            self.disk_told.store(false, Ordering::Relaxed);
        }
        self.tell_damage(drain);
        passed.is_ok()
    }

    fn tell_damage(&self, drain: &mut Drain<Region>) {
        for reason in drain.take_damage() {
            self.tell(Notice::Damage { reason });
        }
    }

    fn tell_disk(&self, drain: &Drain<Region>) {
        if !self.disk_told.swap(true, Ordering::Relaxed) {
            let reason = drain.failure().unwrap_or("the disk refuses").to_owned();
            self.tell(Notice::Disk { reason });
        }
    }

    fn disk_error(&self) -> CoreError {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        CoreError::io(self.journal_path(), full)
    }
}

/// Text in pieces of at most this many bytes.
pub fn pieces(text: &str, longest: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = longest.min(rest.len());
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, later) = rest.split_at(end);
        rest = later;
        Some(piece)
    })
}

fn spawn_drain(shared: &Arc<Shared>) -> Result<JoinHandle<()>> {
    let mine = Arc::clone(shared);
    let builder = thread::Builder::new().name("wandb-drain".into()).stack_size(512 * 1024);
    let handle =
        builder.spawn(move || drain_until_stopped(&mine)).map_err(|e| CoreError::io("drain thread", e))?;
    let _ = shared.drainer.set(handle.thread().clone());
    Ok(handle)
}

fn drain_until_stopped(shared: &Shared) {
    let mut tick = BUSY_TICK;
    let mut synced = Instant::now();
    while !shared.stop.load(Ordering::Relaxed) {
        shared.sleeping.store(true, Ordering::Relaxed);
        thread::park_timeout(tick);
        shared.sleeping.store(false, Ordering::Relaxed);
        let mut drain = lock(&shared.drain);
        let waiting = shared.rows.used() + shared.console.used() > 0;
        shared.pass(&mut drain);
        let file = if synced.elapsed() >= SYNC_EVERY { drain.take_dirty() } else { None };
        drop(drain);
        if let Some(file) = file {
            // Without the lock: a slow disk must not hold up a caller that drains.
            let _ = file.sync_data();
            synced = Instant::now();
        }
        tick = if waiting { BUSY_TICK } else { (tick * 2).min(IDLE_TICK) };
    }
}
