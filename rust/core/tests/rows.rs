//! Rows come back as they were logged, whatever their cells lie in.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::float_cmp
)]

mod cells;

use std::collections::{BTreeMap, BTreeSet};

use cells::{Placed, any_run, split_rows};
use proptest::prelude::*;
use wandb_core::history::assemble::{RowsSpec, assemble_rows};
use wandb_core::history::cells::{RowId, RunCells, Side, Span, Stream};
use wandb_core::history::names::{escape, split};
use wandb_core::history::parts::shows;
use wandb_core::json::parse;
use wandb_core::value::Value;

const RUN: u64 = 3;

#[derive(Clone, Debug, PartialEq)]
enum Json {
    Text(String),
    Tree(BTreeMap<String, Json>),
}

/// Members in any order, numbers by value.
fn plain(value: &Value) -> Json {
    match value {
        Value::Dict(members) => {
            Json::Tree(members.iter().map(|(name, value)| (name.to_string(), plain(value))).collect())
        }
        Value::Int(n) => Json::Text(format!("{n}")),
        Value::Float(x) if x.fract() == 0.0 && x.abs() < 9e18 && (*x != 0.0 || x.is_sign_positive()) => {
            Json::Text(format!("{}", *x as i64))
        }
        Value::Float(x) => Json::Text(format!("{x:?}")),
        other => Json::Text(other.to_json()),
    }
}

fn insert(tree: &mut BTreeMap<String, Json>, path: &[String], value: Json) {
    if let [name] = path {
        tree.insert(name.clone(), value);
        return;
    }
    let inner = tree.entry(path[0].clone()).or_insert_with(|| Json::Tree(BTreeMap::new()));
    if let Json::Tree(inner) = inner {
        insert(inner, &path[1..], value);
    }
}

type Leaves = BTreeMap<String, (RowId, Json)>;

fn rows_of(cells: &RunCells, scope: &[Span]) -> BTreeMap<RowId, Leaves> {
    let mut rows: BTreeMap<RowId, Leaves> = BTreeMap::new();
    for (name, key) in cells {
        let mut put = |row: RowId, value: Json| {
            if shows(scope, RUN, row.attempt, row.step) {
                rows.entry(row).or_default().insert(name.to_string(), (row, value));
            }
        };
        for (at, row) in key.numbers.rows.iter().enumerate() {
            let exact = key.numbers.exact.iter().find(|(i, _)| *i as usize == at);
            let value = exact.map_or(Value::Float(key.numbers.values[at]), |(_, whole)| Value::Int(*whole));
            put(*row, plain(&value));
        }
        for (row, side) in &key.side {
            let text = match side {
                Side::Null => "null".into(),
                Side::Bool(value) => value.to_string(),
                Side::Json(text) => text.to_string(),
            };
            put(*row, plain(&parse(&text).unwrap()));
        }
    }
    rows
}

fn tree(leaves: &Leaves, step: Option<i64>) -> Json {
    let mut kept = leaves.clone();
    // `a` against `a.b`: what was written later stays.
    for (name, (row, _)) in leaves {
        let inside: Vec<&String> = leaves.keys().filter(|k| k.starts_with(&format!("{name}."))).collect();
        if let Some(later) = inside.iter().map(|k| leaves[*k].0).max() {
            if later >= *row {
                kept.remove(name);
            } else {
                kept.retain(|key, _| !inside.contains(&key));
            }
        }
    }
    let mut tree = BTreeMap::new();
    for (name, (_, value)) in kept {
        insert(&mut tree, &split(&name), value);
    }
    if let Some(step) = step {
        tree.insert("_step".into(), Json::Text(step.to_string()));
    }
    Json::Tree(tree)
}

