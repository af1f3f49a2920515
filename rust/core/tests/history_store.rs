//! The store as a server uses it: exactly once, whatever is repeated and wherever it dies.
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
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use wandb_core::history::accept::Receipt;
use wandb_core::history::assemble::RowsSpec;
use wandb_core::history::cells::{Span, Stream};
use wandb_core::history::store::{HistoryStore, StoreOptions};
use wandb_core::json;
use wandb_core::value::Value;

const RUN: u64 = 7;
const FOREVER: i64 = i64::MAX;

/// The store, and the metadata store beside it.
#[derive(Default)]
struct Metadata {
    manifest: Option<Vec<u8>>,
    states: BTreeMap<u64, Vec<u8>>,
}

fn open(folder: &Path, metadata: &Metadata) -> HistoryStore {
    let options = StoreOptions { sync_ms: 0.0, linger: Duration::ZERO, ..StoreOptions::default() };
    let store = HistoryStore::open(folder, metadata.manifest.as_deref(), options).unwrap();
    store.open_run(RUN, 1, metadata.states.get(&RUN).map(Vec::as_slice)).unwrap();
    assert_eq!(store.warnings(), [] as [String; 0]);
    store
}

fn commit(metadata: &mut Metadata, store: &HistoryStore) -> bool {
    let Some(checkpoint) = store.compact().unwrap() else { return false };
    metadata.manifest = Some(checkpoint.manifest);
    metadata.states.extend(checkpoint.runs);
    store.committed(checkpoint.token).unwrap();
    true
}

fn body(file: &str, offset: usize, lines: &[String]) -> Vec<u8> {
    let content = Value::List(lines.iter().map(|line| line.as_str().into()).collect());
    let chunk = Value::Dict(vec![("offset".into(), Value::Int(offset as i64)), ("content".into(), content)]);
    let files = Value::Dict(vec![(file.into(), chunk)]);
    Value::Dict(vec![("files".into(), files)]).to_json().into_bytes()
}

fn accept(store: &HistoryStore, writer: &str, body: &[u8]) -> Receipt {
    let receipt = store.accept(RUN, 0, writer, body, 1.0).unwrap();
    assert!(store.wait_durable(receipt.seq, Duration::from_secs(20)));
    receipt
}

fn all() -> [Span; 1] {
    [Span { run: RUN, attempt: 0, last_step: FOREVER }]
}

fn spec(stream: Stream) -> RowsSpec<'static> {
    RowsSpec { stream, keys: None, min_step: 0, max_step: FOREVER, limit: None, thin: false }
}

fn rows(store: &HistoryStore) -> Vec<String> {
    store.rows(&all(), &spec(Stream::History)).unwrap()
}

/// The numbers of the rows that a store has.
fn numbers(store: &HistoryStore) -> Vec<i64> {
    let number = |row: String| json::parse(&row).unwrap().get("n").and_then(Value::number).unwrap() as i64;
    let mut numbers: Vec<i64> = rows(store).into_iter().map(number).collect();
    numbers.sort_unstable();
    numbers
}

fn line(writer: usize, number: usize) -> String {
    format!(r#"{{"n":{},"_step":{number},"loss":0.5}}"#, writer * 1000 + number)
}

#[test]
fn a_repeated_request_changes_nothing_and_a_late_one_fills_its_gap() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &Metadata::default());
    let lines: Vec<String> = (0..6).map(|number| line(0, number)).collect();

    let first = accept(&store, "", &body("wandb-history.jsonl", 0, &lines[..2]));
    let again = accept(&store, "", &body("wandb-history.jsonl", 0, &lines[..3]));
    let ahead = accept(&store, "", &body("wandb-history.jsonl", 5, &lines[5..]));
    let late = accept(&store, "", &body("wandb-history.jsonl", 2, &lines[2..]));

    assert_eq!((first.history, first.repeated, first.gap), (2, 0, false));
    assert_eq!((again.history, again.repeated, again.gap), (1, 2, false));
    assert_eq!((ahead.history, ahead.gap, ahead.last_step), (1, true, 5));
    assert_eq!((late.history, late.repeated, late.gap), (2, 2, false));
    assert_eq!(numbers(&store), [0, 1, 2, 3, 4, 5]);
    assert_eq!(store.line_counts(RUN, 0, "").unwrap(), [6, 0, 0]);
    assert_eq!(store.facts(RUN).unwrap().unwrap().history_lines, 6);
}

