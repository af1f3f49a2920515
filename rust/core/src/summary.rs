//! The summary of a run: one slot for each path, by the metric's rule or written by hand.

use crate::json;
use crate::metrics::{self, Rule};
use crate::paths::{NO_PATH, PathId, Paths};
use crate::value::Value;
use crate::wire::{put_bytes, put_tag, put_varint};

/// What is known of one path.
#[derive(Clone, Debug, Default)]
enum Slot {
    #[default]
    Empty,
    /// Written by hand.
    Written(Value),
    /// Logged.
    Logged(Box<Stats>),
}

/// All that rules may ask for, from the first row on: a rule may come after rows it covers.
#[derive(Clone, Debug)]
struct Stats {
    kinds: u8,
    maximize: bool,
    extremes: Option<(f64, f64)>,
    sum: f64,
    count: u64,
    first: Value,
    last: Value,
}

impl Stats {
    fn starting_with(value: &Value) -> Self {
        let (first, last) = (value.clone(), value.clone());
        Self { kinds: 0, maximize: false, extremes: None, sum: 0.0, count: 0, first, last }
    }

    fn add(&mut self, rule: Option<&Rule>, value: &Value, late: bool) {
        self.kinds = rule.map_or(0, |rule| rule.kinds & !metrics::COPY);
        self.maximize = rule.is_some_and(|rule| rule.maximize);
        if let Some(number) = value.number() {
            let (low, high) = self.extremes.unwrap_or((number, number));
            self.extremes = Some((nan_min(low, number), -nan_min(-high, -number)));
            self.sum += number;
            self.count += 1;
        }
        if !late {
            self.last.clone_from(value);
        }
    }

    fn value(&self) -> Value {
        if self.kinds == 0 {
            return self.last.clone();
        }
        let mut members: Vec<(Box<str>, Value)> = Vec::new();
        let mut put = |bit: u8, name: &str, value: Option<Value>| {
            if self.kinds & bit != 0 {
                members.extend(value.map(|value| (name.into(), value)));
            }
        };
        let low = self.extremes.map(|(low, _)| Value::Float(low));
        let high = self.extremes.map(|(_, high)| Value::Float(high));
        #[allow(clippy::cast_precision_loss)] // a count of rows is far below 2^53
        let mean = (self.count > 0).then(|| Value::Float(self.sum / self.count as f64));
        put(metrics::BEST, "best", if self.maximize { high.clone() } else { low.clone() });
        put(metrics::MIN, "min", low);
        put(metrics::MAX, "max", high);
        put(metrics::MEAN, "mean", mean);
        put(metrics::FIRST, "first", Some(self.first.clone()));
        put(metrics::LAST, "last", Some(self.last.clone()));
        Value::Dict(members)
    }
}

/// The smaller number; NaN if either is: one NaN poisons an extreme, as in the original.
fn nan_min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

/// All slots, and which changed since the last record.
#[derive(Default)]
pub struct Summary {
    slots: Vec<Slot>,
    dirty: Vec<bool>,
    changed: Vec<PathId>,
    /// Paths in the order in which they were first filled.
    filled: Vec<PathId>,
    listed: Vec<bool>,
}

impl Summary {
    /// Take in a logged leaf. One of a row whose step lies behind others is never the last value.
    pub fn log(&mut self, path: PathId, rule: Option<&Rule>, value: &Value, late: bool, paths: &Paths) {
        if *value == Value::Null {
            return;
        }
        if rule.is_some_and(|rule| rule.kinds & metrics::NONE != 0) {
            return;
        }
        self.make_way(path, paths);
        let Some(slot) = self.slots.get_mut(path as usize) else { return };
        if !matches!(slot, Slot::Logged(_)) {
            if late && !matches!(slot, Slot::Empty) {
                return;
            }
            *slot = Slot::Logged(Box::new(Stats::starting_with(value)));
        }
        if let Slot::Logged(stats) = slot {
            stats.add(rule, value, late);
        }
        self.mark(path);
    }

    /// Write a value by hand: everything at and below the path is replaced.
    pub fn set(&mut self, path: PathId, value: Value, paths: &mut Paths) {
        self.remove(path, paths);
        self.set_leaves(path, value, paths);
    }

    fn set_leaves(&mut self, path: PathId, value: Value, paths: &mut Paths) {
        match value {
            Value::Dict(members) if !members.is_empty() => {
                for (name, value) in members {
                    let child = paths.child(path, &name);
                    self.set_leaves(child, value, paths);
                }
            }
            leaf => {
                self.make_way(path, paths);
                if let Some(slot) = self.slots.get_mut(path as usize) {
                    *slot = Slot::Written(leaf);
                }
            }
        }
    }

