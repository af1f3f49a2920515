//! Lines to draw are what the obvious way makes of them, whatever the cells lie in.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::float_cmp
)]

mod cells;

use cells::{Placed, any_run, split_rows};
use proptest::prelude::*;
use wandb_core::history::buckets::{BUCKET_COLUMNS, RAW_COLUMNS, SeriesBlock};
use wandb_core::history::cells::{KeyCells, RowId, RunCells, Span};
use wandb_core::history::parts::shows;
use wandb_core::history::series::{SeriesSpec, bucket_series};

const RUN: u64 = 3;

fn columns(block: &SeriesBlock) -> Vec<Vec<f64>> {
    let values: Vec<f64> =
        block.data.chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap())).collect();
    assert_eq!(values.len(), block.length * block.columns.len());
    if block.length == 0 {
        return vec![Vec::new(); block.columns.len()];
    }
    values.chunks_exact(block.length).map(<[f64]>::to_vec).collect()
}

fn seen(cells: Option<&KeyCells>, scope: &[Span]) -> Vec<(RowId, f64)> {
    let Some(cells) = cells else { return Vec::new() };
    let all = cells.numbers.rows.iter().copied().zip(cells.numbers.values.iter().copied());
    all.filter(|(row, _)| shows(scope, RUN, row.attempt, row.step)).collect()
}

/// Points of the line in order of rows.
fn points(cells: &RunCells, scope: &[Span], spec: &SeriesSpec<'_>) -> Vec<(f64, f64)> {
    let ys = seen(cells.get(spec.key), scope);
    let placed: Vec<(f64, f64)> = if spec.x == "_step" {
        ys.iter().map(|(row, y)| (row.step as f64, *y)).collect()
    } else {
        let xs = seen(cells.get(spec.x), scope);
        let x_of = |row: &RowId| xs.iter().rfind(|(at, _)| at <= row).map(|(_, x)| *x);
        ys.iter().filter_map(|(row, y)| Some((x_of(row)?, *y))).filter(|(x, _)| x.is_finite()).collect()
    };
    let (low, high) = (spec.x_min.unwrap_or(f64::MIN), spec.x_max.unwrap_or(f64::MAX));
    placed.into_iter().filter(|(x, _)| *x >= low && *x <= high).collect()
}

/// What must be true of any bucketing, and pins down all of it but the edges.
fn check_buckets(block: &SeriesBlock, points: &[(f64, f64)], buckets: usize, ordered: bool) {
    assert_eq!(block.columns, BUCKET_COLUMNS);
    assert!(block.length <= buckets);
    let columns = columns(block);
    let [x, last, first, min, x_min, max, x_max, mean, count, finite_count] = columns.as_slice() else {
        panic!()
    };
    assert_eq!(count.iter().sum::<f64>(), points.len() as f64);
    if !ordered {
        return;
    }
    let mut rest = points;
    for at in 0..block.length {
        let (own, later) = rest.split_at(count[at] as usize);
        rest = later;
        let finite: Vec<(f64, f64)> = own.iter().copied().filter(|(_, y)| y.is_finite()).collect();
        assert_eq!(finite_count[at], finite.len() as f64);
        let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
        assert!(same(x[at], own.last().unwrap().0) && x[at] < later.first().map_or(f64::MAX, |p| p.0));
        let low = finite.iter().map(|p| p.1).fold(f64::NAN, f64::min);
        let high = finite.iter().map(|p| p.1).fold(f64::NAN, f64::max);
        assert!(same(min[at], low) && same(max[at], high));
        if finite.is_empty() {
            assert!(mean[at].is_nan());
        } else {
            assert_eq!(x_min[at], finite.iter().find(|p| p.1 == low).unwrap().0);
            assert_eq!(x_max[at], finite.iter().find(|p| p.1 == high).unwrap().0);
            let sum: f64 = finite.iter().map(|p| p.1).sum();
            let wanted = sum / finite.len() as f64;
            let scale = finite.iter().map(|p| p.1.abs()).fold(1e-300, f64::max);
            assert!(
                !wanted.is_finite() || (mean[at] - wanted).abs() <= scale * 1e-9,
                "{} {wanted}",
                mean[at]
            );
        }
        // Among rows of one step that lie in several parts the order is that of the parts.
        let firsts: Vec<f64> = own.iter().filter(|p| p.0 == own[0].0).map(|p| p.1).collect();
        let lasts: Vec<f64> = own.iter().filter(|p| p.0 == x[at]).map(|p| p.1).collect();
        assert!(firsts.iter().any(|y| same(*y, first[at])) && lasts.iter().any(|y| same(*y, last[at])));
    }
    assert!(rest.is_empty());
}

