//! The journal of a run: how logged rows get from a caller to a file that nothing can lose.
//!
//! `ring` takes entries from the caller, `fold` turns them into records, `framing` lays those out
//! in the file; `drain` moves them along; `folder` recovers and reads what processes left.

pub mod base;
pub mod binning;
pub mod checksum;
pub mod clock;
pub mod control;
pub mod digest;
pub mod drain;
pub mod entry;
pub mod error;
pub mod fold;
pub mod folder;
pub mod follow;
pub mod framing;
pub mod histogram;
pub mod history;
pub mod json;
pub mod line;
pub mod mapping;
pub mod metrics;
pub mod open_row;
pub mod opening;
pub mod paths;
pub mod pattern;
pub mod pixels;
pub mod png;
pub mod record;
pub mod recover;
pub mod requirements;
pub mod ring;
pub mod rows;
pub mod samples;
pub mod schema;
pub mod snapshot;
pub mod steps;
pub mod summary;
pub mod table;
pub mod table_parquet;
pub mod tee;
pub mod value;
pub mod wire;
pub mod words;
pub mod writer;

pub use error::{CoreError, Result};
pub use value::Value;
