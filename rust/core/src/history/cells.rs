//! The one in-memory shape of logged values, between the parser, the tail and the files at rest.
//!
//! A line of a stream is a *row*; a value of a row at a key is a *cell*. Cells of one key of one
//! run lie together, in order of `RowId`, numbers apart from everything else: that is how they are
//! charted, and how they lie in Parquet (format v1).
//!
//! Nested objects are flattened: a key is the names on the way joined by `.`, with `.` and `\`
//! inside a name written `\.` and `\\`, so that `{"a": {"b": 1}}` and `{"a.b": 1}` stay apart. An
//! object that has `_type`, an empty object, a list, a string: each is one cell of JSON text.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Which file of a run's stream a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stream {
    /// `wandb-history.jsonl`: what `run.log` was given.
    History = 0,
    /// `wandb-events.jsonl`: the machine's metrics. Its step is its line number.
    Events = 1,
    /// `output.log`: the key is empty, the step is the line number, a later line replaces.
    Console = 2,
    /// Lines that could not be read, word for word: the key is the file's name.
    Aside = 3,
}

/// Where a cell stands. The order of fields is the order at rest, within a run and a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    /// `_step` of the row; of other streams the line number.
    pub step: i64,
    /// Line number in its writer's stream.
    pub line: i64,
    /// Which of the run's writers, 0 for the only one.
    pub writer: u16,
    /// How often the run had been rewound when the row came.
    pub attempt: u16,
}

/// Numbers of one key. `rows` and `values` have one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// Where each value stands.
    pub rows: Vec<RowId>,
    /// The values; NaN and infinities are values like others.
    pub values: Vec<f64>,
    /// Integers that a double can't hold, by position in `values`, ascending.
    pub exact: Vec<(u32, i64)>,
}

/// What is no number.
#[derive(Clone, Debug, PartialEq)]
pub enum Side {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any other JSON as text: strings with their quotes, lists, media, integers beyond 64 bits.
    Json(Arc<str>),
}

/// One key's cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyCells {
    /// The numbers.
    pub numbers: Numbers,
    /// Everything else.
    pub side: Vec<(RowId, Side)>,
}

/// One stream of one run: its keys, by name.
pub type RunCells = BTreeMap<Arc<str>, KeyCells>;

/// Which rows of a run a reader sees: of each attempt, those up to a step.
///
/// A run that was never rewound has one span, `{attempt: 0, last_step: i64::MAX}`. A fork has its
/// parent's spans before its own. Rows of attempts that no span names are hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The run's number in the metadata store.
    pub run: u64,
    /// Which attempt.
    pub attempt: u16,
    /// The last step that is seen, inclusive.
    pub last_step: i64,
}
