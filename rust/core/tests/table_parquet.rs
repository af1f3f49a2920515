//! Parquet files, written by the library's own writer, are read as tables; broken ones are refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use wandb_core::table_parquet::{Fault, read};

const SCHEMA: &str = "message table {
    required int64 id;
    optional double loss;
    optional group words (LIST) { repeated group list { optional binary element (UTF8); } }
}";

type Row = (i64, Option<i32>, Option<Vec<Option<String>>>);

/// Levels and values of a list, as the format has them.
fn striped(rows: &[Row]) -> (Vec<ByteArray>, Vec<i16>, Vec<i16>) {
    let (mut values, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
    for (_, _, words) in rows {
        let words = words.as_deref();
        if words.is_none_or(<[_]>::is_empty) {
            definitions.push(i16::from(words.is_some()));
            repetitions.push(0);
        }
        for (at, word) in words.unwrap_or_default().iter().enumerate() {
            values.extend(word.as_deref().map(ByteArray::from));
            definitions.push(if word.is_some() { 3 } else { 2 });
            repetitions.push(i16::from(at > 0));
        }
    }
    (values, definitions, repetitions)
}

fn file(groups: &[Vec<Row>], version: WriterVersion, page: usize) -> Bytes {
    let properties = WriterProperties::builder()
        .set_writer_version(version)
        .set_data_page_size_limit(page)
        .set_write_batch_size(3)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        // Of the second version's codings, that of texts by their beginnings is not read.
        .set_column_encoding("words.list.element".into(), Encoding::DELTA_LENGTH_BYTE_ARRAY)
        .build();
    let mut out = Vec::new();
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut writer = SerializedFileWriter::new(&mut out, schema, Arc::new(properties)).unwrap();
    for rows in groups {
        let mut group = writer.next_row_group().unwrap();
        let ids: Vec<_> = rows.iter().map(|row| row.0).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&ids, None, None).unwrap();
        column.close().unwrap();
        let losses: Vec<_> = rows.iter().filter_map(|row| row.1.map(f64::from)).collect();
        let there: Vec<_> = rows.iter().map(|row| i16::from(row.1.is_some())).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&losses, Some(&there), None).unwrap();
        column.close().unwrap();
        let (values, definitions, repetitions) = striped(rows);
        let mut column = group.next_column().unwrap().unwrap();
        let typed = column.typed::<ByteArrayType>();
        typed.write_batch(&values, Some(&definitions), Some(&repetitions)).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
    out.into()
}

fn joined<T>(items: impl Iterator<Item = T>, write: impl Fn(&mut String, T)) -> String {
    let mut out = String::from("[");
    for (at, item) in items.enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        write(&mut out, item);
    }
    out + "]"
}

/// The columns as JSON, the plain way.
fn expected(rows: &[Row]) -> [String; 3] {
    let word = |out: &mut String, word: &Option<String>| match word {
        Some(word) => write!(out, "\"{word}\"").unwrap(),
        None => out.push_str("null"),
    };
    [
        joined(rows.iter(), |out, row| write!(out, "{}", row.0).unwrap()),
        joined(rows.iter(), |out, row| match row.1 {
            Some(loss) => write!(out, "{loss}.0").unwrap(),
            None => out.push_str("null"),
        }),
        joined(rows.iter(), |out, row| match &row.2 {
            Some(words) => out.push_str(&joined(words.iter(), word)),
            None => out.push_str("null"),
        }),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let words = proptest::option::of(proptest::collection::vec(proptest::option::of("[a-c]{0,3}"), 0..5));
    proptest::collection::vec((any::<i64>(), proptest::option::of(any::<i32>()), words), 0..30)
}

fn version() -> impl Strategy<Value = WriterVersion> {
    prop_oneof![Just(WriterVersion::PARQUET_1_0), Just(WriterVersion::PARQUET_2_0)]
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        groups in proptest::collection::vec(rows(), 0..3), version in version(), page in 1_usize..200,
    ) {
        let table = read(&file(&groups, version, page), 100_000, 1 << 20).unwrap();

        prop_assert_eq!(&table.names, &["id", "loss", "words"]);
        for (column, json) in table.columns.iter().zip(expected(&groups.concat())) {
            prop_assert_eq!(std::str::from_utf8(column).unwrap(), json);
        }
    }

    #[test]
    fn broken_files_are_read_or_refused(
        rows in rows(), version in version(),
        wrong in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut: prop::sample::Index, whole: bool,
    ) {
        let mut bytes = file(&[rows], version, 50).to_vec();
        for (place, byte) in wrong {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }

        if let Ok(table) = read(&bytes.into(), 100_000, 1 << 20) {
            prop_assert_eq!(table.names.len(), table.columns.len());
        }
    }
}

#[test]
fn limits_are_of_cells_and_of_items_in_them() {
    let words = vec![Some("a".to_owned()); 100];
    let file = file(&[vec![(1, None, Some(words))]], WriterVersion::PARQUET_1_0, 1000);

    assert!(read(&file, 100, 1 << 20).is_ok());
    assert!(matches!(read(&file, 99, 1 << 20), Err(Fault::TooLarge(_))));
    assert!(matches!(read(&file, 2, 1 << 20), Err(Fault::TooLarge(_))));
    assert!(matches!(read(&file, 100, 50), Err(Fault::TooLarge(_))));
}