fn obvious(cells: &RunCells, scope: &[Span], spec: &RowsSpec<'_>) -> Vec<Json> {
    let mut rows: Vec<(i64, Leaves)> =
        rows_of(cells, scope).into_iter().map(|(row, leaves)| (row.step, leaves)).collect();
    if spec.thin {
        let mut merged: BTreeMap<i64, Leaves> = BTreeMap::new();
        for (step, leaves) in rows {
            merged.entry(step).or_default().extend(leaves);
        }
        rows = merged.into_iter().collect();
    }
    rows.retain(|(step, _)| (spec.min_step..spec.max_step).contains(step));
    let history = spec.stream == Stream::History;
    let mut with_step = history;
    if let Some(keys) = spec.keys {
        with_step = history && keys.iter().any(|key| key == "_step");
        let spelled = |key: &String| BTreeSet::from([key.clone(), escape(key)]);
        rows.retain(|(_, leaves)| {
            keys.iter()
                .all(|key| (history && key == "_step") || spelled(key).iter().any(|k| leaves.contains_key(k)))
        });
        let wanted: BTreeSet<String> = keys.iter().flat_map(spelled).collect();
        for (_, leaves) in &mut rows {
            leaves.retain(|key, _| wanted.contains(key));
        }
    }
    let rows: Vec<Json> =
        rows.iter().map(|(step, leaves)| tree(leaves, with_step.then_some(*step))).collect();
    let Some(limit) = spec.limit else { return rows };
    if rows.len() <= limit || !spec.thin {
        return rows.into_iter().take(limit).collect();
    }
    let places: Vec<usize> = match limit {
        0 => vec![],
        1 => vec![rows.len() - 1],
        _ => (0..limit).map(|at| (at * (rows.len() - 1) + (limit - 1) / 2) / (limit - 1)).collect(),
    };
    places.into_iter().map(|place| rows[place].clone()).collect()
}

fn any_scope() -> impl Strategy<Value = Vec<Span>> {
    let span = (0_u16..3, prop_oneof![Just(i64::MAX), 0_i64..30]).prop_map(|(attempt, last_step)| Span {
        run: RUN,
        attempt,
        last_step,
    });
    prop::collection::vec(span, 1..4)
}

fn any_keys() -> impl Strategy<Value = Option<Vec<String>>> {
    let name = prop_oneof![
        3 => Just("a"), 3 => Just("a.b"), 1 => Just("a-x"), 3 => Just("loss"), 2 => Just("x.y"), 3 => Just("_step"), 1 => Just("no")
    ];
    prop::option::of(prop::collection::vec(name.prop_map(str::to_owned), 1..3))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rows_are_what_the_obvious_way_makes_of_them(
        cells in any_run(), scope in any_scope(), seed in any::<u64>(), parts in 1_usize..4, files in 0_u32..8,
        keys in any_keys(), (min_step, width) in (-2_i64..20, 0_i64..40), limit in prop::option::of(0_usize..12),
        thin in any::<bool>(), stream in prop_oneof![Just(Stream::History), Just(Stream::Events)],
    ) {
        let placed = Placed::new(RUN, split_rows(&cells, parts, seed), files);
        let max_step = min_step + width;
        let spec = RowsSpec { stream, keys: keys.as_deref(), min_step, max_step, limit, thin };

        let rows = assemble_rows(&placed.parts(RUN), &scope, &spec).unwrap();

        let rows: Vec<Json> = rows.iter().map(|text| plain(&parse(text).unwrap())).collect();
        prop_assert_eq!(rows, obvious(&cells, &scope, &spec));
    }
}

#[test]
fn integers_and_signs_and_specials_keep_their_spelling() {
    let mut cells = RunCells::new();
    let row = RowId { step: 7, line: 0, writer: 0, attempt: 0 };
    for (name, value, exact) in [
        ("big", 9.2e18, Some(i64::MAX)),
        ("million", 1e6, None),
        ("neg", -0.0, None),
        ("nan", f64::NAN, None),
        ("inf", f64::NEG_INFINITY, None),
        ("half", 0.5, None),
        ("huge", 1e300, None),
        ("word", 2_f64.powi(60), None),
    ] {
        cells::push(&mut cells.entry(name.into()).or_default().numbers, row, value, exact);
    }
    let placed = Placed::new(RUN, vec![cells], 1);
    let scope = [Span { run: RUN, attempt: 0, last_step: i64::MAX }];
    let spec = RowsSpec {
        stream: Stream::History,
        keys: None,
        min_step: 0,
        max_step: i64::MAX,
        limit: None,
        thin: false,
    };

    let rows = assemble_rows(&placed.parts(RUN), &scope, &spec).unwrap();

    assert_eq!(
        rows,
        [concat!(
            r#"{"_step":7,"big":9223372036854775807,"half":0.5,"huge":1e+300,"inf":-Infinity,"#,
            r#""million":1000000,"nan":NaN,"neg":-0.0,"word":1152921504606846976}"#
        )]
    );
}
