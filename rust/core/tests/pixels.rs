//! Images on their way through a whole writer: what is logged is there, whoever makes the files.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test may fail

use std::path::Path;
use std::sync::Arc;

use wandb_core::drain::{Drain, copied_rings};
use wandb_core::entry::{Key, RowEncoder};
use wandb_core::folder::Folder;
use wandb_core::pixels::{Fact, Pixels};
use wandb_core::recover::{Folding, recover};
use wandb_core::snapshot::read_folder;
use wandb_core::writer::{Kept, Notice, Options, Writer};
use wandb_core::{Value, png, record};

const WIDTH: u32 = 40;

fn open(home: &Path) -> Writer {
    let options = Options {
        name: None,
        started_at: None,
        strict_steps: false,
        shared: false,
        ring_bytes: 1 << 16,
        console_ring_bytes: 1024,
    };
    Writer::open(home, "x", &options).unwrap()
}

fn pixels(number: u8) -> Vec<u8> {
    vec![number; (WIDTH * WIDTH) as usize]
}

fn spill(writer: &Writer, number: u8, name: &str) -> u64 {
    let raw = pixels(number);
    let pixels = Pixels { width: WIDTH, height: WIDTH, channels: 1, name, extension: ".png", raw: &raw };
    writer.spill_pixels(&pixels).unwrap()
}

fn log(writer: &Writer, image: Option<u64>, commit: bool) {
    let mut row = RowEncoder::default();
    if let Some(number) = image {
        row.item(Key::Inline("image"));
        row.dict(2);
        row.key(Key::Inline("path"));
        row.later(number, Fact::Path);
        row.key(Key::Inline("size"));
        row.later(number, Fact::Size);
    } else {
        row.item(Key::Inline("plain"));
        row.int(1);
    }
    assert!(matches!(writer.log(&mut row, None, Some(commit)).unwrap(), Kept::Yes(_)));
}

/// For each row its image's path and size, if it has one.
fn rows(home: &Path) -> Vec<Option<(String, u64)>> {
    let payloads = read_folder(home).unwrap().payloads;
    let records = payloads.iter().filter_map(|payload| record::decode(payload).ok());
    let histories = records.filter_map(|record| record.get("history").cloned());
    histories
        .map(|history| Some((text(&history, "path")?, text(&history, "size")?.parse().unwrap())))
        .collect()
}

fn text(history: &Value, name: &str) -> Option<String> {
    let wanted = [Value::from("image"), Value::from(name)];
    let mut items = history.get("item").unwrap().items().iter();
    let item = items.find(|item| item.get("nested_key").is_some_and(|key| key.items() == wanted))?;
    Some(item.get("value_json")?.text()?.trim_matches('"').to_owned())
}

fn assert_files(home: &Path, numbers: &[u8]) {
    let found: Vec<_> = rows(home).into_iter().flatten().collect();
    assert_eq!(found.len(), numbers.len());
    for ((path, size), number) in found.iter().zip(numbers) {
        let file = std::fs::read(home.join("files").join(path)).unwrap();
        assert_eq!(file, png::encode(&pixels(*number), WIDTH, WIDTH, 1).unwrap());
        assert_eq!(*size, file.len() as u64);
    }
}

fn spills(home: &Path) -> usize {
    let names = std::fs::read_dir(home).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with("spill-")).count()
}

#[test]
fn rows_with_images_keep_their_places_and_leave_only_their_files() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("files")).unwrap();
    let writer = open(home.path());
    for number in 0..10 {
        let image = spill(&writer, number, &format!("media/images/deep/er_{number}"));
        log(&writer, Some(image), true);
        log(&writer, None, true);
    }
    let open_row = spill(&writer, 10, "media/images/open");
    log(&writer, Some(open_row), false);

    let closed = writer.close(Some(0), None).unwrap();

    assert!(closed.complete, "{}", closed.reason);
    let order: Vec<bool> = rows(home.path()).iter().map(Option::is_some).collect();
    assert_eq!(order, (0..21).map(|at| at % 2 == 0).collect::<Vec<_>>());
    assert_files(home.path(), &(0..=10).collect::<Vec<_>>());
    assert_eq!(spills(home.path()), 0);
}

#[test]
fn recoveries_that_are_killed_make_the_same_files() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("files")).unwrap();
    let writer = open(home.path());
    for number in 0..6 {
        let image = spill(&writer, number, "media/images/a");
        log(&writer, Some(image), number < 5);
    }
    drop(writer); // unfinished, as after a kill
    let seen = rows(home.path());

    for _ in 0..2 {
        let folder = Arc::new(Folder::open(home.path()).unwrap());
        let files = folder.owner_files().unwrap();
        let journal = folder.read(&files.journal).unwrap().unwrap();
        let rings = copied_rings(&folder, &files).unwrap().unwrap();
        let file = folder.edit(&files.journal).unwrap();
        Drain::resume(rings, Arc::clone(&folder), files, file, &journal).unwrap().finish(&[]).unwrap();
        assert_files(home.path(), &[0, 1, 2, 3, 4, 5]);
    }

    assert!(recover(home.path(), Folding::WhenAlone).unwrap().is_some());
    assert_files(home.path(), &[0, 1, 2, 3, 4, 5]);
    assert_eq!(rows(home.path()), seen);
    assert_eq!(spills(home.path()), 0);
}

#[test]
fn too_many_that_wait_are_left_to_the_caller_and_forgotten_ones_make_room() {
    let home = tempfile::tempdir().unwrap();
    let writer = open(home.path());
    let raw = vec![0; 20 << 20];
    let wide = |height| Pixels { width: 1 << 20, height, channels: 1, name: "a", extension: "", raw: &raw };
    let first = writer.spill_pixels(&wide(20)).unwrap();

    assert_eq!(writer.spill_pixels(&wide(20)), None);
    writer.drop_pixels(first);

    assert!(writer.spill_pixels(&wide(20)).is_some());
    writer.close(Some(0), None).unwrap();
    assert_eq!(spills(home.path()), 0);
}

#[test]
fn a_file_that_can_not_be_placed_is_told_and_its_row_is_kept() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("files")).unwrap();
    std::fs::write(home.path().join("files/media"), b"in the way").unwrap();
    let writer = open(home.path());
    for (number, name) in ["media/images/a", "../../outside", "fine/a"].into_iter().enumerate() {
        let image = spill(&writer, u8::try_from(number).unwrap(), name);
        log(&writer, Some(image), true);
    }

    assert!(writer.close(Some(0), None).unwrap().complete);

    let told = writer.take_notices();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|notice| matches!(notice, Notice::Damage { .. })));
    assert_eq!(rows(home.path()).len(), 3);
    assert_eq!(std::fs::read(home.path().join("files/media")).unwrap(), b"in the way");
    assert_eq!(std::fs::read_dir(home.path().join("files/fine")).unwrap().count(), 1);
}

#[test]
fn a_link_in_the_place_of_a_folder_is_replaced_not_followed() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir(home.path().join("files")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), home.path().join("files/media")).unwrap();
    let writer = open(home.path());
    let image = spill(&writer, 3, "media/images/a");
    log(&writer, Some(image), true);

    writer.close(Some(0), None).unwrap();

    assert_files(home.path(), &[3]);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}
