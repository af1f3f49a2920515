//! Moves entries from the rings into the journal file. Never touches Python.

mod files;

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use crate::clock;
use crate::entry::{self, Entry};
use crate::error::{CoreError, Result};
use crate::fold::{Fold, Mode};
use crate::folder::{Folder, WriterFiles};
use crate::framing::{FILE_HEADER, FrameReader};
use crate::pixels::MadeFiles;
use crate::record;
use crate::ring::{Commit, Ring};
use crate::value::Value;
use crate::wire::Cursor;
use crate::words::{HeapWords, Words};

/// Bytes gathered before they are written.
const WRITE_BYTES: usize = 256 * 1024;

/// Bytes of pixels that are made files before what is gathered is written: their spill files go
/// then, and make room for others.
const PIXEL_BYTES: u64 = 4 << 20;

/// After a failed write, the next try waits this long.
const RETRY: Duration = Duration::from_millis(100);

/// One writer's journal: its rings, its state, its file.
pub struct Drain<M: Words> {
    /// The ring of rows and records.
    pub rows: Arc<Ring<M>>,
    /// The ring of console text.
    pub console: Arc<Ring<M>>,
    /// The folder.
    pub folder: Arc<Folder>,
    /// Names of this writer's files.
    pub files: WriterFiles,
    /// The state.
    pub fold: Fold,
    sink: Sink,
    commit: Commit,
    console_done: u64,
    carried_at: u64,
    keys_read: u64,
    scratch: Vec<u8>,
    spilled: Vec<(u64, u64)>,
    /// Bytes of spilled pixels of which no file is made yet, shared with whoever spills.
    waiting: Arc<AtomicU64>,
    /// Bytes of pixels that were made files since the last write.
    pixels_made: u64,
    /// Files of rows that come next.
    ahead: MadeFiles,
    failed: Option<(Instant, String)>,
    /// The same for the files that are made of pixels.
    unplaced: Option<(Instant, String)>,
    damage: Vec<String>,
    dirty: bool,
    ended: bool,
    /// Nothing is removed: whoever comes next may have to start from the same ring again.
    keeps_files: bool,
}

/// Where framed records go.
enum Sink {
    /// The writer's journal.
    File(Arc<File>),
    /// Memory: a reader looks at what a recovery would write.
    Memory(Vec<u8>),
}

impl<M: Words> Drain<M> {
    /// Start with an empty journal, writing the file's header.
    ///
    /// # Errors
    /// `Io`.
    pub fn create(
        rows: Arc<Ring<M>>,
        console: Arc<Ring<M>>,
        folder: Arc<Folder>,
        files: WriterFiles,
        file: File,
    ) -> Result<Self> {
        file.write_all_at(&FILE_HEADER, 0)
            .map_err(|e| CoreError::io(folder.path().join(&files.journal), e))?;
        let mut drain = Self::new((rows, console), folder, files, Sink::File(Arc::new(file)));
        drain.start_at(FILE_HEADER.len() as u64);
        Ok(drain)
    }

    fn new(
        (rows, console): (Arc<Ring<M>>, Arc<Ring<M>>),
        folder: Arc<Folder>,
        files: WriterFiles,
        sink: Sink,
    ) -> Self {
        Self {
            commit: rows.commit(),
            rows,
            console,
            folder,
            files,
            fold: Fold::default(),
            sink,
            console_done: 0,
            carried_at: 0,
            keys_read: 0,
            scratch: Vec::new(),
            spilled: Vec::new(),
            waiting: Arc::default(),
            pixels_made: 0,
            ahead: MadeFiles::default(),
            failed: None,
            unplaced: None,
            damage: Vec::new(),
            dirty: true,
            ended: false,
            keeps_files: false,
        }
    }

    fn start_at(&mut self, journal_bytes: u64) {
        self.commit.journal_bytes = journal_bytes;
        self.fold.continue_at(journal_bytes);
        self.rows.set_commit(self.commit);
    }

