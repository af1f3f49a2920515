//! Where a reader looks: parts of runs, in memory and at rest, seen through a scope.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::error::Result;
use crate::history::cells::{KeyCells, RunCells, Span};
use crate::history::key_index::Place;
use crate::history::parquet_write::PAGE_ROWS;
use crate::history::segment::{Attempts, KeyEntry, Points, Segment};
use crate::history::series::STEP_AXIS;

/// Rows that a key may seem to have in a range and does not: a page at either end.
pub(super) const BLUR: u64 = 2 * PAGE_ROWS as u64;

/// Cells of one run in one place. Parts are handed over in the order in which they were written,
/// so that of two cells of one row and key the one in the later part wins.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// What is not at rest yet; each key in order of rows.
    Memory {
        /// Whose they are.
        run: u64,
        /// The cells.
        cells: &'a RunCells,
    },
    /// What a segment holds of the run.
    File {
        /// Whose they are.
        run: u64,
        /// The segment.
        segment: &'a Segment,
    },
}

/// Rows of a key in a part, as far as it is known without reading them.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// How many.
    pub count: u64,
    /// The step of the first.
    pub first_step: i64,
    /// The step of the last.
    pub last_step: i64,
    /// All are seen.
    pub shown: bool,
}

impl<'a> Part<'a> {
    /// Whose cells they are.
    #[must_use]
    pub fn run(&self) -> u64 {
        match self {
            Self::Memory { run, .. } | Self::File { run, .. } => *run,
        }
    }

    /// The names of all keys, those without cells included.
    #[must_use]
    pub fn names(&self) -> Box<dyn Iterator<Item = &'a Arc<str>> + 'a> {
        match *self {
            Self::Memory { cells, .. } => Box::new(cells.keys()),
            Self::File { run, segment } => Box::new(segment.keys(run).iter().map(|entry| &entry.name)),
        }
    }

    /// Where a key's numbers lie, `None` if there are none.
    pub(super) fn numbers(&self, key: &str, scope: &[Span]) -> Option<Extent> {
        match self {
            Self::Memory { run, cells } => {
                let rows = &cells.get(key)?.numbers.rows;
                let (first, last) = (rows.first()?, rows.last()?);
                let shown = rows.iter().all(|row| shows(scope, *run, row.attempt, row.step));
                let count = rows.len() as u64;
                Some(Extent { count, first_step: first.step, last_step: last.step, shown })
            }
            Self::File { run, segment } => {
                Some(extent(&segment.key(*run, key)?.numbers.as_ref()?.place, *run, scope))
            }
        }
    }

