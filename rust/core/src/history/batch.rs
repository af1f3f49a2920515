//! New rows of one stream, as columns: between the parser, the log's frames and the tail.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::cells::Side;

/// Number of the object that a line is.
pub const ROOT: u32 = 0;

/// Number of the key `_step`.
pub const STEP: u32 = 1;

/// Keys of one stream by number: names on the way to a value, each known by its parent.
///
/// Objects are in it too, which is how a name that comes twice in one line is noticed.
#[derive(Debug)]
pub struct KeyTable {
    nodes: Vec<Node>,
    serial: u32,
}

#[derive(Debug)]
struct Node {
    /// Flattened and escaped.
    name: Arc<str>,
    /// The last part in quotes, as it stands in a line; empty if it has to be escaped there.
    quoted: Box<str>,
    is_type: bool,
    parent: u32,
    /// What came after it in the last line: most lines are like the one before.
    follower: u32,
    /// The line that it was last seen in.
    seen: u32,
    children: HashMap<Box<str>, u32, FixedState>,
}

impl Node {
    fn new(name: Arc<str>, last: &str, parent: u32) -> Self {
        let plain = !last.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\');
        let quoted = if plain { format!("\"{last}\"").into() } else { Box::default() };
        let is_type = last == "_type";
        Self { name, quoted, is_type, parent, follower: 0, seen: 0, children: HashMap::default() }
    }
}

impl Default for KeyTable {
    fn default() -> Self {
        let mut table = Self { nodes: vec![Node::new("".into(), "", ROOT)], serial: 0 };
        table.child(ROOT, "_step");
        table
    }
}

impl KeyTable {
    /// How many numbers are given out.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Never: the root is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// A key's flattened name.
    #[must_use]
    pub fn name(&self, key: u32) -> Arc<str> {
        self.node(key).map(|node| node.name.clone()).unwrap_or_default()
    }

    /// Number of a name inside an object.
    pub fn child(&mut self, parent: u32, name: &str) -> u32 {
        if let Some(known) = self.node(parent).and_then(|node| node.children.get(name)) {
            return *known;
        }
        let flat = join(&self.name(parent), name, parent == ROOT);
        let key = u32::try_from(self.nodes.len()).unwrap_or(ROOT);
        self.nodes.push(Node::new(flat.into(), name, parent));
        if let Some(node) = self.nodes.get_mut(parent as usize) {
            node.children.insert(name.into(), key);
        }
        key
    }

    /// Number of a flattened name.
    pub fn flat(&mut self, name: &str) -> u32 {
        let (mut parent, mut part) = (ROOT, String::new());
        let mut chars = name.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => part.extend(chars.next()),
                '.' => {
                    parent = self.child(parent, &part);
                    part.clear();
                }
                _ => part.push(c),
            }
        }
        self.child(parent, &part)
    }

    /// Number of a flattened name that is known already.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<u32> {
        let (mut parent, mut part) = (ROOT, String::new());
        let mut chars = name.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => part.extend(chars.next()),
                '.' => {
                    parent = *self.node(parent)?.children.get(&*part)?;
                    part.clear();
                }
                _ => part.push(c),
            }
        }
        self.node(parent)?.children.get(&*part).copied()
    }

    /// What came after a key the last time, with the quoted text that it would have inside `parent`.
    pub(super) fn predicted(&self, last: u32, parent: u32) -> Option<(u32, &str)> {
        let key = self.node(last)?.follower;
        let node = self.node(key).filter(|node| node.parent == parent && !node.quoted.is_empty())?;
        (key != ROOT).then_some((key, &*node.quoted))
    }

    pub(super) fn follow(&mut self, last: u32, key: u32) {
        if let Some(node) = self.nodes.get_mut(last as usize) {
            node.follower = key;
        }
    }

    pub(super) fn begin_line(&mut self) {
        self.serial = self.serial.wrapping_add(1);
    }

    /// Whether a key was seen in this line already, and whether it is a `_type`.
    pub(super) fn see(&mut self, key: u32) -> (bool, bool) {
        let serial = self.serial;
        let Some(node) = self.nodes.get_mut(key as usize) else { return (false, false) };
        (std::mem::replace(&mut node.seen, serial) == serial, node.is_type)
    }

    /// A key and the objects that it lies in, from the inside out, the line itself left out.
    pub(super) fn path(&self, key: u32) -> impl Iterator<Item = u32> + '_ {
        let above = |at: &u32| self.node(*at).map(|node| node.parent);
        std::iter::successors(Some(key), above).take_while(|at| *at != ROOT)
    }

    fn node(&self, key: u32) -> Option<&Node> {
        self.nodes.get(key as usize)
    }
}

fn join(parent: &str, name: &str, top: bool) -> String {
    let mut flat = String::with_capacity(parent.len() + name.len() + 1);
    flat.push_str(parent);
    if !top {
        flat.push('.');
    }
    for c in name.chars() {
        if matches!(c, '.' | '\\') {
            flat.push('\\');
        }
        flat.push(c);
    }
    flat
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// What a double holds.
    Number(f64),
    /// An integer that a double can't hold.
    Exact(i64),
    /// What is no number.
    Side(Side),
}

/// The cells of one row. Numbers are nearly all of them and stand apart: a cell that may be anything
/// takes twice the time to move.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowCells {
    /// Numbers by key.
    pub numbers: Vec<(u32, f64)>,
    /// Everything else by key.
    pub others: Vec<(u32, Cell)>,
}

impl RowCells {
    /// Add one.
    pub fn push(&mut self, key: u32, cell: Cell) {
        match cell {
            Cell::Number(value) => self.numbers.push((key, value)),
            other => self.others.push((key, other)),
        }
    }

