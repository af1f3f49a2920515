//! Counting between edges against numpy's algorithm, written out number by number.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::cast_possible_truncation)]
#![allow(clippy::cast_sign_loss, clippy::cast_precision_loss, clippy::float_cmp)]

use proptest::prelude::*;
use wandb_core::binning::{Bins, Edges, Extent, Extremes, MOST_BINS, Number};

/// What numpy does for doubles, with its estimate and its two corrections.
fn slow(values: &[f64], edges: &[f64], first: f64, range: f64) -> Vec<u64> {
    let bins = edges.len() - 1;
    let mut counts = vec![0; bins];
    for value in values {
        let mut place = ((value - first) / range * bins as f64) as usize;
        if place == bins {
            place -= 1;
        }
        if *value < edges[place] {
            place -= 1;
        }
        if *value >= edges[place + 1] && place != bins - 1 {
            place += 1;
        }
        counts[place] += 1;
    }
    counts
}

fn made<T: Number>(values: &[T], bins: usize) -> Option<(Vec<u64>, Edges, Extent)> {
    let mut extremes = Extremes::new();
    extremes.take(values);
    let extent = extremes.extent()?;
    let edges = Edges::uniform(extent, bins)?;
    let mut counted = Bins::new(&edges, false);
    counted.take(values);
    let counts = counted.finish();
    Some((counts, edges, extent))
}

fn numbers() -> impl Strategy<Value = Vec<f64>> {
    let number = prop_oneof![
        8 => -1.0e3_f64..1.0e3,
        4 => (-8..8_i32).prop_map(|whole| f64::from(whole) / 4.0),
        2 => -1.0e-6_f64..1.0e-6,
        1 => prop::num::f64::SUBNORMAL,
        1 => Just(0.0_f64),
        1 => Just(-0.0_f64),
    ];
    prop::collection::vec(number, 1..5000)
}

proptest! {
    #[test]
    fn counts_are_those_of_numpys_algorithm(values in numbers(), bins in 1..600_usize) {
        let Some((counts, edges, extent)) = made(&values, bins) else {
            // One number by itself is no reason to ask numpy.
            prop_assert!(values.len() > 1);
            return Ok(());
        };
        let first = edges.all()[0];
        let range = if extent.least < extent.greatest { extent.range } else { edges.all()[bins] - first };
        prop_assert_eq!(&counts, &slow(&values, edges.all(), first, range));
    }

    #[test]
    fn numbers_on_edges_belong_to_the_bin_above(bins in 1..600_usize, first in -1e6..1e6_f64, width in 1e-3..1e3_f64) {
        let extent = Extent { least: first, greatest: first + width, range: (first + width) - first };
        let Some(edges) = Edges::uniform(extent, bins) else {
            return Ok(());
        };
        let mut counted = Bins::new(&edges, false);
        counted.take(edges.all());
        let mut expected = vec![1; bins];
        expected[bins - 1] = 2;
        prop_assert_eq!(counted.finish(), expected);
    }

    #[test]
    fn doubles_beside_an_edge_fall_to_its_two_sides(bins in 2..600_usize, first in -1e3..1e3_f64) {
        let extent = Extent { least: first, greatest: first + 7.0, range: (first + 7.0) - first };
        let edges = Edges::uniform(extent, bins).unwrap();
        let inner = &edges.all()[1..bins];
        let below: Vec<f64> = inner.iter().map(|edge| edge.next_down()).collect();
        let mut counted = Bins::new(&edges, false);
        counted.take(&below);
        let mut expected = vec![1; bins];
        expected[bins - 1] = 0;
        prop_assert_eq!(counted.finish(), expected);
    }

    #[test]
    fn blocks_of_any_size_make_the_same_counts(values in numbers(), size in 1..3000_usize) {
        let Some((counts, edges, _)) = made(&values, 64) else {
            return Ok(());
        };
        let mut counted = Bins::new(&edges, false);
        values.chunks(size).for_each(|block| counted.take(block));
        prop_assert_eq!(counted.finish(), counts);
    }

    #[test]
    fn open_bins_count_what_is_inside_alone(values in prop::collection::vec(any::<f64>(), 0..500)) {
        let extent = Extent { least: -1.0, greatest: 1e300, range: 1e300 };
        let edges = Edges::uniform(extent, 64).unwrap();
        let mut counted = Bins::new(&edges, true);
        counted.take(&values);
        let inside = values.iter().filter(|value| (-1.0..=1e300).contains(*value)).count() as u64;
        prop_assert_eq!(counted.finish().iter().sum::<u64>(), inside);
    }

    #[test]
    fn whole_numbers_are_counted_as_doubles(values in prop::collection::vec(any::<i64>(), 2..3000)) {
        let doubles: Vec<f64> = values.iter().map(|value| *value as f64).collect();
        let Some((counts, edges, extent)) = made(&values, 64) else {
            return Ok(());
        };
        prop_assert_eq!(counts, slow(&doubles, edges.all(), extent.least, extent.range));
    }
}

#[test]
fn a_range_of_whole_numbers_is_taken_before_rounding() {
    let mut extremes = Extremes::new();
    extremes.take(&[i64::MIN, i64::MAX]);

    assert_eq!(extremes.extent().unwrap().range, u64::MAX as f64);
    assert_eq!(made(&[i64::MAX - 1, i64::MAX], 4), None);
}

#[test]
fn one_number_by_itself_is_in_the_middle() {
    let (counts, edges, _) = made(&[3.0, 3.0], 2).unwrap();

    assert_eq!((counts, edges.all()), (vec![0, 2], &[2.5, 3.0, 3.5][..]));
}

#[test]
fn numpy_is_asked_where_doubles_are_too_coarse() {
    for values in [
        vec![1.0, 1.0_f64.next_up()],
        vec![f64::MIN, f64::MAX],
        vec![0.0, f64::from_bits(1)],
        vec![1.0, f64::NAN],
        vec![1.0, f64::INFINITY],
        vec![],
    ] {
        assert_eq!(made(&values, 64), None, "{values:?}");
    }
    assert_eq!(made(&[0.0, 1.0], 0), None);
    assert_eq!(made(&[0.0, 1.0], MOST_BINS + 1), None);
}

#[test]
fn edges_out_of_order_or_uneven_are_not_taken() {
    for edges in
        [vec![], vec![1.0], vec![0.0, 0.0], vec![0.0, 2.0, 1.0], vec![0.0, 1.0, 10.0], vec![0.0, f64::NAN]]
    {
        assert_eq!(Edges::new(edges.clone()), None, "{edges:?}");
    }
}
