//! Entries in, framed records out: open rows, metric rules, summary, console lines.
//!
//! Deterministic: the same entries after the same journal give the same records, so a recovery
//! may write again what a killed process had written but not published.

use crate::entry::{self, Entry, Items, Key, Known, Node, PAST, RowHead, SEAL_AFTER, SEAL_BEFORE};
use crate::error::Result;
use crate::framing;
use crate::json;
use crate::metrics::Metrics;
use crate::open_row::{OpenRow, Part};
use crate::paths::{NO_PATH, PathId, Paths};
use crate::pixels::MadeFiles;
use crate::record;
use crate::rows::{row_leaves, runtime_of, step_of};
use crate::samples::Samples;
use crate::summary::{Summary, put_item};
use crate::value::Value;
use crate::wire::{put_bytes, put_number, put_tag, put_varint};

/// After so many rows the changes of the summary are written, so that other readers of a run that
/// was never finished find a recent one.
const ROWS_PER_SUMMARY: u64 = 256;

/// Written in the unused field `uuid` of summary records that the rules gave, not the user.
const DERIVED: &[u8] = b"derived";

/// Framed records on their way to the file.
#[derive(Default)]
pub struct Output {
    /// Bytes to write.
    pub bytes: Vec<u8>,
    /// The file's offset they go to.
    pub start: u64,
    num: u64,
    scratch: Vec<u8>,
}

impl Output {
    fn record(&mut self, body: &[u8]) {
        self.num += 1;
        self.scratch.clear();
        record::number_record(&mut self.scratch, self.num, body);
        framing::append_record(&mut self.bytes, self.start, &self.scratch);
    }
}

/// How entries are taken in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Their records are written.
    Write,
    /// Their records are in the journal already: only open rows are built up again.
    Rebuild,
}

/// The state of one writer's journal.
#[derive(Default)]
pub struct Fold {
    paths: Paths,
    keys: Vec<Box<str>>,
    key_paths: Vec<PathId>,
    main: OpenRow,
    past: OpenRow,
    metrics: Metrics,
    summary: Summary,
    samples: Samples,
    rows: u64,
    last_runtime: f64,
    top_step: i64,
    late: bool,
    text: Vec<u8>,
    body: Vec<u8>,
    /// What was made of the pixels that the entry at hand speaks of.
    pub files: MadeFiles,
    /// What goes to the file.
    pub output: Output,
}

impl Fold {
    /// Add keys of the ring's table, in its order.
    pub fn learn_keys(&mut self, keys: Vec<Box<str>>) {
        for key in keys {
            self.key_paths.push(self.paths.child(NO_PATH, &key));
            self.keys.push(key);
        }
    }

    /// Rows written so far.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// The nested summary.
    #[must_use]
    pub fn summary(&self) -> Value {
        self.summary.tree(&self.paths)
    }

    /// Thinned series of the numbers logged at the top level, by name.
    #[must_use]
    pub fn samples(&self) -> Vec<(String, Vec<f64>)> {
        self.samples.by_name(&self.paths)
    }

    /// Whether a row is open.
    #[must_use]
    pub const fn has_open_rows(&self) -> bool {
        self.main.is_open() || self.past.is_open()
    }

    /// Seconds since the start that the newest row was logged at.
    #[must_use]
    pub const fn last_runtime(&self) -> f64 {
        self.last_runtime
    }

    /// The oldest position of the ring of rows still needed, `cursor` if none before it is.
    #[must_use]
    pub fn needed_rows(&self, cursor: u64) -> u64 {
        [&self.main, &self.past].iter().filter_map(|row| row.from()).fold(cursor, u64::min)
    }

    /// Take in an entry that is no pointer to another.
    ///
    /// # Errors
    /// `Damaged` if the entry can't be read; nothing of it is kept.
    pub fn apply(&mut self, payload: &[u8], position: u64, mode: Mode) -> Result<()> {
        match entry::read(payload)? {
            Entry::Row(head, items) => self.row_part(head, items, position, mode)?,
            Entry::Record(body) if mode == Mode::Write => self.ready_record(body)?,
            Entry::Console(stderr, timestamp, text) => self.console(stderr, timestamp, text),
            Entry::Record(_) | Entry::Spilled(_) => {}
        }
        Ok(())
    }

