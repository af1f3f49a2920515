//! What is known of a key without its cells, over all the places that it lies in.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cells::KeyCells;
use super::key_index::{NumberFacts, SideFacts};

/// What is known of a key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyFacts {
    /// Flattened and escaped.
    pub name: Arc<str>,
    /// How many cells are numbers.
    pub numbers: u64,
    /// How many are not.
    pub others: u64,
    /// The first step with a cell.
    pub first_step: i64,
    /// The last one.
    pub last_step: i64,
    /// The last number.
    pub last_value: Option<f64>,
    /// The least finite number.
    pub minimum: Option<f64>,
    /// The greatest finite number.
    pub maximum: Option<f64>,
    /// Whether there are numbers, and none is NaN or less than the one before.
    pub monotonic: bool,
    /// What the others are.
    pub kinds: BTreeSet<Arc<str>>,
    number_step: i64,
}

impl KeyFacts {
    /// Of a key without cells so far.
    #[must_use]
    pub fn new(name: Arc<str>) -> Self {
        Self { name, first_step: i64::MAX, last_step: i64::MIN, ..Self::default() }
    }

    /// Add cells that are in memory.
    pub fn add_cells(&mut self, cells: &KeyCells) {
        self.add(NumberFacts::of(0, &cells.numbers).as_ref(), SideFacts::of(0, &cells.side).as_ref());
    }

    /// Add what an index tells of later cells.
    pub fn add(&mut self, numbers: Option<&NumberFacts>, side: Option<&SideFacts>) {
        if let Some(facts) = numbers {
            self.add_numbers(facts);
        }
        if let Some(facts) = side {
            self.others += facts.place.count;
            self.kinds.extend(facts.kinds.iter().cloned());
        }
        for place in numbers.map(|facts| &facts.place).into_iter().chain(side.map(|facts| &facts.place)) {
            self.first_step = self.first_step.min(place.first_step);
            self.last_step = self.last_step.max(place.last_step);
        }
    }

    fn add_numbers(&mut self, facts: &NumberFacts) {
        let starts = self.numbers == 0;
        self.monotonic = facts.monotonic
            && (starts || (self.monotonic && self.last_value.is_some_and(|last| facts.first >= last)));
        // Lines that came late may lie before those that are known.
        if starts || facts.place.last_step >= self.number_step {
            self.last_value = Some(facts.last);
            self.number_step = facts.place.last_step;
        } else {
            self.monotonic = false;
        }
        self.numbers += facts.place.count;
        self.minimum = least(self.minimum, facts.min, f64::min);
        self.maximum = least(self.maximum, facts.max, f64::max);
    }
}

fn least(known: Option<f64>, new: f64, pick: fn(f64, f64) -> f64) -> Option<f64> {
    if new.is_nan() { known } else { Some(known.map_or(new, |known| pick(known, new))) }
}
