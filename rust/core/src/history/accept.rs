//! Taking in one request: what is new in it goes into the log and the tail, the rest is counted.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::batch::{Batch, Cell, Row, RowCells, STEP};
use super::cells::Stream;
use super::frame::{Head, NewRows, TextLine, Unplaced, pack};
use super::lines::{Body, Chunk};
use super::lines_row::parse_row;
use super::run_state::{NewLines, RunState, stream_index};
use super::scan::Scan;
use super::store::{HistoryStore, locked};
use super::tail::TextPlace;
use crate::error::Result;

/// What one request brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receipt {
    /// It is durable when the log is durable up to here.
    pub seq: u64,
    /// New lines of history.
    pub history: u64,
    /// New lines of events.
    pub events: u64,
    /// New lines of the console.
    pub console: u64,
    /// Lines that had come before.
    pub repeated: u64,
    /// Lines that could not be read.
    pub aside: u64,
    /// Whether lines are missing between those that have come.
    pub gap: bool,
    /// The attempt's highest step, -1 before its first row.
    pub last_step: i64,
    /// The summary, if the request had one.
    pub summary: Option<Arc<str>>,
    /// The run is about to be stopped.
    pub preempting: bool,
    /// The run has ended.
    pub complete: bool,
    /// How it ended.
    pub exit_code: Option<i64>,
    /// Files whose upload has ended.
    pub uploaded: Vec<String>,
}

/// Memory that one request needs and the next one can use again.
#[derive(Debug, Default)]
pub struct Scratch {
    /// New rows of history and of events.
    pub batches: [Batch; 2],
    cells: RowCells,
    frame_bytes: usize,
}

impl Scratch {
    /// Forget what a request left that failed halfway.
    pub fn clear(&mut self) {
        self.batches.iter_mut().for_each(Batch::clear);
    }
}

/// What a request has beside its rows that the run didn't have.
#[derive(Debug, Default)]
struct News<'a> {
    received: [Vec<Range<i64>>; 3],
    console: Vec<TextLine<'a>>,
    aside: Vec<TextLine<'a>>,
    repeated: u64,
}

impl HistoryStore {
    /// Take in one request. It is readable when this returns, durable when the log is up to `seq`.
    ///
    /// # Errors
    /// `Invalid` if the body can't be read or the run isn't open; `Busy` if too much waits to be
    /// written. Nothing is kept then.
    pub fn accept(
        &self,
        run: u64,
        attempt: u16,
        writer: &str,
        body: &[u8],
        received_at: f64,
    ) -> Result<Receipt> {
        let shared = self.opened(run)?;
        self.log.room()?;
        let body = Body::parse(body)?;
        let mut scratch = locked(&self.scratch).pop().unwrap_or_default();
        scratch.clear();
        let receipt = {
            // Between a frame's place in the log and its rows in the tail no compaction begins.
            let _gate = self.gate.read();
            let mut state = locked(&shared);
            let writer = state.writer(writer)?;
            let was_dirty = state.dirty;
            let receipt =
                self.take_in(&mut state, &mut scratch, &body, Who { run, attempt, writer, received_at });
            if state.dirty && !was_dirty {
                locked(&self.dirty).insert(run);
            }
            receipt
        };
        locked(&self.scratch).push(scratch);
        receipt
    }

    fn take_in(&self, state: &mut RunState, scratch: &mut Scratch, body: &Body, who: Who) -> Result<Receipt> {
        state.beat(who.received_at, who.attempt);
        let mut news = News::default();
        news.read_rows(state, scratch, body, who);
        news.read_console(state, body, who);
        let summary = news.read_summary(state, body, who);
        let head = state.head(&news, scratch, body, who, summary.clone());
        let mut receipt = news.receipt(body, summary);
        if let Some(head) = head {
            let frame = news.frame(state, scratch, &head);
            receipt.seq = self.log.append(frame)?;
            let [history, events] = &mut scratch.batches;
            let received = news.received.each_ref().map(Vec::as_slice);
            let rows = [history, events];
            state.apply(&head, NewLines { received, rows, console: &news.console, aside: &news.aside });
        } else {
            // What it repeats may be still on its way.
            receipt.seq = self.log.last_seq();
        }
        receipt.last_step = state.facts().last_step;
        receipt.gap = state.has_gap(who.attempt, who.writer);
        Ok(receipt)
    }
}

