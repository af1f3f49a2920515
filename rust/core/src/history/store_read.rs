//! Reading what the store holds, within a scope.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cells::{KeyCells, RowId, RunCells, Side, Span, Stream};
use super::interim::assemble;
use super::run_state::RunState;
use super::store::{HistoryStore, locked};
use super::tail::{StreamTail, Tail, Texts};
use crate::error::Result;

/// What is known of a key without its cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyFacts {
    /// Flattened and escaped.
    pub name: Arc<str>,
    /// How many cells are numbers.
    pub numbers: u64,
    /// How many are not.
    pub others: u64,
    /// The first step with a cell.
    pub first_step: i64,
    /// The last one.
    pub last_step: i64,
    /// The last number.
    pub last_value: Option<f64>,
    /// The least finite number.
    pub minimum: Option<f64>,
    /// The greatest finite number.
    pub maximum: Option<f64>,
    /// Whether no number is less than the one before.
    pub monotonic: bool,
    /// What the others are.
    pub kinds: BTreeSet<String>,
}

/// Which rows are asked for.
#[derive(Clone, Debug)]
pub struct RowQuery {
    /// Only rows that have all of these, cut down to them.
    pub keys: Option<Vec<String>>,
    /// The first step.
    pub min_step: i64,
    /// The step to stop before.
    pub max_step: i64,
    /// How many at most.
    pub limit: Option<usize>,
    /// Evenly spaced ones instead of the first ones.
    pub thin: bool,
}

/// Which rows of one run are seen.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub run: u64,
    spans: Vec<Span>,
    stream: Stream,
    steps: (i64, i64),
}

impl View {
    /// Whether a row is seen. Only history is cut by steps: other streams have none.
    pub fn sees(&self, row: &RowId) -> bool {
        let in_span = |span: &Span| {
            span.attempt == row.attempt && (self.stream != Stream::History || row.step <= span.last_step)
        };
        (self.steps.0..=self.steps.1).contains(&row.step) && self.spans.iter().any(in_span)
    }
}

/// A scope by run, in order of first mention.
pub(super) fn views(scope: &[Span], stream: Stream, steps: (i64, i64)) -> Vec<View> {
    let mut views: Vec<View> = Vec::new();
    for span in scope {
        match views.iter_mut().find(|view| view.run == span.run) {
            Some(view) => view.spans.push(*span),
            None => views.push(View { run: span.run, spans: vec![*span], stream, steps }),
        }
    }
    views
}

pub(super) fn stream_tail(tail: &Tail, stream: Stream) -> &StreamTail {
    if stream == Stream::Events { &tail.events } else { &tail.history }
}

const ALL: (i64, i64) = (i64::MIN, i64::MAX);

impl HistoryStore {
    /// The highest step that is seen, -1 without rows.
    ///
    /// # Errors
    /// `Invalid` if a run is not open; so for all reads.
    pub fn last_step(&self, scope: &[Span]) -> Result<i64> {
        let mut last = -1;
        for view in views(scope, Stream::History, ALL) {
            last = last.max(self.last_step_of(&view)?);
        }
        Ok(last)
    }

    fn last_step_of(&self, view: &View) -> Result<i64> {
        let shared = self.opened(view.run)?;
        let attempts = locked(&shared).attempts().clone();
        let whole =
            |span: &Span| attempts.get(&span.attempt).is_none_or(|known| known.last_step <= span.last_step);
        if view.spans.iter().all(whole) {
            let seen = view.spans.iter().filter_map(|span| attempts.get(&span.attempt));
            return Ok(seen.map(|attempt| attempt.last_step).max().unwrap_or(-1));
        }
        let steps = self.cells(view, Some(&["_step".into()]))?.remove("_step").unwrap_or_default();
        Ok(steps.numbers.rows.last().map_or(-1, |row| row.step))
    }