    /// Whether the path's slot follows a rule with kinds.
    #[must_use]
    pub fn has_kinds(&self, path: PathId) -> bool {
        matches!(self.slots.get(path as usize), Some(Slot::Logged(stats)) if stats.kinds != 0)
    }

    /// Empty everything at and below a path.
    pub fn remove(&mut self, path: PathId, paths: &Paths) {
        self.empty(path);
        for child in paths.children(path) {
            self.remove(child, paths);
        }
    }

    fn empty(&mut self, path: PathId) {
        if let Some(slot) = self.slots.get_mut(path as usize) {
            *slot = Slot::Empty;
        }
        self.forget(path);
    }

    /// The change of a path is known: no record needs to tell it.
    pub fn forget(&mut self, path: PathId) {
        if let Some(dirty) = self.dirty.get_mut(path as usize) {
            *dirty = false;
        }
    }

    /// A leaf pushes out leaves above and below it.
    fn make_way(&mut self, path: PathId, paths: &Paths) {
        let at = path as usize;
        if self.slots.len() <= at {
            self.slots.resize(paths.len().max(at + 1), Slot::Empty);
            self.dirty.resize(paths.len().max(at + 1), false);
            self.listed.resize(paths.len().max(at + 1), false);
        }
        if matches!(self.slots.get(at), Some(Slot::Empty)) {
            self.list(path);
            for below in paths.children(path) {
                self.remove(below, paths);
            }
            let mut above = paths.parent(path);
            while above != NO_PATH {
                self.empty(above);
                above = paths.parent(above);
            }
        }
    }

    fn list(&mut self, path: PathId) {
        if let Some(listed) = self.listed.get_mut(path as usize).filter(|listed| !**listed) {
            *listed = true;
            self.filled.push(path);
        }
    }

    fn mark(&mut self, path: PathId) {
        if let Some(dirty) = self.dirty.get_mut(path as usize).filter(|dirty| !**dirty) {
            *dirty = true;
            self.changed.push(path);
        }
    }

    fn slot_value(&self, path: PathId) -> Option<Value> {
        match self.slots.get(path as usize)? {
            Slot::Empty => None,
            Slot::Written(value) => Some(value.clone()),
            Slot::Logged(stats) => Some(stats.value()),
        }
    }

    /// Write what changed since the last time as the items of a `summary` record's body.
    pub fn take_changes(&mut self, out: &mut Vec<u8>, paths: &Paths) {
        let changed = std::mem::take(&mut self.changed);
        let mut text = Vec::new();
        for path in changed {
            if !self.dirty.get(path as usize).copied().unwrap_or(false) {
                continue;
            }
            self.forget(path);
            if let Some(value) = self.slot_value(path) {
                text.clear();
                json::write_value(&mut text, &value);
                put_item(out, paths.encoded(path), &text);
            }
        }
    }

    /// The nested summary.
    #[must_use]
    pub fn tree(&self, paths: &Paths) -> Value {
        let mut root = Vec::new();
        for path in self.filled.iter().copied() {
            if let Some(value) = self.slot_value(path) {
                put_nested(&mut root, &paths.names(path), value);
            }
        }
        Value::Dict(root)
    }
}

/// Append one item of a history or summary record: `nested_key` = 2 and `value_json` = 16.
pub fn put_item(out: &mut Vec<u8>, path: &[u8], text: &[u8]) {
    let length = path.len() + 2 + crate::wire::varint_len(text.len() as u64) + text.len();
    put_tag(out, 1, 2);
    put_varint(out, length as u64);
    out.extend_from_slice(path);
    put_bytes(out, 16, text);
}

/// Put a value into a tree of dicts.
pub fn put_nested(members: &mut Vec<(Box<str>, Value)>, names: &[&str], value: Value) {
    let Some((name, below)) = names.split_first() else { return };
    let at = members.iter().position(|(key, _)| &**key == *name).unwrap_or_else(|| {
        members.push(((*name).into(), Value::Null));
        members.len() - 1
    });
    let Some((_, slot)) = members.get_mut(at) else { return };
    if below.is_empty() {
        *slot = value;
        return;
    }
    if !matches!(slot, Value::Dict(_)) {
        *slot = Value::Dict(Vec::new());
    }
    if let Value::Dict(inner) = slot {
        put_nested(inner, below, value);
    }
}
