//! The counting of numbers against a slow and obvious version.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]
#![allow(clippy::cast_sign_loss, clippy::cast_precision_loss)]

use proptest::prelude::*;
use wandb_core::histogram::{Counter, Extent, Histogram, MOST_BINS, histogram};

/// What `torch.histc` does, number by number.
fn slow(values: &[f32], bins: usize) -> Option<Vec<u64>> {
    let finite: Vec<f32> = values.iter().copied().filter(|number| number.is_finite()).collect();
    let least = finite.iter().copied().reduce(f32::min)?;
    let greatest = finite.iter().copied().reduce(f32::max)?;
    if least >= greatest {
        return Some(vec![finite.len() as u64]);
    }
    let mut counts = vec![0; bins];
    for number in finite {
        let place = ((number - least) * bins as f32 / (greatest - least)) as usize;
        counts[place.min(bins - 1)] += 1;
    }
    Some(counts)
}

fn numbers() -> impl Strategy<Value = Vec<f32>> {
    let number = prop_oneof![
        8 => -1.0e3_f32..1.0e3,
        2 => -1.0e-6_f32..1.0e-6,
        1 => prop::num::f32::SUBNORMAL,
        1 => Just(0.0_f32),
        1 => prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0]),
    ];
    prop::collection::vec(number, 0..5000)
}

proptest! {
    #[test]
    fn counts_are_those_of_the_slow_version(values in numbers(), bins in 1..200_usize) {
        let fast = histogram(&values, bins, None).unwrap();
        prop_assert_eq!(fast.map(|made| made.counts), slow(&values, bins));
    }

    #[test]
    fn every_finite_number_is_in_one_bin(values in prop::collection::vec(any::<f64>(), 0..300)) {
        let finite = values.iter().filter(|number| number.is_finite()).count() as u64;
        let made = histogram(&values, 64, None).unwrap();
        prop_assert_eq!(made.map_or(0, |made| made.counts.iter().sum()), finite);
    }

    #[test]
    fn edges_rise_from_bound_to_bound(a in any::<f32>(), b in any::<f32>(), bins in 1..=512_usize) {
        prop_assume!(a.is_finite() && b.is_finite() && a < b);
        let Histogram { edges, .. } = Counter::new(a, b, bins).unwrap().finish();
        prop_assert_eq!(edges.len(), bins + 1);
        prop_assert_eq!((edges[0], edges[bins]), (f64::from(a), f64::from(b)));
        prop_assert!(edges.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    #[test]
    fn blocks_of_any_size_make_the_same_histogram(values in numbers(), size in 1..3000_usize) {
        let mut extent = Extent::new();
        values.chunks(size).for_each(|block| extent.take(block));
        let whole = histogram(&values, 64, None).unwrap();
        let Some((least, greatest)) = extent.bounds() else {
            prop_assert_eq!(whole, None);
            return Ok(());
        };
        let mut counter = Counter::new(least, greatest, 64).unwrap();
        values.chunks(size).for_each(|block| counter.take(block));
        prop_assert_eq!(Some(counter.finish()), whole);
    }
}

#[test]
fn what_lies_outside_given_bounds_is_not_counted() {
    let made = histogram(&[-1.0, 0.0, 0.5, 1.0, 2.0, f64::NAN], 2, Some((0.0, 1.0))).unwrap().unwrap();
    assert_eq!(made, Histogram { counts: vec![1, 2], edges: vec![0.0, 0.5, 1.0] });
}

#[test]
fn equal_numbers_make_one_bin() {
    let made = histogram(&[2.5_f32; 40], 64, None).unwrap().unwrap();
    assert_eq!(made, Histogram { counts: vec![40], edges: vec![2.5, 2.5] });
}

#[test]
fn a_range_wider_than_the_largest_number_is_counted_rightly() {
    let made = histogram(&[-f64::MAX, 0.0, f64::MAX], 2, None).unwrap().unwrap();
    assert_eq!(made, Histogram { counts: vec![1, 2], edges: vec![-f64::MAX, 0.0, f64::MAX] });
}

#[test]
fn bounds_and_bins_that_make_no_sense_are_refused() {
    for bounds in [(1.0, 0.0), (0.0, f64::NAN), (f64::NEG_INFINITY, 0.0)] {
        assert!(histogram(&[0.5], 8, Some(bounds)).is_err(), "{bounds:?}");
    }
    for bins in [0, MOST_BINS + 1] {
        assert!(histogram(&[0.5], bins, None).is_err(), "{bins}");
    }
}
