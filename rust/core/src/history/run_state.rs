//! What is known of one run: which lines have come, where it stands, and its tail.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::batch::Batch;
use super::cells::Stream;
use super::frame::{Head, TextLine};
use super::intervals::Lines;
use super::packing::{Unpacker, put_i64, put_len, put_option, put_str, put_u64};
use super::tail::{Tail, TextPlace};
use crate::error::{CoreError, Result};

const STATE_VERSION: u8 = 1;

/// A tail of more is sealed. Lines wait while it is copied for a reader, some milliseconds at most;
/// and each tail learns its keys anew, so that it must not be too small either.
const HOT_BYTES: usize = 8 << 20;

/// The latest of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Which run.
    pub run: u64,
    /// When the last request came, seconds since the epoch.
    pub heartbeat_at: f64,
    /// The summary, if one came since the last checkpoint.
    pub summary: Option<Arc<str>>,
    /// The attempt that the last request was of: how often the run had been rewound.
    pub attempt: u16,
    /// The attempt's highest step, -1 before its first row.
    pub last_step: i64,
    /// How many rows of history the attempt has.
    pub history_lines: u64,
    /// Whether the run said that it is about to be stopped, since the last checkpoint.
    pub preempting: bool,
    /// Whether the run said that it has ended, and nothing came after.
    pub complete: bool,
    /// How it ended.
    pub exit_code: Option<i64>,
}

/// Where one attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its highest step, -1 before the first row.
    pub last_step: i64,
    /// Rows of history and of events.
    pub rows: [u64; 2],
}

impl Default for Attempt {
    fn default() -> Self {
        Self { last_step: -1, rows: [0; 2] }
    }
}

/// Received lines of one writer in one attempt: history, events, console.
pub type Received = [Lines; 3];

/// Everything of one run that is in memory.
#[derive(Debug, Default)]
pub struct RunState {
    /// The project that its files lie under.
    pub project: u64,
    /// Whether the state of its last checkpoint is in here.
    pub opened: bool,
    /// Whether something came since the last checkpoint.
    pub changed: bool,
    /// Whether rows came since the last compaction began.
    pub dirty: bool,
    writers: Vec<Arc<str>>,
    received: BTreeMap<(u16, u16), Received>,
    attempts: BTreeMap<u16, Attempt>,
    facts: Facts,
    /// What came last: it grows, and is never large.
    pub hot: Tail,
    /// Tails that don't grow any more, oldest first: the next compaction writes them to segments.
    pub sealed: Vec<Arc<Tail>>,
}

/// New lines of a request, on their way into the state.
#[derive(Debug)]
pub struct NewLines<'a> {
    /// Numbers of all lines of each stream, the unreadable ones too.
    pub received: [&'a [Range<i64>]; 3],
    /// Rows of history and of events.
    pub rows: [&'a mut Batch; 2],
    /// Console lines, new or changed.
    pub console: &'a [TextLine<'a>],
    /// Lines that could not be read.
    pub aside: &'a [TextLine<'a>],
}

impl RunState {
    /// A run of which nothing is known.
    #[must_use]
    pub fn new(run: u64, project: u64) -> Self {
        let facts = Facts { run, last_step: -1, ..Facts::default() };
        Self { project, facts, ..Self::default() }
    }

    /// Number of a writer, which gets one when it first comes.
    ///
    /// # Errors
    /// `Invalid` for more writers than a run can have.
    pub fn writer(&mut self, name: &str) -> Result<u16> {
        let known = self.writers.iter().position(|writer| **writer == *name);
        let number = known.unwrap_or(self.writers.len());
        let number = u16::try_from(number)
            .map_err(|_| CoreError::Invalid("a run can't have more than 65536 writers".into()))?;
        self.name_writer(number, name.into());
        Ok(number)
    }

    fn name_writer(&mut self, number: u16, name: Arc<str>) {
        let at = usize::from(number);
        if at >= self.writers.len() {
            self.writers.resize_with(at + 1, || "".into());
        }
        if let Some(place) = self.writers.get_mut(at) {
            *place = name;
        }
    }

    /// Number of a writer that is known.
    #[must_use]
    pub fn find_writer(&self, name: &str) -> Option<u16> {
        u16::try_from(self.writers.iter().position(|writer| **writer == *name)?).ok()
    }

    /// A writer's name.
    #[must_use]
    pub fn writer_name(&self, number: u16) -> Arc<str> {
        self.writers.get(usize::from(number)).cloned().unwrap_or_default()
    }