    /// How many rows are seen.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn row_count(&self, scope: &[Span], stream: Stream) -> Result<u64> {
        let mut count = 0;
        for view in views(scope, stream, ALL) {
            count += self.row_count_of(&view)?;
        }
        Ok(count)
    }

    fn row_count_of(&self, view: &View) -> Result<u64> {
        let shared = self.opened(view.run)?;
        let attempts = locked(&shared).attempts().clone();
        let at = usize::from(view.stream == Stream::Events);
        let mut count = 0;
        for span in &view.spans {
            let Some(attempt) = attempts.get(&span.attempt) else { continue };
            if view.stream != Stream::History || attempt.last_step <= span.last_step {
                count += attempt.rows.get(at).copied().unwrap_or(0);
                continue;
            }
            // Every row of history has a step.
            let cut = View { spans: vec![*span], ..view.clone() };
            let steps = self.cells(&cut, Some(&["_step".into()]))?.remove("_step").unwrap_or_default();
            count += steps.numbers.rows.len() as u64;
        }
        Ok(count)
    }

    /// Keys by name.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn keys(&self, scope: &[Span], stream: Stream) -> Result<Vec<KeyFacts>> {
        let mut found: BTreeMap<Arc<str>, KeyFacts> = BTreeMap::new();
        for view in views(scope, stream, ALL) {
            for (name, cells) in self.cells(&view, None)? {
                let fresh = KeyFacts { name: name.clone(), monotonic: true, ..KeyFacts::default() };
                found.entry(name).or_insert(fresh).add(&cells);
            }
        }
        Ok(found.into_values().collect())
    }

    /// Rows as JSON text, in order of step, then of writing.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn rows(&self, scope: &[Span], stream: Stream, query: &RowQuery) -> Result<Vec<String>> {
        let steps = (query.min_step, query.max_step.saturating_sub(1));
        let names: Option<Vec<Arc<str>>> =
            query.keys.as_ref().map(|keys| keys.iter().map(|key| key.as_str().into()).collect());
        let mut rows = Vec::new();
        for view in views(scope, stream, steps) {
            rows.extend(assemble(&self.cells(&view, names.as_deref())?, names.as_ref().map(Vec::len)));
        }
        rows.sort_by_key(|(step, _)| *step);
        let limit = query.limit.unwrap_or(usize::MAX);
        if query.thin && rows.len() > limit {
            let (last, spaces) = (rows.len() - 1, limit.saturating_sub(1).max(1));
            let kept: BTreeSet<usize> = (0..limit).map(|at| at * last / spaces).collect();
            let mut at = 0;
            rows.retain(|_| {
                at += 1;
                kept.contains(&(at - 1))
            });
        }
        Ok(rows.into_iter().take(limit).map(|(_, text)| text).collect())
    }

    /// Cells of a run that are seen, of some keys or of all.
    pub(super) fn cells(&self, view: &View, keys: Option<&[Arc<str>]>) -> Result<RunCells> {
        let shared = self.opened(view.run)?;
        let mut found = RunCells::new();
        let state = locked(&shared);
        let sees = |row: &RowId| view.sees(row);
        for tail in tails(&state) {
            let tail = stream_tail(tail, view.stream);
            let cells = match keys {
                None => tail.read_all(&sees),
                Some(keys) => keys.iter().map(|key| (key.clone(), tail.read(key, &sees))).collect(),
            };
            for (name, cells) in cells {
                merge(&mut found, name, cells);
            }
        }
        Ok(found)
    }

    /// Console lines from a number on, whole numbers at a time, of the run that the scope ends in.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn console(&self, scope: &[Span], first: i64, limit: usize) -> Result<Vec<(i64, String)>> {
        let Some(view) = views(scope, Stream::Console, (first, i64::MAX)).pop() else {
            return Ok(Vec::new());
        };
        let shared = self.opened(view.run)?;
        let state = locked(&shared);
        let mut lines: BTreeMap<(i64, u16), (u16, Arc<str>)> = BTreeMap::new();
        let file = "".into();
        for tail in tails(&state) {
            let mut page = (0, first);
            for (place, text) in tail.console.from(&file, first) {
                // A number that has begun is told whole, so that the next page begins after it.
                if page.0 >= limit && page.1 != place.number {
                    break;
                }
                page = (page.0 + 1, place.number);
                let row = RowId {
                    step: place.number,
                    line: place.number,
                    writer: place.writer,
                    attempt: place.attempt,
                };
                let known = lines.get(&(place.number, place.writer));
                if view.sees(&row) && known.is_none_or(|(attempt, _)| *attempt <= place.attempt) {
                    lines.insert((place.number, place.writer), (place.attempt, text.clone()));
                }
            }
        }
        Ok(first_lines(lines, limit))
    }

    /// Lines that were kept aside, as file and text.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn aside(&self, scope: &[Span], limit: usize) -> Result<Vec<(String, String)>> {
        let mut lines = Vec::new();
        for view in views(scope, Stream::Aside, ALL) {
            let shared = self.opened(view.run)?;
            let state = locked(&shared);
            for texts in tails(&state).map(|tail| &tail.aside) {
                lines.extend(seen_texts(texts, &view).take(limit.saturating_sub(lines.len())));
            }
        }
        Ok(lines)
    }
}

