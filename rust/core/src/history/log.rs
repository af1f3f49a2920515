//! The write-ahead log: frames into files, durable in groups.
//!
//! One thread writes and syncs. A frame's seq is its place in the log; `durable_seq` tells up to
//! which place everything has survived an `fdatasync`. When the disk refuses, frames stay waiting
//! and are tried again, for as long as it takes: nothing is dropped, nothing is told durable.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{EventfdFlags, eventfd};

use super::frame::Unplaced;
use super::log_disk::SystemFolder;
use super::log_files::{LogWriter, Replay};
use crate::error::{CoreError, Result};

/// So many waiting bytes are synced without waiting for more.
const SOON_BYTES: usize = 1 << 20;

/// How long to wait after a failure: first, and at most.
const FIRST_RETRY: Duration = Duration::from_millis(20);
const LAST_RETRY: Duration = Duration::from_secs(1);

/// How often a log that is being closed tries a disk that refuses.
const LAST_TRIES: u32 = 5;

/// How a log behaves.
#[derive(Clone, Copy, Debug)]
pub struct LogOptions {
    /// Under load, at most one sync in this time.
    pub sync_every: Duration,
    /// A file is closed when it is this long.
    pub seal_bytes: u64,
    /// More waiting bytes than this are refused.
    pub backlog_bytes: usize,
}

/// The open end of a log.
#[derive(Debug)]
pub struct Log {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something is to be done.
    wake: Condvar,
    /// Something was made durable, or failed.
    done: Condvar,
    durable: AtomicU64,
    notice: OwnedFd,
    options: LogOptions,
}

#[derive(Debug)]
struct Queue {
    frames: VecDeque<Placed>,
    /// Bytes of all frames that are not durable, those being written included.
    waiting_bytes: usize,
    last_seq: u64,
    failing: Option<String>,
    /// Bytes of all frames, and of those that lie in segments too.
    total_bytes: u64,
    compacted_bytes: u64,
    /// Everything up to here lies in segments too.
    compacted: u64,
    tidied: u64,
    closing: bool,
}

/// A frame with its place.
#[derive(Debug)]
pub struct Placed {
    /// Its place.
    pub seq: u64,
    /// The whole frame.
    pub bytes: Vec<u8>,
}