    /// Which lines of a writer have come.
    #[must_use]
    pub fn received(&self, attempt: u16, writer: u16) -> Option<&Received> {
        self.received.get(&(attempt, writer))
    }

    /// Which lines of all writers have come, by attempt.
    pub fn all_received(&self) -> impl Iterator<Item = (u16, &Received)> {
        self.received.iter().map(|((attempt, _), lines)| (*attempt, lines))
    }

    /// The attempts, and where each stands.
    #[must_use]
    pub fn attempts(&self) -> &BTreeMap<u16, Attempt> {
        &self.attempts
    }

    /// The latest.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The highest step of all attempts.
    #[must_use]
    pub fn highest_step(&self) -> i64 {
        self.attempts.values().map(|attempt| attempt.last_step).max().unwrap_or(-1)
    }

    /// Whether lines are missing between those of a writer that have come.
    ///
    /// Only a run's first writer is known to begin at line 0: others go on where one left off.
    #[must_use]
    pub fn has_gap(&self, attempt: u16, writer: u16) -> bool {
        let first = attempt == 0 && self.writer_name(writer).is_empty();
        let late = |lines: &Lines| first && lines.ranges().first().is_some_and(|range| range.start > 0);
        let lines = self.received(attempt, writer);
        lines.is_some_and(|received| received.iter().any(|lines| lines.has_gap() || late(lines)))
    }

    /// Note that a request came, whatever was in it.
    pub fn beat(&mut self, received_at: f64, attempt: u16) {
        self.facts.heartbeat_at = self.facts.heartbeat_at.max(received_at);
        self.turn_to(attempt);
        self.changed = true;
    }

    /// Where an attempt stands; one that nothing came of at its beginning.
    #[must_use]
    pub fn attempt(&self, number: u16) -> Attempt {
        self.attempts.get(&number).copied().unwrap_or_default()
    }

    /// Tell where an attempt stands: what an earlier one reached may be hidden by now.
    fn turn_to(&mut self, number: u16) {
        let Attempt { last_step, rows: [history_lines, _] } = self.attempt(number);
        self.facts = Facts { attempt: number, last_step, history_lines, ..std::mem::take(&mut self.facts) };
    }

    /// Take in what a frame holds.
    pub fn apply(&mut self, head: &Head, lines: NewLines<'_>) {
        self.beat(head.received_at, head.attempt);
        self.dirty = true;
        self.name_writer(head.writer, head.writer_name.clone());
        self.tell(head, lines.received.iter().any(|ranges| !ranges.is_empty()));
        let known = self.received.entry((head.attempt, head.writer)).or_default();
        for (known, new) in known.iter_mut().zip(lines.received) {
            for range in new {
                known.insert(range.clone());
            }
        }
        let attempt = self.attempts.entry(head.attempt).or_default();
        let [history, events] = lines.rows;
        let highest = history.rows.iter().map(|row| row.step).max().unwrap_or(-1);
        attempt.last_step = attempt.last_step.max(highest);
        for (count, batch) in attempt.rows.iter_mut().zip([&*history, &*events]) {
            *count += batch.rows.len() as u64;
        }
        self.hot.history.append(history, head.writer, head.attempt);
        self.hot.events.append(events, head.writer, head.attempt);
        let place = |file: &str, number| TextPlace {
            file: file.into(),
            number,
            writer: head.writer,
            attempt: head.attempt,
        };
        for (file, number, text) in lines.console {
            self.hot.console.put(place(file, *number), (*text).into());
        }
        for (file, number, text) in lines.aside {
            self.hot.aside.put(place(file, *number), (*text).into());
        }
        if self.hot.bytes() >= HOT_BYTES {
            self.seal();
        }
    }

    /// Let the tail grow no more; what comes next has one of its own.
    pub fn seal(&mut self) {
        if !self.hot.is_empty() {
            self.sealed.push(Arc::new(std::mem::take(&mut self.hot)));
        }
    }

    fn tell(&mut self, head: &Head, has_lines: bool) {
        let facts = &mut self.facts;
        // The frame's, because a run found in the log does not know yet what came before it.
        facts.last_step = head.last_step;
        facts.history_lines = head.history_lines;
        facts.preempting |= head.preempting;
        if head.complete || has_lines {
            facts.complete = head.complete;
            facts.exit_code = head.exit_code;
        }
        if head.summary.is_some() {
            facts.summary.clone_from(&head.summary);
        }
    }

    /// Forget what is told once, after a checkpoint told it.
    pub fn told(&mut self) {
        self.changed = false;
        self.facts.preempting = false;
    }