#[test]
fn rows_without_a_step_go_on_after_the_highest() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &Metadata::default());
    let lines = [r#"{"n":1,"_step":41}"#, r#"{"n":2}"#, r#"{"n":3,"_step":"x"}"#, r#"{"n":4,"_step":null}"#];

    let receipt = accept(&store, "w", &body("wandb-history.jsonl", 0, &lines.map(String::from)));

    assert_eq!(receipt.last_step, 44);
    assert_eq!(
        rows(&store),
        [r#"{"_step":41,"n":1}"#, r#"{"_step":42,"n":2}"#, r#"{"_step":43,"n":3}"#, r#"{"_step":44,"n":4}"#]
    );
}

#[test]
fn what_cannot_be_read_is_kept_word_for_word_and_counts_as_received() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let store = open(folder.path(), &metadata);
    let lines = ["{oops \u{1}".to_owned(), line(0, 1)];

    let receipt = accept(&store, "", &body("wandb-history.jsonl", 0, &lines));
    let before = store.aside(&all(), 10).unwrap();
    commit(&mut metadata, &store);

    assert_eq!((receipt.history, receipt.aside, receipt.gap), (1, 1, false));
    assert_eq!(before, [("wandb-history.jsonl".to_owned(), lines[0].clone())]);
    assert_eq!(store.aside(&all(), 10).unwrap(), before);
}