fn check(cells: &RunCells, placed: &Placed, scope: &[Span], spec: &SeriesSpec<'_>) {
    let block = bucket_series(&placed.parts(RUN), scope, spec).unwrap();
    let wanted = points(cells, scope, spec);
    assert_eq!(block.points, wanted.len() as u64);
    if wanted.len() > 2 * spec.buckets {
        check_buckets(&block, &wanted, spec.buckets, spec.x == "_step");
        return;
    }
    assert_eq!(block.columns, RAW_COLUMNS);
    let columns = columns(&block);
    let xs: Vec<f64> = wanted.iter().map(|p| p.0).collect();
    assert_eq!(&columns[0], &xs);
    let mut ys: Vec<(u64, u64)> = wanted.iter().map(|p| (p.0.to_bits(), p.1.to_bits())).collect();
    let mut found: Vec<(u64, u64)> =
        columns[0].iter().zip(&columns[1]).map(|(x, y)| (x.to_bits(), y.to_bits())).collect();
    if placed.cells.len() > 1 && spec.x == "_step" {
        ys.sort_unstable();
        found.sort_unstable();
    }
    assert_eq!(found, ys);
}

fn any_scope() -> impl Strategy<Value = Vec<Span>> {
    let whole = (0_u16..3).prop_map(|attempt| Span { run: RUN, attempt, last_step: i64::MAX });
    let cut = (0_u16..3, 0_i64..30).prop_map(|(attempt, last_step)| Span { run: RUN, attempt, last_step });
    prop::collection::vec(prop_oneof![whole, cut], 1..4)
}

