//! Steps cut into ranges that hold a bounded number of cells.

use std::sync::Arc;

use crate::history::cells::Span;
use crate::history::parts::{BLUR, Part};

/// Ranges of steps, inclusive and ascending, that hold about `cells` cells of some keys each.
pub(super) struct Windows<'a> {
    parts: &'a [Part<'a>],
    keys: &'a [Arc<str>],
    cells: u64,
    next: i128,
    last: i128,
    width: i128,
    /// Ranges that were cut further, the first one on top.
    cut: Vec<(i64, i64)>,
}

impl<'a> Windows<'a> {
    pub(super) fn new(
        parts: &'a [Part<'a>],
        scope: &[Span],
        keys: &'a [Arc<str>],
        steps: (i64, i64),
        cells: u64,
    ) -> Self {
        let extents: Vec<_> = parts.iter().flat_map(|part| part.extents(keys.iter(), scope)).collect();
        let total: u64 = extents.iter().map(|extent| extent.count).sum();
        let low = extents.iter().map(|extent| i128::from(extent.first_step)).min().unwrap_or(0);
        let high = extents.iter().map(|extent| i128::from(extent.last_step)).max().unwrap_or(-1);
        let cells = cells.max(1);
        let width = (high - low) / i128::from(total / cells + 1) + 1;
        let (next, last) = (low.max(i128::from(steps.0)), high.min(i128::from(steps.1)));
        Self { parts, keys, cells, next, last, width, cut: Vec::new() }
    }

    fn uncut(&mut self) -> Option<(i64, i64)> {
        if self.next > self.last {
            return None;
        }
        let end = (self.next + self.width - 1).min(self.last);
        let window = (i64::try_from(self.next).ok()?, i64::try_from(end).ok()?);
        self.next = end + 1;
        Some(window)
    }

    /// Whether cells lie so unevenly that far too many of them are in a range.
    fn crowded(&self, steps: (i64, i64)) -> bool {
        let most = 4 * self.cells;
        if steps.0 >= steps.1 || self.sum(|part, key| part.cells_near(key, steps)) <= most {
            return false;
        }
        // A part of a page in each of very many keys is much; what a page or two hold of a few is not.
        self.sum(|part, key| part.cells_sure(key, steps)) > most
            || (self.keys.len() as u64 * BLUR > most && self.cells_by_rows(steps) > most)
    }

    fn sum(&self, count: impl Fn(&Part<'_>, &str) -> u64) -> u64 {
        let all = |part: &Part<'_>| -> u64 { self.keys.iter().map(|key| count(part, key)).sum() };
        self.parts.iter().map(all).sum()
    }

    /// How many cells there can be with so many rows: the keys' pages reach too far to tell.
    fn cells_by_rows(&self, steps: (i64, i64)) -> u64 {
        let cells = |part: &Part<'_>| -> u64 {
            let rows = part.rows_between(self.keys, steps);
            self.keys.iter().map(|key| part.cells_near(key, steps).min(rows)).sum()
        };
        self.parts.iter().map(cells).sum()
    }
}

impl Iterator for Windows<'_> {
    type Item = (i64, i64);

    fn next(&mut self) -> Option<(i64, i64)> {
        let mut steps = self.cut.pop().or_else(|| self.uncut())?;
        while self.crowded(steps) {
            let middle = floor_midpoint(steps);
            self.cut.push((middle + 1, steps.1));
            steps.1 = middle;
        }
        Some(steps)
    }
}

/// The middle of two steps, rounded down: `midpoint` rounds towards zero, and of -1 and 0 the lower
/// half would be both of them for ever.
fn floor_midpoint((low, high): (i64, i64)) -> i64 {
    (low & high) + ((low ^ high) >> 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test may fail
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use crate::history::cells::{KeyCells, RowId, RunCells, Side};
    use crate::history::segment::{Segment, write_segment};
    use proptest::prelude::*;

    fn line(steps: impl IntoIterator<Item = i64>) -> RunCells {
        let mut cells = KeyCells::default();
        for (line, step) in (0..).zip(steps) {
            cells.numbers.rows.push(RowId { step, line, writer: 0, attempt: 0 });
            cells.numbers.values.push(1.0);
        }
        RunCells::from([("k".into(), cells)])
    }

    #[test]
    fn crowded_steps_around_zero_are_told_apart() {
        let cells = line(std::iter::repeat_n(-1, 9).chain(std::iter::repeat_n(0, 9)));
        let parts = [Part::Memory { run: 1, cells: &cells }];
        let keys: [Arc<str>; 1] = ["k".into()];

        let windows = Windows::new(&parts, &[], &keys, (i64::MIN, i64::MAX), 1).take(9);

        assert_eq!(windows.collect::<Vec<_>>(), [(-1, -1), (0, 0)]);
    }

    #[test]
    fn one_step_far_away_leaves_no_window_with_everything() {
        let dir = tempfile::tempdir().unwrap();
        let cells = line((0..3_000).chain([1 << 50])).remove("k").unwrap_or_default();
        let keys: Vec<Arc<str>> = (0..100).map(|number| format!("k{number}").into()).collect();
        let run: RunCells = keys.iter().map(|key| (key.clone(), cells.clone())).collect();
        write_segment(dir.path(), "s", &BTreeMap::from([(1, run)])).unwrap();
        let segment = Segment::open(dir.path(), "s").unwrap();
        let parts = [Part::File { run: 1, segment: &segment }];

        for steps in Windows::new(&parts, &[], &keys, (i64::MIN, i64::MAX), 1 << 12) {
            let read = parts[0].read(&keys, steps).unwrap();
            let count: usize = read.values().map(|cells| cells.numbers.rows.len()).sum();
            assert!(count <= 4 << 12, "{count} cells in {steps:?}");
        }
    }

    #[test]
    fn texts_count_as_numbers_do() {
        let mut cells = KeyCells::default();
        for step in 0..64 {
            cells.side.push((RowId { step, line: step, writer: 0, attempt: 0 }, Side::Null));
        }
        cells.side.push((RowId { step: 1 << 50, line: 64, writer: 0, attempt: 0 }, Side::Null));
        let cells = RunCells::from([("k".into(), cells)]);
        let parts = [Part::Memory { run: 1, cells: &cells }];
        let keys: [Arc<str>; 1] = ["k".into()];

        assert!(Windows::new(&parts, &[], &keys, (i64::MIN, i64::MAX), 4).count() >= 4);
    }

    proptest! {
        #[test]
        fn the_middle_is_rounded_down(low in any::<i64>(), high in any::<i64>()) {
            let middle = (i128::from(low) + i128::from(high)).div_euclid(2);
            prop_assert_eq!(i128::from(floor_midpoint((low, high))), middle);
        }
    }
}
