//! Copies what is written to standard output and error to where it went before, and to runs.
//!
//! The descriptors are replaced by pipes, or by pseudo-terminals where they are terminals, so that
//! programs keep their colours and width. Where both lead to the same place they share one, as the
//! order of what is written to them is all that can be seen there; it counts as standard output.
//!
//! A thread of its own reads them: first the text goes into the runs' rings, then it goes on, so
//! that whatever was seen is kept.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use memchr::memmem;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;
use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, OutputModes, Winsize};

use crate::writer::{Writer, pieces};

/// Read at once, and the size asked for a pipe: a burst of prints waits for nobody.
const READ_BYTES: usize = 1 << 18;

/// How long `stop` waits for the thread to see the end of streams that nobody else holds.
const END_PATIENCE: Duration = Duration::from_millis(50);

/// One of the two streams.
struct Stream {
    /// The descriptors that lead to it: standard error's among them, or not.
    descriptors: Vec<bool>,
    /// Where the thread reads.
    read_end: OwnedFd,
    /// What the descriptor leads to; let go at the end.
    write_end: Mutex<Option<OwnedFd>>,
    /// What the descriptor led to before.
    original: OwnedFd,
    terminal: bool,
    /// Markers that were sent and that came back.
    asked: AtomicU64,
    answered: AtomicU64,
    ended: AtomicBool,
}

struct Shared {
    streams: Vec<Stream>,
    listeners: Mutex<Vec<Arc<Writer>>>,
    marker: Vec<u8>,
    turn: Mutex<()>,
    moved: Condvar,
}

