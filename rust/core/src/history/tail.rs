//! What came of a run since the last compaction, in memory and readable at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::batch::{Batch, Column, KeyTable, position};
use super::cells::{KeyCells, Numbers, RowId, RunCells, Side};

/// What a row takes in memory, and a number and any other cell, about.
const ROW_BYTES: usize = 24;
const NUMBER_BYTES: usize = 12;
const SIDE_BYTES: usize = 48;

/// Everything of one run, by stream.
#[derive(Debug, Default)]
pub struct Tail {
    /// Rows of `wandb-history.jsonl`.
    pub history: StreamTail,
    /// Rows of `wandb-events.jsonl`.
    pub events: StreamTail,
    /// Lines of `output.log`.
    pub console: Texts,
    /// Lines that could not be read.
    pub aside: Texts,
}

impl Tail {
    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.history.rows.is_empty()
            && self.events.rows.is_empty()
            && self.console.lines.is_empty()
            && self.aside.lines.is_empty()
    }

    /// About how much memory its cells take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.history.bytes + self.events.bytes + self.console.bytes + self.aside.bytes
    }
}

/// Rows of one stream, as columns in order of coming.
#[derive(Debug)]
pub struct StreamTail {
    /// The keys' numbers; of a tail that grows the parser adds to them.
    pub keys: KeyTable,
    rows: Vec<RowId>,
    columns: Vec<Column>,
    /// Whether rows came in their order, as they nearly always do.
    ordered: bool,
    bytes: usize,
}

impl Default for StreamTail {
    fn default() -> Self {
        Self { keys: KeyTable::default(), rows: Vec::new(), columns: Vec::new(), ordered: true, bytes: 0 }
    }
}

impl StreamTail {
    /// Take over the rows of a batch, whose keys have their numbers from `keys`.
    pub fn append(&mut self, batch: &mut Batch, writer: u16, attempt: u16) {
        let base = position(self.rows.len());
        self.bytes += batch.rows.len() * ROW_BYTES;
        for row in batch.rows.drain(..) {
            let id = RowId { step: row.step, line: row.line, writer, attempt };
            self.ordered &= self.rows.last().is_none_or(|last| *last < id);
            self.rows.push(id);
        }
        for key in batch.touched.drain(..) {
            let Some(new) = batch.columns.get_mut(key as usize) else { continue };
            self.bytes += new.values.len() * NUMBER_BYTES + new.side.len() * SIDE_BYTES;
            self.bytes += new.side.iter().map(|(_, side)| text_bytes(side)).sum::<usize>();
            if key as usize >= self.columns.len() {
                self.columns.resize_with(key as usize + 1, Column::default);
            }
            if let Some(column) = self.columns.get_mut(key as usize) {
                column.append(new, base);
            }
        }
    }

    /// Its rows, in order of coming.
    #[must_use]
    pub fn rows(&self) -> &[RowId] {
        &self.rows
    }

    /// The names of keys that have cells.
    pub fn names(&self) -> impl Iterator<Item = Arc<str>> + '_ {
        self.filled().map(|(key, _)| self.keys.name(key))
    }

    /// The cells of a key in rows that are seen, in order.
    #[must_use]
    pub fn read(&self, name: &str, seen: &impl Fn(&RowId) -> bool) -> KeyCells {
        let key = self.keys.find(name);
        let column = key.and_then(|key| self.columns.get(key as usize));
        column.map(|column| self.key_cells(column, seen)).unwrap_or_default()
    }

    /// All cells in rows that are seen.
    #[must_use]
    pub fn read_all(&self, seen: &impl Fn(&RowId) -> bool) -> RunCells {
        let cells = self.filled().map(|(key, column)| (self.keys.name(key), self.key_cells(column, seen)));
        cells.filter(|(_, cells)| !cells.side.is_empty() || !cells.numbers.rows.is_empty()).collect()
    }

    fn filled(&self) -> impl Iterator<Item = (u32, &Column)> {
        let numbered = self.columns.iter().enumerate().map(|(key, column)| (position(key), column));
        numbered.filter(|(_, column)| !column.is_empty())
    }

    fn key_cells(&self, column: &Column, seen: &impl Fn(&RowId) -> bool) -> KeyCells {
        let mut side: Vec<(RowId, Side)> = column
            .side
            .iter()
            .filter_map(|(row, side)| Some((self.row(*row, seen)?, side.clone())))
            .collect();
        if !self.ordered {
            side.sort_by_key(|(row, _)| *row);
        }
        KeyCells { numbers: self.numbers(column, seen), side }
    }

    fn numbers(&self, column: &Column, seen: &impl Fn(&RowId) -> bool) -> Numbers {
        let mut found: Vec<(RowId, u32)> = Vec::with_capacity(column.rows.len());
        for (at, row) in column.rows.iter().enumerate() {
            found.extend(self.row(*row, seen).map(|row| (row, position(at))));
        }
        if !self.ordered {
            found.sort_unstable_by_key(|(row, _)| *row);
        }
        let mut numbers = Numbers::default();
        for (row, at) in found {
            if let Ok(exact) = column.exact.binary_search_by_key(&at, |(at, _)| *at) {
                let value = column.exact.get(exact).map_or(0, |(_, value)| *value);
                numbers.exact.push((position(numbers.values.len()), value));
            }
            numbers.rows.push(row);
            numbers.values.push(column.values.get(at as usize).copied().unwrap_or(f64::NAN));
        }
        numbers
    }

    fn row(&self, row: u32, seen: &impl Fn(&RowId) -> bool) -> Option<RowId> {
        self.rows.get(row as usize).filter(|row| seen(row)).copied()
    }
}

