//! Rollups: what a line needs of many rows, kept per cell of steps.
//!
//! A cell of level `k` holds the rows whose steps lie in one stretch of `2^k` steps that begins at
//! a multiple of `2^k`. Because that depends on the step alone, cells of several segments add up,
//! and buckets whose edges are such multiples (`Grid`) are made of whole cells. The lowest level of
//! a key has 64 rows in a cell on average, each further one is four times as wide.
//!
//! The file can be remade from the numbers at any time, and reads do without it.

use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
use crate::history::buckets::Bucket;
use crate::history::key_index::{Bytes, Facts, Index, NumberFacts, Place};
use crate::history::parquet_read::Table;
use crate::history::parquet_write::{FileFacts, Kind, Output, Stretch};
use crate::history::segment::Segment;

/// Keys of fewer numbers have no rollups.
pub const LEAST_NUMBERS: u64 = 4096;
/// Rows in a cell of the lowest level, on average.
const CELL_ROWS: u64 = 64;
/// A key has no more cells at the lowest level than two to this.
const MOST_CELLS_LOG: u32 = 20;
/// How many times as wide the next level is, as a power of two.
const LEVEL_STEP: u32 = 2;
/// A level of no more cells than this has none above it.
const FEW_CELLS: usize = 512;
/// Cells of a row group.
const GROUP_CELLS: usize = 1 << 18;

/// The rollups of one key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RollFacts {
    /// Where its cells lie, of all levels.
    place: Place,
    /// How many numbers it has.
    numbers: u64,
    /// For each level its power of two, and how many cells it has.
    levels: Vec<(u32, u64)>,
}

impl Facts for RollFacts {
    fn place(&self) -> &Place {
        &self.place
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.numbers.to_le_bytes());
        out.extend_from_slice(&u32::try_from(self.levels.len()).unwrap_or(u32::MAX).to_le_bytes());
        for (exponent, cells) in &self.levels {
            out.extend_from_slice(&exponent.to_le_bytes());
            out.extend_from_slice(&cells.to_le_bytes());
        }
    }

    fn read(place: Place, bytes: &mut Bytes<'_>) -> Result<Self> {
        let numbers = bytes.u64()?;
        let count = bytes.u32()?;
        let levels = (0..count).map(|_| Ok((bytes.u32()?, bytes.u64()?))).collect::<Result<_>>()?;
        Ok(Self { place, numbers, levels })
    }
}

impl RollFacts {
    /// Whether the rollups are of these numbers.
    fn fits(&self, facts: &NumberFacts) -> bool {
        let cells = self.levels.iter().try_fold(0_u64, |sum, (_, cells)| sum.checked_add(*cells));
        self.numbers == facts.place.count
            && self.place.first_step == facts.place.first_step
            && self.place.last_step == facts.place.last_step
            && cells == Some(self.place.count)
    }
}

/// The level of the narrowest cells for so many numbers over so many steps.
fn lowest_level(place: &Place) -> u32 {
    let steps = i128::from(place.last_step) - i128::from(place.first_step) + 1;
    let rows = i128::from(CELL_ROWS.max(place.count >> MOST_CELLS_LOG));
    let width = (steps.max(1) * rows) / i128::from(place.count.max(1));
    // The smallest power of two that is not smaller.
    if width <= 1 { 0 } else { ((width - 1).ilog2() + 1).min(62) }
}

/// Write the rollups of a segment's numbers, in place of those it may have; `None` if no key is
/// long enough. The folder is not synced: they can be remade.
///
/// # Errors
/// `Io`, `Damaged`.
pub fn write_rollups(dir: &Path, name: &str) -> Result<Option<FileFacts>> {
    let segment = Segment::open(dir, name)?;
    let mut file = None;
    for run in segment.runs() {
        for entry in segment.keys(run) {
            let Some(facts) = entry.numbers.as_ref().filter(|facts| facts.place.count >= LEAST_NUMBERS)
            else {
                continue;
            };
            let levels = ladder(&segment, run, &entry.name, facts)?;
            let file = match &mut file {
                Some(file) => file,
                none => none.insert(RollFile::create(dir, name)?),
            };
            file.push(run, &entry.name, facts, levels)?;
        }
    }
    file.map(RollFile::finish).transpose()
}

