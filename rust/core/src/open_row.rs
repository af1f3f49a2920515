//! A row that may still grow: parts come in, later values win, leaves push out what they replace.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::entry::{Key, RowEncoder, RowHead, SEAL_AFTER, SEAL_BEFORE};
use crate::paths::{NO_PATH, PathId, Paths};
use crate::summary::put_nested;
use crate::value::Value;

/// One row, open or not.
#[derive(Default)]
pub struct OpenRow {
    open: bool,
    from: u64,
    head: RowHead,
    timestamp: Option<Value>,
    items: Vec<(PathId, Value)>,
    places: HashMap<PathId, usize, FixedState>,
}

impl OpenRow {
    /// Merge a part that lies at `position` of the ring.
    pub fn merge(&mut self, position: u64, part: Part, paths: &Paths) {
        if !self.open {
            self.open = true;
            self.from = position;
            self.head.step = part.head.step;
        }
        self.head = RowHead { step: self.head.step, ..part.head };
        self.timestamp = part.timestamp;
        for (path, value) in part.leaves {
            self.put(path, value, paths);
        }
    }

    /// Forget everything.
    pub fn close(&mut self) {
        self.open = false;
        self.timestamp = None;
        self.items.clear();
        self.places.clear();
    }

    /// Whether it is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// Position of its first part, if it is open.
    #[must_use]
    pub fn from(&self) -> Option<u64> {
        self.open.then_some(self.from)
    }

    /// Its parts were saved elsewhere: nothing before `position` is needed for it.
    pub const fn rebase(&mut self, position: u64) {
        self.from = position;
    }

    /// Where and when the row belongs; times are those of its newest part.
    #[must_use]
    pub const fn head(&self) -> RowHead {
        self.head
    }

    /// The user's own timestamp, or the time of the newest part.
    #[must_use]
    pub fn timestamp(&self) -> Value {
        self.timestamp.clone().unwrap_or(Value::Float(self.head.timestamp))
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn leaves(&self) -> usize {
        self.items.len()
    }

    /// The leaf at an index, in the order of logging; `None` behind the last.
    #[must_use]
    pub fn leaf(&self, index: usize) -> Option<&(PathId, Value)> {
        self.items.get(index)
    }

    /// Whether a leaf lies at the path.
    #[must_use]
    pub fn has(&self, path: PathId) -> bool {
        self.places.contains_key(&path)
    }

    /// Put a leaf in, in place of what was at, above or below its path.
    pub fn put(&mut self, path: PathId, value: Value, paths: &Paths) {
        self.make_way(path, paths);
        if let Some(slot) = self.places.get(&path).and_then(|at| self.items.get_mut(*at)) {
            *slot = (path, value);
        } else {
            self.places.insert(path, self.items.len());
            self.items.push((path, value));
        }
    }

    /// Put in a leaf that the user did not log, unless it would push out one that was.
    pub fn fill(&mut self, path: PathId, value: Value, paths: &Paths) {
        let alone = paths.parent(path) == NO_PATH && !paths.has_children(path);
        let clashes = |p: &PathId| paths.is_under(*p, path) || paths.is_under(path, *p);
        if alone || !self.places.keys().any(clashes) {
            self.put(path, value, paths);
        }
    }

    fn make_way(&mut self, path: PathId, paths: &Paths) {
        let mut above = paths.parent(path);
        while above != NO_PATH {
            self.drop_leaf(above);
            above = paths.parent(above);
        }
        if paths.has_children(path) && !self.items.is_empty() {
            let is_below = |p: &PathId| *p != path && *p != NO_PATH && paths.is_under(*p, path);
            let below: Vec<PathId> = self.items.iter().map(|(p, _)| *p).filter(is_below).collect();
            for p in below {
                self.drop_leaf(p);
            }
        }
    }

    fn drop_leaf(&mut self, path: PathId) {
        if let Some(item) = self.places.remove(&path).and_then(|at| self.items.get_mut(at)) {
            item.0 = NO_PATH;
        }
    }

    /// Take out the places of leaves that were pushed out.
    pub fn tidy(&mut self) {
        self.items.retain(|(path, _)| *path != NO_PATH);
    }

    /// All of it as one entry, with keys that stand inline.
    #[must_use]
    pub fn to_entry(&self, paths: &Paths) -> Vec<u8> {
        let mut members = Vec::new();
        for (path, value) in self.items.iter().filter(|(path, _)| *path != NO_PATH) {
            put_nested(&mut members, &paths.names(*path), value.clone());
        }
        members.extend(self.timestamp.clone().map(|value| ("_timestamp".into(), value)));
        let mut encoder = RowEncoder::default();
        for (key, value) in &members {
            encoder.item(Key::Inline(key));
            encoder.value(value);
        }
        let flags = self.head.flags & !(SEAL_AFTER | SEAL_BEFORE);
        encoder.finish(RowHead { flags, ..self.head }).to_vec()
    }
}

/// A part of a row, flattened.
pub struct Part {
    /// Where and when it belongs.
    pub head: RowHead,
    /// The user's own timestamp, if the part has one.
    pub timestamp: Option<Value>,
    /// Its leaves.
    pub leaves: Vec<(PathId, Value)>,
}
