//! Every interleaving of a producer and a consumer, and of a commit and its reader.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test may fail

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;
use wandb_core::ring::{Commit, Ring};
use wandb_core::words::{Word, Words};

struct LoomWord(AtomicU64);

impl Word for LoomWord {
    fn acquire(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
    fn release(&self, value: u64) {
        self.0.store(value, Ordering::Release);
    }
    fn load(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
    fn store(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
    fn add(&self, value: u64) -> u64 {
        self.0.fetch_add(value, Ordering::AcqRel)
    }
    fn raise(&self, value: u64) {
        self.0.fetch_max(value, Ordering::AcqRel);
    }
}

struct LoomWords(Vec<LoomWord>);

impl Words for LoomWords {
    type Word = LoomWord;
    fn words(&self) -> &[LoomWord] {
        &self.0
    }
}

/// All interleavings with up to three preemptions: more take minutes and have found nothing.
fn model(body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(body);
}

fn ring() -> Ring<LoomWords> {
    let words = Ring::<LoomWords>::region_bytes(64, 0) / 8;
    let memory = LoomWords((0..words).map(|_| LoomWord(AtomicU64::new(0))).collect());
    Ring::create(memory, 64, 0).unwrap()
}

#[test]
fn an_entry_that_is_seen_is_whole() {
    model(|| {
        let ring = Arc::new(ring());
        let producer = Arc::clone(&ring);
        let thread = thread::spawn(move || {
            assert!(producer.push(&[7; 10]));
            // The second finds room only once the first was released.
            producer.push(&[9; 40])
        });
        let (mut position, mut seen, mut payload) = (0, Vec::new(), Vec::new());
        for _ in 0..2 {
            if let Some(next) = ring.read(position, &mut payload).unwrap() {
                seen.push(payload.clone());
                position = next;
                ring.release(position);
            }
        }
        let both = thread.join().unwrap();
        while let Some(next) = ring.read(position, &mut payload).unwrap() {
            seen.push(payload.clone());
            position = next;
        }
        let mut wanted = vec![vec![7; 10]];
        wanted.extend(both.then(|| vec![9; 40]));
        assert_eq!(seen, wanted);
    });
}

#[test]
fn a_commit_is_read_whole() {
    model(|| {
        let ring = Arc::new(ring());
        let writer = Arc::clone(&ring);
        let commit = |n| Commit { rows: n, rows_done: n, console: n, journal_bytes: n, carry: n };
        let thread = thread::spawn(move || {
            writer.set_commit(commit(1));
            writer.set_commit(commit(2));
        });
        let read = ring.commit();
        assert!([commit(0), commit(1), commit(2)].contains(&read), "{read:?}");
        thread.join().unwrap();
        assert_eq!(ring.commit(), commit(2));
    });
}