/// The cells of all levels of a key.
fn ladder(segment: &Segment, run: u64, key: &str, facts: &NumberFacts) -> Result<Vec<(u32, Vec<Bucket>)>> {
    let mut exponent = lowest_level(&facts.place);
    let mut cells: Vec<Bucket> = Vec::new();
    segment.points(run, key, (i64::MIN, i64::MAX), |points| {
        for (step, value) in points.steps.iter().zip(&points.values) {
            match cells.last_mut() {
                Some(cell) if cell.first_at >> exponent == step >> exponent => add(cell, *step, *value),
                _ => {
                    let mut cell = Bucket::EMPTY;
                    add(&mut cell, *step, *value);
                    cells.push(cell);
                }
            }
        }
        Ok(())
    })?;
    let mut levels = vec![(exponent, cells)];
    while let Some((_, cells)) = levels.last().filter(|(_, cells)| cells.len() > FEW_CELLS) {
        exponent += LEVEL_STEP;
        if exponent > 62 {
            break;
        }
        let wider = cells.chunk_by(|a, b| a.first_at >> exponent == b.first_at >> exponent);
        let wider = wider.map(|cells| {
            let mut all = Bucket::EMPTY;
            for cell in cells {
                all.join(cell);
            }
            all
        });
        let wider = wider.collect();
        levels.push((exponent, wider));
    }
    Ok(levels)
}

#[allow(clippy::cast_precision_loss)]
fn add(cell: &mut Bucket, step: i64, value: f64) {
    cell.add(step, step as f64, value);
}

/// Writes a file of rollups key by key.
struct RollFile {
    output: Output,
    index: Index<RollFacts>,
    keys: Vec<Stretch>,
    levels: Vec<u16>,
    cells: Vec<Bucket>,
    rows: u64,
}

impl RollFile {
    fn create(dir: &Path, name: &str) -> Result<Self> {
        let output = Output::create(dir, name, Kind::Roll)?;
        let (keys, levels, cells) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { output, index: Vec::new(), keys, levels, cells, rows: 0 })
    }

    fn push(
        &mut self,
        run: u64,
        name: &Arc<str>,
        facts: &NumberFacts,
        levels: Vec<(u32, Vec<Bucket>)>,
    ) -> Result<()> {
        let sizes: Vec<(u32, u64)> =
            levels.iter().map(|(exponent, cells)| (*exponent, cells.len() as u64)).collect();
        let count = sizes.iter().map(|(_, cells)| cells).sum();
        let place = Place { first_row: self.rows, count, ..facts.place.clone() };
        self.rows += count;
        let facts = RollFacts { place, numbers: facts.place.count, levels: sizes };
        match self.index.last_mut() {
            Some((last, keys)) if *last == run => keys.push((name.clone(), facts)),
            _ => self.index.push((run, vec![(name.clone(), facts)])),
        }
        for (exponent, cells) in levels {
            self.keys.push(Stretch::new(run, name, cells.len()));
            self.levels.extend(std::iter::repeat_n(u16::try_from(exponent).unwrap_or(0), cells.len()));
            self.cells.extend(cells);
        }
        if self.cells.len() >= GROUP_CELLS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let cells = &self.cells;
        if cells.is_empty() {
            return Ok(());
        }
        self.output.group(cells.len(), |group| {
            group.names(&self.keys)?;
            group.int16(self.levels.iter().copied())?;
            group.int64(cells.iter().map(|cell| cell.first_at))?;
            group.int64(cells.iter().map(|cell| cell.last_at))?;
            group.double(cells.iter().map(|cell| cell.first))?;
            group.double(cells.iter().map(|cell| cell.last))?;
            group.double(cells.iter().map(|cell| cell.min))?;
            group.int64(cells.iter().map(|cell| step_of(cell.min_x, cell.first_at)))?;
            group.double(cells.iter().map(|cell| cell.max))?;
            group.int64(cells.iter().map(|cell| step_of(cell.max_x, cell.first_at)))?;
            group.double(cells.iter().map(|cell| cell.sum))?;
            group.int64(cells.iter().map(|cell| cell.finite.cast_signed()))?;
            group.int64(cells.iter().map(|cell| cell.count.cast_signed()))
        })?;
        self.keys.clear();
        self.levels.clear();
        self.cells.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<FileFacts> {
        self.flush()?;
        self.output.finish(&self.index, true)
    }
}