fn seen_texts<'a>(texts: &'a Texts, view: &'a View) -> impl Iterator<Item = (String, String)> + 'a {
    let seen = |attempt: u16| view.spans.iter().any(|span| span.attempt == attempt);
    let lines = texts.iter().filter(move |(place, _)| seen(place.attempt));
    lines.map(|(place, text)| (place.file.to_string(), text.to_string()))
}

/// Lines up to a limit, but never a part of those that share a number.
fn first_lines(lines: BTreeMap<(i64, u16), (u16, Arc<str>)>, limit: usize) -> Vec<(i64, String)> {
    let mut found: Vec<(i64, String)> = Vec::new();
    for ((number, _), (_, text)) in lines {
        if found.len() >= limit && found.last().is_none_or(|(last, _)| *last != number) {
            break;
        }
        found.push((number, text.to_string()));
    }
    found
}

/// A run's tails, oldest first.
pub(super) fn tails(state: &RunState) -> impl Iterator<Item = &Tail> {
    state.sealed.iter().map(|tail| &**tail).chain(std::iter::once(&state.hot))
}

/// Put cells of a key under those that are there, in order.
pub(super) fn merge(found: &mut RunCells, name: Arc<str>, mut cells: KeyCells) {
    if cells.numbers.rows.is_empty() && cells.side.is_empty() {
        return;
    }
    let known = found.entry(name).or_default();
    let offset = super::batch::position(known.numbers.values.len());
    let (last, first) = (known.numbers.rows.last(), cells.numbers.rows.first());
    let late = last.zip(first).is_some_and(|(last, first)| first < last);
    known.numbers.rows.append(&mut cells.numbers.rows);
    known.numbers.values.append(&mut cells.numbers.values);
    known.numbers.exact.extend(cells.numbers.exact.into_iter().map(|(at, value)| (at + offset, value)));
    if late {
        sort_numbers(known);
    }
    let late = known.side.last().zip(cells.side.first()).is_some_and(|((last, _), (first, _))| first < last);
    known.side.append(&mut cells.side);
    if late {
        known.side.sort_by_key(|(row, _)| *row);
    }
}

fn sort_numbers(cells: &mut KeyCells) {
    let numbers = std::mem::take(&mut cells.numbers);
    let mut exact = numbers.exact.into_iter().peekable();
    let mut all: Vec<(RowId, f64, Option<i64>)> = Vec::with_capacity(numbers.rows.len());
    for (at, (row, value)) in numbers.rows.into_iter().zip(numbers.values).enumerate() {
        let whole = exact.next_if(|(position, _)| *position as usize == at).map(|(_, value)| value);
        all.push((row, value, whole));
    }
    all.sort_by_key(|(row, _, _)| *row);
    for (row, value, whole) in all {
        let at = super::batch::position(cells.numbers.values.len());
        cells.numbers.exact.extend(whole.map(|value| (at, value)));
        cells.numbers.rows.push(row);
        cells.numbers.values.push(value);
    }
}

impl KeyFacts {
    fn add(&mut self, cells: &KeyCells) {
        let numbers = &cells.numbers;
        let rows = || numbers.rows.iter().chain(cells.side.iter().map(|(row, _)| row)).map(|row| row.step);
        let empty = self.numbers + self.others == 0;
        let first = rows().min().unwrap_or(0);
        self.first_step = if empty { first } else { self.first_step.min(first) };
        self.last_step = self.last_step.max(rows().max().unwrap_or(i64::MIN));
        self.numbers += numbers.values.len() as u64;
        self.others += cells.side.len() as u64;
        let mut before = self.last_value;
        for value in &numbers.values {
            self.monotonic &= before.is_none_or(|before| *value >= before);
            before = Some(*value);
            if value.is_finite() {
                self.minimum = Some(self.minimum.map_or(*value, |least| least.min(*value)));
                self.maximum = Some(self.maximum.map_or(*value, |most| most.max(*value)));
            }
        }
        self.last_value = before;
        self.kinds.extend(cells.side.iter().map(|(_, side)| kind_of(side)));
    }
}

/// What a cell that is no number is, in a word.
fn kind_of(side: &Side) -> String {
    match side {
        Side::Null => "null".into(),
        Side::Bool(_) => "bool".into(),
        Side::Json(text) => match text.as_bytes().first() {
            Some(b'"') => "string".into(),
            Some(b'[') => "list".into(),
            Some(b'{') => type_of(text).unwrap_or_else(|| "object".into()),
            _ => "integer".into(),
        },
    }
}

fn type_of(text: &str) -> Option<String> {
    let parsed = crate::json::parse(text).ok()?;
    Some(parsed.get("_type")?.text()?.to_owned())
}