    /// Take up what a dead process left. `journal` are the file's bytes; what was written after
    /// the last commit is written again, so the file is cut there.
    ///
    /// # Errors
    /// `Io` if the file can't be cut.
    pub fn resume(
        rings: (Arc<Ring<M>>, Arc<Ring<M>>),
        folder: Arc<Folder>,
        files: WriterFiles,
        file: File,
        journal: &[u8],
    ) -> Result<Self> {
        let mut drain = Self::new(rings, folder, files, Sink::File(Arc::new(file)));
        drain.keeps_files = true;
        let whole = drain.continue_after(journal);
        drain.cut(whole)?;
        Ok(drain)
    }

    /// Look at what a process has left or has not yet drained, changing nothing.
    pub fn inspect(
        rings: (Arc<Ring<M>>, Arc<Ring<M>>),
        folder: Arc<Folder>,
        files: WriterFiles,
        journal: &[u8],
    ) -> Self {
        let mut drain = Self::new(rings, folder, files, Sink::Memory(Vec::new()));
        drain.keeps_files = true;
        drain.continue_after(journal);
        drain
    }

    /// Bring the state to the last commit; returns the bytes of the journal that stay.
    fn continue_after(&mut self, journal: &[u8]) -> u64 {
        // A ring that never committed belongs to a journal whose header was not yet written.
        let committed = usize::try_from(self.commit.journal_bytes).unwrap_or(usize::MAX);
        let whole = self.replay(journal.get(..committed.min(journal.len())).unwrap_or_default());
        self.fold.continue_at(whole);
        self.commit.journal_bytes = whole;
        self.console_done = self.commit.console;
        self.rebuild();
        whole
    }

    fn cut(&self, bytes: u64) -> Result<()> {
        let Sink::File(file) = &self.sink else { return Ok(()) };
        let named = |e| CoreError::io(self.folder.path().join(&self.files.journal), e);
        file.set_len(bytes.min(file.metadata().map_err(named)?.len())).map_err(named)?;
        if bytes == FILE_HEADER.len() as u64 {
            file.write_all_at(&FILE_HEADER, 0).map_err(named)?;
        }
        Ok(())
    }

    /// Bring the state to where the journal leaves it; returns the bytes of its whole records.
    fn replay(&mut self, journal: &[u8]) -> u64 {
        let Ok(mut reader) = FrameReader::new(journal) else { return FILE_HEADER.len() as u64 };
        let mut payload = Vec::new();
        while reader.read(&mut payload).is_ok() {
            self.fold.replay(&payload);
        }
        reader.whole_bytes() as u64
    }

    /// Build up the rows that were open at the last commit.
    fn rebuild(&mut self) {
        self.learn_keys();
        if self.commit.carry > 0 {
            self.carried_at = self.commit.rows;
            self.apply_carry();
        }
        let (mut at, end) = (self.commit.rows, self.commit.rows_done);
        while at < end {
            let Ok(Some(next)) = self.rows.read(at, &mut self.scratch) else { break };
            let payload = std::mem::take(&mut self.scratch);
            // Rebuilding writes nothing, so that nothing can be refused.
            let _ = self.apply(&payload, at, Mode::Rebuild);
            self.scratch = payload;
            at = next;
        }
    }

    fn apply_carry(&mut self) {
        let name = self.files.carry(self.commit.carry);
        let Ok(Some(bytes)) = self.folder.read(&name) else { return };
        let mut cursor = Cursor::new(&bytes);
        while let Ok(payload) = cursor.delimited() {
            // A carried part that can't be read is a part that the disk lost.
            let _ = self.fold.apply(payload, self.commit.rows, Mode::Rebuild);
        }
    }

    fn learn_keys(&mut self) {
        let (keys, read) = self.rows.keys_since(self.keys_read);
        self.keys_read = read;
        self.fold.learn_keys(keys);
    }

