//! Writes the small segment that lies in `tests/server/segment_v1`, to show what format v1 is.
//!
//! `cargo run -p wandb-core --example sample_segment -- tests/server/segment_v1`
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

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use wandb_core::history::cells::{KeyCells, RowId, RunCells, Side};
use wandb_core::history::segment::write_segment;

fn row(step: i64) -> RowId {
    RowId { step, line: step, writer: 0, attempt: 0 }
}

fn numbers(values: impl Iterator<Item = (i64, f64)>) -> KeyCells {
    let mut cells = KeyCells::default();
    for (step, value) in values {
        cells.numbers.rows.push(row(step));
        cells.numbers.values.push(value);
    }
    cells
}

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap());
    let steps = |count: i32| (0..count).map(|step| (i64::from(step), f64::from(step)));
    let mut first = RunCells::new();
    first.insert("loss".into(), numbers(steps(5000).map(|(step, x)| (step, 1.0 / (1.0 + x)))));
    first.insert("gpu.0.temp".into(), numbers([(0, 41.0), (2, f64::NAN), (4, -0.0)].into_iter()));
    let mut seed = numbers([(0, 9_007_199_254_740_992.0)].into_iter());
    seed.numbers.exact.push((0, 9_007_199_254_740_993));
    first.insert("seed".into(), seed);
    let texts = [
        (1, Side::Json("\"warm-up\"".into())),
        (2, Side::Null),
        (3, Side::Bool(true)),
        (4, Side::Json(r#"{"_type":"image-file","path":"media/images/a.png"}"#.into())),
    ];
    let side = texts.into_iter().map(|(step, side)| (row(step), side)).collect();
    first.insert("note".into(), KeyCells { side, ..KeyCells::default() });
    let second = RunCells::from([(Arc::from("loss"), numbers([(0, 0.5), (1, 0.25)].into_iter()))]);
    write_segment(&folder, "sample", &BTreeMap::from([(7, first), (9, second)])).unwrap();
}
