//! A whole writer on a real folder; `make test` runs this binary under valgrind too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test may fail

use std::path::Path;
use std::sync::Arc;

use wandb_core::drain::{Drain, copied_rings};
use wandb_core::entry::{Key, RowEncoder};
use wandb_core::folder::Folder;
use wandb_core::recover::{Folding, recover};
use wandb_core::snapshot::{State, read_folder};
use wandb_core::writer::{Kept, Options, Writer};
use wandb_core::{CoreError, Value, record};

fn options(name: Option<&str>) -> Options {
    Options {
        name: name.map(Into::into),
        started_at: None,
        strict_steps: false,
        shared: false,
        ring_bytes: 4096,
        console_ring_bytes: 1024,
    }
}

fn log(writer: &Writer, number: i64, text: &str) {
    let mut row = RowEncoder::default();
    row.item(Key::Inline("n"));
    row.int(number);
    row.item(Key::Inline("text"));
    row.str(text);
    loop {
        match writer.log(&mut row, None, None).unwrap() {
            Kept::Yes(_) => return,
            Kept::NoRoom => assert!(writer.make_room(row.len())),
            Kept::TooLarge => {
                writer.log_spilled(&mut row, None, None).unwrap();
                return;
            }
        }
    }
}

fn numbers(folder: &Path) -> Vec<i64> {
    let snapshot = read_folder(folder).unwrap();
    let rows = snapshot.payloads.iter().filter_map(|payload| record::decode(payload).ok());
    let mut all: Vec<i64> = rows
        .filter_map(|record| record.get("history").cloned())
        .filter_map(|history| {
            let is_n =
                |item: &&Value| item.get("nested_key").is_some_and(|key| key.items() == [Value::from("n")]);
            let item = history.get("item")?.items().iter().find(is_n)?.clone();
            item.get("value_json")?.text()?.parse().ok()
        })
        .collect();
    all.sort_unstable();
    all
}

#[test]
fn many_threads_and_a_tiny_ring_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    let writer = Writer::open(home.path(), "x", &options(None)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let writer = &writer;
            scope.spawn(move || (0..100).for_each(|n| log(writer, thread * 100 + n, "some text")));
        }
    });
    assert_eq!(numbers(home.path()), (0..400).collect::<Vec<_>>());
    let closed = writer.close(Some(0), None).unwrap();
    assert!(closed.complete);
    assert_eq!(closed.rows, 400);
    assert_eq!(numbers(home.path()), (0..400).collect::<Vec<_>>());
    assert_eq!(read_folder(home.path()).unwrap().state, State::Finished);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn rows_larger_than_the_ring_stay_in_order() {
    let home = tempfile::tempdir().unwrap();
    let writer = Writer::open(home.path(), "x", &options(None)).unwrap();
    let large = "x".repeat(100_000);
    for n in 0..6 {
        log(&writer, n, if n % 2 == 0 { &large } else { "small" });
    }
    assert_eq!(numbers(home.path()), (0..6).collect::<Vec<_>>());
    writer.close(Some(3), None).unwrap();
    assert_eq!(numbers(home.path()), (0..6).collect::<Vec<_>>());
    assert_eq!(read_folder(home.path()).unwrap().exit_code, Some(3));
}

#[test]
fn other_writers_fold_into_the_owners_file() {
    let home = tempfile::tempdir().unwrap();
    let owner = Writer::open(home.path(), "x", &options(None)).unwrap();
    let other = Writer::open(home.path(), "x", &options(Some("child-1"))).unwrap();
    for n in 0..20 {
        log(if n % 2 == 0 { &owner } else { &other }, n, "");
    }
    assert_eq!(numbers(home.path()), (0..20).collect::<Vec<_>>());
    other.close(None, None).unwrap();
    owner.close(Some(0), None).unwrap();
    assert_eq!(numbers(home.path()), (0..20).collect::<Vec<_>>());
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn the_last_of_two_to_leave_folds() {
    let home = tempfile::tempdir().unwrap();
    let owner = Writer::open(home.path(), "x", &options(None)).unwrap();
    let other = Writer::open(home.path(), "x", &options(Some("child-1"))).unwrap();
    log(&owner, 0, "");
    owner.close(Some(0), None).unwrap();
    log(&other, 1, "");
    assert_eq!(numbers(home.path()), [0, 1]);
    other.close(None, None).unwrap();
    assert_eq!(numbers(home.path()), [0, 1]);
    let left: Vec<_> =
        std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["run-x.wandb"]);
}