/// The step that an x was, the first of the cell where there is none.
#[allow(clippy::cast_possible_truncation)]
fn step_of(x: f64, first: i64) -> i64 {
    if x.is_nan() { first } else { x as i64 }
}

/// The rollups of a segment.
pub(super) struct Rollups {
    table: Table,
    index: Index<RollFacts>,
}

impl Rollups {
    /// Open a segment's rollups. Such as are missing or can't be read are done without.
    pub(super) fn open(dir: &Path, name: &str) -> Option<Self> {
        let (table, index) = Table::open(&dir.join(Kind::Roll.file_name(name)), Kind::Roll).ok()??;
        Some(Self { table, index })
    }

    fn key(&self, run: u64, key: &str) -> Option<&RollFacts> {
        let (_, keys) = self.index.get(self.index.binary_search_by_key(&run, |(run, _)| *run).ok()?)?;
        let at = keys.binary_search_by(|(name, _)| name.as_ref().cmp(key)).ok()?;
        keys.get(at).map(|(_, facts)| facts)
    }

    /// The cells of a key that reach into a range of steps, of the widest level whose cells are no
    /// wider than two to `exponent`; `None` if there is none. The first and the last cell may reach
    /// beyond the range.
    pub(super) fn cells(
        &self,
        run: u64,
        key: &str,
        facts: &NumberFacts,
        exponent: u32,
        steps: (i64, i64),
    ) -> Result<Option<Vec<Bucket>>> {
        let Some(roll) = self.key(run, key).filter(|roll| roll.fits(facts)) else { return Ok(None) };
        let fine = roll.levels.iter().rposition(|(level, _)| *level <= exponent);
        let Some((before, count)) = fine.and_then(|at| {
            let before: u64 = roll.levels.get(..at)?.iter().map(|(_, cells)| cells).sum();
            Some((before, roll.levels.get(at)?.1))
        }) else {
            return Ok(None);
        };
        let start = roll.place.first_row + before;
        self.read(start..start + count, steps).map(Some)
    }

    fn read(&self, rows: std::ops::Range<u64>, steps: (i64, i64)) -> Result<Vec<Bucket>> {
        let table = &self.table;
        let all = std::slice::from_ref(&rows);
        let (firsts, lasts) = (table.int64(3, all)?, table.int64(4, all)?);
        let from = lasts.partition_point(|step| *step < steps.0);
        let to = firsts.partition_point(|step| *step <= steps.1).max(from);
        let some = rows.start + from as u64..rows.start + to as u64;
        let some = std::slice::from_ref(&some);
        let doubles = |column: usize| table.double(column, some);
        let whole = |column: usize| table.int64(column, some);
        let (first, last, min, max, sum) = (doubles(5)?, doubles(6)?, doubles(7)?, doubles(9)?, doubles(11)?);
        let (min_at, max_at, finite, count) = (whole(8)?, whole(10)?, whole(12)?, whole(13)?);
        let places = firsts.into_iter().zip(lasts).skip(from);
        let ends = first.into_iter().zip(last);
        let lows = min.into_iter().zip(min_at);
        let highs = max.into_iter().zip(max_at);
        let sums = sum.into_iter().zip(finite.into_iter().zip(count));
        let cells = places.zip(ends).zip(lows.zip(highs)).zip(sums);
        Ok(cells.map(|(((at, ends), (low, high)), sums)| cell(at, ends, low, high, sums)).collect())
    }
}

#[allow(clippy::cast_precision_loss)]
fn cell(
    (first_at, last_at): (i64, i64),
    (first, last): (f64, f64),
    (min, min_at): (f64, i64),
    (max, max_at): (f64, i64),
    (sum, (finite, count)): (f64, (i64, i64)),
) -> Bucket {
    Bucket {
        count: u64::try_from(count).unwrap_or(0),
        finite: u64::try_from(finite).unwrap_or(0),
        first_at,
        first,
        last_at,
        last_x: last_at as f64,
        last,
        min,
        min_x: min_at as f64,
        max,
        max_x: max_at as f64,
        sum,
    }
}