    /// Move everything there is.
    ///
    /// # Errors
    /// `Io` if the journal can't be written; nothing is lost, the next call tries again.
    pub fn pass(&mut self) -> Result<()> {
        loop {
            let taken = self.take_rows();
            let more = self.take_console() | matches!(taken, Ok(true));
            if taken.is_ok() && !more && self.fold.output.bytes.is_empty() {
                return Ok(());
            }
            self.flush()?;
            taken?;
        }
    }

    /// Take in entries; returns whether there were any.
    ///
    /// # Errors
    /// `Io` if a file of the next row can't be written: that row and those after it wait.
    fn take_rows(&mut self) -> Result<bool> {
        let start = self.commit.rows_done;
        while self.fold.output.bytes.len() < WRITE_BYTES && self.pixels_made < PIXEL_BYTES {
            let at = self.commit.rows_done;
            let mut payload = std::mem::take(&mut self.scratch);
            let next = self.rows.read(at, &mut payload);
            let applied = if let Ok(Some(_)) = next { self.apply(&payload, at, Mode::Write) } else { Ok(()) };
            self.scratch = payload;
            applied?;
            match next {
                Ok(Some(next)) => self.commit.rows_done = next,
                Ok(None) => break,
                // Only after a power loss: nothing behind a damaged entry can be trusted.
                Err(_) => self.commit.rows_done = self.rows.head(),
            }
        }
        Ok(self.commit.rows_done != start)
    }

    fn apply(&mut self, payload: &[u8], at: u64, mode: Mode) -> Result<()> {
        let Ok(Entry::Spilled(number)) = entry::read(payload) else {
            return self.apply_whole(payload, at, mode);
        };
        match self.folder.read(&self.files.spill(number)) {
            Ok(Some(spilled)) => self.apply_whole(&spilled, at, mode)?,
            // Rebuilding, its row may be sealed already and the file gone with it.
            _ if mode == Mode::Rebuild => {}
            _ => self.damage.push(format!("{}: a large row is missing.", self.files.journal)),
        }
        if mode == Mode::Write {
            self.spilled.push((at, number));
        }
        Ok(())
    }

    fn apply_whole(&mut self, payload: &[u8], at: u64, mode: Mode) -> Result<()> {
        self.learn_keys();
        let files = entry::files_of(payload);
        if !files.is_empty() {
            self.make_files(&files, at, mode)?;
        }
        if let Err(e) = self.fold.apply(payload, at, mode) {
            self.damage.push(format!("{}: a logged entry was left out: {e}", self.files.journal));
        }
        self.fold.files = MadeFiles::default();
        Ok(())
    }

    fn take_console(&mut self) -> bool {
        let start = self.console_done;
        while self.fold.output.bytes.len() < WRITE_BYTES {
            let at = self.console_done;
            match self.console.read(at, &mut self.scratch) {
                Ok(Some(next)) => {
                    let _ = self.fold.apply(&self.scratch, at, Mode::Write);
                    self.console_done = next;
                }
                Ok(None) => break,
                Err(_) => self.console_done = self.console.head(),
            }
        }
        self.console_done != start
    }

    /// Write what is gathered and publish how far it goes.
    fn flush(&mut self) -> Result<()> {
        if let Some(error) = self.too_soon(self.failed.as_ref()) {
            return Err(error);
        }
        let output = &mut self.fold.output;
        let written = match &mut self.sink {
            Sink::File(file) => file.write_all_at(&output.bytes, output.start),
            Sink::Memory(bytes) => {
                bytes.extend_from_slice(&output.bytes);
                Ok(())
            }
        };
        if let Err(e) = written {
            self.failed = Some((Instant::now(), e.to_string()));
            return Err(self.write_error(e));
        }
        self.failed = None;
        self.dirty |= !output.bytes.is_empty();
        self.pixels_made = 0;
        output.start += output.bytes.len() as u64;
        output.bytes.clear();
        output.bytes.shrink_to(WRITE_BYTES * 2);
        self.publish();
        Ok(())
    }