    fn row_part(&mut self, head: RowHead, mut items: Items<'_>, position: u64, mode: Mode) -> Result<()> {
        let mut leaves = Vec::new();
        let timestamp = self.leaves(&mut items, &mut leaves)?;
        let is_past = head.flags & PAST != 0;
        if self.past.is_open() && !(is_past && self.past.head().step == head.step) {
            self.seal_past(mode);
        }
        if head.flags & SEAL_BEFORE != 0 && !is_past {
            self.seal_main(mode);
        }
        let row = if is_past { &mut self.past } else { &mut self.main };
        row.merge(position, Part { head, timestamp, leaves }, &self.paths);
        if head.flags & SEAL_AFTER != 0 {
            if is_past { self.seal_past(mode) } else { self.seal_main(mode) }
        }
        Ok(())
    }

    /// Flatten a part's items; returns the timestamp if the user gave one.
    fn leaves(&mut self, items: &mut Items<'_>, leaves: &mut Vec<(PathId, Value)>) -> Result<Option<Value>> {
        let mut timestamp = None;
        while let Some(key) = items.next_key()? {
            let (path, skipped) = self.top_path(key)?;
            let before = leaves.len();
            self.leaf(items, path, leaves)?;
            match self.paths.name(path) {
                "_timestamp" => {
                    timestamp = leaves.drain(before..).next_back().map(|(_, value)| value);
                }
                _ if skipped => leaves.truncate(before),
                _ => {}
            }
        }
        Ok(timestamp)
    }

    /// The path of a top-level key, and whether its value is replaced or dropped.
    fn top_path(&mut self, key: Key<'_>) -> Result<(PathId, bool)> {
        let path = match key {
            Key::Inline(name) => self.paths.child(NO_PATH, name),
            Key::Known(number) => {
                entry::known(&self.keys, number)?;
                self.key_paths.get(number as usize).copied().unwrap_or(NO_PATH)
            }
        };
        Ok((path, matches!(self.paths.name(path), "" | "_step" | "_runtime")))
    }

    fn leaf(&mut self, items: &mut Items<'_>, path: PathId, leaves: &mut Vec<(PathId, Value)>) -> Result<()> {
        let count = match items.node(Known { keys: &self.keys, files: &self.files })? {
            Node::Leaf(value) => {
                leaves.push((path, value));
                return Ok(());
            }
            Node::Dict(count) => count,
        };
        for _ in 0..count {
            let child = match items.key()? {
                Key::Inline(name) => self.paths.child(path, name),
                Key::Known(number) => self.paths.child(path, entry::known(&self.keys, number)?),
            };
            self.leaf(items, child, leaves)?;
        }
        Ok(())
    }

    /// Write the rows that are still open.
    pub fn seal_all(&mut self) {
        self.seal_past(Mode::Write);
        self.seal_main(Mode::Write);
    }

    fn seal_main(&mut self, mode: Mode) {
        let mut row = std::mem::take(&mut self.main);
        self.seal(&mut row, mode);
        self.main = row;
    }

    fn seal_past(&mut self, mode: Mode) {
        let mut row = std::mem::take(&mut self.past);
        self.seal(&mut row, mode);
        self.past = row;
    }

    fn seal(&mut self, row: &mut OpenRow, mode: Mode) {
        if row.is_open() && mode == Mode::Write {
            row.tidy();
            if !self.metrics.is_empty() {
                self.complete(row);
            }
            self.write_row(row);
        }
        row.close();
    }

    /// Bring metrics about that globs name, and put in the axes that the row lacks. An axis that is
    /// put in meets no glob until it is logged, as in the original.
    fn complete(&mut self, row: &mut OpenRow) {
        for at in 0..row.leaves() {
            let Some((path, value)) = row.leaf(at) else { continue };
            self.metrics.note_axis(*path, value);
            let (rule, derived) = self.metrics.resolve(*path, &mut self.paths);
            let axis = rule.filter(|rule| rule.step_sync).and_then(|rule| rule.step_metric);
            if let Some(record) = derived {
                self.derived_record(&record);
            }
            if let Some(axis) = axis.filter(|axis| !row.has(*axis) && !self.is_clock(*axis)) {
                row.fill(axis, self.metrics.axis(axis), &self.paths);
            }
        }
    }