#[test]
fn the_summary_is_replaced_whole_but_parts_of_several_writers_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let store = open(folder.path(), &metadata);
    let post = |store: &HistoryStore, writer: &str, text: &str| {
        accept(store, writer, &body("wandb-summary.json", 0, &[text.to_owned()])).summary
    };

    assert_eq!(post(&store, "", r#"{"a":1}"#).as_deref(), Some(r#"{"a":1}"#));
    assert_eq!(post(&store, "", r#"{"b":NaN}"#).as_deref(), Some(r#"{"b":NaN}"#));
    assert_eq!(post(&store, "w1", r#"{"a": [1]}"#).as_deref(), Some(r#"{"a":[1],"b":NaN}"#));
    assert_eq!(post(&store, "w2", "{").as_deref(), None);
    commit(&mut metadata, &store);
    drop(store);
    let store = open(folder.path(), &metadata);
    assert_eq!(post(&store, "w2", r#"{"b":2}"#).as_deref(), Some(r#"{"a":[1],"b":2}"#));
}

#[test]
fn console_lines_are_replaced_by_number_before_and_after_compactions() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let store = open(folder.path(), &metadata);
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();

    accept(&store, "", &body("output.log", 0, &texts(&["a", "10%", "\u{1b}[1m\"q\""])));
    accept(&store, "", &body("output.log", 1, &texts(&["20%"])));
    assert_eq!(store.console(&all(), 1, 1).unwrap(), [(1, "20%".to_owned())]);
    commit(&mut metadata, &store);
    accept(&store, "", &body("output.log", 1, &texts(&["30%"])));
    commit(&mut metadata, &store);
    let again = accept(&store, "", &body("output.log", 1, &texts(&["100%"])));

    assert_eq!((again.console, again.repeated), (0, 1));
    let expected = [(0, "a".to_owned()), (1, "100%".to_owned()), (2, "\u{1b}[1m\"q\"".to_owned())];
    assert_eq!(store.console(&all(), 0, 10).unwrap(), expected);
    drop(store);
    let store = open(folder.path(), &metadata);
    for _ in 0..12 {
        accept(&store, "", &body("output.log", 3, &texts(&["x"])));
        commit(&mut metadata, &store);
    }
    assert_eq!(store.console(&all(), 0, 3).unwrap(), expected);
}

#[test]
fn a_rewound_run_shows_what_its_scope_names() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let store = open(folder.path(), &metadata);
    let lines: Vec<String> = (0..6).map(|number| line(0, number)).collect();
    let newer: Vec<String> = (3..5).map(|number| line(1, number)).collect();

    accept(&store, "", &body("wandb-history.jsonl", 0, &lines));
    for compacted in [false, true] {
        let receipt = store.accept(RUN, 1, "", &body("wandb-history.jsonl", 3, &newer), 1.0).unwrap();
        let spans =
            [Span { run: RUN, attempt: 0, last_step: 2 }, Span { run: RUN, attempt: 1, last_step: FOREVER }];

        assert!(!receipt.gap, "an attempt begins where the one before was cut");
        assert_eq!(
            (store.last_step(&spans).unwrap(), store.row_count(&spans, Stream::History).unwrap()),
            (4, 5)
        );
        assert_eq!(store.last_step(&spans[..1]).unwrap(), 2);
        assert_eq!(store.row_count(&spans[..1], Stream::History).unwrap(), 3);
        assert_eq!(store.last_step_at_hand(&spans).unwrap(), Some(4), "what is cut can't reach further");
        assert_eq!(store.last_step_at_hand(&spans[..1]).unwrap(), None);
        assert_eq!(store.row_count_at_hand(&spans, Stream::History).unwrap(), None);
        assert_eq!(store.row_count_at_hand(&spans[1..], Stream::History).unwrap(), Some(2));
        assert_eq!(store.row_count_at_hand(&spans, Stream::Events).unwrap(), Some(0));
        let seen = store.rows(&spans, &spec(Stream::History)).unwrap();
        assert_eq!(seen.len(), 5);
        assert!(seen[3].contains("1003"), "{seen:?}");
        let keys = store.keys(&spans, Stream::History).unwrap();
        let n = keys.iter().find(|key| &*key.name == "n").unwrap();
        assert_eq!((n.numbers, n.maximum, n.last_value, n.monotonic), (5, Some(1004.0), Some(1004.0), true));
        assert_eq!(commit(&mut metadata, &store), !compacted);
    }
}

#[test]
fn facts_are_those_of_the_attempt_that_came_last() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let store = open(folder.path(), &metadata);
    let told = |store: &HistoryStore| {
        let facts = store.facts(RUN).unwrap().unwrap();
        (facts.attempt, facts.last_step, facts.history_lines)
    };
    let beat = |store: &HistoryStore, attempt| store.accept(RUN, attempt, "", b"{}", 1.0).unwrap();
    let lines: Vec<String> = (0..6).map(|number| line(0, number)).collect();
    accept(&store, "", &body("wandb-history.jsonl", 0, &lines));
    commit(&mut metadata, &store);

    assert_eq!(beat(&store, 1).last_step, -1, "what the first attempt reached is hidden");
    assert_eq!(told(&store), (1, -1, 0));
    let receipt = store.accept(RUN, 1, "", &body("wandb-history.jsonl", 3, &lines[3..5]), 1.0).unwrap();
    assert_eq!(receipt.last_step, 4);
    assert_eq!(told(&store), (1, 4, 2));

    store.close().unwrap();
    let store = open(folder.path(), &metadata);
    let [found] = &store.recovered()[..] else { panic!("one run is in the log") };
    assert_eq!((found.attempt, found.last_step, found.history_lines), (1, 4, 2));
    commit(&mut metadata, &store);
    store.close().unwrap();
    let store = open(folder.path(), &metadata);
    beat(&store, 1);
    assert_eq!(told(&store), (1, 4, 2));
    beat(&store, 0);
    assert_eq!(told(&store), (0, 5, 6));
}

#[test]
fn a_tail_in_many_pieces_is_read_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let store = open(folder.path(), &metadata);
    let text = "x".repeat(1 << 20);
    let wide = |number: i64| format!(r#"{{"n":{number},"_step":{},"text":"{text}"}}"#, 40 - number);
    for number in 0..20 {
        accept(&store, "", &body("wandb-history.jsonl", number, &[wide(number as i64)]));
        accept(&store, "", &body("output.log", number, &[format!("line {number}")]));
    }
    let seen = |store: &HistoryStore| {
        let limited = RowsSpec { limit: Some(3), ..spec(Stream::History) };
        let first: Vec<i64> = store
            .rows(&all(), &limited)
            .unwrap()
            .iter()
            .map(|row| json::parse(row).unwrap().get("n").and_then(Value::number).unwrap() as i64)
            .collect();
        let keys = store.keys(&all(), Stream::History).unwrap();
        let counts: Vec<u64> = keys.iter().map(|key| key.numbers + key.others).collect();
        (first, numbers(store), counts, store.console(&all(), 0, 100).unwrap().len())
    };
    let wanted = (vec![19, 18, 17], (0..20).collect::<Vec<_>>(), vec![20, 20, 20], 20);

    assert_eq!(seen(&store), wanted);
    let checkpoint = store.compact().unwrap().unwrap();
    accept(&store, "", &body("wandb-history.jsonl", 19, &[wide(19)]));
    assert_eq!(seen(&store), wanted);
    metadata.states.extend(checkpoint.runs);
    metadata.manifest = Some(checkpoint.manifest);
    store.committed(checkpoint.token).unwrap();
    assert_eq!(seen(&store), wanted);
}

#[test]
fn a_run_that_has_ended_goes_on_when_lines_come() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &Metadata::default());
    let facts = |store: &HistoryStore| {
        let facts = store.facts(RUN).unwrap().unwrap();
        (facts.complete, facts.exit_code, facts.preempting)
    };

    accept(&store, "", br#"{"complete":true,"exitcode":3,"preempting":true}"#);
    let ended = facts(&store);
    accept(&store, "", b"{}");
    assert_eq!((ended, facts(&store)), ((true, Some(3), true), ended));
    drop(store);
    let store = open(folder.path(), &Metadata::default());
    assert_eq!((store.recovered().len(), facts(&store)), (1, ended));
    accept(&store, "", &body("wandb-events.jsonl", 0, &["{}".to_owned()]));
    assert_eq!(facts(&store), (false, None, true));
}

#[test]
fn compactions_leave_few_files_and_a_forgotten_run_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let store = open(folder.path(), &metadata);
    store.open_run(8, 1, None).unwrap();
    for number in 0..40 {
        accept(&store, "", &body("wandb-history.jsonl", number, &[line(0, number)]));
        store.accept(8, 0, "", &body("wandb-history.jsonl", number, &[line(0, number)]), 1.0).unwrap();
        assert!(commit(&mut metadata, &store));
    }
    let files = || wandb_core::history::shelves::segment_files(folder.path()).unwrap();

    assert!(files().len() <= 3 * 8, "{:?}", files());
    assert_eq!(numbers(&store), (0..40).collect::<Vec<_>>());
    store.forget_run(8);
    assert!(commit(&mut metadata, &store));
    assert!(!commit(&mut metadata, &store));
    assert_eq!(numbers(&store), (0..40).collect::<Vec<_>>());
    store.forget_run(RUN);
    assert!(commit(&mut metadata, &store));
    assert_eq!(files(), [] as [std::path::PathBuf; 0]);
}

#[test]
fn merged_files_stay_for_those_who_have_just_listed_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let files = || wandb_core::history::shelves::segment_files(folder.path()).unwrap();
    let options = StoreOptions { sync_ms: 0.0, ..StoreOptions::default() };
    let store = HistoryStore::open(folder.path(), None, options).unwrap();
    store.open_run(RUN, 1, None).unwrap();

    for number in 0..8 {
        accept(&store, "", &body("wandb-history.jsonl", number, &[line(0, number)]));
        commit(&mut metadata, &store);
    }

    assert_eq!(files().len(), 7 + 1, "the eighth was merged before anybody could see it");
    assert_eq!(numbers(&store), (0..8).collect::<Vec<_>>());
    store.close().unwrap();
    drop(store);
    let store = open(folder.path(), &metadata);
    assert_eq!(files().len(), 1);
    assert_eq!(numbers(&store), (0..8).collect::<Vec<_>>());
}

#[test]
fn a_run_found_in_the_log_has_to_be_opened_before_it_is_compacted() {
    let folder = tempfile::tempdir().unwrap();
    accept(&open(folder.path(), &Metadata::default()), "", &body("wandb-history.jsonl", 0, &[line(0, 0)]));
    let store = HistoryStore::open(folder.path(), None, StoreOptions::default()).unwrap();

    let refused = store.compact().unwrap_err().to_string();
    store.forget_run(RUN);

    assert!(refused.contains("run 7 was found in the log and is not open"), "{refused}");
    assert_eq!(store.compact().unwrap().map(|checkpoint| checkpoint.runs), Some(vec![]));
}

#[test]
fn one_folder_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &Metadata::default());

    let second = HistoryStore::open(folder.path(), None, StoreOptions::default());

    assert!(second.unwrap_err().to_string().contains("another process has this history open"));
    drop(store);
    open(folder.path(), &Metadata::default());
}