/// The tee of a process.
pub struct Tee {
    shared: Arc<Shared>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tee {
    /// Put the tee between this process's standard streams and where they lead.
    ///
    /// A stream that is closed is left alone.
    ///
    /// # Errors
    /// What the system says; the streams are as they were then.
    pub fn start() -> io::Result<Self> {
        let streams = Stream::open_all()?;
        let hash = RandomState::new().hash_one(std::process::id());
        let marker = format!("\0ferrule:{hash:016x}\0").into_bytes();
        let shared = Arc::new(Shared {
            streams,
            listeners: Mutex::new(Vec::new()),
            marker,
            turn: Mutex::new(()),
            moved: Condvar::new(),
        });
        let relayed = Arc::clone(&shared);
        thread::Builder::new()
            .name("wandb-tee".into())
            .stack_size(512 * 1024)
            .spawn(move || relay(&relayed))?;
        for stream in &shared.streams {
            if let Err(error) = stream.install() {
                shared.streams.iter().for_each(Stream::restore);
                return Err(error);
            }
        }
        Ok(Self { shared })
    }

    /// Let a run have what is written from now on.
    pub fn listen(&self, writer: Arc<Writer>) {
        lock(&self.shared.listeners).push(writer);
    }

    /// Let a run have nothing more, once what was written before has arrived; waits no longer than
    /// `patience`. Returns how many are left.
    pub fn leave(&self, writer: &Arc<Writer>, patience: Duration) -> usize {
        let _ = self.settle(patience);
        let mut listeners = lock(&self.shared.listeners);
        listeners.retain(|listener| !Arc::ptr_eq(listener, writer));
        listeners.len()
    }

    /// Wait until what was written so far has passed; false if that takes longer than `patience`.
    #[must_use]
    pub fn settle(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let asked: Vec<_> =
            self.shared.streams.iter().map(|stream| stream.ask(&self.shared.marker, until)).collect();
        self.shared.wait(until, || {
            self.shared.streams.iter().zip(&asked).all(|(stream, number)| stream.has_answered(*number))
        })
    }

    /// Put the streams back. Returns whether nobody else holds what they led to meanwhile; as long
    /// as another process does, what it writes goes on to where it should.
    #[must_use]
    pub fn stop(&self) -> bool {
        self.shared.streams.iter().for_each(Stream::restore);
        let until = Instant::now() + END_PATIENCE;
        self.shared
            .wait(until, || self.shared.streams.iter().all(|stream| stream.ended.load(Ordering::Acquire)))
    }

    /// Pass the terminal's size on.
    pub fn resize(&self) {
        self.shared.streams.iter().for_each(Stream::resize);
    }

    /// Of each stream: whether it is standard error, where is read, and where it led before.
    #[must_use]
    pub fn streams(&self) -> Vec<(bool, RawFd, RawFd)> {
        let one =
            |stream: &Stream| (stream.stderr(), stream.read_end.as_raw_fd(), stream.original.as_raw_fd());
        self.shared.streams.iter().map(one).collect()
    }

    /// All descriptors that a forked child must not hold open.
    #[must_use]
    pub fn handles(&self) -> Vec<RawFd> {
        let write_ends = |stream: &Stream| {
            stream.write_end.try_lock().ok().and_then(|end| end.as_ref().map(AsRawFd::as_raw_fd))
        };
        let both = self.streams().into_iter().flat_map(|(_, read, original)| [read, original]);
        both.chain(self.shared.streams.iter().filter_map(write_ends)).collect()
    }
}

impl Shared {
    fn wait(&self, until: Instant, done: impl Fn() -> bool) -> bool {
        let mut turn = lock(&self.turn);
        while !done() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            turn = self.moved.wait_timeout(turn, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Change something that others wait for.
    fn advance(&self, change: impl FnOnce()) {
        let turn = lock(&self.turn);
        change();
        drop(turn);
        self.moved.notify_all();
    }
}

impl Stream {
    /// Prepare the streams that are open: one for both where they lead to the same place.
    fn open_all() -> io::Result<Vec<Self>> {
        let place = [false, true].map(|stderr| place_of(standard(stderr)));
        let both = match place {
            [Some(out), Some(err)] if out == err => vec![vec![false, true]],
            [out, err] => [(false, out), (true, err)]
                .into_iter()
                .filter_map(|(stderr, place)| place.map(|_| vec![stderr]))
                .collect(),
        };
        both.into_iter().map(Self::open).collect()
    }

    fn open(descriptors: Vec<bool>) -> io::Result<Self> {
        let first = descriptors.first().copied().unwrap_or_default();
        let original = rustix::io::fcntl_dupfd_cloexec(standard(first), 3)?;
        let terminal = rustix::termios::isatty(&original);
        let (read_end, write_end) = if terminal { pseudo_terminal(&original)? } else { wide_pipe()? };
        Ok(Self {
            descriptors,
            read_end,
            write_end: Mutex::new(Some(write_end)),
            original,
            terminal,
            asked: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        })
    }

    /// Whether what is written counts as standard error.
    fn stderr(&self) -> bool {
        self.descriptors.first().copied().unwrap_or_default()
    }

    fn install(&self) -> io::Result<()> {
        let end = lock(&self.write_end);
        let Some(end) = end.as_ref() else { return Ok(()) };
        self.descriptors.iter().try_for_each(|stderr| Ok(replace_standard(*stderr, end)?))
    }

    /// Put the descriptors back, unless somebody has led them elsewhere since.
    fn restore(&self) {
        let Some(end) = lock(&self.write_end).take() else { return };
        let ours = place_of(end.as_fd());
        for stderr in self.descriptors.iter().filter(|stderr| place_of(standard(**stderr)) == ours) {
            let _ = replace_standard(*stderr, &self.original);
        }
    }

    fn resize(&self) {
        if !self.terminal {
            return;
        }
        if let (Ok(outer), Ok(inner)) = (size_of(&self.original), size_of(&self.read_end))
            && outer != inner
        {
            let _ = rustix::termios::tcsetwinsize(&self.read_end, winsize(outer));
        }
    }

    /// Send a marker after everything that was written; returns its number, `None` if there was no
    /// room for it in time or nothing can come any more.
    fn ask(&self, marker: &[u8], until: Instant) -> Option<u64> {
        let end = lock(&self.write_end);
        let end = end.as_ref()?;
        let left = until.saturating_duration_since(Instant::now());
        if !ready(end.as_fd(), PollFlags::OUT, Some(left)) {
            return None;
        }
        // Counted before it can come back, and only if it is sent: nobody waits for another.
        let number = self.asked.fetch_add(1, Ordering::AcqRel) + 1;
        if rustix::io::retry_on_intr(|| rustix::io::write(end, marker)).is_err() {
            self.asked.fetch_sub(1, Ordering::AcqRel);
            return None;
        }
        Some(number)
    }

    fn has_answered(&self, number: Option<u64>) -> bool {
        number.is_none_or(|number| self.answered.load(Ordering::Acquire) >= number)
            || self.ended.load(Ordering::Acquire)
    }
}

/// A stream as the thread sees it.
struct Feed<'a> {
    shared: &'a Shared,
    stream: &'a Stream,
    /// Bytes that may be the start of a marker.
    held: Vec<u8>,
    /// The start of a character whose end has not come.
    partial: Vec<u8>,
    /// Where it led before takes nothing any more.
    gone: bool,
}

fn relay(shared: &Shared) {
    let mut feeds: Vec<Feed<'_>> = shared.streams.iter().map(|stream| Feed::new(shared, stream)).collect();
    let mut buffer = vec![0; READ_BYTES];
    while !feeds.is_empty() {
        let mut polled: Vec<PollFd<'_>> =
            feeds.iter().map(|feed| PollFd::new(&feed.stream.read_end, PollFlags::IN)).collect();
        if poll(&mut polled, None).is_err_and(|error| error != Errno::INTR) {
            return;
        }
        let mut came = polled.iter().map(|one| !one.revents().is_empty()).collect::<Vec<_>>().into_iter();
        feeds.retain_mut(|feed| !came.next().unwrap_or(false) || feed.read(&mut buffer));
    }
}

impl<'a> Feed<'a> {
    const fn new(shared: &'a Shared, stream: &'a Stream) -> Self {
        Self { shared, stream, held: Vec::new(), partial: Vec::new(), gone: false }
    }

