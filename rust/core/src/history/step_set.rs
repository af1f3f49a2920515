//! Which steps have a row.

/// Up to this many steps in a range each has a bit: 32 MiB.
const MOST_BITS: u128 = 1 << 28;

/// Loose steps are told apart when so many came beside those that were.
const LOOSE_CHUNK: usize = 1 << 20;

/// A set of steps of a range.
#[derive(Debug)]
pub(super) struct StepSet {
    low: i64,
    width: u128,
    count: u128,
    /// One bit a step, where the range is narrow enough.
    bits: Vec<u64>,
    /// The steps, where it is not.
    loose: Vec<i64>,
    /// So many of them, at the front, are sorted and all different.
    sorted: usize,
}

impl StepSet {
    /// No steps, of those from `low` to `high`.
    pub(super) fn new(low: i64, high: i64) -> Self {
        let width = u128::try_from(i128::from(high) - i128::from(low) + 1).unwrap_or(0);
        let words = if width <= MOST_BITS { width.div_ceil(64) } else { 0 };
        let bits = vec![0; usize::try_from(words).unwrap_or(0)];
        Self { low, width, count: 0, bits, loose: Vec::new(), sorted: 0 }
    }

    fn is_dense(&self) -> bool {
        self.width <= MOST_BITS
    }

    fn offset(&self, step: i64) -> Option<u128> {
        u128::try_from(i128::from(step) - i128::from(self.low)).ok().filter(|offset| *offset < self.width)
    }

    /// Add a step; one out of the range is left out.
    pub(super) fn insert(&mut self, step: i64) {
        let Some(offset) = self.offset(step) else { return };
        if !self.is_dense() {
            if self.loose.last() != Some(&step) {
                self.loose.push(step);
            }
            // Each of many keys may bring the same steps again.
            if self.loose.len() >= 2 * self.sorted + LOOSE_CHUNK {
                self.sort_loose();
            }
            return;
        }
        let Some(word) = usize::try_from(offset / 64).ok().and_then(|at| self.bits.get_mut(at)) else {
            return;
        };
        let bit = 1_u64 << (offset % 64);
        self.count += u128::from(*word & bit == 0);
        *word |= bit;
    }

    fn sort_loose(&mut self) {
        self.loose.sort_unstable();
        self.loose.dedup();
        self.sorted = self.loose.len();
    }

    fn has(&self, step: i64) -> bool {
        let Some(offset) = self.offset(step) else { return false };
        let word = usize::try_from(offset / 64).ok().and_then(|at| self.bits.get(at));
        word.is_some_and(|word| word & (1 << (offset % 64)) != 0)
    }

    /// Whether every step of the range is in it.
    pub(super) fn is_full(&self) -> bool {
        self.is_dense() && self.count == self.width
    }

    /// What both have.
    pub(super) fn and(self, other: Self) -> Self {
        let (low, width) = (self.low, self.width);
        let mut both =
            Self { low, width, count: 0, bits: vec![0; self.bits.len()], loose: Vec::new(), sorted: 0 };
        let steps = self.into_steps();
        if other.is_dense() {
            steps.into_iter().filter(|step| other.has(*step)).for_each(|step| both.insert(step));
        } else {
            let others = other.into_steps();
            let found = steps.into_iter().filter(|step| others.binary_search(step).is_ok());
            found.for_each(|step| both.insert(step));
        }
        both
    }

    /// The steps, ascending.
    pub(super) fn into_steps(mut self) -> Vec<i64> {
        if !self.is_dense() {
            self.sort_loose();
            return self.loose;
        }
        let mut steps = Vec::with_capacity(usize::try_from(self.count).unwrap_or(0));
        for (at, word) in self.bits.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let offset = at as u64 * 64 + u64::from(rest.trailing_zeros());
                steps.push(self.low.wrapping_add_unsigned(offset));
                rest &= rest - 1;
            }
        }
        steps
    }
}

/// At most `limit` of some steps, evenly spaced, the first and the last among them; of one, the
/// last.
pub(super) fn evenly(steps: &[i64], limit: usize) -> Vec<i64> {
    if steps.len() <= limit {
        return steps.to_vec();
    }
    if limit < 2 {
        return steps.last().copied().into_iter().take(limit).collect();
    }
    let (last, gaps) = (steps.len() as u128 - 1, limit as u128 - 1);
    let places = (0..limit as u128).map(|at| (at * last + gaps / 2) / gaps);
    places.filter_map(|place| steps.get(usize::try_from(place).ok()?).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_far_apart_that_come_again_take_no_more_room() {
        let mut steps = StepSet::new(0, i64::MAX);

        for _ in 0..300 {
            (0..30_000).chain([1 << 50]).for_each(|step| steps.insert(step));
        }

        assert!(steps.loose.capacity() <= 4 * LOOSE_CHUNK);
        assert_eq!(steps.into_steps(), (0..30_000).chain([1 << 50]).collect::<Vec<_>>());
    }
}