fn text_bytes(side: &Side) -> usize {
    if let Side::Json(text) = side { text.len() } else { 0 }
}

/// A text line's place: its number, then its writer, then the attempt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextPlace {
    /// The file; empty for the console.
    pub file: Arc<str>,
    /// Line number.
    pub number: i64,
    /// Number of the writer in its run.
    pub writer: u16,
    /// How often the run had been rewound.
    pub attempt: u16,
}

impl TextPlace {
    /// As a row: the step is the number.
    #[must_use]
    pub fn row(&self) -> RowId {
        RowId { step: self.number, line: self.number, writer: self.writer, attempt: self.attempt }
    }
}

/// Lines of text, a later one replacing an earlier one of its place.
#[derive(Debug, Default)]
pub struct Texts {
    lines: BTreeMap<TextPlace, Arc<str>>,
    bytes: usize,
}

impl Texts {
    /// Put a line in its place.
    pub fn put(&mut self, place: TextPlace, text: Arc<str>) {
        self.bytes += text.len() + 2 * SIDE_BYTES;
        self.lines.insert(place, text);
    }

    /// The line of a place.
    #[must_use]
    pub fn get(&self, place: &TextPlace) -> Option<&Arc<str>> {
        self.lines.get(place)
    }

    /// Lines of a file from a number on, in order.
    pub fn from(&self, file: &Arc<str>, first: i64) -> impl Iterator<Item = (&TextPlace, &Arc<str>)> {
        let start = TextPlace { file: file.clone(), number: first, writer: 0, attempt: 0 };
        self.lines.range(start..).take_while(move |(place, _)| place.file == *file)
    }

    /// All lines.
    pub fn iter(&self) -> impl Iterator<Item = (&TextPlace, &Arc<str>)> {
        self.lines.iter()
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_wrap, clippy::cast_precision_loss, clippy::float_cmp)] // small numbers, made here
mod tests {
    use super::*;
    use crate::history::batch::{Cell, ROOT, Row, RowCells};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_come_in_order_of_their_rows_however_they_came(
            rows in proptest::collection::vec((0_i64..6, any::<i64>()), 0..12),
            split in 0_usize..12,
            last in 0_i64..6,
        ) {
            let mut tail = StreamTail::default();
            let key = tail.keys.child(ROOT, "k");
            let mut slow = BTreeMap::new();
            for part in [&rows[..split.min(rows.len())], &rows[split.min(rows.len())..]] {
                let mut batch = Batch::default();
                for (step, value) in part {
                    let line = slow.len() as i64;
                    let cell = if value % 3 == 0 { Cell::Side(Side::Bool(value % 2 == 0)) } else { Cell::Exact(*value) };
                    let id = RowId { step: *step, line, writer: 1, attempt: 2 };
                    slow.insert(id, cell.clone());
                    let mut cells = RowCells::default();
                    cells.push(key, cell);
                    batch.push(Row { line, step: *step }, &mut cells);
                }
                tail.append(&mut batch, 1, 2);
            }
            slow.retain(|row, _| row.step <= last);

            let cells = tail.read("k", &|row: &RowId| row.step <= last);

            let mut found = BTreeMap::new();
            for (at, value) in &cells.numbers.exact {
                prop_assert_eq!(cells.numbers.values[*at as usize], *value as f64);
                found.insert(cells.numbers.rows[*at as usize], Cell::Exact(*value));
            }
            found.extend(cells.side.iter().map(|(row, side)| (*row, Cell::Side(side.clone()))));
            prop_assert_eq!(found, slow);
            prop_assert!(cells.numbers.rows.is_sorted() && cells.side.is_sorted_by_key(|(row, _)| *row));
        }
    }
}