    /// Read what there is; false at the end.
    fn read(&mut self, buffer: &mut [u8]) -> bool {
        match rustix::io::read(&self.stream.read_end, &mut *buffer) {
            Ok(count) if count > 0 => {
                self.take(buffer.get(..count).unwrap_or_default());
                true
            }
            Err(Errno::INTR | Errno::AGAIN) => true,
            // A pseudo-terminal says EIO once nobody can write to it any more.
            Ok(_) | Err(_) => {
                let held = std::mem::take(&mut self.held);
                self.pass(&held);
                self.shared.advance(|| self.stream.ended.store(true, Ordering::Release));
                false
            }
        }
    }

    /// Take in bytes, markers among them.
    fn take(&mut self, bytes: &[u8]) {
        let answered = self.stream.answered.load(Ordering::Relaxed);
        if self.held.is_empty() && self.stream.asked.load(Ordering::Acquire) == answered {
            return self.pass(bytes);
        }
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(bytes);
        let marker = &self.shared.marker;
        while let Some(at) = memmem::find(&held, marker) {
            self.pass(held.get(..at).unwrap_or_default());
            held.drain(..at + marker.len());
            self.shared.advance(|| {
                self.stream.answered.fetch_add(1, Ordering::AcqRel);
            });
        }
        let most = held.len().min(marker.len());
        let may_go_on = |length: &usize| marker.get(..*length).is_some_and(|start| held.ends_with(start));
        let kept = (1..=most).rev().find(may_go_on).unwrap_or(0);
        self.held = held.split_off(held.len() - kept);
        self.pass(&held);
    }

    fn pass(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        // Kept first: what was seen on a terminal must not be missing in the run.
        self.keep(bytes);
        self.stream.resize();
        if !self.gone && !write_all(&self.stream.original, bytes) {
            // Who reads is gone: the next write of this process learns so at first hand.
            self.gone = true;
            self.stream.restore();
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let listeners = lock(&self.shared.listeners).clone();
        let mut whole = std::mem::take(&mut self.partial);
        whole.extend_from_slice(bytes);
        self.partial = whole.split_off(whole.len() - unfinished(&whole));
        let text = String::from_utf8_lossy(&whole);
        for writer in &listeners {
            for piece in pieces(&text, writer.longest_print()) {
                keep_piece(writer, self.stream.stderr(), piece);
            }
        }
    }
}

/// Put text into a run's ring; a full one is drained here, and a closed run has no use for it.
fn keep_piece(writer: &Writer, stderr: bool, piece: &str) {
    if writer.print(stderr, piece).is_ok_and(|kept| !kept) && writer.make_console_room() {
        let _ = writer.print(stderr, piece);
    }
}

/// How many bytes at the end are the start of a character.
fn unfinished(bytes: &[u8]) -> usize {
    let continued = bytes.iter().rev().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
    let Some(lead) = bytes.len().checked_sub(continued + 1).and_then(|at| bytes.get(at)) else { return 0 };
    let length = match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    if continued + 1 < length { continued + 1 } else { 0 }
}

/// Write everything, however long it takes; false if that can't be.
fn write_all(target: &OwnedFd, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match rustix::io::write(target, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                ready(target.as_fd(), PollFlags::OUT, None);
            }
            Err(_) => return false,
        }
    }
    true
}

fn ready(fd: BorrowedFd<'_>, what: PollFlags, patience: Option<Duration>) -> bool {
    let limit = patience.and_then(|patience| Timespec::try_from(patience).ok());
    poll(&mut [PollFd::from_borrowed_fd(fd, what)], limit.as_ref()).is_ok_and(|count| count > 0)
}

fn standard(stderr: bool) -> BorrowedFd<'static> {
    if stderr { rustix::stdio::stderr() } else { rustix::stdio::stdout() }
}

