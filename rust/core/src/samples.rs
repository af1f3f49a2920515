//! Thinned series of what was logged, for the closing lines.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::paths::{PathId, Paths};

/// Series kept, and points of each.
const MOST_SERIES: usize = 512;
const POINTS: usize = 64;

/// Evenly thinned numbers of one path: every `stride`-th, of which there are at most `POINTS`.
struct Series {
    stride: u64,
    seen: u64,
    values: Vec<f64>,
}

impl Series {
    const fn new() -> Self {
        Self { stride: 1, seen: 0, values: Vec::new() }
    }

    fn add(&mut self, value: f64) {
        if self.seen.is_multiple_of(self.stride) && self.values.len() == POINTS {
            self.halve();
        }
        if self.seen.is_multiple_of(self.stride) {
            self.values.push(value);
        }
        self.seen += 1;
    }

    fn halve(&mut self) {
        let mut at = 0;
        self.values.retain(|_| {
            at += 1;
            at % 2 == 1
        });
        self.stride *= 2;
    }
}

/// The series of a run's first metrics.
#[derive(Default)]
pub struct Samples(HashMap<PathId, Series, FixedState>);

impl Samples {
    /// Take in a number of a top-level metric.
    pub fn add(&mut self, path: PathId, value: f64) {
        if self.0.len() < MOST_SERIES || self.0.contains_key(&path) {
            self.0.entry(path).or_insert_with(Series::new).add(value);
        }
    }

    /// All series by name.
    #[must_use]
    pub fn by_name(&self, paths: &Paths) -> Vec<(String, Vec<f64>)> {
        let named =
            |(path, series): (&PathId, &Series)| (paths.name(*path).to_owned(), series.values.clone());
        let mut all: Vec<(String, Vec<f64>)> = self.0.iter().map(named).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_series_is_thinned_evenly_and_keeps_its_first_value() {
        let mut series = Series::new();
        for n in 0..1000 {
            series.add(f64::from(n));
        }
        assert!(series.values.len() <= POINTS && series.values.len() > POINTS / 4);
        let steps: Vec<f64> = series.values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| (step - steps[0]).abs() < 1e-9));
        assert_eq!(series.values[0].to_bits(), 0.0_f64.to_bits());
    }
}
