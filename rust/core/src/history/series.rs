//! A line to draw: the points of a key over an x, or buckets of them.

use std::sync::Arc;

use crate::error::{CoreError, Result};
use crate::history::buckets::{Bucket, Grid, SeriesBlock};
use crate::history::cells::{KeyCells, RowId, Span};
use crate::history::parts::{Part, shows};
use crate::history::windows::Windows;

/// The x that is no key: the step of the row.
pub const STEP_AXIS: &str = "_step";
/// More buckets than this are refused.
pub const MOST_BUCKETS: usize = 1 << 20;
/// Up to this many rows are looked at one by one; of more, rollups where there are any.
const RAW_ROWS: u64 = 1 << 17;
/// Cells joined at once when x is a key.
const WINDOW_CELLS: u64 = 1 << 18;

/// Which line. Bounds are inclusive.
#[derive(Clone, Copy, Debug)]
pub struct SeriesSpec<'a> {
    /// The key drawn.
    pub key: &'a str,
    /// `_step`, or a key with numbers.
    pub x: &'a str,
    /// The smallest x.
    pub x_min: Option<f64>,
    /// The largest x.
    pub x_max: Option<f64>,
    /// How many buckets at most.
    pub buckets: usize,
}

/// Return the points of a line if there are at most twice as many as buckets, else buckets.
///
/// # Errors
/// `Invalid`, if the number of buckets is out of range; `Io`, `Damaged`.
pub fn bucket_series(parts: &[Part<'_>], scope: &[Span], spec: &SeriesSpec<'_>) -> Result<SeriesBlock> {
    if !(1..=MOST_BUCKETS).contains(&spec.buckets) {
        return Err(CoreError::Invalid(format!("buckets must be 1 to {MOST_BUCKETS}, not {}", spec.buckets)));
    }
    if spec.x == STEP_AXIS { over_steps(parts, scope, spec) } else { over_key(parts, scope, spec) }
}

fn over_steps(parts: &[Part<'_>], scope: &[Span], spec: &SeriesSpec<'_>) -> Result<SeriesBlock> {
    let Some((low, high)) = step_range(parts, scope, spec)? else { return Ok(SeriesBlock::raw(&[])) };
    let rows: u64 = parts.iter().map(|part| part.rows_sure(spec.key, (low, high))).sum();
    let coarse = rows > RAW_ROWS.max(4 * spec.buckets as u64);
    let line = Line::of(parts, scope, spec, (low, high), coarse)?;
    if line.lacks_points() {
        // Many rows are hidden, and what is left of them are few points: each is wanted.
        return Ok(Line::of(parts, scope, spec, (low, high), false)?.finish());
    }
    Ok(line.finish())
}

/// The first and the last step of the line, `None` if nothing can be in it.
fn step_range(parts: &[Part<'_>], scope: &[Span], spec: &SeriesSpec<'_>) -> Result<Option<(i64, i64)>> {
    let given = (first_step(spec.x_min), last_step(spec.x_max));
    let (mut low, mut high) = (i64::MAX, i64::MIN);
    for part in parts {
        let Some(extent) = part.numbers(spec.key, scope) else { continue };
        if extent.shown {
            (low, high) = (low.min(extent.first_step), high.max(extent.last_step));
        } else if given.0.is_none() || given.1.is_none() {
            part.points(spec.key, (i64::MIN, i64::MAX), scope, |steps, _| {
                low = low.min(steps.first().copied().unwrap_or(i64::MAX));
                high = high.max(steps.last().copied().unwrap_or(i64::MIN));
                Ok(())
            })?;
        }
    }
    let range = (given.0.unwrap_or(low), given.1.unwrap_or(high));
    Ok((range.0 <= range.1).then_some(range))
}

/// A bound as a step; casts of doubles beyond the range end at its ends.
#[allow(clippy::cast_possible_truncation)]
fn first_step(bound: Option<f64>) -> Option<i64> {
    bound.map(|x| if x.is_nan() { i64::MAX } else { x.ceil() as i64 })
}

#[allow(clippy::cast_possible_truncation)]
fn last_step(bound: Option<f64>) -> Option<i64> {
    bound.map(|x| if x.is_nan() { i64::MIN } else { x.floor() as i64 })
}

/// A line over steps while it is put together, part by part.
struct Line {
    grid: Grid,
    buckets: Vec<Bucket>,
    /// Points while there are few enough of them.
    raw: Vec<(i64, f64)>,
    most_raw: usize,
    /// Rollups told of points that are not in `raw`.
    rolled: bool,
}

impl Line {
    /// A line over steps, with `coarse` from rollups where there are any.
    fn of(
        parts: &[Part<'_>],
        scope: &[Span],
        spec: &SeriesSpec<'_>,
        (low, high): (i64, i64),
        coarse: bool,
    ) -> Result<Self> {
        let grid = Grid::over(low, high, spec.buckets);
        let (buckets, most_raw) = (vec![Bucket::EMPTY; spec.buckets], 2 * spec.buckets);
        let mut line = Self { grid, buckets, raw: Vec::new(), most_raw, rolled: false };
        for part in parts {
            if !(coarse && line.add_rollup(part, scope, spec.key, (low, high))?) {
                part.points(spec.key, (low, high), scope, |steps, values| {
                    line.add(steps, values);
                    Ok(())
                })?;
            }
        }
        Ok(line)
    }

    fn points(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.count).sum()
    }

    /// Whether the answer is every point, and not all are here.
    fn lacks_points(&self) -> bool {
        self.rolled && self.points() <= self.most_raw as u64
    }

    /// Add points in order of steps.
    fn add(&mut self, steps: &[i64], values: &[f64]) {
        if self.raw.len() <= self.most_raw {
            let room = self.most_raw + 1 - self.raw.len();
            self.raw.extend(steps.iter().copied().zip(values.iter().copied()).take(room));
        }
        let mut from = 0;
        while let Some(step) = steps.get(from) {
            let bucket = self.grid.bucket(*step);
            let end = self.grid.end(bucket);
            let rest = steps.get(from..).unwrap_or_default();
            // Steps are sorted: one search finds the end of the bucket. Only the last bucket of
            // all steps has no end of its own.
            let count = if end == i64::MAX { rest.len() } else { gallop(rest, end) };
            if let Some(bucket) = self.buckets.get_mut(bucket) {
                let values = values.get(from..from + count).unwrap_or_default();
                add_all(bucket, rest.get(..count).unwrap_or_default(), values);
            }
            from += count.max(1);
        }
    }

    /// Add a part from its rollups; `false` if it has none that fit, or a row of it is hidden.
    fn add_rollup(&mut self, part: &Part<'_>, scope: &[Span], key: &str, steps: (i64, i64)) -> Result<bool> {
        let Part::File { run, segment } = part else { return Ok(false) };
        if !part.numbers(key, scope).is_some_and(|extent| extent.shown) {
            return Ok(false);
        }
        // Rollups say nothing that the numbers don't: where they are damaged, those are read.
        let Ok(Some(cells)) = segment.rollup(*run, key, self.grid.exponent, steps) else { return Ok(false) };
        let (mut bucket, mut end) = (0, i64::MIN);
        for cell in cells {
            if cell.first_at >= end {
                bucket = self.grid.bucket(cell.first_at);
                end = self.grid.end(bucket);
            }
            let inside = (cell.first_at.max(steps.0), cell.last_at.min(steps.1));
            if inside == (cell.first_at, cell.last_at) {
                if let Some(bucket) = self.buckets.get_mut(bucket) {
                    bucket.join(&cell);
                    self.rolled = true;
                }
            } else {
                part.points(key, inside, scope, |steps, values| {
                    self.add(steps, values);
                    Ok(())
                })?;
            }
        }
        Ok(true)
    }

    #[allow(clippy::cast_precision_loss)]
    fn finish(mut self) -> SeriesBlock {
        if self.points() > self.most_raw as u64 {
            return SeriesBlock::of(&self.buckets);
        }
        self.raw.sort_by_key(|(step, _)| *step);
        let raw: Vec<(f64, f64)> = self.raw.iter().map(|(step, value)| (*step as f64, *value)).collect();
        SeriesBlock::raw(&raw)
    }
}

/// How many of sorted steps lie before `end`, found in time that depends on how many those are.
fn gallop(steps: &[i64], end: i64) -> usize {
    let mut reach = 1;
    while steps.get(reach).is_some_and(|step| *step < end) {
        reach *= 2;
    }
    let from = reach / 2;
    let near = steps.get(from..steps.len().min(reach + 1)).unwrap_or_default();
    from + near.partition_point(|step| *step < end)
}

#[allow(clippy::cast_precision_loss)]
fn add_all(bucket: &mut Bucket, steps: &[i64], values: &[f64]) {
    for (step, value) in steps.iter().zip(values) {
        bucket.add(*step, *step as f64, *value);
    }
}

fn over_key(parts: &[Part<'_>], scope: &[Span], spec: &SeriesSpec<'_>) -> Result<SeriesBlock> {
    let (low, high) = (spec.x_min.unwrap_or(f64::NEG_INFINITY), spec.x_max.unwrap_or(f64::INFINITY));
    let most_raw = 2 * spec.buckets;
    let mut raw: Vec<(f64, f64)> = Vec::new();
    let (mut count, mut found) = (0_u64, (f64::INFINITY, f64::NEG_INFINITY));
    joined(parts, scope, spec, |x, value| {
        if x >= low && x <= high {
            count += 1;
            found = (found.0.min(x), found.1.max(x));
            if raw.len() <= most_raw {
                raw.push((x, value));
            }
        }
    })?;
    if count <= most_raw as u64 {
        return Ok(SeriesBlock::raw(&raw));
    }
    let from = spec.x_min.filter(|x| x.is_finite()).unwrap_or(found.0);
    let to = spec.x_max.filter(|x| x.is_finite()).unwrap_or(found.1);
    let width = (to - from) / bucket_count(spec.buckets);
    let mut buckets = vec![Bucket::EMPTY; spec.buckets];
    let mut at = 0;
    joined(parts, scope, spec, |x, value| {
        if x >= low && x <= high {
            at += 1;
            if let Some(bucket) = buckets.get_mut(float_bucket(x - from, width, spec.buckets)) {
                bucket.add(at, x, value);
            }
        }
    })?;
    Ok(SeriesBlock::of(&buckets))
}

#[allow(clippy::cast_precision_loss)]
fn bucket_count(buckets: usize) -> f64 {
    buckets as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn float_bucket(distance: f64, width: f64, buckets: usize) -> usize {
    // A range of no width, or one wider than doubles reach, is one bucket.
    let ratio = distance / width;
    if ratio.is_finite() { (ratio as usize).min(buckets - 1) } else { 0 }
}

/// Hand out each shown y with the last x at or before its row, in order of rows. Values of y before
/// the first x, and such whose x is not finite, have no place and are left out.
fn joined(
    parts: &[Part<'_>],
    scope: &[Span],
    spec: &SeriesSpec<'_>,
    mut take: impl FnMut(f64, f64),
) -> Result<()> {
    let keys: Vec<Arc<str>> = vec![spec.x.into(), spec.key.into()];
    let mut last_x = f64::NAN;
    for steps in Windows::new(parts, scope, &keys, (i64::MIN, i64::MAX), WINDOW_CELLS) {
        let (mut xs, mut ys) = (Vec::new(), Vec::new());
        for part in parts {
            let cells = part.read(&keys, steps)?;
            collect_shown(cells.get(spec.x), part.run(), scope, &mut xs);
            collect_shown(cells.get(spec.key), part.run(), scope, &mut ys);
        }
        // Stable, and for the usual case of parts one after the other a single look.
        xs.sort_by_key(|(row, _)| *row);
        ys.sort_by_key(|(row, _)| *row);
        let mut next_x = xs.into_iter().peekable();
        for (row, value) in ys {
            while let Some((_, x)) = next_x.next_if(|(at, _)| *at <= row) {
                last_x = x;
            }
            if last_x.is_finite() {
                take(last_x, value);
            }
        }
        if let Some((_, x)) = next_x.last() {
            last_x = x;
        }
    }
    Ok(())
}

fn collect_shown(cells: Option<&KeyCells>, run: u64, scope: &[Span], out: &mut Vec<(RowId, f64)>) {
    let Some(cells) = cells else { return };
    let rows = cells.numbers.rows.iter().zip(&cells.numbers.values);
    let shown = rows.filter(|(row, _)| shows(scope, run, row.attempt, row.step));
    out.extend(shown.map(|(row, value)| (*row, *value)));
}