/// What a descriptor leads to; `None` if it is closed.
fn place_of(fd: BorrowedFd<'_>) -> Option<(u64, u64, u64)> {
    rustix::fs::fstat(fd).map(|facts| (facts.st_dev, facts.st_ino, facts.st_rdev)).ok()
}

fn replace_standard(stderr: bool, by: &OwnedFd) -> rustix::io::Result<()> {
    if stderr { rustix::stdio::dup2_stderr(by) } else { rustix::stdio::dup2_stdout(by) }
}

fn wide_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read_end, write_end) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    // Beyond the user's limit the size stays what it is.
    let _ = rustix::pipe::fcntl_setpipe_size(&read_end, READ_BYTES);
    Ok((read_end, write_end))
}

/// A pseudo-terminal of the same kind and size, that leaves the bytes as they are.
fn pseudo_terminal(original: &OwnedFd) -> io::Result<(OwnedFd, OwnedFd)> {
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    rustix::pty::grantpt(&master)?;
    rustix::pty::unlockpt(&master)?;
    let name = rustix::pty::ptsname(&master, Vec::new())?;
    let slave = rustix::fs::open(&*name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    let mut modes = rustix::termios::tcgetattr(original)?;
    // The terminal itself turns line ends into its own.
    modes.output_modes.remove(OutputModes::OPOST);
    rustix::termios::tcsetattr(&slave, OptionalActions::Now, &modes)?;
    if let Ok(size) = size_of(original) {
        let _ = rustix::termios::tcsetwinsize(&master, winsize(size));
    }
    Ok((master, slave))
}

type Size = (u16, u16, u16, u16);

fn size_of(terminal: &OwnedFd) -> rustix::io::Result<Size> {
    let size = rustix::termios::tcgetwinsize(terminal)?;
    Ok((size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel))
}

const fn winsize(size: Size) -> Winsize {
    Winsize { ws_row: size.0, ws_col: size.1, ws_xpixel: size.2, ws_ypixel: size.3 }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::fd::OwnedFd;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, AtomicU64};
    use std::time::Instant;

    use super::{Stream, unfinished};

    #[test]
    fn a_marker_that_found_no_room_is_not_waited_for() {
        let (mut read_end, mut write_end) = std::io::pipe().unwrap();
        let capacity = rustix::pipe::fcntl_getpipe_size(&write_end).unwrap();
        write_end.write_all(&vec![b'x'; capacity]).unwrap();
        let stream = Stream {
            descriptors: vec![],
            read_end: OwnedFd::from(read_end.try_clone().unwrap()),
            write_end: Mutex::new(Some(OwnedFd::from(write_end))),
            original: OwnedFd::from(read_end.try_clone().unwrap()),
            terminal: false,
            asked: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        };

        assert_eq!(stream.ask(b"marker", Instant::now()), None);
        read_end.read_exact(&mut vec![0; capacity]).unwrap();

        // The first one that is sent is the first that is counted.
        assert_eq!(stream.ask(b"marker", Instant::now()), Some(1));
    }

    #[test]
    fn a_character_is_held_until_its_end_has_come() {
        for text in ["é", "✓", "😀"] {
            for cut in 1..text.len() {
                let bytes = text.as_bytes().get(..cut).unwrap_or_default();
                assert_eq!(unfinished(bytes), cut, "{text} cut at {cut}");
            }
            assert_eq!(unfinished(text.as_bytes()), 0);
        }
        assert_eq!(unfinished(b"plain"), 0);
        assert_eq!(unfinished(b"\xff"), 0);
        assert_eq!(unfinished(b"\x80\x80\x80\x80"), 0);
        assert_eq!(unfinished(b""), 0);
    }
}