    /// A failure, if it is too early to try again.
    fn too_soon(&self, failed: Option<&(Instant, String)>) -> Option<CoreError> {
        let (_, reason) = failed.filter(|(when, _)| when.elapsed() < RETRY)?;
        Some(self.write_error(io::Error::other(reason.clone())))
    }

    fn write_error(&self, source: io::Error) -> CoreError {
        CoreError::io(self.folder.path().join(&self.files.journal), source)
    }

    fn publish(&mut self) {
        self.commit.journal_bytes = self.fold.output.start;
        self.commit.rows = self.fold.needed_rows(self.commit.rows_done);
        self.commit.console = self.console_done;
        if self.commit.rows != self.carried_at || !self.fold.has_open_rows() {
            self.commit.carry = 0;
        }
        let carried_before = self.rows.commit().carry;
        self.rows.set_commit(self.commit);
        self.rows.release(self.commit.rows);
        self.console.release(self.commit.console);
        if self.keeps_files {
            return;
        }
        if carried_before > 0 && carried_before != self.commit.carry {
            self.folder.remove(&self.files.carry(carried_before));
        }
        self.remove_spilled();
    }

    fn remove_spilled(&mut self) {
        let needed = self.commit.rows;
        for (_, number) in self.spilled.iter().filter(|(at, _)| *at < needed) {
            self.folder.remove(&self.files.spill(*number));
        }
        self.spilled.retain(|(at, _)| *at >= needed);
    }

    /// Count of the bytes of spilled pixels of which no file is made yet: whoever spills adds to it.
    #[must_use]
    pub fn waiting(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.waiting)
    }

    /// What went wrong with single values since this was last asked.
    #[must_use]
    pub fn take_damage(&mut self) -> Vec<String> {
        std::mem::take(&mut self.damage)
    }

    /// Save the open rows in a file of their own, so that their entries can leave the ring.
    ///
    /// Where the file can't be written they leave all the same: what they hold is in memory, and
    /// only the death of the process could still take it, while a full ring takes rows for sure.
    pub fn carry_open_rows(&mut self) {
        let rows = self.fold.open_rows();
        if rows.is_empty() {
            return;
        }
        let mut bytes = Vec::new();
        for row in rows {
            crate::wire::put_varint(&mut bytes, row.len() as u64);
            bytes.extend_from_slice(&row);
        }
        let number = self.commit.carry + 1;
        let saved = self.folder.write(&self.files.carry(number), &bytes).is_ok();
        self.carried_at = self.commit.rows_done;
        self.commit.carry = if saved { number } else { 0 };
        self.fold.rebase(self.commit.rows_done);
        self.publish();
    }

    /// Take in an entry that has no place in the ring: one too large where no file can be made.
    ///
    /// # Errors
    /// `Io` if the journal can't be written.
    pub fn take_direct(&mut self, payload: &[u8]) -> Result<()> {
        self.apply_whole(payload, self.commit.rows_done, Mode::Write)?;
        self.flush()
    }

    /// Whether somebody removed the journal while it was written.
    #[must_use]
    pub fn vanished(&self) -> bool {
        matches!(&self.sink, Sink::File(file) if file.metadata().is_ok_and(|metadata| metadata.nlink() == 0))
    }

    /// Write a journal that was removed anew, where it was.
    ///
    /// # Errors
    /// `Io`, also if there is another file in its place by now.
    pub fn write_anew(&self) -> Result<()> {
        let Sink::File(file) = &self.sink else { return Ok(()) };
        let path = self.folder.path().join(&self.files.journal);
        let named = |e| CoreError::io(&path, e);
        let mut bytes = vec![0; usize::try_from(self.fold.output.start).unwrap_or(0)];
        file.read_exact_at(&mut bytes, 0).map_err(named)?;
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(named)?;
        let anew = File::options().write(true).create_new(true).open(&path).map_err(named)?;
        anew.write_all_at(&bytes, 0).and_then(|()| anew.sync_data()).map_err(named)
    }

    /// Write the open rows, the summary's last changes and, if given, an exit record. Called again
    /// after a failure, it goes on where it stopped.
    ///
    /// # Errors
    /// `Io`; nothing is lost, a recovery will write it.
    pub fn finish(&mut self, closing: &[Vec<u8>]) -> Result<()> {
        if !self.ended {
            self.pass()?;
            self.fold.seal_all();
            self.fold.write_summary();
            for body in closing {
                self.fold.ready_record(body)?;
            }
            self.ended = true;
        }
        self.flush()
    }

    /// The file, if it was written since the last time this was asked.
    pub fn take_dirty(&mut self) -> Option<Arc<File>> {
        let Sink::File(file) = &self.sink else { return None };
        std::mem::take(&mut self.dirty).then(|| Arc::clone(file))
    }

    /// The framed records a reader has gathered, and what it could not read.
    #[must_use]
    pub fn into_gathered(self) -> (Vec<u8>, u64, Vec<String>) {
        let Sink::Memory(bytes) = self.sink else { return (Vec::new(), 0, self.damage) };
        let start = self.fold.output.start - bytes.len() as u64;
        (bytes, start, self.damage)
    }

    /// Why the last write failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failed.as_ref().or(self.unplaced.as_ref()).map(|(_, reason)| reason.as_str())
    }
}