/// Who sent a request, and when it came.
#[derive(Clone, Copy, Debug)]
struct Who {
    run: u64,
    attempt: u16,
    writer: u16,
    received_at: f64,
}

impl<'a> News<'a> {
    fn read_rows(&mut self, state: &mut RunState, scratch: &mut Scratch, body: &'a Body, who: Who) {
        let mut highest = state.highest_step();
        self.keep_missing(state, Stream::History, &body.history, who);
        self.keep_missing(state, Stream::Events, &body.events, who);
        let [history, events, _] = self.received.clone();
        let [history_batch, events_batch] = &mut scratch.batches;
        let keys = &mut state.hot.history.keys;
        for number in history.into_iter().flatten() {
            let text = body.line(&body.history, number);
            if parse_row(text, keys, &mut scratch.cells) {
                let step = step_of(&mut scratch.cells, highest);
                highest = highest.max(step);
                history_batch.push(Row { line: number, step }, &mut scratch.cells);
            } else {
                self.aside.push(("wandb-history.jsonl", number, text));
            }
        }
        let keys = &mut state.hot.events.keys;
        for number in events.into_iter().flatten() {
            let text = body.line(&body.events, number);
            if parse_row(text, keys, &mut scratch.cells) {
                events_batch.push(Row { line: number, step: number }, &mut scratch.cells);
            } else {
                self.aside.push(("wandb-events.jsonl", number, text));
            }
        }
    }

    /// Note which lines of a chunk are new.
    fn keep_missing(&mut self, state: &RunState, stream: Stream, chunk: &Chunk, who: Who) {
        let at = stream_index(stream);
        let known = state.received(who.attempt, who.writer).and_then(|received| received.get(at));
        let range = chunk.range();
        let missing = match known {
            Some(known) => known.missing(range.clone()),
            None if range.is_empty() => Vec::new(),
            None => vec![range.clone()],
        };
        self.repeated += length(&range) - missing.iter().map(length).sum::<u64>();
        if let Some(place) = self.received.get_mut(at) {
            *place = missing;
        }
    }

    fn read_console(&mut self, state: &RunState, body: &'a Body, who: Who) {
        self.keep_missing(state, Stream::Console, &body.console, who);
        let file: Arc<str> = "".into();
        for number in body.console.range() {
            let text = body.line(&body.console, number);
            let place = TextPlace { file: file.clone(), number, writer: who.writer, attempt: who.attempt };
            // A line that came before may have another text now.
            if state.hot.console.get(&place).is_none_or(|known| **known != *text) {
                self.console.push(("", number, text));
            }
        }
    }

    /// The request's summary, merged into the others' if several write the run.
    fn read_summary(&mut self, state: &RunState, body: &'a Body, who: Who) -> Option<Arc<str>> {
        let text = body.summary()?;
        if !is_object(text) {
            self.aside.push(("wandb-summary.json", 0, text));
            return None;
        }
        let before = state.facts().summary.as_deref().filter(|_| !state.writer_name(who.writer).is_empty());
        Some(before.map_or_else(|| text.into(), |before| merge_objects(before, text).into()))
    }

    fn frame(&self, state: &RunState, scratch: &mut Scratch, head: &Head) -> Unplaced {
        let [history, events] = &scratch.batches;
        let [history_lines, events_lines, console_lines] = &self.received;
        let rows = [
            NewRows { received: history_lines, batch: history, keys: &state.hot.history.keys },
            NewRows { received: events_lines, batch: events, keys: &state.hot.events.keys },
        ];
        let frame = Unplaced::new(scratch.frame_bytes, |out| {
            pack(out, head, rows, (console_lines, &self.console), &self.aside);
        });
        scratch.frame_bytes = frame.len();
        frame
    }