#[test]
fn a_live_run_is_not_recovered_and_a_closed_writer_takes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let writer = Writer::open(home.path(), "x", &options(None)).unwrap();
    assert_eq!(recover(home.path(), Folding::WhenAlone).unwrap(), None);
    writer.close(Some(0), None).unwrap();
    assert!(matches!(writer.close(Some(0), None), Err(CoreError::Closed)));
    let mut row = RowEncoder::default();
    assert!(matches!(writer.log(&mut row, None, None), Err(CoreError::Closed)));
    assert!(matches!(writer.append(b""), Err(CoreError::Closed)));
}

#[test]
fn a_journal_that_is_there_already_is_not_touched() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("run-x.wandb"), b"precious").unwrap();
    assert!(Writer::open(home.path(), "x", &options(None)).is_err());
    assert_eq!(std::fs::read(home.path().join("run-x.wandb")).unwrap(), b"precious");
}

#[test]
fn a_folder_removed_while_the_run_is_open_is_written_anew() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("run");
    std::fs::create_dir(&folder).unwrap();
    let writer = Writer::open(&folder, "x", &options(None)).unwrap();
    log(&writer, 0, "");
    std::fs::remove_dir_all(&folder).unwrap();
    log(&writer, 1, &"x".repeat(100_000));
    for n in 2..100 {
        log(&writer, n, "some text");
    }
    let closed = writer.close(Some(0), None).unwrap();
    assert!(closed.complete, "{}", closed.reason);
    assert_eq!(numbers(&folder), (0..100).collect::<Vec<_>>());
}

#[test]
fn a_folder_moved_while_the_run_is_open_is_finished_where_it_is() {
    let home = tempfile::tempdir().unwrap();
    let (from, to) = (home.path().join("a"), home.path().join("b"));
    std::fs::create_dir(&from).unwrap();
    let writer = Writer::open(&from, "x", &options(None)).unwrap();
    log(&writer, 0, "");
    std::fs::rename(&from, &to).unwrap();
    log(&writer, 1, &"x".repeat(100_000));
    writer.close(Some(0), None).unwrap();
    assert_eq!(numbers(&to), [0, 1]);
    assert_eq!(std::fs::read_dir(&to).unwrap().count(), 1);
}

#[test]
fn a_recovery_that_is_killed_leaves_everything_for_the_next() {
    let home = tempfile::tempdir().unwrap();
    let writer = Writer::open(home.path(), "x", &options(None)).unwrap();
    let large = "x".repeat(100_000);
    for n in 0..6 {
        log(&writer, n, if n % 2 == 0 { &large } else { "small" });
    }
    drop(writer); // unfinished, as after a kill

    for _ in 0..2 {
        let folder = Arc::new(Folder::open(home.path()).unwrap());
        let files = folder.owner_files().unwrap();
        let journal = folder.read(&files.journal).unwrap().unwrap();
        let rings = copied_rings(&folder, &files).unwrap().unwrap();
        let file = folder.edit(&files.journal).unwrap();
        let mut killed = Drain::resume(rings, Arc::clone(&folder), files, file, &journal).unwrap();
        killed.finish(&[]).unwrap();
        assert_eq!(numbers(home.path()), (0..6).collect::<Vec<_>>());
    }

    assert!(recover(home.path(), Folding::WhenAlone).unwrap().is_some());
    assert_eq!(numbers(home.path()), (0..6).collect::<Vec<_>>());
    assert_eq!(read_folder(home.path()).unwrap().state, State::Crashed);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
}