#[test]
fn a_database_from_a_backup_loses_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let store = open(folder.path(), &metadata);
    accept(&store, "", &body("wandb-history.jsonl", 0, &vec![line(0, 0); 20_000]));
    commit(&mut metadata, &store);
    drop(store);
    std::fs::remove_file(folder.path().join("wal/0000000000000001.wal")).unwrap();
    let files = wandb_core::history::shelves::segment_files(folder.path()).unwrap();

    let store = HistoryStore::open(folder.path(), None, StoreOptions::default()).unwrap();

    assert_eq!(store.warnings().len(), 1, "{:?}", store.warnings());
    assert!(!files.is_empty());
    assert_eq!(wandb_core::history::shelves::segment_files(folder.path()).unwrap(), files);
}

#[test]
fn a_segment_that_cannot_be_read_stops_no_compaction() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let store = open(folder.path(), &metadata);
    store.open_run(8, 2, None).unwrap();
    let files = || wandb_core::history::shelves::segment_files(folder.path()).unwrap();
    store.accept(8, 0, "", &body("wandb-history.jsonl", 0, &[line(0, 0)]), 1.0).unwrap();
    commit(&mut metadata, &store);
    let damaged = files().remove(0);
    std::fs::write(&damaged, "PAR1 no more PAR1").unwrap();
    let mut warnings = Vec::new();

    for number in 0..24 {
        accept(&store, "", &body("wandb-history.jsonl", number, &[line(0, number)]));
        store.accept(8, 0, "", &body("wandb-history.jsonl", number + 1, &[line(0, number)]), 1.0).unwrap();
        let checkpoint = store.compact().unwrap().unwrap();
        warnings.extend(checkpoint.warnings);
        store.committed(checkpoint.token).unwrap();
    }
    store.forget_run(8);
    assert!(commit(&mut metadata, &store));

    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("could not be merged"), "{warnings:?}");
    assert_eq!(numbers(&store), (0..24).collect::<Vec<_>>());
    let left: Vec<_> = files().into_iter().filter(|file| file.to_string_lossy().contains("p=2")).collect();
    assert_eq!(left, [damaged]);
}

