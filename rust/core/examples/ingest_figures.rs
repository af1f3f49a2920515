//! What taking in one request costs: `cargo run --release --example ingest_figures`.
//!
//! Bodies of 100 lines with 23 values each, as clients send them, with keys in one order or in any.

use std::time::{Duration, Instant};

use wandb_core::history::batch::{Batch, KeyTable, Row, RowCells};
use wandb_core::history::lines::Body;
use wandb_core::history::lines_row::parse_row;
use wandb_core::history::store::{HistoryStore, StoreOptions};

const LINES: usize = 100;
const VALUES: usize = 23;
const BODIES: usize = 400;
const ROUNDS: usize = 5;

/// A generator good enough for varied digits.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[allow(clippy::cast_precision_loss)] // any digits will do
fn line(random: &mut Random, step: usize, shuffled: bool) -> String {
    let mut members: Vec<String> = (0..VALUES - 3)
        .map(|key| {
            let value = (random.next() >> 11) as f64 / (1_u64 << 53) as f64;
            let scaled = value * [1e-3, 1.0, 10.0, 1e3].get(key % 4).copied().unwrap_or(1.0);
            format!("\\\"train/metric_{key}\\\":{scaled}")
        })
        .collect();
    members.push(format!("\\\"_step\\\":{step}"));
    members.push(format!("\\\"_timestamp\\\":1.795{:06}{:03}e+09", step, random.next() % 1000));
    members.push(format!("\\\"_runtime\\\":{}.{}", step / 4, random.next() % 1_000_000));
    if shuffled {
        for at in (1..members.len()).rev() {
            let other = usize::try_from(random.next() % (at as u64 + 1)).unwrap_or(0);
            members.swap(at, other);
        }
    }
    format!("\"{{{}}}\"", members.join(","))
}

fn bodies(shuffled: bool) -> Vec<Vec<u8>> {
    let mut random = Random(88_172_645_463_325_252);
    (0..BODIES)
        .map(|body| {
            let first = body * LINES;
            let lines: Vec<String> =
                (first..first + LINES).map(|step| line(&mut random, step, shuffled)).collect();
            let content = lines.join(",");
            format!(r#"{{"files":{{"wandb-history.jsonl":{{"offset":{first},"content":[{content}]}}}}}}"#)
                .into_bytes()
        })
        .collect()
}

#[allow(clippy::cast_precision_loss)] // figures for people
fn per_body(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6 / BODIES as f64
}

/// CPU time of the whole process, the log's thread included.
fn cpu() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}

#[allow(clippy::print_stdout)] // that is what it is for
fn main() -> wandb_core::Result<()> {
    for shuffled in [false, true] {
        let bodies = bodies(shuffled);
        let bytes = bodies.iter().map(Vec::len).sum::<usize>() / BODIES;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let read = bodies.iter().map(|body| Body::parse(body)).collect::<wandb_core::Result<Vec<_>>>()?;
            let outer = started.elapsed();
            let (mut keys, mut cells, mut batch) =
                (KeyTable::default(), RowCells::default(), Batch::default());
            let started = Instant::now();
            for body in &read {
                batch.clear();
                for number in body.history.range() {
                    parse_row(body.line(&body.history, number), &mut keys, &mut cells);
                    batch.push(Row { line: number, step: number }, &mut cells);
                }
            }
            let inner = started.elapsed();
            let folder = std::env::temp_dir().join(format!("ingest-figures-{}", std::process::id()));
            std::fs::create_dir_all(&folder).map_err(|error| wandb_core::CoreError::io(&folder, error))?;
            let store = HistoryStore::open(&folder, None, StoreOptions::default())?;
            store.open_run(1, 1, None)?;
            let (started, before) = (Instant::now(), cpu());
            let mut last = 0;
            for body in &bodies {
                last = store.accept(1, 0, "", body, 0.0)?.seq;
            }
            let accepted = cpu().saturating_sub(before);
            let _ = store.wait_durable(last, Duration::from_mins(1));
            let (durable, wall) = (cpu().saturating_sub(before), started.elapsed());
            println!(
                "shuffled {shuffled}, {bytes} bytes: outer {:.0} us, lines {:.0} us; accept {:.0} us, durable {:.0} us of CPU; {:.0} us of wall",
                per_body(outer),
                per_body(inner),
                per_body(accepted),
                per_body(durable),
                per_body(wall)
            );
            drop(store);
            let _ = std::fs::remove_dir_all(&folder);
        }
    }
    Ok(())
}
