//! A merged segment holds what its inputs held.
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

use std::collections::BTreeMap;
use std::sync::Arc;

use cells::{any_runs, bits, cells_between, split_rows};
use proptest::prelude::*;
use wandb_core::history::cells::{KeyCells, RowId, RunCells, Side, Stream};
use wandb_core::history::merge::merge_segments;
use wandb_core::history::segment::{Segment, write_segment};

fn written(dir: &std::path::Path, name: &str, runs: &BTreeMap<u64, RunCells>) -> Option<Segment> {
    let facts = write_segment(dir, name, runs).unwrap();
    (!facts.files.is_empty()).then(|| Segment::open(dir, name).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn merged_segments_hold_what_the_inputs_held(runs in any_runs(), seed in any::<u64>(), gone in 0_u64..5) {
        let dir = tempfile::tempdir().unwrap();
        let mut split: Vec<BTreeMap<u64, RunCells>> = vec![BTreeMap::new(); 3];
        for (run, keys) in &runs {
            for (at, part) in split_rows(keys, 3, seed).into_iter().enumerate() {
                split[at].insert(*run, part);
            }
        }
        let inputs: Vec<Segment> =
            split.iter().enumerate().filter_map(|(at, runs)| written(dir.path(), &format!("s{at}"), runs)).collect();

        let inputs: Vec<&Segment> = inputs.iter().collect();
        let facts = merge_segments(&inputs, dir.path(), "all", Stream::History, &|run| run != gone).unwrap();

        let wanted: BTreeMap<u64, RunCells> = runs
            .iter()
            .filter(|(run, _)| **run != gone)
            .map(|(run, keys)| (*run, cells_between(keys, i64::MIN, i64::MAX)))
            .filter(|(_, keys)| !keys.is_empty())
            .collect();
        prop_assert_eq!(&facts.runs, &wanted.keys().copied().collect::<Vec<_>>());
        if wanted.is_empty() {
            return Ok(());
        }
        let merged = Segment::open(dir.path(), "all").unwrap();
        for (run, keys) in &wanted {
            prop_assert_eq!(bits(&merged.read_keys(*run, None, (i64::MIN, i64::MAX)).unwrap()), bits(keys));
        }
        // What the index knows is the same as if all had been written at once.
        let direct = written(dir.path(), "direct", &wanted).unwrap();
        for run in wanted.keys() {
            prop_assert_eq!(format!("{:?}", merged.keys(*run)), format!("{:?}", direct.keys(*run)));
        }
    }
}

#[test]
fn the_newest_console_line_wins() {
    let dir = tempfile::tempdir().unwrap();
    let line = |number: i64, text: &str| {
        (RowId { step: number, line: number, writer: 0, attempt: 0 }, Side::Json(format!("{text:?}").into()))
    };
    let segment = |name: &str, side: Vec<(RowId, Side)>| {
        let cells = KeyCells { side, ..KeyCells::default() };
        let runs = BTreeMap::from([(1, RunCells::from([(Arc::from(""), cells)]))]);
        written(dir.path(), name, &runs).unwrap()
    };
    let old = segment("old", vec![line(0, "0%"), line(1, "kept")]);
    let new = segment("new", vec![line(0, "100%"), line(2, "more")]);

    for (stream, first) in [(Stream::Console, "100%"), (Stream::Aside, "0%")] {
        merge_segments(&[&old, &new], dir.path(), "all", stream, &|_| true).unwrap();
        let merged = Segment::open(dir.path(), "all").unwrap();
        let cells = merged.read(1, "", (i64::MIN, i64::MAX)).unwrap();
        assert_eq!(cells.side, [line(0, first), line(1, "kept"), line(2, "more")]);
    }
}

#[test]
fn long_keys_are_merged_window_by_window() {
    let dir = tempfile::tempdir().unwrap();
    let key = |parity: i64| {
        let mut cells = KeyCells::default();
        for at in 0..200_000_i64 {
            // Most rows crowd at the start of a wide range of steps.
            let step = if at == 199_999 { 1 << 40 } else { at * 2 + parity };
            cells::push(
                &mut cells.numbers,
                RowId { step, line: at, writer: parity as u16, attempt: 0 },
                0.5,
                None,
            );
        }
        RunCells::from([("a".into(), cells)])
    };
    let inputs: Vec<Segment> = (0..2)
        .map(|n| written(dir.path(), &format!("s{n}"), &BTreeMap::from([(1, key(n))])).unwrap())
        .collect();

    let inputs: Vec<&Segment> = inputs.iter().collect();
    let facts = merge_segments(&inputs, dir.path(), "all", Stream::History, &|_| true).unwrap();

    assert_eq!(facts.numbers, 400_000);
    let merged = Segment::open(dir.path(), "all").unwrap();
    let cells = merged.read(1, "a", (i64::MIN, i64::MAX)).unwrap();
    assert!(cells.numbers.rows.is_sorted() && cells.numbers.rows.len() == 400_000);
}