fn any_bound() -> impl Strategy<Value = Option<f64>> {
    prop::option::of((-10_i32..130).prop_map(|n| f64::from(n) / 4.0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn lines_are_what_the_obvious_way_makes_of_them(
        cells in any_run(), scope in any_scope(), seed in any::<u64>(), parts in 1_usize..4, files in 0_u32..8,
        (x_min, x_max) in (any_bound(), any_bound()), buckets in 1_usize..12,
        x in prop_oneof![Just("_step"), Just("a.b"), Just("loss")],
        key in prop_oneof![Just("loss"), Just("a"), Just("a.b")],
    ) {
        let placed = Placed::new(RUN, split_rows(&cells, parts, seed), files);
        check(&cells, &placed, &scope, &SeriesSpec { key, x, x_min, x_max, buckets });
    }
}

#[test]
fn an_unknown_key_gives_no_points() {
    let spec = SeriesSpec { key: "no", x: "_step", x_min: None, x_max: Some(1e300), buckets: 10 };
    let block = bucket_series(&[], &[], &spec).unwrap();
    assert_eq!((block.columns, block.length, block.points), (RAW_COLUMNS, 0, 0));
}

#[test]
fn steps_at_the_ends_of_their_range_do_no_harm() {
    let mut cells = KeyCells::default();
    for step in [i64::MIN, -1, 0, i64::MAX - 1, i64::MAX] {
        cells::push(&mut cells.numbers, RowId { step, line: 0, writer: 0, attempt: 0 }, 1.0, None);
    }
    let cells = RunCells::from([("a".into(), cells)]);
    let placed = Placed::new(RUN, vec![cells.clone()], 1);
    let scope = [Span { run: RUN, attempt: 0, last_step: i64::MAX }];
    for buckets in [1, 2, 7] {
        let spec = SeriesSpec { key: "a", x: "_step", x_min: None, x_max: None, buckets };
        let block = bucket_series(&placed.parts(RUN), &scope, &spec).unwrap();
        assert_eq!(block.points, 5);
    }
}

/// Many rows with gaps, repeats, NaN and infinities, and steps that run unevenly.
fn long_line(rows: i64, first_line: i64) -> KeyCells {
    let mut cells = KeyCells::default();
    let mut step = -1000;
    for line in first_line..first_line + rows {
        let mixed = (line as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        step += match mixed % 16 {
            0 => 0,
            1 => 40,
            2..=9 => 1,
            _ => 2,
        };
        let value = match mixed % 1001 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            n => f64::from(n as i32) / 64.0 + (line as f64 / 500.0).sin(),
        };
        cells::push(&mut cells.numbers, RowId { step, line, writer: 0, attempt: 0 }, value, None);
    }
    cells
}

#[test]
fn rollups_change_nothing() {
    let whole = Span { run: RUN, attempt: 0, last_step: i64::MAX };
    let both = RunCells::from([("loss".into(), long_line(300_000, 0))]);
    let placed = Placed::new(RUN, split_rows(&both, 2, 1), 3);
    let last = *both["loss"].numbers.rows.last().unwrap();
    for buckets in [3, 1500] {
        for (x_min, x_max) in [
            (None, None),
            (Some(17.0), None),
            (Some(-500.5), Some(last.step as f64 * 0.77)),
            (Some(-1e18), Some(1e18)),
        ] {
            for scope in [vec![whole], vec![Span { last_step: last.step / 2, ..whole }]] {
                let spec = SeriesSpec { key: "loss", x: "_step", x_min, x_max, buckets };
                check(&both, &placed, &scope, &spec);
            }
        }
    }
}

#[test]
fn few_points_beside_many_hidden_ones_are_all_told() {
    let line = |attempt: u16, rows: i64| {
        let mut cells = long_line(rows, 0);
        cells.numbers.rows.iter_mut().for_each(|row| row.attempt = attempt);
        RunCells::from([("loss".into(), cells)])
    };
    let (hidden, shown) = (line(0, 200_000), line(1, 6_000));
    let placed = Placed::new(RUN, vec![hidden, shown.clone()], 3);
    let scope = [Span { run: RUN, attempt: 1, last_step: i64::MAX }];
    for buckets in [2_000, 4_000] {
        let spec = SeriesSpec { key: "loss", x: "_step", x_min: None, x_max: Some(1e9), buckets };
        check(&shown, &placed, &scope, &spec);
    }
}

#[test]
fn lines_are_drawn_without_rollups_too() {
    let dir = tempfile::tempdir().unwrap();
    let cells = RunCells::from([("loss".into(), long_line(200_000, 0))]);
    let runs = std::collections::BTreeMap::from([(RUN, cells)]);
    let facts = wandb_core::history::segment::write_segment(dir.path(), "s", &runs).unwrap();
    assert!(facts.files.iter().any(|file| file.name == "s.roll.parquet"));
    let spec = SeriesSpec { key: "loss", x: "_step", x_min: None, x_max: None, buckets: 700 };
    let draw = || {
        let segment = wandb_core::history::segment::Segment::open(dir.path(), "s").unwrap();
        let parts = [wandb_core::history::parts::Part::File { run: RUN, segment: &segment }];
        columns(&bucket_series(&parts, &[Span { run: RUN, attempt: 0, last_step: i64::MAX }], &spec).unwrap())
    };
    let with = draw();
    let bits = |columns: &[Vec<f64>]| -> Vec<Vec<u64>> {
        columns.iter().map(|column| column.iter().map(|value| value.to_bits()).collect()).collect()
    };

    let path = dir.path().join("s.roll.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    let pages = 64..bytes.len() / 2;
    bytes[pages].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let damaged = draw();
    std::fs::write(&path, "PAR1 no more PAR1").unwrap();
    assert!(bits(&draw()) == bits(&damaged));
    std::fs::remove_file(&path).unwrap();
    let without = draw();
    wandb_core::history::rollup::write_rollups(dir.path(), "s").unwrap();

    assert!(bits(&damaged) == bits(&without));
    assert!(bits(&draw()) == bits(&with));
    let means = BUCKET_COLUMNS.iter().position(|name| *name == "mean").unwrap();
    for (at, (a, b)) in bits(&with).iter().zip(&bits(&without)).enumerate() {
        assert!(at == means || a == b, "{}", BUCKET_COLUMNS[at]);
    }
}
