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

    /// Whether rows lie so unevenly that far too many of them are in a range.
    fn crowded(&self, steps: (i64, i64)) -> bool {
        let rows = |part: &Part<'_>| -> u64 {
            self.keys.iter().map(|key| part.rows_near(key, steps).saturating_sub(BLUR)).sum()
        };
        steps.0 < steps.1 && self.parts.iter().map(rows).sum::<u64>() > 4 * self.cells
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
mod tests {
    use super::*;
    use crate::history::cells::{KeyCells, RowId, RunCells};
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

    proptest! {
        #[test]
        fn the_middle_is_rounded_down(low in any::<i64>(), high in any::<i64>()) {
            let middle = (i128::from(low) + i128::from(high)).div_euclid(2);
            prop_assert_eq!(i128::from(floor_midpoint((low, high))), middle);
        }
    }
}