impl Log {
    /// Go on with a log that was read back.
    ///
    /// # Errors
    /// `Io` if the system gives no event or no thread.
    pub fn open(folder: &Path, found: Replay, options: LogOptions) -> Result<Self> {
        let Replay { files, last_seq, bytes, .. } = found;
        let notice = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)
            .map_err(|errno| CoreError::io("eventfd", errno))?;
        let queue = Queue {
            frames: VecDeque::new(),
            waiting_bytes: 0,
            last_seq,
            failing: None,
            total_bytes: bytes,
            compacted_bytes: 0,
            compacted: 0,
            tidied: 0,
            closing: false,
        };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            wake: Condvar::new(),
            done: Condvar::new(),
            durable: AtomicU64::new(last_seq),
            notice,
            options,
        });
        let disk = Box::new(SystemFolder);
        let writer = LogWriter::new(folder.to_owned(), files, options.seal_bytes, disk);
        let worker = shared.clone();
        let thread = std::thread::Builder::new()
            .name("ferrule-log".into())
            .spawn(move || worker.work(writer))
            .map_err(|error| CoreError::io(folder, error))?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Put a frame at the end and return its seq. Never waits.
    ///
    /// # Errors
    /// `Closed`
    pub fn append(&self, frame: Unplaced) -> Result<u64> {
        let mut queue = self.shared.lock();
        if queue.closing {
            return Err(CoreError::Closed);
        }
        let seq = queue.last_seq + 1;
        queue.last_seq = seq;
        queue.waiting_bytes += frame.len();
        queue.total_bytes += frame.len() as u64;
        let idle = queue.frames.is_empty();
        let soon = queue.waiting_bytes >= SOON_BYTES;
        queue.frames.push_back(Placed { seq, bytes: frame.place(seq) });
        drop(queue);
        if idle || soon {
            self.shared.wake.notify_one();
        }
        Ok(seq)
    }

    /// Refuse if too much waits already.
    ///
    /// # Errors
    /// `Busy`
    pub fn room(&self) -> Result<()> {
        let queue = self.shared.lock();
        if queue.waiting_bytes < self.shared.options.backlog_bytes {
            return Ok(());
        }
        let why = queue.failing.clone().unwrap_or_else(|| "the disk is slower than what comes in".into());
        Err(CoreError::Busy(format!(
            "{} MiB wait to be written, so nothing more is taken in until some of it is on disk; send it again later ({why})",
            queue.waiting_bytes >> 20
        )))
    }

    /// The seq of the last frame put in.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.shared.lock().last_seq
    }

    /// The seq up to which everything is durable.
    #[must_use]
    pub fn durable_seq(&self) -> u64 {
        self.shared.durable.load(Ordering::Acquire)
    }

    /// Why the log can't be written at the moment.
    #[must_use]
    pub fn failing(&self) -> Option<String> {
        self.shared.lock().failing.clone()
    }

    /// Becomes readable after each sync or failure.
    #[must_use]
    pub fn notice(&self) -> BorrowedFd<'_> {
        self.shared.notice.as_fd()
    }

    /// Wait until a frame is durable; false if it isn't in time.
    #[must_use]
    pub fn wait_durable(&self, seq: u64, at_most: Duration) -> bool {
        let queue = self.shared.lock();
        let waited = self.shared.done.wait_timeout_while(queue, at_most, |_| self.durable_seq() < seq);
        drop(waited);
        self.durable_seq() >= seq
    }

    /// How many bytes were put in after what is compacted.
    #[must_use]
    pub fn uncompacted_bytes(&self) -> u64 {
        let queue = self.shared.lock();
        queue.total_bytes.saturating_sub(queue.compacted_bytes)
    }

    /// The seq of the last frame, and how many bytes all frames have up to it.
    #[must_use]
    pub fn end(&self) -> (u64, u64) {
        let queue = self.shared.lock();
        (queue.last_seq, queue.total_bytes)
    }

    /// Let go of files that hold nothing after an `end` that was told: it all lies in segments.
    pub fn compacted(&self, (seq, bytes): (u64, u64)) {
        let mut queue = self.shared.lock();
        queue.compacted_bytes = queue.compacted_bytes.max(bytes);
        queue.compacted = queue.compacted.max(seq);
        drop(queue);
        self.shared.wake.notify_one();
    }

    /// Write what waits, as far as the disk allows, and end the thread.
    ///
    /// # Errors
    /// `Busy` if something could not be made durable.
    pub fn close(&self) -> Result<()> {
        self.shared.lock().closing = true;
        self.shared.wake.notify_one();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
        let queue = self.shared.lock();
        if queue.waiting_bytes == 0 {
            return Ok(());
        }
        let why = queue.failing.clone().unwrap_or_default();
        Err(CoreError::Busy(format!(
            "{} bytes could not be written before the end; they were never acknowledged, so clients send them again ({why})",
            queue.waiting_bytes
        )))
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, mut writer: LogWriter) {
        let mut last_sync = None;
        let mut group = Vec::new();
        while self.next_group(&mut group, last_sync) {
            last_sync = Some(Instant::now());
            if !self.write(&mut writer, &mut group) {
                return;
            }
            self.tidy(&mut writer);
        }
        // What was asked for on the way out.
        self.tidy(&mut writer);
    }

    /// Wait for frames, and a little for more of them if there was a sync just now. False at the end.
    fn next_group(&self, group: &mut Vec<Placed>, last_sync: Option<Instant>) -> bool {
        let mut queue = self.lock();
        while queue.frames.is_empty() && !queue.closing && queue.tidied == queue.compacted {
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        while !queue.closing && !queue.frames.is_empty() && queue.waiting_bytes < SOON_BYTES {
            let passed = last_sync.map(|at| at.elapsed());
            let left = passed.and_then(|passed| self.options.sync_every.checked_sub(passed));
            let Some(left) = left.filter(|left| !left.is_zero()) else { break };
            queue = self.wake.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        group.extend(queue.frames.drain(..));
        !(group.is_empty() && queue.closing)
    }

    /// Make a group durable, however often it takes. False if it was given up at the end.
    fn write(&self, writer: &mut LogWriter, group: &mut Vec<Placed>) -> bool {
        let mut pause = FIRST_RETRY;
        let mut tries = 0;
        while !group.is_empty() {
            let outcome = writer.write(group);
            let written = outcome.written.min(group.len());
            self.report(group.drain(..written), outcome.failure.map(|error| error.to_string()));
            if group.is_empty() {
                break;
            }
            let queue = self.lock();
            tries += u32::from(queue.closing);
            if tries >= LAST_TRIES {
                return false;
            }
            let wait = if queue.closing { FIRST_RETRY } else { pause };
            let closing = queue.closing;
            // Being closed ends a long pause, nothing else: whoever posts would hurry it otherwise.
            let waited = self.wake.wait_timeout_while(queue, wait, |queue| queue.closing == closing);
            drop(waited);
            pause = (pause * 2).min(LAST_RETRY);
        }
        true
    }

    /// Tell what is durable now, and what is in the way of the rest.
    fn report(&self, durable: impl Iterator<Item = Placed>, failure: Option<String>) {
        let (bytes, last) =
            durable.fold((0, None), |(bytes, _), frame| (bytes + frame.bytes.len(), Some(frame.seq)));
        let mut queue = self.lock();
        queue.waiting_bytes = queue.waiting_bytes.saturating_sub(bytes);
        queue.failing = failure;
        if let Some(last) = last {
            self.durable.store(last, Ordering::Release);
        }
        drop(queue);
        self.done.notify_all();
        // It can only fail when the counter is full, and then it is readable anyway.
        let _ = rustix::io::write(&self.notice, &1_u64.to_ne_bytes());
    }

    fn tidy(&self, writer: &mut LogWriter) {
        let (compacted, tidied) = {
            let queue = self.lock();
            (queue.compacted, queue.tidied)
        };
        if compacted > tidied {
            writer.remove_through(compacted);
            self.lock().tidied = compacted;
        }
    }
}

/// Where the files of a log lie.
#[must_use]
pub fn log_folder(folder: &Path) -> PathBuf {
    folder.join("wal")
}
