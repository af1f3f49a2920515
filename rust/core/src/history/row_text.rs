//! One row as JSON text: values put back where their keys say.

use std::sync::Arc;

use crate::error::{CoreError, Result};
use crate::history::cells::{KeyCells, RowId, Side};
use crate::history::names::split;
use crate::json::{write_f64, write_i64, write_str};

/// From here on a double that is whole is no integer of 64 bits.
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// A value of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'c> {
    Number(f64),
    Exact(i64),
    Side(&'c Side),
}

/// A cell on its way into a row. Rows of several runs are told apart by the run's rank.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'c> {
    pub(super) row: RowId,
    pub(super) rank: usize,
    pub(super) key: usize,
    pub(super) value: Value<'c>,
}

/// Hand out a key's cells as entries: its numbers, then the rest.
pub(super) fn entries_of(cells: &KeyCells, rank: usize, key: usize) -> impl Iterator<Item = Entry<'_>> {
    let mut exact = cells.numbers.exact.iter().peekable();
    let numbers = cells.numbers.rows.iter().zip(&cells.numbers.values).enumerate();
    let numbers = numbers.map(move |(at, (row, value))| {
        let own = exact.next_if(|(position, _)| *position as usize == at);
        let value = own.map_or(Value::Number(*value), |(_, whole)| Value::Exact(*whole));
        Entry { row: *row, rank, key, value }
    });
    let side = cells.side.iter();
    numbers.chain(side.map(move |(row, side)| Entry { row: *row, rank, key, value: Value::Side(side) }))
}

/// The keys that rows are made of, in order of their names, and what to ask of a row.
pub(super) struct Layout {
    names: Vec<Arc<str>>,
    paths: Vec<Vec<String>>,
    /// For each key the keys inside it. Only where one writer logged a value and another an object
    /// are there any.
    inside: Vec<std::ops::Range<usize>>,
    /// A row has one key of each of these.
    needed: Vec<Vec<usize>>,
    /// The key that every row has, with its step.
    step: Option<usize>,
}

impl Layout {
    /// `names` are in order and each comes once.
    pub(super) fn new(names: Vec<Arc<str>>, needed: Vec<Vec<usize>>, step: Option<&str>) -> Self {
        let paths = names.iter().map(|name| split(name)).collect();
        let inside = names
            .iter()
            .map(|name| {
                let from = names.partition_point(|other| **other < *format!("{name}."));
                // `/` is the character after the dot.
                from..names.partition_point(|other| **other < *format!("{name}/"))
            })
            .collect();
        let step = step.and_then(|step| names.binary_search_by(|name| name.as_ref().cmp(step)).ok());
        Self { names, paths, inside, needed, step }
    }

    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    pub(super) fn needed(&self) -> &[Vec<usize>] {
        &self.needed
    }

    /// The number of a key; one that is not in rows, read only to know of them, has the last.
    pub(super) fn place(&self, name: &Arc<str>) -> usize {
        self.names.binary_search(name).unwrap_or(self.names.len())
    }

    /// The text of a row of these entries, in order of writing; `None` if it lacks a needed key.
    pub(super) fn text(&self, entries: &mut Vec<Entry<'_>>) -> Result<Option<String>> {
        let Some(last) = entries.last().copied() else { return Ok(None) };
        if let Some(key) = self.step
            && entries.iter().all(|entry| entry.key != key)
        {
            entries.push(Entry { key, value: Value::Exact(last.row.step), ..last });
        }
        // Stable: of several cells of one key the last one written comes last, and stays.
        entries.sort_by_key(|entry| entry.key);
        let mut kept: Vec<Entry<'_>> = Vec::with_capacity(entries.len());
        for entry in entries.iter() {
            match kept.last_mut() {
                Some(before) if before.key == entry.key => *before = *entry,
                _ => kept.push(*entry),
            }
        }
        let has = |key: &usize| kept.binary_search_by_key(key, |entry| entry.key).is_ok();
        if !self.needed.iter().all(|choices| choices.iter().any(has)) {
            return Ok(None);
        }
        self.settle(&mut kept);
        Ok(Some(self.write(&kept)?))
    }

    /// Where a key has both a value and keys inside it, keep what was written later.
    fn settle(&self, kept: &mut Vec<Entry<'_>>) {
        let empty = |entry: &Entry<'_>| self.inside.get(entry.key).is_none_or(std::ops::Range::is_empty);
        if kept.iter().all(empty) {
            return;
        }
        let mut at = 0;
        while let Some(entry) = kept.get(at).copied() {
            let inside = self.inside.get(entry.key).cloned().unwrap_or_default();
            let written = kept.iter().filter(|other| inside.contains(&other.key));
            match written.map(|other| (other.row, other.rank)).max() {
                Some(later) if later >= (entry.row, entry.rank) => {
                    kept.remove(at);
                }
                Some(_) => {
                    kept.retain(|other| !inside.contains(&other.key));
                    at += 1;
                }
                None => at += 1,
            }
        }
    }

    fn write(&self, entries: &[Entry<'_>]) -> Result<String> {
        let mut out = vec![b'{'];
        let mut open: &[String] = &[];
        let mut first = true;
        for entry in entries {
            let Some((last, way)) = self.paths.get(entry.key).and_then(|path| path.split_last()) else {
                continue;
            };
            let shared = open.iter().zip(way).take_while(|(a, b)| a == b).count();
            if shared < open.len() {
                out.resize(out.len() + open.len() - shared, b'}');
                first = false;
            }
            for name in way.get(shared..).unwrap_or_default() {
                write_name(&mut out, name, first);
                out.push(b'{');
                first = true;
            }
            open = way;
            write_name(&mut out, last, first);
            first = false;
            write_cell(&mut out, entry.value);
        }
        out.resize(out.len() + open.len() + 1, b'}');
        String::from_utf8(out).map_err(|_| CoreError::Damaged("a row is no UTF-8".to_owned()))
    }
}

fn write_name(out: &mut Vec<u8>, name: &str, first: bool) {
    if !first {
        out.push(b',');
    }
    write_str(out, name);
    out.push(b':');
}

fn write_cell(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Exact(whole) => write_i64(out, whole),
        Value::Number(value) => write_number(out, value),
        Value::Side(Side::Null) => out.extend_from_slice(b"null"),
        Value::Side(Side::Bool(true)) => out.extend_from_slice(b"true"),
        Value::Side(Side::Bool(false)) => out.extend_from_slice(b"false"),
        Value::Side(Side::Json(text)) => out.extend_from_slice(text.as_bytes()),
    }
}

/// Whole numbers are written as integers, so that steps and counts come back as such.
#[allow(clippy::cast_possible_truncation, clippy::float_cmp)]
fn write_number(out: &mut Vec<u8>, value: f64) {
    let whole = value.trunc() == value && value.abs() < TWO_TO_63;
    if whole && (value != 0.0 || value.is_sign_positive()) {
        write_i64(out, value as i64);
    } else if value == 0.0 {
        // `-0` would be read as the integer 0, which has no sign.
        out.extend_from_slice(b"-0.0");
    } else {
        write_f64(out, value);
    }
}
