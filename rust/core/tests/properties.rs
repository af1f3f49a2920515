//! Properties of the core against slow, obvious versions of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test may fail

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;
use wandb_core::drain::{Drain, no_rings};
use wandb_core::entry::{Key, RowEncoder, RowHead};
use wandb_core::folder::{Folder, WriterFiles};
use wandb_core::framing::{FILE_HEADER, FrameReader, append_record};
use wandb_core::json::parse;
use wandb_core::ring::Ring;
use wandb_core::rows::row_leaves;
use wandb_core::snapshot::read_journal;
use wandb_core::steps::{StepCounter, Steps};
use wandb_core::words::{HeapWords, Words};
use wandb_core::{Value, record};

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        ".{0,12}".prop_map(|text| Value::from(text.as_str())),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map("[a-d.]{0,2}", inner, 0..4)
                .prop_map(|dict| Value::Dict(dict.into_iter().map(|(k, v)| (k.into(), v)).collect())),
        ]
    })
}

/// Equal as logged: integral floats come back as integers, NaN equals NaN, dicts in any order.
fn canonical(value: &Value) -> String {
    match value {
        Value::Dict(members) => {
            let sorted: BTreeMap<&str, String> = members.iter().map(|(k, v)| (&**k, canonical(v))).collect();
            format!("{sorted:?}")
        }
        Value::List(items) => format!("{:?}", items.iter().map(canonical).collect::<Vec<_>>()),
        #[allow(clippy::cast_precision_loss)]
        Value::Int(n) => format!("{:?}", *n as f64),
        Value::Float(x) => format!("{x:?}"),
        other => format!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_double_written_is_the_double_read(bits in any::<u64>()) {
        let number = f64::from_bits(bits);
        let back = parse(&Value::Float(number).to_json()).unwrap().number().unwrap();
        prop_assert!(back.to_bits() == number.to_bits() || (back.is_nan() && number.is_nan()));
    }

    #[test]
    fn a_value_written_is_the_value_read(value in value()) {
        prop_assert_eq!(canonical(&parse(&value.to_json()).unwrap()), canonical(&value));
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in ".{0,40}") {
        let _ = parse(&text);
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = record::decode(&bytes);
        let _ = record::peek_kind(&bytes);
        let _ = wandb_core::entry::read(&bytes);
        let mut fold = wandb_core::fold::Fold::default();
        let _ = fold.apply(&bytes, 0, wandb_core::fold::Mode::Write);
        fold.replay(&bytes);
    }

    #[test]
    fn a_cut_file_gives_a_prefix_of_its_records(
        sizes in prop::collection::vec(prop_oneof![0..40_usize, 32_000..33_000_usize, Just(70_000)], 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut file = FILE_HEADER.to_vec();
        let records: Vec<Vec<u8>> = sizes.iter().enumerate().map(|(n, size)| vec![u8::try_from(n).unwrap() + 1; *size]).collect();
        for record in &records {
            append_record(&mut file, 0, record);
        }
        let kept = cut.index(file.len() + 1).max(FILE_HEADER.len());
        let read = read_all(&file[..kept]);
        prop_assert_eq!(&read[..], &records[..read.len()]);
        if kept == file.len() {
            prop_assert_eq!(read.len(), records.len());
        }
    }

    #[test]
    fn a_flipped_bit_never_invents_a_record(
        count in 1..20_usize, at in any::<prop::sample::Index>(), bit in 0..8_u32,
    ) {
        let records: Vec<Vec<u8>> = (0..count).map(|n| vec![u8::try_from(n).unwrap() + 1; 50 + n]).collect();
        let mut file = FILE_HEADER.to_vec();
        for record in &records {
            append_record(&mut file, 0, record);
        }
        let at = at.index(file.len() - 7) + 7;
        file[at] ^= 1 << bit;
        for record in read_all(&file) {
            prop_assert!(records.contains(&record));
        }
    }

    #[test]
    fn a_ring_is_a_queue(operations in prop::collection::vec((any::<bool>(), 0..120_usize), 1..200)) {
        let memory = HeapWords::zeroed(Ring::<HeapWords>::region_bytes(512, 0));
        let ring = Ring::create(memory, 512, 0).unwrap();
        let mut queue: VecDeque<Vec<u8>> = VecDeque::new();
        let (mut position, mut payload) = (0, Vec::new());
        for (n, (push, size)) in operations.into_iter().enumerate() {
            let sent = vec![u8::try_from(n).unwrap(); size];
            if push && ring.push(&sent) {
                queue.push_back(sent);
            } else if let Some(next) = ring.read(position, &mut payload).unwrap() {
                prop_assert_eq!(Some(&payload), queue.front());
                queue.pop_front();
                position = next;
                ring.release(position);
            } else if !push {
                prop_assert!(queue.is_empty());
            }
        }
    }
}

fn read_all(file: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = FrameReader::new(file).unwrap();
    let (mut records, mut record) = (Vec::new(), Vec::new());
    while reader.read(&mut record).is_ok() {
        records.push(record.clone());
    }
    records
}

/// A call of `log`.
#[derive(Clone, Debug)]
struct Call {
    row: Vec<(String, Value)>,
    step: Option<i64>,
    commit: Option<bool>,
}

fn call() -> impl Strategy<Value = Call> {
    let row = prop::collection::vec(("[a-c]{1,2}", value()), 0..3);
    let step = prop_oneof![3 => Just(None), 2 => (0..12_i64).prop_map(Some)];
    (row, step, prop::option::of(any::<bool>())).prop_map(|(row, step, commit)| Call { row, step, commit })
}

#[derive(Default)]
struct Counter(std::cell::Cell<i64>);

impl StepCounter for Counter {
    fn next(&self) -> i64 {
        self.0.get()
    }
    fn take(&self) -> i64 {
        self.0.replace(self.0.get() + 1)
    }
    fn raise(&self, step: i64) {
        self.0.set(self.0.get().max(step));
    }
}

/// The obvious version: rows as maps from paths to values, by the words of the documentation.
#[derive(Default)]
struct Slow {
    next: i64,
    open: Option<(i64, BTreeMap<Vec<String>, String>)>,
    past: Option<(i64, BTreeMap<Vec<String>, String>)>,
    done: Vec<(i64, BTreeMap<Vec<String>, String>)>,
}

impl Slow {
    fn log(&mut self, call: &Call) {
        let current = self.open.as_ref().map_or(self.next, |(step, _)| *step);
        let step = call.step.unwrap_or(current);
        let commit = call.commit.unwrap_or(call.step.is_none());
        if step < current {
            return self.log_past(step, commit, &call.row);
        }
        self.done.extend(self.past.take());
        if self.open.as_ref().is_some_and(|(open, _)| *open < step) {
            self.done.extend(self.open.take());
        }
        let (_, row) = self.open.get_or_insert((step, BTreeMap::new()));
        merge(row, &call.row);
        self.next = self.next.max(step + 1);
        if commit {
            self.done.extend(self.open.take());
        }
    }

    fn log_past(&mut self, step: i64, commit: bool, row: &[(String, Value)]) {
        if self.past.as_ref().is_some_and(|(past, _)| *past != step) {
            self.done.extend(self.past.take());
        }
        let (_, past) = self.past.get_or_insert((step, BTreeMap::new()));
        merge(past, row);
        if commit {
            self.done.extend(self.past.take());
        }
    }

    fn finish(mut self) -> Vec<(i64, BTreeMap<Vec<String>, String>)> {
        self.done.extend(self.past.take());
        self.done.extend(self.open.take());
        self.done
    }
}

fn merge(row: &mut BTreeMap<Vec<String>, String>, items: &[(String, Value)]) {
    for (key, value) in items {
        let mut leaves = Vec::new();
        flatten(vec![key.clone()], value, &mut leaves);
        for (path, value) in leaves {
            row.retain(|old, _| !old.starts_with(&path) && !path.starts_with(old));
            row.insert(path, value);
        }
    }
}

fn flatten(path: Vec<String>, value: &Value, leaves: &mut Vec<(Vec<String>, String)>) {
    let Value::Dict(members) = value else {
        leaves.push((path, canonical(&parse(&value.to_json()).unwrap())));
        return;
    };
    for (key, value) in members {
        let mut below = path.clone();
        below.push((**key).to_owned());
        flatten(below, value, leaves);
    }
}

type Heap = Arc<Ring<HeapWords>>;

fn ring(bytes: usize) -> Heap {
    let keys = 64;
    let memory = HeapWords::zeroed(Ring::<HeapWords>::region_bytes(bytes, keys));
    Arc::new(Ring::create(memory, bytes, keys).unwrap())
}

/// What lies in a region when its process is gone.
fn remains(ring: &Heap) -> Heap {
    let bytes: Vec<u8> =
        (0..ring.memory().words().len()).flat_map(|at| ring.memory().get(at).to_le_bytes()).collect();
    Arc::new(Ring::open(HeapWords::from_bytes(&bytes)).unwrap())
}

struct Bench {
    folder: Arc<Folder>,
    files: WriterFiles,
    rows: Heap,
    console: Heap,
    drain: Drain<HeapWords>,
    counter: Counter,
    steps: Steps,
    _home: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = Arc::new(Folder::open(home.path()).unwrap());
        let files = WriterFiles::owner("x");
        let (rows, console) = (ring(2048), ring(256));
        let file = folder.create(&files.journal).unwrap();
        let drain =
            Drain::create(Arc::clone(&rows), Arc::clone(&console), Arc::clone(&folder), files.clone(), file)
                .unwrap();
        Self {
            folder,
            files,
            rows,
            console,
            drain,
            counter: Counter::default(),
            steps: Steps::default(),
            _home: home,
        }
    }

    fn log(&mut self, call: &Call, known_key: bool) {
        let mut encoder = RowEncoder::default();
        for (key, value) in &call.row {
            if known_key && self.rows.push_key(key) {
                let (keys, _) = self.rows.keys_since(0);
                encoder.item(Key::Known(u32::try_from(keys.len() - 1).unwrap()));
            } else {
                encoder.item(Key::Inline(key));
            }
            encoder.value(value);
        }
        let mut placed = self.steps.place(&self.counter, call.step, call.commit);
        self.steps.take(&self.counter, call.step.is_some(), &mut placed);
        let head = RowHead { flags: placed.flags, step: placed.step, timestamp: 5.0, runtime: 1.0 };
        let payload = encoder.finish(head).to_vec();
        if !self.rows.push(&payload) {
            self.drain.pass().unwrap();
            if !self.rows.has_room(payload.len()) {
                self.drain.carry_open_rows();
            }
            assert!(self.rows.push(&payload), "an entry of {} bytes found no room", payload.len());
        }
    }

    /// The process dies now; whoever comes next finishes its journal.
    fn die_and_recover(self, garbage: &[u8]) -> Vec<(i64, BTreeMap<Vec<String>, String>)> {
        let rings = (remains(&self.rows), remains(&self.console));
        drop(self.drain);
        let mut journal = self.folder.read(&self.files.journal).unwrap().unwrap();
        // A write that was under way when it died.
        journal.extend_from_slice(garbage);
        self.folder.write(&self.files.journal, &journal).unwrap();
        let file = self.folder.edit(&self.files.journal).unwrap();
        let mut drain =
            Drain::resume(rings, Arc::clone(&self.folder), self.files.clone(), file, &journal).unwrap();
        drain.finish(&[]).unwrap();
        rows_of(&self.folder, &self.files)
    }
}

fn rows_of(folder: &Folder, files: &WriterFiles) -> Vec<(i64, BTreeMap<Vec<String>, String>)> {
    let snapshot = read_journal(&folder.path().join(&files.journal)).unwrap();
    assert!(snapshot.warnings.is_empty(), "{:?}", snapshot.warnings);
    let is_row = |payload: &&Vec<u8>| record::peek_kind(payload).is_some_and(|(kind, _)| kind == 2);
    snapshot.payloads.iter().filter(is_row).map(|payload| split_row(payload)).collect()
}

fn split_row(payload: &[u8]) -> (i64, BTreeMap<Vec<String>, String>) {
    let mut step = 0;
    let mut row = BTreeMap::new();
    for (names, value) in row_leaves(payload) {
        let names: Vec<String> = names.iter().map(|name| (**name).to_owned()).collect();
        match names[0].as_str() {
            "_step" => {
                if let Value::Int(n) = value {
                    step = n;
                }
            }
            "_timestamp" | "_runtime" => {}
            _ => {
                row.insert(names, canonical(&value));
            }
        }
    }
    (step, row)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_fold_as_the_documentation_says(calls in prop::collection::vec(call(), 0..25)) {
        let mut bench = Bench::new();
        let mut slow = Slow::default();
        for (n, call) in calls.iter().enumerate() {
            bench.log(call, n % 2 == 0);
            slow.log(call);
        }
        bench.drain.finish(&[]).unwrap();
        prop_assert_eq!(rows_of(&bench.folder, &bench.files), slow.finish());
    }

    #[test]
    fn nothing_is_lost_or_doubled_wherever_the_process_dies(
        calls in prop::collection::vec((call(), any::<bool>(), any::<bool>()), 0..25),
        garbage in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut bench = Bench::new();
        let mut slow = Slow::default();
        for (n, (call, drains, carries)) in calls.iter().enumerate() {
            bench.log(call, n % 2 == 0);
            slow.log(call);
            if *drains {
                bench.drain.pass().unwrap();
            }
            if *carries {
                bench.drain.carry_open_rows();
            }
        }
        prop_assert_eq!(bench.die_and_recover(&garbage), slow.finish());
    }
}

#[test]
fn a_journal_without_rings_is_cut_at_its_last_whole_record() {
    let mut bench = Bench::new();
    let call = Call { row: vec![("a".into(), Value::Int(1))], step: None, commit: None };
    bench.log(&call, false);
    bench.drain.finish(&[]).unwrap();
    let mut journal = bench.folder.read(&bench.files.journal).unwrap().unwrap();
    journal.extend_from_slice(b"torn");
    bench.folder.write(&bench.files.journal, &journal).unwrap();
    let file = bench.folder.edit(&bench.files.journal).unwrap();
    let rings = no_rings(journal.len() as u64).unwrap();
    let mut drain =
        Drain::resume(rings, Arc::clone(&bench.folder), bench.files.clone(), file, &journal).unwrap();
    drain.finish(&[]).unwrap();
    assert_eq!(rows_of(&bench.folder, &bench.files).len(), 1);
}
