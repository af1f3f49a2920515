//! Segments give back what was written into them, and refuse what was not.
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

use cells::{any_runs, cells_between};
use proptest::prelude::*;
use wandb_core::history::cells::{KeyCells, Numbers, RowId, RunCells, Side};
use wandb_core::history::segment::{Segment, write_segment};

fn counted(steps: std::ops::Range<i64>) -> KeyCells {
    let rows: Vec<RowId> = steps.map(|step| RowId { step, line: step, writer: 0, attempt: 0 }).collect();
    let values = rows.iter().map(|row| f64::from(row.step as i32) / 8.0).collect();
    KeyCells { numbers: Numbers { rows, values, exact: Vec::new() }, side: Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(runs in any_runs(), from in -5_i64..40, width in 0_i64..40) {
        let dir = tempfile::tempdir().unwrap();

        write_segment(dir.path(), "s", &runs).unwrap();

        let full: BTreeMap<u64, RunCells> = runs
            .iter()
            .map(|(run, keys)| (*run, cells_between(keys, i64::MIN, i64::MAX)))
            .filter(|(_, keys)| !keys.is_empty())
            .collect();
        if full.is_empty() {
            prop_assert!(Segment::open(dir.path(), "s").is_err());
            return Ok(());
        }
        let segment = Segment::open(dir.path(), "s").unwrap();
        prop_assert_eq!(segment.runs().collect::<Vec<_>>(), full.keys().copied().collect::<Vec<_>>());
        for (run, keys) in &full {
            let all = segment.read_keys(*run, None, (i64::MIN, i64::MAX)).unwrap();
            prop_assert_eq!(&cells::bits(&all), &cells::bits(keys));
            let part = segment.read_keys(*run, None, (from, from + width)).unwrap();
            prop_assert_eq!(cells::bits(&part), cells::bits(&cells_between(keys, from, from + width)));
            for (name, wanted) in keys {
                let one = segment.read(*run, name, (from, from + width)).unwrap();
                let alone = RunCells::from([(name.clone(), wanted.clone())]);
                let wanted = cells_between(&alone, from, from + width);
                let one = cells_between(&RunCells::from([(name.clone(), one)]), i64::MIN, i64::MAX);
                prop_assert_eq!(cells::bits(&one), cells::bits(&wanted));
            }
        }
    }
}

#[test]
fn ranges_across_pages_and_row_groups_are_exact() {
    let dir = tempfile::tempdir().unwrap();
    let keys = RunCells::from([("a".into(), counted(0..700_000)), ("b".into(), counted(5..600_005))]);
    write_segment(dir.path(), "s", &BTreeMap::from([(7, keys)])).unwrap();

    let segment = Segment::open(dir.path(), "s").unwrap();

    for (key, low, high) in [("a", 0, 700_000), ("b", 5, 600_005)] {
        for (from, to) in [(0, 10), (8_000, 8_400), (16_384, 16_384), (348_000, 352_000), (599_990, 700_100)]
        {
            let cells = segment.read(7, key, (from, to)).unwrap();
            let wanted = counted(from.max(low)..(to + 1).min(high));
            assert_eq!(cells.numbers, wanted.numbers, "{key} {from}..={to}");
        }
    }
}

#[test]
fn a_missing_half_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let mut cells = counted(0..3);
    cells.side.push((RowId { step: 9, line: 9, writer: 0, attempt: 0 }, Side::Null));
    write_segment(dir.path(), "s", &BTreeMap::from([(1, RunCells::from([(Arc::from("a"), cells)]))]))
        .unwrap();

    for lost in ["s.parquet", "s.side.parquet"] {
        let kept = std::fs::read(dir.path().join(lost)).unwrap();
        std::fs::remove_file(dir.path().join(lost)).unwrap();
        let error = Segment::open(dir.path(), "s").unwrap_err();
        assert!(error.to_string().contains("missing"), "{error}");
        std::fs::write(dir.path().join(lost), kept).unwrap();
    }
}

#[test]
fn a_segment_that_cannot_be_finished_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut cells = counted(0..3);
    cells.side.push((RowId { step: 9, line: 9, writer: 0, attempt: 0 }, Side::Null));
    // A folder in the way of the last name stands for a disk that is full by then.
    std::fs::create_dir(dir.path().join("s.parquet")).unwrap();

    write_segment(dir.path(), "s", &BTreeMap::from([(1, RunCells::from([(Arc::from("a"), cells)]))]))
        .unwrap_err();

    let left: Vec<_> = dir.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["s.parquet"]);
}

#[test]
fn damaged_files_make_errors_and_nothing_worse() {
    let dir = tempfile::tempdir().unwrap();
    let cells = counted(0..3_000);
    write_segment(dir.path(), "s", &BTreeMap::from([(1, RunCells::from([(Arc::from("a"), cells)]))]))
        .unwrap();
    let path = dir.path().join("s.parquet");
    let whole = std::fs::read(&path).unwrap();

    for at in (0..whole.len()).step_by(31) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(segment) = Segment::open(dir.path(), "s") {
            let _ = segment.read(1, "a", (i64::MIN, i64::MAX));
        }
    }
    for length in (0..whole.len()).step_by(97) {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(Segment::open(dir.path(), "s").is_err());
    }
}

#[test]
fn a_newer_format_is_refused_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let cells = counted(0..3);
    write_segment(dir.path(), "s", &BTreeMap::from([(1, RunCells::from([(Arc::from("a"), cells)]))]))
        .unwrap();
    let path = dir.path().join("s.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    let name = b"ferrule.format";
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap() + name.len();
    let digit = bytes[at..].iter().position(|byte| *byte == b'1').unwrap();
    bytes[at + digit] = b'9';
    std::fs::write(&path, bytes).unwrap();

    let error = Segment::open(dir.path(), "s").unwrap_err();

    assert!(error.to_string().contains("format 9"), "{error}");
}