    /// Leave out keys.
    pub fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        self.numbers.retain(|(key, _)| keep(*key));
        self.others.retain(|(key, _)| keep(*key));
    }

    /// Leave out all.
    pub fn clear(&mut self) {
        self.numbers.clear();
        self.others.clear();
    }
}

/// A row's place in its writer's stream, and its step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Line number.
    pub line: i64,
    /// `_step`; of events the line number.
    pub step: i64,
}

/// Cells of one key: numbers and others, each with the position of its row, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// Rows of `values`.
    pub rows: Vec<u32>,
    /// Numbers.
    pub values: Vec<f64>,
    /// Integers that a double can't hold, by position in `values`.
    pub exact: Vec<(u32, i64)>,
    /// Everything else.
    pub side: Vec<(u32, Side)>,
}

impl Column {
    /// Whether it has no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.side.is_empty()
    }

    /// Append a cell; rows must come in order.
    pub fn push(&mut self, row: u32, cell: Cell) {
        match cell {
            Cell::Number(value) => self.push_number(row, value),
            Cell::Exact(value) => {
                self.exact.push((position(self.values.len()), value));
                self.push_number(row, super::scan::nearest_double(value));
            }
            Cell::Side(side) => self.side.push((row, side)),
        }
    }

    fn push_number(&mut self, row: u32, value: f64) {
        self.rows.push(row);
        self.values.push(value);
    }

    /// Append another column, whose row 0 is row `base` here.
    pub fn append(&mut self, other: &mut Self, base: u32) {
        let offset = position(self.values.len());
        self.exact.extend(other.exact.drain(..).map(|(at, value)| (at + offset, value)));
        self.rows.extend(other.rows.drain(..).map(|row| row + base));
        self.values.append(&mut other.values);
        self.side.extend(other.side.drain(..).map(|(row, side)| (row + base, side)));
    }
}

/// A position in a column; a tail is sealed long before it has four billion rows.
#[must_use]
pub fn position(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// New rows of one stream. It is kept and emptied between requests: it owns much memory.
#[derive(Debug, Default)]
pub struct Batch {
    /// Its rows, in order of coming.
    pub rows: Vec<Row>,
    /// Cells by number of the key; those not in `touched` are empty.
    pub columns: Vec<Column>,
    /// The keys that have cells.
    pub touched: Vec<u32>,
}

impl Batch {
    /// Append a row, whose cells are taken out.
    pub fn push(&mut self, row: Row, cells: &mut RowCells) {
        let at = position(self.rows.len());
        self.rows.push(row);
        for (key, value) in cells.numbers.drain(..) {
            if let Some(column) = self.column(key) {
                column.push_number(at, value);
            }
        }
        for (key, cell) in cells.others.drain(..) {
            self.push_cell(key, at, cell);
        }
    }

    /// Append a cell; rows of one key must come in order.
    pub fn push_cell(&mut self, key: u32, row: u32, cell: Cell) {
        if let Some(column) = self.column(key) {
            column.push(row, cell);
        }
    }

    /// Append numbers of one key, with the rows that they are of.
    pub fn push_numbers(&mut self, key: u32, mut rows: Vec<u32>, values: impl Iterator<Item = f64>) {
        if let Some(column) = self.column(key).filter(|_| !rows.is_empty()) {
            column.rows.append(&mut rows);
            column.values.extend(values);
        }
    }

    /// Say which integer stands at a position in a key's numbers.
    pub fn mark_exact(&mut self, key: u32, at: u32, value: i64) {
        if let Some(column) = self.column(key) {
            column.exact.push((at, value));
        }
    }

    /// A column that something is put into.
    fn column(&mut self, key: u32) -> Option<&mut Column> {
        if key as usize >= self.columns.len() {
            self.columns.resize_with(key as usize + 1, Column::default);
        }
        let column = self.columns.get_mut(key as usize)?;
        if column.is_empty() && self.touched.last() != Some(&key) {
            self.touched.push(key);
        }
        Some(column)
    }

    /// Forget everything but the memory.
    pub fn clear(&mut self) {
        self.rows.clear();
        for key in self.touched.drain(..) {
            if let Some(column) = self.columns.get_mut(key as usize) {
                column.rows.clear();
                column.values.clear();
                column.exact.clear();
                column.side.clear();
            }
        }
    }

    /// The cells of each touched key.
    pub fn cells(&self) -> impl Iterator<Item = (u32, &Column)> {
        self.touched.iter().filter_map(|key| Some((*key, self.columns.get(*key as usize)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nested_and_dotted_names_stay_apart() {
        let mut table = KeyTable::default();
        let a = table.child(ROOT, "a");
        let nested = table.child(a, "b");
        let dotted = table.child(ROOT, "a.b");

        assert_ne!(nested, dotted);
        assert_eq!((&*table.name(nested), &*table.name(dotted)), ("a.b", r"a\.b"));
    }

    proptest! {
        #[test]
        fn a_flat_name_leads_to_its_key(names in proptest::collection::vec(r"[a.\\é]{0,4}", 1..5)) {
            let mut table = KeyTable::default();
            let key = names.iter().fold(ROOT, |parent, name| table.child(parent, name));
            prop_assert_eq!(table.find(&table.name(key)), Some(key));
            prop_assert_eq!(table.find("new"), None);

            prop_assert_eq!(table.flat(&table.name(key)), key);
            let mut path: Vec<_> = table.path(key).map(|key| table.name(key)).collect();
            path.reverse();
            prop_assert_eq!(path.len(), names.len());
            prop_assert_eq!(path.last().cloned(), Some(table.name(key)));
        }
    }
}