    /// The state as the next start needs it.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        let mut out = vec![STATE_VERSION];
        put_len(&mut out, self.writers.len());
        self.writers.iter().for_each(|name| put_str(&mut out, name));
        put_len(&mut out, self.received.len());
        for ((attempt, writer), streams) in &self.received {
            put_u64(&mut out, u64::from(*attempt));
            put_u64(&mut out, u64::from(*writer));
            for lines in streams {
                lines.pack(&mut out);
            }
        }
        put_len(&mut out, self.attempts.len());
        for (number, attempt) in &self.attempts {
            put_u64(&mut out, u64::from(*number));
            put_i64(&mut out, attempt.last_step);
            attempt.rows.iter().for_each(|rows| put_u64(&mut out, *rows));
        }
        put_i64(&mut out, self.facts.last_step);
        put_u64(&mut out, self.facts.history_lines);
        out.push(u8::from(self.facts.complete) | u8::from(self.facts.exit_code.is_some()) << 1);
        put_i64(&mut out, self.facts.exit_code.unwrap_or(0));
        // Writers of a shared run send their own part each, so that the whole has to be kept.
        put_option(&mut out, self.facts.summary.as_deref().filter(|_| self.is_shared()));
        // Not in states of older versions.
        put_u64(&mut out, u64::from(self.facts.attempt));
        out
    }

    /// Whether several writers may write this run.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.writers.iter().any(|name| !name.is_empty())
    }

    /// Put the state of the last checkpoint under what was found in the log after it.
    ///
    /// # Errors
    /// `Damaged` if it is of a newer version or can't be read; then nothing is changed.
    pub fn open(&mut self, project: u64, state: Option<&[u8]>) -> Result<()> {
        if let Some(bytes) = state.filter(|bytes| !bytes.is_empty()) {
            let mut before = Self::new(self.facts.run, project);
            before.unpack(&mut Unpacker::new(bytes))?;
            self.put_under(before);
        }
        self.project = project;
        self.opened = true;
        self.turn_to(self.facts.attempt);
        Ok(())
    }

    fn put_under(&mut self, before: Self) {
        for (number, name) in before.writers.into_iter().enumerate() {
            self.name_writer(u16::try_from(number).unwrap_or(u16::MAX), name);
        }
        for (writer, streams) in before.received {
            let known = self.received.entry(writer).or_default();
            known.iter_mut().zip(&streams).for_each(|(known, lines)| known.extend(lines));
        }
        for (number, before) in before.attempts {
            let attempt = self.attempts.entry(number).or_default();
            attempt.last_step = attempt.last_step.max(before.last_step);
            attempt.rows.iter_mut().zip(before.rows).for_each(|(rows, more)| *rows += more);
        }
        // A frame told the totals; without one the checkpoint's are the latest.
        if !self.dirty {
            let heartbeat_at = self.facts.heartbeat_at;
            self.facts = Facts { heartbeat_at, ..before.facts };
        } else if self.facts.summary.is_none() {
            self.facts.summary = before.facts.summary;
        }
    }

    fn unpack(&mut self, from: &mut Unpacker<'_>) -> Result<()> {
        let version = from.byte()?;
        if version != STATE_VERSION {
            return Err(CoreError::Damaged(format!(
                "the state of run {} has format {version}, which a newer Ferrule writes; start that one",
                self.facts.run
            )));
        }
        for number in 0..from.count()? {
            let name = from.text()?.into();
            self.name_writer(u16::try_from(number).unwrap_or(u16::MAX), name);
        }
        for _ in 0..from.count()? {
            let writer = (from.u16()?, from.u16()?);
            let lines = [Lines::unpack(from)?, Lines::unpack(from)?, Lines::unpack(from)?];
            self.received.insert(writer, lines);
        }
        for _ in 0..from.count()? {
            let number = from.u16()?;
            let attempt = Attempt { last_step: from.i64()?, rows: [from.u64()?, from.u64()?] };
            self.attempts.insert(number, attempt);
        }
        self.facts.last_step = from.i64()?;
        self.facts.history_lines = from.u64()?;
        let flags = from.byte()?;
        self.facts.complete = flags & 1 != 0;
        self.facts.exit_code = Some(from.i64()?).filter(|_| flags & 2 != 0);
        self.facts.summary = from.option()?;
        let newest = self.attempts.keys().next_back().copied().unwrap_or(0);
        self.facts.attempt = if from.rest().is_empty() { newest } else { from.u16()? };
        Ok(())
    }
}

/// The position of a stream's lines in `Received`.
#[must_use]
pub fn stream_index(stream: Stream) -> usize {
    (stream as usize).min(2)
}
