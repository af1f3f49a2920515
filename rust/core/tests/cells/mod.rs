//! Made-up cells for the tests of what lies at rest.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)] // a test may fail, and its numbers are small
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use wandb_core::history::cells::{KeyCells, Numbers, RowId, RunCells, Side};

/// Numbers that are hard to keep: signs of zero, NaN, infinities, integers beyond doubles.
pub fn any_number() -> impl Strategy<Value = (f64, Option<i64>)> {
    prop_oneof![
        6 => (-1000_i32..1000).prop_map(|n| (f64::from(n) / 4.0, None)),
        1 => any::<f64>().prop_map(|x| (x, None)),
        1 => prop_oneof![Just(-0.0), Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)]
            .prop_map(|x| (x, None)),
        1 => any::<i64>().prop_map(|n| {
            let near = n as f64;
            let held = i128::from(n) == near as i128;
            (near, (!held).then_some(n))
        }),
    ]
}

pub fn any_side() -> impl Strategy<Value = Side> {
    prop_oneof![
        Just(Side::Null),
        any::<bool>().prop_map(Side::Bool),
        "[a-z\"\\\\\u{e9}]{0,6}"
            .prop_map(|text| { Side::Json(wandb_core::value::Value::from(text.as_str()).to_json().into()) }),
        Just(Side::Json(r#"{"_type":"image-file","path":"a.png"}"#.into())),
        Just(Side::Json("[1,2,{\"a\":null}]".into())),
        Just(Side::Json("{}".into())),
    ]
}

pub fn any_row() -> impl Strategy<Value = RowId> {
    (0_i64..30, 0_i64..4, 0_u16..3, 0_u16..3).prop_map(|(step, line, writer, attempt)| RowId {
        step,
        line,
        writer,
        attempt,
    })
}

pub fn any_key_cells() -> impl Strategy<Value = KeyCells> {
    let numbers = prop::collection::btree_map(any_row(), any_number(), 0..40);
    let side = prop::collection::btree_map(any_row(), any_side(), 0..8);
    (numbers, side).prop_map(|(numbers, side)| {
        let mut cells = KeyCells::default();
        for (row, (value, exact)) in &numbers {
            push(&mut cells.numbers, *row, *value, *exact);
        }
        let taken: BTreeSet<RowId> = numbers.into_keys().collect();
        cells.side = side.into_iter().filter(|(row, _)| !taken.contains(row)).collect();
        cells
    })
}

pub fn any_run() -> impl Strategy<Value = RunCells> {
    let name = prop_oneof![Just("a"), Just("a.b"), Just("a.c"), Just("a-x"), Just("loss"), Just("x\\.y")];
    prop::collection::btree_map(name.prop_map(Arc::from), any_key_cells(), 0..5)
}

pub fn any_runs() -> impl Strategy<Value = BTreeMap<u64, RunCells>> {
    prop::collection::btree_map(0_u64..5, any_run(), 0..4)
}

pub fn push(numbers: &mut Numbers, row: RowId, value: f64, exact: Option<i64>) {
    if let Some(exact) = exact {
        numbers.exact.push((numbers.values.len() as u32, exact));
    }
    numbers.rows.push(row);
    numbers.values.push(value);
}

/// The obvious way to leave out what is not between two steps, inclusive; empty keys go, too.
pub fn cells_between(keys: &RunCells, low: i64, high: i64) -> RunCells {
    let mut out = RunCells::new();
    for (name, cells) in keys {
        let mut kept = KeyCells::default();
        for (at, row) in cells.numbers.rows.iter().enumerate() {
            if (low..=high).contains(&row.step) {
                let exact = cells.numbers.exact.iter().find(|(i, _)| *i as usize == at).map(|(_, e)| *e);
                push(&mut kept.numbers, *row, cells.numbers.values[at], exact);
            }
        }
        kept.side = cells.side.iter().filter(|(row, _)| (low..=high).contains(&row.step)).cloned().collect();
        if !kept.numbers.rows.is_empty() || !kept.side.is_empty() {
            out.insert(name.clone(), kept);
        }
    }
    out
}

/// Cells in a shape where NaN equals itself and the signs of zero differ.
pub fn bits(keys: &RunCells) -> String {
    let lines = keys.iter().map(|(name, cells)| {
        let numbers = &cells.numbers;
        let values: Vec<u64> = numbers.values.iter().map(|value| value.to_bits()).collect();
        format!("{:?}", (name, &numbers.rows, values, &numbers.exact, &cells.side))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Which of several parts each row lies in; all cells of a row lie together.
pub fn split_rows(cells: &RunCells, parts: usize, seed: u64) -> Vec<RunCells> {
    let mut out = vec![RunCells::new(); parts];
    let part_of = |row: &RowId| {
        let mut mixed = seed ^ (row.step as u64) << 20 ^ (row.line as u64) << 8;
        mixed ^= u64::from(row.writer) << 4 ^ u64::from(row.attempt);
        (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize % parts
    };
    for (name, key) in cells {
        for (at, row) in key.numbers.rows.iter().enumerate() {
            let exact = key.numbers.exact.iter().find(|(i, _)| *i as usize == at).map(|(_, e)| *e);
            let part = out[part_of(row)].entry(name.clone()).or_default();
            push(&mut part.numbers, *row, key.numbers.values[at], exact);
        }
        for (row, side) in &key.side {
            out[part_of(row)].entry(name.clone()).or_default().side.push((*row, side.clone()));
        }
    }
    out
}

/// Parts of a run, each in memory or in a segment of its own.
pub struct Placed {
    pub cells: Vec<RunCells>,
    pub segments: Vec<Option<wandb_core::history::segment::Segment>>,
    _dir: tempfile::TempDir,
}

impl Placed {
    /// Put parts down; bit n of `files` says whether part n becomes a segment.
    pub fn new(run: u64, cells: Vec<RunCells>, files: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut segments = Vec::new();
        for (at, part) in cells.iter().enumerate() {
            let name = format!("s{at}");
            let runs = BTreeMap::from([(run, part.clone())]);
            let wanted = files >> at & 1 == 1;
            let facts = wandb_core::history::segment::write_segment(dir.path(), &name, &runs).unwrap();
            let open = || wandb_core::history::segment::Segment::open(dir.path(), &name).unwrap();
            segments.push((wanted && !facts.files.is_empty()).then(open));
        }
        Self { cells, segments, _dir: dir }
    }

    pub fn parts(&self, run: u64) -> Vec<wandb_core::history::parts::Part<'_>> {
        use wandb_core::history::parts::Part;
        self.cells
            .iter()
            .zip(&self.segments)
            .map(|(cells, segment)| match segment {
                Some(segment) => Part::File { run, segment },
                None => Part::Memory { run, cells },
            })
            .collect()
    }
}