#[test]
fn an_older_database_costs_no_merged_segment() {
    let folder = tempfile::tempdir().unwrap();
    let mut metadata = Metadata::default();
    let store = open(folder.path(), &metadata);
    let mut older = None;
    for number in 0..9 {
        accept(&store, "", &body("wandb-history.jsonl", number, &[line(0, number)]));
        commit(&mut metadata, &store);
        older.get_or_insert_with(|| metadata.manifest.clone());
    }
    store.close().unwrap();
    drop(store);
    let files = || wandb_core::history::shelves::segment_files(folder.path()).unwrap();
    let before = files();

    let put_back = Metadata { manifest: older.flatten(), ..Metadata::default() };
    let store =
        HistoryStore::open(folder.path(), put_back.manifest.as_deref(), StoreOptions::default()).unwrap();

    assert!(store.warnings().concat().contains("are missing"), "{:?}", store.warnings());
    assert_eq!(files(), before);
    drop(store);
    assert_eq!(numbers(&open(folder.path(), &metadata)), (0..9).collect::<Vec<_>>());
}

/// What happens to a server, and to a client that has lines to send.
#[derive(Clone, Debug)]
enum Event {
    /// A writer posts some of its lines, old ones again or new ones.
    Post { writer: usize, from: usize, count: usize },
    /// The process dies; of what was not durable some bytes are lost.
    Die { lost: usize },
    /// A compaction and its transaction.
    Compact,
    /// A compaction whose transaction never came.
    CompactInVain,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => (0_usize..2, 0_usize..30, 1_usize..6).prop_map(|(writer, from, count)| Event::Post { writer, from, count }),
        2 => (0_usize..200).prop_map(|lost| Event::Die { lost }),
        1 => Just(Event::Compact),
        1 => Just(Event::CompactInVain),
    ];
    proptest::collection::vec(event, 1..25)
}

