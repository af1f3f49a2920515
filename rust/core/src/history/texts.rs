//! Reading texts: the console, and lines that were kept aside.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::{RowId, Side, Span, Stream};
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
#[derive(Clone, Copy, Debug, Default)]
struct ConsoleLog {
    attempt: u16,
    /// How many lines there are, of all writers.
    lines: u64,
    /// The highest number.
    last: i64,
    /// Whether the line at a position is the one of that number.
    plain: bool,
}

impl HistoryStore {
    /// How many console lines a scope shows.
    ///
    /// # Errors
    /// See `last_step`.
    pub fn console_count(&self, scope: &[Span]) -> Result<u64> {
        Ok(self.console_logs(&seen_scope(scope, Stream::Console))?.iter().map(|log| log.lines).sum())
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
            if skipped >= log.lines {
                skipped -= log.lines;
                continue;
            }
            let left = limit - found.len();
            if left == 0 {
                break;
            }
            found.extend(self.console_of(&scope, log, skipped, left)?);
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

    /// Lines of one attempt; where several writers stand side by side, all before have to be read.
    fn console_of(
        &self,
        scope: &[Span],
        log: ConsoleLog,
        skipped: u64,
        limit: usize,
    ) -> Result<impl Iterator<Item = (i64, String)> + use<>> {
        let (numbers, skipped) = if log.plain {
            let from = i64::try_from(skipped).unwrap_or(i64::MAX);
            let count = i64::try_from(limit).unwrap_or(i64::MAX);
            ((from, from.saturating_add(count - 1).min(log.last)), 0)
        } else {
            ((i64::MIN, log.last), usize::try_from(skipped).unwrap_or(usize::MAX))
        };
        let lines = self.read_console(scope, log.attempt, numbers)?;
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
    for (attempt, [_, _, lines]) in state.all_received() {
        if lines.count() == 0 {
            continue;
        }
        let alone = !logs.contains_key(&attempt);
        let log = logs.entry(attempt).or_default();
        log.attempt = attempt;
        log.plain = alone && i64::try_from(lines.count()) == Ok(lines.next());
        log.lines += lines.count();
        log.last = log.last.max(lines.next() - 1);
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
