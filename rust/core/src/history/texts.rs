//! Reading texts: the console, and lines that were kept aside.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::{RowId, Side, Span, Stream};
use super::intervals::Lines;
use super::parts::shows;
use super::run_state::RunState;
use super::scan::Scan;
use super::store::{HistoryStore, locked};
use super::store_read::seen_scope;
use super::tail::Tail;
use crate::error::Result;

const ALL: (i64, i64) = (i64::MIN, i64::MAX);

/// Console lines of one attempt, by number and writer.
type ConsoleLines = BTreeMap<(i64, u16), Arc<str>>;

/// How much console one attempt has.
#[derive(Debug, Default)]
struct ConsoleLog {
    attempt: u16,
    /// The lines of each writer.
    writers: Vec<Lines>,
}

impl ConsoleLog {
    fn count(&self) -> u64 {
        self.writers.iter().map(Lines::count).sum()
    }

    /// How many lines come before those of a number.
    fn before(&self, number: i64) -> u64 {
        self.writers.iter().map(|lines| lines.count_below(number)).sum()
    }

    /// The highest number with at most so many lines before it.
    fn number_at(&self, position: u64) -> i64 {
        let (mut low, mut high) = (0, self.writers.iter().map(Lines::next).max().unwrap_or(0));
        while low < high {
            let middle = low + (high - low + 1) / 2;
            if self.before(middle) <= position { low = middle } else { high = middle - 1 }
        }
        low
    }
}

impl HistoryStore {
    /// How many console lines a scope shows.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn console_count(&self, scope: &[Span]) -> Result<u64> {
        Ok(self.console_logs(&seen_scope(scope, Stream::Console))?.iter().map(ConsoleLog::count).sum())
    }

    /// Console lines with their numbers from a position on: one attempt after the other, the lines
    /// of each by number, those of several writers side by side.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn console(&self, scope: &[Span], first: u64, limit: usize) -> Result<Vec<(i64, String)>> {
        let scope = seen_scope(scope, Stream::Console);
        let mut skipped = first;
        let mut found = Vec::new();
        for log in self.console_logs(&scope)? {
            if skipped >= log.count() {
                skipped -= log.count();
                continue;
            }
            let left = limit - found.len();
            if left == 0 {
                break;
            }
            found.extend(self.console_of(&scope, &log, skipped, left)?);
            skipped = 0;
        }
        Ok(found)
    }

    fn console_logs(&self, scope: &[Span]) -> Result<Vec<ConsoleLog>> {
        let Some(run) = scope.first().map(|span| span.run) else { return Ok(Vec::new()) };
        let shared = self.opened(run)?;
        let logs = console_logs(&locked(&shared));
        Ok(logs.into_iter().filter(|log| shows(scope, run, log.attempt, 0)).collect())
    }

    /// Lines of one attempt from a position on: only those that share their numbers are read.
    fn console_of(
        &self,
        scope: &[Span],
        log: &ConsoleLog,
        position: u64,
        limit: usize,
    ) -> Result<impl Iterator<Item = (i64, String)> + use<>> {
        let first = log.number_at(position);
        let last = log.number_at(position.saturating_add(limit as u64));
        let lines = self.read_console(scope, log.attempt, (first, last))?;
        let skipped = usize::try_from(position - log.before(first)).unwrap_or(usize::MAX);
        let lines = lines.into_iter().skip(skipped).take(limit);
        Ok(lines.map(|((number, _), text)| (number, text.to_string())))
    }

    fn read_console(&self, scope: &[Span], attempt: u16, numbers: (i64, i64)) -> Result<ConsoleLines> {
        let mut lines = ConsoleLines::default();
        let Some(run) = scope.first().map(|span| span.run) else { return Ok(lines) };
        let console: Arc<str> = "".into();
        let take = |tail: &Tail| -> Vec<(RowId, Arc<str>)> {
            let lines = tail.console.from(&console, numbers.0);
            let lines = lines.take_while(|(place, _)| place.number <= numbers.1);
            lines.map(|(place, text)| (place.row(), text.clone())).collect()
        };
        let places = self.places(run, Stream::Console, take)?;
        for shelved in &places.files {
            let side = shelved.segment()?.read(run, "", numbers)?.side;
            let side = side.iter().filter(|(row, _)| row.attempt == attempt);
            lines.extend(side.map(|(row, side)| ((row.line, row.writer), text_of(side))));
        }
        let memory = places.in_memory(take).flatten().filter(|(row, _)| row.attempt == attempt);
        lines.extend(memory.map(|(row, text)| ((row.line, row.writer), text)));
        Ok(lines)
    }

    /// Lines that were kept aside, as file and text.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn aside(&self, scope: &[Span], limit: usize) -> Result<Vec<(String, String)>> {
        let scope = seen_scope(scope, Stream::Aside);
        let Some(run) = scope.first().map(|span| span.run) else { return Ok(Vec::new()) };
        let take = |tail: &Tail| -> Vec<((String, RowId), Arc<str>)> {
            let lines = tail.aside.iter();
            lines.map(|(place, text)| ((place.file.to_string(), place.row()), text.clone())).collect()
        };
        let places = self.places(run, Stream::Aside, take)?;
        let mut lines = BTreeMap::new();
        for shelved in &places.files {
            let segment = shelved.segment()?;
            let names = segment.keys(run).iter().map(|entry| &entry.name).filter(|name| !name.is_empty());
            for name in names {
                let cells = segment.read(run, name, ALL)?;
                lines.extend(cells.side.iter().map(|(row, side)| ((file_of(name), *row), text_of(side))));
            }
        }
        lines.extend(places.in_memory(take).flatten());
        let seen = lines.into_iter().filter(|((_, row), _)| shows(&scope, run, row.attempt, row.step));
        Ok(seen.map(|((file, _), text)| (file, text.to_string())).take(limit).collect())
    }
}

fn console_logs(state: &RunState) -> Vec<ConsoleLog> {
    let mut logs: BTreeMap<u16, ConsoleLog> = BTreeMap::new();
    for (attempt, [_, _, lines]) in state.all_received().filter(|(_, [_, _, lines])| lines.count() > 0) {
        let log = logs.entry(attempt).or_insert_with(|| ConsoleLog { attempt, writers: Vec::new() });
        log.writers.push(lines.clone());
    }
    logs.into_values().collect()
}

/// The text of a cell that holds a quoted one.
fn text_of(side: &Side) -> Arc<str> {
    let Side::Json(quoted) = side else { return "".into() };
    let mut text = String::with_capacity(quoted.len());
    match Scan::new(quoted).unescape_into(&mut text) {
        Some(()) => text.into(),
        None => quoted.clone(),
    }
}

fn file_of(key: &str) -> String {
    super::names::split(key).join(".")
}
