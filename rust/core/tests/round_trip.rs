//! A line that is read, taken apart, kept and put together again says what it said.
#![allow(clippy::unwrap_used, clippy::panic)] // a test may fail

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use wandb_core::history::assemble::{RowsSpec, assemble_rows};
use wandb_core::history::batch::{Batch, KeyTable, Row, RowCells};
use wandb_core::history::cells::{Span, Stream};
use wandb_core::history::lines_row::parse_row;
use wandb_core::history::parts::Part;
use wandb_core::history::segment::{Segment, write_segment};
use wandb_core::history::tail::StreamTail;
use wandb_core::json::parse;
use wandb_core::value::Value;

/// Members in any order; an integer is what a whole double of its size is.
fn plain(value: &Value) -> String {
    match value {
        Value::Dict(members) => {
            let members: BTreeSet<String> =
                members.iter().map(|(name, value)| format!("{name:?}:{}", plain(value))).collect();
            format!("{members:?}")
        }
        Value::List(items) => format!("{:?}", items.iter().map(plain).collect::<Vec<_>>()),
        Value::Float(x) if x.fract() == 0.0 && x.abs() < 9e18 && (*x != 0.0 || x.is_sign_positive()) => {
            format!("{x:.0}")
        }
        Value::Float(x) => format!("{x:?}"),
        other => other.to_json(),
    }
}

fn any_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        (-50_i32..50).prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|x| Value::Float(x).to_json()),
        Just("-0.0".to_owned()),
        Just("1e400".to_owned()),
        Just("123456789012345678901234567890".to_owned()),
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        ".{0,5}".prop_map(|text| Value::from(text.as_str()).to_json()),
        Just(r#"{"_type":"image-file","size":3}"#.to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::btree_map(r"[a.\\é]{0,2}", inner, 0..4).prop_map(|members| object(&members)),
        ]
    })
}

fn object(members: &BTreeMap<String, String>) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}: {value}", Value::from(name.as_str()).to_json()))
        .collect();
    format!("{{{}}}", members.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_line_comes_back_as_it_was_logged(
        lines in prop::collection::vec(prop::collection::btree_map(r"[a-c.\\_]{0,3}", any_value(), 1..5), 1..6),
    ) {
        let (mut keys, mut tail, mut batch) = (KeyTable::default(), StreamTail::default(), Batch::default());
        let mut wanted = Vec::new();
        for (step, members) in (0_i64..).zip(&lines) {
            let mut members = members.clone();
            members.insert("_step".to_owned(), step.to_string());
            let line = object(&members);
            let mut cells = RowCells::default();
            prop_assert!(parse_row(&line, &mut keys, &mut cells), "{}", line);
            batch.push(Row { line: step, step }, &mut cells);
            wanted.push(plain(&parse(&line).unwrap()));
        }
        tail.append(&mut batch, 0, 0);
        tail.keys = keys;
        let cells = tail.read_all(&|_| true);
        let dir = tempfile::tempdir().unwrap();
        write_segment(dir.path(), "s", &BTreeMap::from([(1, cells)])).unwrap();
        let segment = Segment::open(dir.path(), "s").unwrap();

        let spec = RowsSpec {
            stream: Stream::History, keys: None, min_step: 0, max_step: i64::MAX, limit: None, thin: false,
        };
        let scope = [Span { run: 1, attempt: 0, last_step: i64::MAX }];
        let rows = assemble_rows(&[Part::File { run: 1, segment: &segment }], &scope, &spec).unwrap();

        let rows: Vec<String> = rows.iter().map(|text| plain(&parse(text).unwrap())).collect();
        prop_assert_eq!(rows, wanted);
    }
}
