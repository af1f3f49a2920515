//! Which lines of a stream have come: sets of line numbers, nearly always one range.

use std::ops::Range;

use super::packing::{Unpacker, put_i64, put_len, put_u64};
use crate::error::{CoreError, Result};

/// A set of line numbers, as disjoint ascending ranges that don't touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    ranges: Vec<Range<i64>>,
}

impl Lines {
    /// The number after the highest one, 0 for none.
    #[must_use]
    pub fn next(&self) -> i64 {
        self.ranges.last().map_or(0, |range| range.end)
    }

    /// How many numbers are in it.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|range| range.end.abs_diff(range.start)).sum()
    }

    /// How many numbers below one are in it.
    #[must_use]
    pub fn count_below(&self, number: i64) -> u64 {
        let below = self.ranges.iter().take_while(|range| range.start < number);
        below.map(|range| range.end.min(number).abs_diff(range.start)).sum()
    }

    /// How many numbers between those in it are missing.
    #[must_use]
    pub fn holes(&self) -> u64 {
        let first = self.ranges.first().map_or(0, |range| range.start);
        self.next().abs_diff(first) - self.count()
    }

    /// The ranges, ascending.
    #[must_use]
    pub fn ranges(&self) -> &[Range<i64>] {
        &self.ranges
    }

    /// Whether lines are missing between those that have come.
    #[must_use]
    pub fn has_gap(&self) -> bool {
        self.ranges.len() > 1
    }

    /// Whether a number is in it.
    #[must_use]
    pub fn contains(&self, line: i64) -> bool {
        let after = self.ranges.partition_point(|range| range.start <= line);
        after.checked_sub(1).and_then(|at| self.ranges.get(at)).is_some_and(|range| line < range.end)
    }

    /// The parts of a range that are not in it, ascending.
    #[must_use]
    pub fn missing(&self, wanted: Range<i64>) -> Vec<Range<i64>> {
        let mut missing = Vec::new();
        let mut from = wanted.start;
        let first = self.ranges.partition_point(|range| range.end <= wanted.start);
        for known in self.ranges.iter().skip(first).take_while(|range| range.start < wanted.end) {
            if from < known.start {
                missing.push(from..known.start);
            }
            from = from.max(known.end);
        }
        if from < wanted.end {
            missing.push(from..wanted.end);
        }
        missing
    }

    /// Put a range in.
    pub fn insert(&mut self, range: Range<i64>) {
        if range.is_empty() {
            return;
        }
        if let Some(last) = self.ranges.last_mut().filter(|last| last.end == range.start) {
            last.end = range.end;
            return;
        }
        // All that overlap or touch become one.
        let first = self.ranges.partition_point(|known| known.end < range.start);
        let after = self.ranges.partition_point(|known| known.start <= range.end);
        let touched = self.ranges.get(first..after).unwrap_or_default();
        let start = touched.first().map_or(range.start, |known| known.start.min(range.start));
        let end = touched.last().map_or(range.end, |known| known.end.max(range.end));
        self.ranges.splice(first..after, std::iter::once(start..end));
    }

    /// Put everything of another set in.
    pub fn extend(&mut self, other: &Self) {
        for range in &other.ranges {
            self.insert(range.clone());
        }
    }

    /// Append it to a state: about two bytes for each range.
    pub fn pack(&self, out: &mut Vec<u8>) {
        put_len(out, self.ranges.len());
        let mut before = 0;
        for range in &self.ranges {
            put_i64(out, range.start.wrapping_sub(before));
            put_u64(out, range.end.abs_diff(range.start));
            before = range.end;
        }
    }

    /// Read it back.
    ///
    /// # Errors
    /// `Damaged` if `pack` can't have written it.
    pub fn unpack(from: &mut Unpacker<'_>) -> Result<Self> {
        let mut lines = Self::default();
        let mut before = 0_i64;
        for _ in 0..from.count()? {
            let start = before.wrapping_add(from.i64()?);
            let end = start.checked_add_unsigned(from.u64()?);
            let end = end.filter(|end| *end > start);
            before = end.ok_or_else(|| CoreError::Damaged("a range of no lines".into()))?;
            lines.insert(start..before);
        }
        Ok(lines)
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // small numbers, made here
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn ranges() -> impl Strategy<Value = Vec<Range<i64>>> {
        vec((0_i64..60, 0_i64..9).prop_map(|(start, length)| start..start + length), 0..20)
    }

    proptest! {
        #[test]
        fn it_is_a_set_of_numbers(inserted in ranges(), wanted in 0_i64..60, length in 0_i64..20) {
            let mut lines = Lines::default();
            let mut slow = BTreeSet::new();
            for range in inserted {
                lines.insert(range.clone());
                slow.extend(range);
            }
            let missing: Vec<i64> = lines.missing(wanted..wanted + length).into_iter().flatten().collect();
            let slow_missing: Vec<i64> = (wanted..wanted + length).filter(|n| !slow.contains(n)).collect();

            prop_assert_eq!(missing, slow_missing);
            prop_assert_eq!(lines.count() as usize, slow.len());
            prop_assert_eq!(lines.next(), slow.last().map_or(0, |last| last + 1));
            prop_assert!((-1..70).all(|n| lines.contains(n) == slow.contains(&n)));
            prop_assert!(lines.ranges().windows(2).all(|pair| pair[0].end < pair[1].start));
        }

        #[test]
        fn packing_and_unpacking_changes_nothing(inserted in ranges()) {
            let mut lines = Lines::default();
            for range in inserted {
                lines.insert(range);
            }
            let mut out = Vec::new();
            lines.pack(&mut out);

            prop_assert_eq!(Lines::unpack(&mut Unpacker::new(&out)).unwrap(), lines);
        }
    }
}
