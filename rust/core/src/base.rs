//! Rows of a run that goes on, logged before the server could say where it stands.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::json;
use crate::record;
use crate::value::Value;

const HISTORY: u32 = 2;
const SUMMARY: u32 = 3;
const RUN: u32 = 17;

/// What is added to the steps and times of rows whose process counted from 0.
///
/// A process that heard where its run stands counts from there, and its journal says so in a record
/// of the run before the first row: then nothing is added. One base serves all journals of a run.
#[derive(Debug)]
pub struct Base {
    step: i64,
    runtime: f64,
    told: AtomicBool,
}

impl Base {
    /// Add this many steps and seconds.
    #[must_use]
    pub const fn new(step: i64, runtime: f64) -> Self {
        Self { step, runtime, told: AtomicBool::new(false) }
    }

    /// A record with its true steps and times; one that can't be read stays as it is.
    #[must_use]
    pub fn moved(&self, payload: Vec<u8>) -> Vec<u8> {
        let kind = record::peek_kind(&payload).map(|(number, _)| number);
        if !matches!(kind, Some(RUN | HISTORY | SUMMARY)) || self.told.load(Ordering::Relaxed) {
            return payload;
        }
        let Ok(mut tree) = record::decode(&payload) else { return payload };
        if let Some(run) = tree.get("run") {
            if says_where_it_stands(run) {
                self.told.store(true, Ordering::Relaxed);
            }
            return payload;
        }
        self.move_row(&mut tree);
        record::encode(&tree).unwrap_or(payload)
    }

    fn move_row(&self, tree: &mut Value) {
        if let Some(row) = member(tree, "history") {
            self.move_items(row, "item");
            if let Some(Value::Int(step)) = member(row, "step").and_then(|step| member(step, "num")) {
                *step = step.saturating_add(self.step);
            } else if self.step != 0
                && let Some(Value::Dict(members)) = member(row, "step")
            {
                members.push(("num".into(), Value::Int(self.step)));
            }
        }
        if let Some(summary) = member(tree, "summary") {
            self.move_items(summary, "update");
        }
    }

    fn move_items(&self, holder: &mut Value, name: &str) {
        let Some(Value::List(items)) = member(holder, name) else { return };
        for item in items {
            match &*item_name(item) {
                "_step" => add(item, &Value::Int(self.step)),
                "_runtime" | "_wandb.runtime" => add(item, &Value::Float(self.runtime)),
                _ => {}
            }
        }
    }
}

fn says_where_it_stands(run: &Value) -> bool {
    let stands = |name| matches!(run.get(name), Some(Value::Bool(true) | Value::Int(1..)));
    stands("resumed") || stands("starting_step")
}

fn member<'a>(tree: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let Value::Dict(members) = tree else { return None };
    members.iter_mut().find(|(key, _)| **key == *name).map(|(_, value)| value)
}

fn item_name(item: &Value) -> String {
    let nested = item.get("nested_key").map(Value::items).unwrap_or_default();
    let names: Vec<&str> = nested.iter().filter_map(Value::text).collect();
    if names.is_empty() {
        return item.get("key").and_then(Value::text).unwrap_or_default().to_owned();
    }
    names.join(".")
}

/// Add to an item's number, in whichever of its forms it stands.
fn add(item: &mut Value, more: &Value) {
    if let Some(Value::Str(text)) = member(item, "value_json") {
        if let Ok(number) = json::parse(text) {
            *text = sum(&number, more).to_json().into();
        }
        return;
    }
    for form in ["integer", "number"] {
        if let Some(number) = member(item, form) {
            *number = sum(number, more);
        }
    }
}

/// Whole seconds stay whole: the run time at a run's end is.
fn sum(number: &Value, more: &Value) -> Value {
    match (number, more) {
        (Value::Int(a), Value::Int(b)) => Value::Int(a.saturating_add(*b)),
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // seconds of a run
        (Value::Int(a), Value::Float(b)) => Value::Int((*a as f64 + b) as i64),
        (number, more) => match (number.number(), more.number()) {
            (Some(a), Some(b)) => Value::Float(a + b),
            _ => number.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(base: &Base, text: &str) -> String {
        let payload = record::encode(&json::parse(text).unwrap()).unwrap();
        record::decode(&base.moved(payload)).unwrap().to_json()
    }

    const FIRST: &str = r#"{"history":{"item":[{"nested_key":["a"],"value_json":"1"},{"nested_key":["_runtime"],"value_json":"0.5"},{"nested_key":["_step"],"value_json":"0"}],"step":{}}}"#;

    #[test]
    fn rows_move_behind_what_the_run_had() {
        let wanted =
            FIRST.replace(r#""0.5""#, r#""2.5""#).replace(r#""0""#, r#""7""#).replace("{}", r#"{"num":7}"#);

        assert_eq!(moved(&Base::new(7, 2.0), FIRST), wanted);
    }

    #[test]
    fn a_run_that_says_where_it_stands_keeps_its_steps() {
        let base = Base::new(7, 2.0);

        moved(&base, r#"{"run":{"run_id":"a"}}"#);
        assert_ne!(moved(&base, FIRST), FIRST);
        moved(&base, r#"{"run":{"run_id":"a","starting_step":7,"resumed":true}}"#);
        assert_eq!(moved(&base, FIRST), FIRST);
    }

    #[test]
    fn the_run_time_at_the_end_moves_and_stays_whole() {
        let end = r#"{"summary":{"update":[{"nested_key":["_wandb","runtime"],"value_json":"3"},{"key":"_runtime","value_json":"3"},{"key":"x","value_json":"3"}]}}"#;

        let found = moved(&Base::new(7, 2.5), end);

        assert_eq!(found.matches(r#""5""#).count(), 2);
        assert_eq!(found.matches(r#""3""#).count(), 1);
    }
}
