//! What a server keeps of runs: lines taken in, a log that survives, columns at rest.

pub mod assemble;
pub mod buckets;
pub mod cells;
mod found;
pub mod key_index;
pub mod kinds;
pub mod merge;
pub mod names;
mod parquet_read;
pub mod parquet_write;
pub mod parts;
pub mod rollup;
mod row_text;
pub mod segment;
pub mod series;
mod step_set;
mod windows;
