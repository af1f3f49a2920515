//! Which step a call of `log` belongs to, and which rows it closes. Pure but for the shared counter.

use crate::entry::{NO_STEP, PAST, SEAL_AFTER, SEAL_BEFORE};

/// The next step nobody has taken, shared by all processes of the run on this host.
pub trait StepCounter {
    /// The next step.
    fn next(&self) -> i64;
    /// Take the next step.
    fn take(&self) -> i64;
    /// Make the next step at least this.
    fn raise(&self, step: i64);
}

/// What one process knows of its open row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    open: Option<i64>,
}

/// Where a part goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The row's step.
    pub step: i64,
    /// Flags for the entry.
    pub flags: u8,
    /// The step the run had reached, when this one went back behind it.
    pub went_back_from: Option<i64>,
}

impl Steps {
    /// The step of the open row, or the one the next row will have.
    pub fn current(&self, counter: &impl StepCounter) -> i64 {
        self.open.unwrap_or_else(|| counter.next())
    }

    /// Place a call of `log` without carrying it out.
    pub fn place(&self, counter: &impl StepCounter, step: Option<i64>, commit: Option<bool>) -> Placement {
        let seal = |commit: bool| if commit { SEAL_AFTER } else { 0 };
        let current = self.current(counter);
        let Some(step) = step else {
            let flags = seal(commit.unwrap_or(true));
            return Placement { step: current, flags, went_back_from: None };
        };
        let after = seal(commit.unwrap_or(false));
        if step < current {
            return Placement { step, flags: after | PAST, went_back_from: Some(current) };
        }
        let before = if self.open.is_some_and(|open| step > open) { SEAL_BEFORE } else { 0 };
        Placement { step, flags: after | before, went_back_from: None }
    }

    /// Take the step of a placement, now that its entry will be kept; an implicit one may move on
    /// if another process took it meanwhile.
    pub fn take(&mut self, counter: &impl StepCounter, explicit: bool, placed: &mut Placement) {
        if placed.flags & PAST != 0 {
            return;
        }
        if explicit {
            counter.raise(placed.step.saturating_add(1));
        } else if self.open.is_none() {
            placed.step = counter.take();
        }
        self.open = (placed.flags & SEAL_AFTER == 0).then_some(placed.step);
    }

    /// Place a call of `log` in shared mode, where the server numbers the rows.
    pub fn place_shared(&self, counter: &impl StepCounter, commit: Option<bool>) -> Placement {
        let mut placed = self.place(counter, None, Some(commit.unwrap_or(true)));
        placed.flags |= NO_STEP;
        placed
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    struct Counter(Cell<i64>);

    impl StepCounter for Counter {
        fn next(&self) -> i64 {
            self.0.get()
        }
        fn take(&self) -> i64 {
            self.0.replace(self.0.get() + 1)
        }
        fn raise(&self, step: i64) {
            self.0.set(self.0.get().max(step));
        }
    }

    #[test]
    fn the_verified_sequence_lands_on_its_steps() {
        let counter = Counter(Cell::new(0));
        let mut steps = Steps::default();
        let mut seen = Vec::new();
        for (step, commit) in [
            (None, Some(false)),
            (None, None),
            (Some(5), None),
            (Some(5), None),
            (None, None),
            (Some(2), None),
            (Some(10), Some(true)),
            (Some(10), None),
            (None, None),
            (None, Some(false)),
            (Some(20), Some(false)),
        ] {
            let mut placed = steps.place(&counter, step, commit);
            steps.take(&counter, step.is_some(), &mut placed);
            seen.push((placed.step, placed.flags));
        }
        let wanted = [
            (0, 0),
            (0, SEAL_AFTER),
            (5, 0),
            (5, 0),
            (5, SEAL_AFTER),
            (2, PAST),
            (10, SEAL_AFTER),
            (10, PAST),
            (11, SEAL_AFTER),
            (12, 0),
            (20, SEAL_BEFORE),
        ];
        assert_eq!(seen, wanted);
        assert_eq!(steps.current(&counter), 20);
    }
}