    /// Where the cells of any kind of some keys lie.
    pub(super) fn extents<'k>(
        &self,
        keys: impl Iterator<Item = &'k Arc<str>>,
        scope: &[Span],
    ) -> Vec<Extent> {
        match self {
            Self::Memory { cells, .. } => keys.filter_map(|key| memory_extent(cells.get(key)?)).collect(),
            Self::File { run, segment } => keys
                .filter_map(|key| segment.key(*run, key))
                .flat_map(KeyEntry::places)
                .map(|place| extent(place, *run, scope))
                .collect(),
        }
    }

    /// Hand out a key's numbers between two steps, inclusive, hidden ones left out.
    pub(super) fn points(
        &self,
        key: &str,
        steps: (i64, i64),
        scope: &[Span],
        mut take: impl FnMut(&[i64], &[f64]) -> Result<()>,
    ) -> Result<()> {
        let run = self.run();
        let mut pass = |points: Points| {
            let points = only_shown(points, run, scope);
            take(&points.steps, &points.values)
        };
        match self {
            Self::Memory { cells, .. } => match cells.get(key) {
                Some(cells) => pass(memory_points(cells, steps)),
                None => Ok(()),
            },
            Self::File { segment, .. } => segment.points(run, key, steps, pass),
        }
    }

    /// Whether a key has cells that are no numbers.
    pub(super) fn has_side(&self, key: &str) -> bool {
        match self {
            Self::Memory { cells, .. } => cells.get(key).is_some_and(|cells| !cells.side.is_empty()),
            Self::File { run, segment } => segment.key(*run, key).is_some_and(|entry| entry.side.is_some()),
        }
    }

    /// How many numbers a key may have between two steps at most, as far as an index tells.
    pub(super) fn rows_near(&self, key: &str, steps: (i64, i64)) -> u64 {
        match self {
            Self::Memory { cells, .. } => cells
                .get(key)
                .map_or(0, |cells| within(&cells.numbers.rows, steps, |row| row.step).len() as u64),
            Self::File { run, segment } => segment.rows_near(*run, key, steps),
        }
    }

    /// How many cells of any kind a key may have between two steps at most, as far as an index tells.
    pub(super) fn cells_near(&self, key: &str, steps: (i64, i64)) -> u64 {
        self.cells_in(key, steps, |near, _| near)
    }

    /// How many cells of any kind a key has between two steps at least.
    pub(super) fn cells_sure(&self, key: &str, steps: (i64, i64)) -> u64 {
        let all = |place: &Place| steps.0 <= place.first_step && place.last_step <= steps.1;
        self.cells_in(key, steps, |near, place| if all(place) { near } else { near.saturating_sub(BLUR) })
    }

    fn cells_in(&self, key: &str, steps: (i64, i64), count: impl Fn(u64, &Place) -> u64) -> u64 {
        match self {
            Self::Memory { cells, .. } => cells.get(key).map_or(0, |cells| {
                self.rows_near(key, steps) + within(&cells.side, steps, |(row, _)| row.step).len() as u64
            }),
            Self::File { run, segment } => {
                let halves = segment.cells_near(*run, key, steps).into_iter().flatten();
                halves.map(|(near, place)| count(near, place)).sum()
            }
        }
    }

    /// How many rows lie between two steps, told from the steps of a key that every row has, or else
    /// of the fullest of some. What can't be read counts nothing.
    pub(super) fn rows_between(&self, keys: &[Arc<str>], steps: (i64, i64)) -> u64 {
        let Self::File { run, segment } = self else { return u64::MAX };
        let count = |key: &&str| self.cells_near(key, (i64::MIN, i64::MAX));
        let every = Some(STEP_AXIS).filter(|key| count(key) > 0);
        let Some(key) = every.or_else(|| keys.iter().map(AsRef::as_ref).max_by_key(count)) else { return 0 };
        let mut rows = 0;
        let _ =
            segment.steps(*run, key, steps, |step, _| rows += u64::from((steps.0..=steps.1).contains(&step)));
        rows
    }

    /// How many numbers a key has between two steps at least.
    pub(super) fn rows_sure(&self, key: &str, steps: (i64, i64)) -> u64 {
        let near = self.rows_near(key, steps);
        match self {
            Self::Memory { .. } => near,
            Self::File { run, segment } => match segment.key(*run, key).and_then(|e| e.numbers.as_ref()) {
                Some(facts) if steps.0 <= facts.place.first_step && facts.place.last_step <= steps.1 => near,
                _ => near.saturating_sub(BLUR),
            },
        }
    }

    /// Hand out the steps, between two, of all cells of a key that are shown.
    pub(super) fn steps(
        &self,
        key: &str,
        steps: (i64, i64),
        scope: &[Span],
        mut take: impl FnMut(i64),
    ) -> Result<()> {
        let run = self.run();
        let mut pass = |step: i64, attempt: u16| {
            if (steps.0..=steps.1).contains(&step) && shows(scope, run, attempt, step) {
                take(step);
            }
        };
        match self {
            Self::Memory { cells, .. } => {
                let Some(cells) = cells.get(key) else { return Ok(()) };
                cells.numbers.rows.iter().for_each(|row| pass(row.step, row.attempt));
                cells.side.iter().for_each(|(row, _)| pass(row.step, row.attempt));
                Ok(())
            }
            Self::File { segment, .. } => segment.steps(run, key, steps, pass),
        }
    }

    /// Cells at some steps, ascending, of some keys. Hidden rows are among them.
    pub(super) fn read_at(&self, keys: &[Arc<str>], steps: &[i64]) -> Result<Cow<'a, RunCells>> {
        match *self {
            Self::Memory { cells, .. } => {
                let kept = keys.iter().filter_map(|key| Some((key.clone(), at(cells.get(key)?, steps))));
                Ok(Cow::Owned(kept.collect()))
            }
            Self::File { run, segment } => Ok(Cow::Owned(segment.read_at(run, keys, steps)?)),
        }
    }

    /// Cells between two steps, inclusive, of some keys. Hidden rows are among them.
    pub(super) fn read(&self, keys: &[Arc<str>], steps: (i64, i64)) -> Result<Cow<'a, RunCells>> {
        match *self {
            Self::Memory { cells, .. } => {
                let kept = keys.iter().filter_map(|key| Some((key.clone(), between(cells.get(key)?, steps))));
                Ok(Cow::Owned(kept.collect()))
            }
            Self::File { run, segment } => Ok(Cow::Owned(segment.read_keys(run, Some(keys), steps)?)),
        }
    }
}

