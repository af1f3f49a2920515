//! Where in a file the rows of some keys and steps lie.

use std::ops::Range;
use std::sync::Arc;

use crate::error::Result;
use crate::history::cells::RowId;
use crate::history::key_index::Place;
use crate::history::parquet_read::Table;

pub(super) const STEP: usize = 2;
const LINE: usize = 3;
const WRITER: usize = 4;
pub(super) const ATTEMPT: usize = 5;

/// Which steps.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'s> {
    /// All from one to another, inclusive.
    Between(i64, i64),
    /// These, ascending.
    At(&'s [i64]),
}

impl Wanted<'_> {
    fn bounds(&self) -> (i64, i64) {
        match self {
            Self::Between(low, high) => (*low, *high),
            Self::At(steps) => {
                (steps.first().copied().unwrap_or(i64::MAX), steps.last().copied().unwrap_or(i64::MIN))
            }
        }
    }

    /// Which of the rows with these steps, ascending, are meant.
    fn choose(&self, steps: &[i64], mut take: impl FnMut(Range<usize>)) {
        match self {
            Self::Between(low, high) => {
                let from = steps.partition_point(|step| step < low);
                take(from..steps.partition_point(|step| step <= high).max(from));
            }
            Self::At(wanted) => {
                let mut from = 0;
                for step in *wanted {
                    let rest = steps.get(from..).unwrap_or_default();
                    from += rest.partition_point(|other| other < step);
                    let rest = steps.get(from..).unwrap_or_default();
                    let to = from + rest.iter().take_while(|other| *other == step).count();
                    take(from..to);
                    from = to;
                }
            }
        }
    }
}

/// Rows of some keys, as ranges of the file's rows.
pub(super) struct Found<'a> {
    keys: Vec<(&'a Arc<str>, &'a Place)>,
    /// How many rows each key has.
    counts: Vec<usize>,
    ranges: Vec<Range<u64>>,
    /// The steps of all rows.
    steps: Vec<i64>,
}

impl<'a> Found<'a> {
    /// `keys` come in the order of the file.
    pub(super) fn locate(
        table: &Table,
        keys: &[(&'a Arc<str>, &'a Place)],
        wanted: Wanted<'_>,
    ) -> Result<Self> {
        let near: Vec<Range<u64>> =
            keys.iter().map(|(_, place)| near(table, place, wanted.bounds())).collect();
        let read = table.int64(STEP, &near)?;
        let mut found =
            Self { keys: keys.to_vec(), counts: Vec::new(), ranges: Vec::new(), steps: Vec::new() };
        let mut rest = read.as_slice();
        for range in near {
            let count = usize::try_from(range.end - range.start).unwrap_or(0);
            let (own, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            rest = later;
            let before = found.steps.len();
            wanted.choose(own, |rows| {
                if !rows.is_empty() {
                    found.steps.extend_from_slice(own.get(rows.clone()).unwrap_or_default());
                    found.ranges.push(range.start + rows.start as u64..range.start + rows.end as u64);
                }
            });
            found.counts.push(found.steps.len() - before);
        }
        Ok(found)
    }

    /// The rows, ascending.
    pub(super) fn ranges(&self) -> &[Range<u64>] {
        &self.ranges
    }

    /// Tell for each key that has rows which of all rows they are.
    pub(super) fn hand_out(&self, mut take: impl FnMut(&'a Arc<str>, Range<usize>)) {
        let mut from = 0;
        for ((name, _), count) in self.keys.iter().zip(&self.counts) {
            if *count > 0 {
                take(name, from..from + count);
            }
            from += count;
        }
    }

    /// A column of small numbers; not read where the index says that all are equal.
    fn small(&self, table: &Table, column: usize, bounds: impl Fn(&Place) -> (u16, u16)) -> Result<Vec<u16>> {
        let constant = self.keys.first().map(|(_, place)| bounds(place)).filter(|(low, high)| {
            low == high && self.keys.iter().all(|(_, place)| bounds(place) == (*low, *high))
        });
        match constant {
            Some((value, _)) => Ok(vec![value; self.steps.len()]),
            None => table.int16(column, &self.ranges),
        }
    }

    /// Where each row stands.
    pub(super) fn row_ids(&self, table: &Table) -> Result<Vec<RowId>> {
        let lines = table.int64(LINE, &self.ranges)?;
        let writers = self.small(table, WRITER, |place| place.writers)?;
        let attempts = self.small(table, ATTEMPT, |place| place.attempts)?;
        let places = lines.into_iter().zip(writers.into_iter().zip(attempts));
        Ok(self
            .steps
            .iter()
            .zip(places)
            .map(|(step, (line, (writer, attempt)))| RowId { step: *step, line, writer, attempt })
            .collect())
    }
}

/// The rows of a key between two steps, and perhaps some around them.
fn near(table: &Table, place: &Place, steps: (i64, i64)) -> Range<u64> {
    let rows = place.first_row..place.end();
    if place.last_step < steps.0 || place.first_step > steps.1 {
        return rows.start..rows.start;
    }
    if steps.0 <= place.first_step && place.last_step <= steps.1 {
        return rows;
    }
    table.narrow(STEP, rows, steps)
}