    fn receipt(&self, body: &Body, summary: Option<Arc<str>>) -> Receipt {
        let [history, events, console] =
            self.received.each_ref().map(|ranges| ranges.iter().map(length).sum::<u64>());
        let aside_of = |file| self.aside.iter().filter(|(name, _, _)| *name == file).count() as u64;
        Receipt {
            history: history - aside_of("wandb-history.jsonl"),
            events: events - aside_of("wandb-events.jsonl"),
            console,
            repeated: self.repeated,
            aside: self.aside.len() as u64,
            summary,
            preempting: body.preempting,
            complete: body.complete,
            exit_code: body.exit_code,
            uploaded: body.uploaded.clone(),
            ..Receipt::default()
        }
    }
}

impl RunState {
    /// What a frame has to say of a request; none if the request says nothing new.
    fn head(
        &self,
        news: &News<'_>,
        scratch: &Scratch,
        body: &Body,
        who: Who,
        summary: Option<Arc<str>>,
    ) -> Option<Head> {
        let facts = self.facts();
        let summary = summary.filter(|text| facts.summary.as_ref() != Some(text));
        let has_lines = news.received.iter().any(|ranges| !ranges.is_empty());
        let ends = body.complete && (!facts.complete || facts.exit_code != body.exit_code);
        let is_new = has_lines
            || !news.console.is_empty()
            || !news.aside.is_empty()
            || summary.is_some()
            || ends
            || (body.preempting && !facts.preempting);
        let [history, _] = &scratch.batches;
        let attempt = self.attempt(who.attempt);
        is_new.then(|| Head {
            run: who.run,
            project: self.project,
            attempt: who.attempt,
            writer: who.writer,
            writer_name: self.writer_name(who.writer),
            received_at: who.received_at,
            complete: body.complete,
            exit_code: body.exit_code,
            preempting: body.preempting,
            last_step: history.rows.iter().map(|row| row.step).fold(attempt.last_step, i64::max),
            history_lines: attempt.rows[0] + history.rows.len() as u64,
            summary,
        })
    }
}

fn length(range: &Range<i64>) -> u64 {
    range.end.abs_diff(range.start)
}

/// A row's step; a row without a usable one gets the step after the highest.
fn step_of(cells: &mut RowCells, highest: i64) -> i64 {
    let found = cells.numbers.iter().find(|(key, _)| *key == STEP);
    if let Some(step) = found.and_then(|(_, value)| whole(*value)) {
        return step;
    }
    let step = highest.saturating_add(1);
    cells.retain(|key| key != STEP);
    cells.push(STEP, exact_cell(step));
    step
}

/// The largest step that a double tells from its neighbours.
const LAST_WHOLE: f64 = 9_007_199_254_740_992.0;

#[allow(clippy::cast_possible_truncation)] // a whole number within 53 bits
fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() <= LAST_WHOLE).then_some(value as i64)
}

#[allow(clippy::cast_precision_loss)] // checked
fn exact_cell(step: i64) -> Cell {
    if step.unsigned_abs() <= 1 << 53 { Cell::Number(step as f64) } else { Cell::Exact(step) }
}

fn is_object(text: &str) -> bool {
    let mut scan = Scan::new(text);
    scan.space();
    scan.peek() == b'{' && scan.skip().is_some() && scan.at_end()
}

/// One object's members under another's, which win.
fn merge_objects(under: &str, over: &str) -> String {
    let merged: BTreeMap<String, &str> =
        object_members(under).into_iter().chain(object_members(over)).collect();
    let members: Vec<String> = merged.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// Members of an object that is known to be one, names with their quotes.
fn object_members(text: &str) -> Vec<(String, &str)> {
    let mut members = Vec::new();
    let mut scan = Scan::new(text);
    scan.space();
    scan.take(b'{');
    loop {
        scan.space();
        let Some((name, _)) = scan.quoted() else { return members };
        let name = format!("\"{name}\"");
        scan.space();
        scan.take(b':');
        scan.space();
        let from = scan.at();
        if scan.skip().is_none() {
            return members;
        }
        members.push((name, scan.slice(from..scan.at())));
        scan.space();
        scan.take(b',');
    }
}