/// The names of all keys in any of the parts, in order.
#[must_use]
pub fn all_names(parts: &[Part<'_>]) -> Vec<Arc<str>> {
    let names: BTreeSet<&Arc<str>> = parts.iter().flat_map(Part::names).collect();
    names.into_iter().cloned().collect()
}

/// Whether a row is seen.
#[must_use]
pub fn shows(scope: &[Span], run: u64, attempt: u16, step: i64) -> bool {
    scope.iter().any(|span| span.run == run && span.attempt == attempt && step <= span.last_step)
}

fn extent(place: &Place, run: u64, scope: &[Span]) -> Extent {
    let (low, high) = place.attempts;
    let shown = (low..=high).all(|attempt| shows(scope, run, attempt, place.last_step));
    Extent { count: place.count, first_step: place.first_step, last_step: place.last_step, shown }
}

fn memory_extent(cells: &KeyCells) -> Option<Extent> {
    let numbers = cells.numbers.rows.first().into_iter().chain(cells.numbers.rows.last());
    let side = cells.side.first().into_iter().chain(cells.side.last()).map(|(row, _)| row);
    let (mut first, mut last) = (None::<i64>, None::<i64>);
    for row in numbers.chain(side) {
        first = Some(first.map_or(row.step, |step| step.min(row.step)));
        last = Some(last.map_or(row.step, |step| step.max(row.step)));
    }
    let count = (cells.numbers.rows.len() + cells.side.len()) as u64;
    Some(Extent { count, first_step: first?, last_step: last?, shown: false })
}

fn memory_points(cells: &KeyCells, steps: (i64, i64)) -> Points {
    let rows = &cells.numbers.rows;
    let from = rows.partition_point(|row| row.step < steps.0);
    let to = rows.partition_point(|row| row.step <= steps.1).max(from);
    let rows = rows.get(from..to).unwrap_or_default();
    Points {
        steps: rows.iter().map(|row| row.step).collect(),
        values: cells.numbers.values.get(from..to).unwrap_or_default().to_vec(),
        attempts: Attempts::Each(rows.iter().map(|row| row.attempt).collect()),
    }
}

fn only_shown(points: Points, run: u64, scope: &[Span]) -> Points {
    let Some(last) = points.steps.last() else { return points };
    if let Attempts::All(attempt) = points.attempts
        && shows(scope, run, attempt, *last)
    {
        return points;
    }
    let seen = |row: usize, step: i64| shows(scope, run, points.attempts.at(row), step);
    let kept = points.steps.iter().zip(&points.values).enumerate();
    let (steps, values) =
        kept.filter(|(row, (step, _))| seen(*row, **step)).map(|(_, (step, value))| (*step, *value)).unzip();
    Points { steps, values, attempts: Attempts::default() }
}

/// Which of some cells, in order of steps, lie between two, inclusive.
fn within<T>(cells: &[T], steps: (i64, i64), step: impl Fn(&T) -> i64) -> Range<usize> {
    let from = cells.partition_point(|cell| step(cell) < steps.0);
    from..cells.partition_point(|cell| step(cell) <= steps.1).max(from)
}

/// A key's cells between two steps, inclusive.
fn between(cells: &KeyCells, steps: (i64, i64)) -> KeyCells {
    let mut kept = KeyCells::default();
    let rows = &cells.numbers.rows;
    let from = rows.partition_point(|row| row.step < steps.0);
    let to = rows.partition_point(|row| row.step <= steps.1).max(from);
    kept.numbers.rows = rows.get(from..to).unwrap_or_default().to_vec();
    kept.numbers.values = cells.numbers.values.get(from..to).unwrap_or_default().to_vec();
    let exact = &cells.numbers.exact;
    let exact = exact.get(exact.partition_point(|(at, _)| (*at as usize) < from)..).unwrap_or_default();
    let exact = exact.iter().take_while(|(at, _)| (*at as usize) < to);
    kept.numbers.exact =
        exact.filter_map(|(at, value)| Some((u32::try_from(*at as usize - from).ok()?, *value))).collect();
    let from = cells.side.partition_point(|(row, _)| row.step < steps.0);
    let to = cells.side.partition_point(|(row, _)| row.step <= steps.1).max(from);
    kept.side = cells.side.get(from..to).unwrap_or_default().to_vec();
    kept
}

/// A key's cells at some steps, ascending.
fn at(cells: &KeyCells, steps: &[i64]) -> KeyCells {
    let mut kept = KeyCells::default();
    for step in steps {
        let mut here = between(cells, (*step, *step));
        let base = u32::try_from(kept.numbers.rows.len()).unwrap_or(u32::MAX);
        kept.numbers.rows.append(&mut here.numbers.rows);
        kept.numbers.values.append(&mut here.numbers.values);
        kept.numbers.exact.extend(here.numbers.exact.iter().map(|(at, value)| (base + at, *value)));
        kept.side.append(&mut here.side);
    }
    kept
}