    fn is_clock(&self, path: PathId) -> bool {
        matches!(self.paths.name(path), "_step" | "_runtime" | "_timestamp")
            && self.paths.parent(path) == NO_PATH
    }

    fn derived_record(&mut self, record: &Value) {
        if let Ok(body) = record::encode(record) {
            self.output.record(&body);
        }
    }

    fn write_row(&mut self, row: &OpenRow) {
        let head = row.head();
        self.body.clear();
        self.reach(head.step);
        let mut at = 0;
        while let Some((path, value)) = row.leaf(at) {
            self.put_leaf(*path, value);
            self.note(*path, value);
            at += 1;
        }
        self.put_clock("_timestamp", &row.timestamp());
        self.put_clock("_runtime", &Value::Float(head.runtime));
        self.last_runtime = self.last_runtime.max(head.runtime);
        if head.flags & entry::NO_STEP == 0 {
            self.put_clock("_step", &Value::Int(head.step));
            self.put_step(head.step);
        }
        self.finish_row();
    }

    /// Note the step of the row at hand: one behind the highest is late.
    fn reach(&mut self, step: i64) {
        self.late = step < self.top_step;
        self.top_step = self.top_step.max(step);
    }

    fn put_leaf(&mut self, path: PathId, value: &Value) {
        self.text.clear();
        json::write_value(&mut self.text, value);
        put_item(&mut self.body, self.paths.encoded(path), &self.text);
    }

    fn put_clock(&mut self, name: &str, value: &Value) {
        let path = self.paths.child(NO_PATH, name);
        self.put_leaf(path, value);
        self.summary.log(path, None, value, self.late, &self.paths);
    }

    /// The row's `step` message: present always, its number left out when zero.
    fn put_step(&mut self, step: i64) {
        let mut inner = Vec::with_capacity(12);
        if step != 0 {
            #[allow(clippy::cast_sign_loss)] // two's complement is the wire form
            put_number(&mut inner, 1, step as u64);
        }
        put_bytes(&mut self.body, 2, &inner);
    }