/// Cut bytes off the end of the newest log file, as a crash of the machine may, but none that were
/// durable.
fn tear(folder: &Path, durable: u64, lost: usize) {
    let newest = std::fs::read_dir(folder.join("wal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wal"))
        .max();
    let Some(path) = newest else { return };
    let length = std::fs::metadata(&path).unwrap().len();
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(length.saturating_sub(lost as u64).max(durable.min(length))).unwrap();
}

fn newest_length(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder.join("wal")).unwrap().map(|entry| entry.unwrap().path());
    let newest = files.filter(|path| path.extension().is_some_and(|extension| extension == "wal")).max();
    newest.map_or(0, |path| std::fs::metadata(path).unwrap().len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn every_acknowledged_line_is_there_once(events in events()) {
        let folder = tempfile::tempdir().unwrap();
        let mut metadata = Metadata::default();
        let mut store = open(folder.path(), &metadata);
        let mut acknowledged: std::collections::BTreeSet<i64> = std::collections::BTreeSet::new();
        for event in events {
            match event {
                Event::Post { writer, from, count } => {
                    let lines: Vec<String> = (from..from + count).map(|number| line(writer, number)).collect();
                    let name = ["", "w"][writer];
                    accept(&store, name, &body("wandb-history.jsonl", from, &lines));
                    acknowledged.extend((from..from + count).map(|number| (writer * 1000 + number) as i64));
                }
                Event::Die { lost } => {
                    let durable = newest_length(folder.path());
                    // Lines that were taken in but not acknowledged may stay or go.
                    store.accept(RUN, 0, "x", &body("wandb-history.jsonl", 0, &[line(9, 0)]), 1.0).unwrap();
                    drop(store);
                    tear(folder.path(), durable, lost);
                    store = open(folder.path(), &metadata);
                }
                Event::Compact => {
                    commit(&mut metadata, &store);
                }
                Event::CompactInVain => {
                    let _ = store.compact().unwrap();
                }
            }
            let mut found = numbers(&store);
            found.retain(|number| *number != 9000);
            prop_assert_eq!(found, acknowledged.iter().copied().collect::<Vec<_>>());
        }
        let rows = store.row_count(&all(), Stream::History).unwrap();
        prop_assert_eq!(rows as usize, rows_with_unacknowledged(&store));
    }
}

fn rows_with_unacknowledged(store: &HistoryStore) -> usize {
    numbers(store).len()
}