/// A writer's rings as they lie in its folder, over a copy of their bytes; `None` without a ring.
///
/// # Errors
/// `Io` if a file can't be read.
pub fn copied_rings(folder: &Folder, files: &WriterFiles) -> Result<Option<RingPair>> {
    let open = |bytes: Vec<u8>| Ring::open(HeapWords::from_bytes(&bytes)).ok();
    let Some(rows) = folder.read(&files.ring)?.and_then(open) else { return Ok(None) };
    let console = folder.read(&files.console)?.and_then(open);
    Ok(Some((Arc::new(rows), Arc::new(console.map_or_else(empty_ring, Ok)?))))
}

/// Rings of a writer that had none: everything it kept is in its journal.
///
/// # Errors
/// None that can happen.
pub fn no_rings(journal_bytes: u64) -> Result<RingPair> {
    let rows = empty_ring()?;
    rows.set_commit(Commit { journal_bytes, ..Commit::default() });
    Ok((Arc::new(rows), Arc::new(empty_ring()?)))
}

fn empty_ring() -> Result<Ring<HeapWords>> {
    Ring::create(HeapWords::zeroed(Ring::<HeapWords>::region_bytes(64, 0)), 64, 0)
}

/// The ring of rows and the ring of console text.
pub type RingPair = (Arc<Ring<HeapWords>>, Arc<Ring<HeapWords>>);

/// The closing records of a run: its run time and, if it ended, its exit code.
#[must_use]
pub fn closing_records(runtime: f64, exit_code: Option<i32>) -> Vec<Vec<u8>> {
    #[allow(clippy::cast_possible_truncation)] // whole seconds of a run fit easily
    let seconds = runtime.max(0.0) as i64;
    let item = |path: (&str, Value)| {
        Value::Dict(vec![
            (path.0.into(), path.1),
            ("value_json".into(), Value::Str(seconds.to_string().into())),
        ])
    };
    let nested = Value::List(vec![Value::from("_wandb"), Value::from("runtime")]);
    let items = vec![item(("nested_key", nested)), item(("key", Value::from("_runtime")))];
    let dict = |key: &str, value: Value| Value::Dict(vec![(key.into(), value)]);
    let mut records = vec![dict("summary", dict("update", Value::List(items)))];
    records.extend(exit_code.map(|code| {
        let exit =
            vec![("exit_code".into(), Value::Int(code.into())), ("runtime".into(), Value::Int(seconds))];
        dict("exit", Value::Dict(exit))
    }));
    records.iter().filter_map(|record| record::encode(record).ok()).collect()
}

/// Seconds since a run started.
#[must_use]
pub fn runtime_since(started_monotonic: f64) -> f64 {
    (clock::monotonic() - started_monotonic).max(0.0)
}
