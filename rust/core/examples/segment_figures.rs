//! Measures what lies at rest: bytes a point, points written a second, how long reads take.
//!
//! `cargo run --release -p wandb-core --example segment_figures`
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
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::hint::black_box;

use wandb_core::history::assemble::{RowsSpec, assemble_rows};
use wandb_core::history::cells::{KeyCells, RowId, RunCells, Span, Stream};
use wandb_core::history::parts::Part;
use wandb_core::history::segment::{Segment, write_segment};
use wandb_core::history::series::{SeriesSpec, bucket_series};

/// A loss curve as a float32 gives it: falling, with noise.
fn key(rows: i64, seed: u64) -> KeyCells {
    let mut cells = KeyCells::default();
    let mut state = seed;
    for step in 0..rows {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let noise = (state >> 40) as f64 / f64::from(1 << 24) - 0.5;
        let value = 2.0 / (1.0 + step as f64 / 1000.0).sqrt() + noise * 0.1;
        cells.numbers.rows.push(RowId { step, line: step, writer: 0, attempt: 0 });
        #[allow(clippy::cast_possible_truncation)]
        cells.numbers.values.push(f64::from(value as f32));
    }
    cells
}

/// Milliseconds of this thread's CPU, so that other work on the machine does not count; the median
/// of seven, after one to warm up.
fn median(mut call: impl FnMut()) -> f64 {
    call();
    let mut times: Vec<f64> = (0..7)
        .map(|_| {
            let start = cpu();
            call();
            (cpu() - start) * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    *times.get(3).unwrap()
}

fn cpu() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

fn written(what: &str, runs: &BTreeMap<u64, RunCells>) -> (tempfile::TempDir, Segment) {
    let dir = tempfile::tempdir().unwrap();
    let start = cpu();
    let facts = write_segment(dir.path(), "s", runs).unwrap();
    let secs = cpu() - start;
    let points = facts.numbers as f64;
    println!(
        "{what}: {:.2} B/pt, {:.2} Mpt per CPU second written",
        facts.bytes() as f64 / points,
        points / secs / 1e6
    );
    facts.files.iter().for_each(|file| println!("  {} {:.3} B/pt", file.name, file.bytes as f64 / points));
    let open = median(|| drop(black_box(Segment::open(dir.path(), "s").unwrap())));
    println!("  open {open:.2} ms");
    let segment = Segment::open(dir.path(), "s").unwrap();
    (dir, segment)
}

fn main() {
    let scope = [Span { run: 1, attempt: 0, last_step: i64::MAX }];
    for rows in [100_000, 10_000_000] {
        let runs =
            BTreeMap::from([(1, RunCells::from([("loss".into(), key(rows, 7)), ("x".into(), key(64, 1))]))]);
        let (_dir, segment) = written(&format!("one key of {rows}"), &runs);
        let parts = [Part::File { run: 1, segment: &segment }];
        for (buckets, x_min, x_max) in [
            (1000, None, None),
            (1500, None, None),
            (1500, Some(12_345.0), Some(rows as f64 * 0.6)),
            (1000, Some(70_000.0), Some(90_000.0)),
        ] {
            let spec = SeriesSpec { key: "loss", x: "_step", x_min, x_max, buckets };
            let time = median(|| drop(black_box(bucket_series(&parts, &scope, &spec).unwrap())));
            let block = bucket_series(&parts, &scope, &spec).unwrap();
            println!("  series {buckets} of {} points: {} rows, {time:.2} ms", block.points, block.length);
        }
        let rows = median(|| {
            let spec = RowsSpec {
                stream: Stream::History,
                keys: None,
                min_step: 50_000,
                max_step: 51_000,
                limit: None,
                thin: false,
            };
            drop(black_box(assemble_rows(&parts, &scope, &spec).unwrap()));
        });
        println!("  1 000 rows: {rows:.2} ms");
    }
    let keys: RunCells = (0..10_000_u64).map(|at| (format!("metric/{at:05}").into(), key(100, at))).collect();
    let (_dir, segment) = written("10 000 keys of 100", &BTreeMap::from([(1, keys)]));
    let one = median(|| drop(black_box(segment.read(1, "metric/05000", (i64::MIN, i64::MAX)).unwrap())));
    println!("  one key {one:.3} ms");
    let few: RunCells = (0..10_u64).map(|at| (format!("metric/{at:05}").into(), key(100, at))).collect();
    let (_dir, segment) = written("10 keys of 100", &BTreeMap::from([(1, few)]));
    let one = median(|| drop(black_box(segment.read(1, "metric/00005", (i64::MIN, i64::MAX)).unwrap())));
    println!("  one key {one:.3} ms");
}