    fn finish_row(&mut self) {
        let mut record = std::mem::take(&mut self.text);
        record.clear();
        put_bytes(&mut record, 2, &self.body);
        self.output.record(&record);
        self.text = record;
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_PER_SUMMARY) {
            self.write_summary();
        }
    }

    /// Take a written leaf into the summary and the samples.
    fn note(&mut self, path: PathId, value: &Value) {
        self.summary.log(path, self.metrics.rule(path), value, self.late, &self.paths);
        let Some(number) = value.number() else { return };
        if self.paths.parent(path) != NO_PATH || self.paths.internal(path) {
            return;
        }
        self.samples.add(path, number);
    }

    /// Write a record of what changed in the summary since the last one.
    pub fn write_summary(&mut self) {
        let mut items = std::mem::take(&mut self.body);
        items.clear();
        self.summary.take_changes(&mut items, &self.paths);
        if !items.is_empty() {
            let mut body = Vec::with_capacity(items.len() + 16);
            put_bytes(&mut body, 3, &items);
            put_bytes(&mut body, record::UUID, DERIVED);
            self.output.record(&body);
        }
        self.body = items;
    }

    /// Write a record as it stands, taking metric rules and summary writes into the state.
    ///
    /// # Errors
    /// `Damaged` if the record can't be read; it is not written then.
    pub fn ready_record(&mut self, body: &[u8]) -> Result<()> {
        self.observe(body)?;
        self.output.record(body);
        Ok(())
    }

    fn observe(&mut self, body: &[u8]) -> Result<()> {
        let kind = record::peek_kind(body).map(|(number, _)| number);
        if !matches!(kind, Some(3 | 12)) {
            return Ok(());
        }
        let record = record::decode(body)?;
        if let Some(metric) = record.get("metric") {
            self.metrics.define(metric, &mut self.paths);
        }
        if let Some(summary) = record.get("summary") {
            self.observe_summary(summary, is_derived(&record));
        }
        Ok(())
    }

    fn observe_summary(&mut self, summary: &Value, derived: bool) {
        for item in summary.get("remove").map(Value::items).unwrap_or_default() {
            let (path, _) = self.item_path(item);
            self.summary.remove(path, &self.paths);
        }
        for item in summary.get("update").map(Value::items).unwrap_or_default() {
            let (path, top_key) = self.item_path(item);
            let value = item.get("value_json").and_then(Value::text).and_then(|text| json::parse(text).ok());
            match value {
                Some(_) if derived => self.summary.forget(path),
                Some(value) => self.observe_update(path, top_key, value),
                None => {}
            }
        }
    }

    /// A write to a top-level `key` is the user's; others, of a released client, may be what its
    /// rules gave, which the rows give here too.
    fn observe_update(&mut self, path: PathId, top_key: bool, value: Value) {
        if !top_key && self.summary.has_kinds(path) && matches!(value, Value::Dict(_)) {
            return;
        }
        if top_key || self.summary.has_kinds(path) {
            self.metrics.drop_kinds(path);
        }
        self.summary.set(path, value, &mut self.paths);
    }

    fn item_path(&mut self, item: &Value) -> (PathId, bool) {
        let nested = item.get("nested_key").map(Value::items).unwrap_or_default();
        if nested.is_empty() {
            let key = item.get("key").and_then(Value::text).unwrap_or_default();
            return (self.paths.child(NO_PATH, key), true);
        }
        (self.paths.of_names(nested.iter().filter_map(Value::text)), false)
    }

    /// Take a record of an existing journal into the state without writing it.
    pub fn replay(&mut self, payload: &[u8]) {
        self.output.num += 1;
        match record::peek_kind(payload) {
            Some((2, _)) => self.replay_row(payload),
            Some((3 | 12, _)) => {
                // A record that can't be read changes nothing; it is the reader that tells.
                let _ = self.observe(payload);
            }
            _ => {}
        }
    }

    fn replay_row(&mut self, payload: &[u8]) {
        self.rows += 1;
        let leaves = row_leaves(payload);
        if let Some(step) = step_of(&leaves) {
            self.reach(step);
        }
        self.last_runtime = self.last_runtime.max(runtime_of(&leaves).unwrap_or(0.0));
        for (names, value) in leaves {
            let path = self.paths.of_names(names.iter().map(|name| &**name));
            self.metrics.note_axis(path, &value);
            self.note(path, &value);
        }
    }

    /// Write a record of another journal, renumbered, and take it into the state.
    pub fn copy_record(&mut self, payload: &[u8]) {
        let body = record::without_number(payload);
        let num = self.output.num;
        self.replay(payload);
        self.output.num = num;
        self.output.record(body);
    }

    /// Write console text: one record for each call of `write`, as the original has it.
    fn console(&mut self, stderr: bool, timestamp: f64, text: &str) {
        let mut inner = std::mem::take(&mut self.body);
        inner.clear();
        if !stderr {
            put_number(&mut inner, 1, 1);
        }
        self.text.clear();
        put_timestamp(&mut self.text, timestamp);
        put_bytes(&mut inner, 2, &self.text);
        put_bytes(&mut inner, 3, text.as_bytes());
        self.text.clear();
        put_bytes(&mut self.text, 13, &inner);
        self.output.record(&self.text);
        self.body = inner;
    }

    /// Continue an existing file: its records were replayed, its whole bytes are these.
    pub fn continue_at(&mut self, journal_bytes: u64) {
        self.output.start = journal_bytes;
        self.output.bytes.clear();
    }

    /// The open rows as entries, so that the ring's room can be given back; see `Drain`.
    #[must_use]
    pub fn open_rows(&self) -> Vec<Vec<u8>> {
        let open = [&self.main, &self.past].into_iter().filter(|row| row.is_open());
        open.map(|row| row.to_entry(&self.paths)).collect()
    }

    /// The open rows were saved elsewhere: nothing before `position` is needed for them.
    pub fn rebase(&mut self, position: u64) {
        self.main.rebase(position);
        self.past.rebase(position);
    }
}

/// Whether a decoded record is a summary that the rules gave.
#[must_use]
pub fn is_derived(record: &Value) -> bool {
    record.get("uuid").and_then(Value::text).is_some_and(|mark| mark.as_bytes() == DERIVED)
}

fn put_timestamp(out: &mut Vec<u8>, seconds: f64) {
    let whole = seconds.max(0.0).floor();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // floored and not negative
    let (whole_secs, nanos) = (whole as u64, ((seconds - whole) * 1e9) as u64);
    put_tag(out, 1, 0);
    put_varint(out, whole_secs);
    put_number(out, 2, nanos.min(999_999_999));
}
