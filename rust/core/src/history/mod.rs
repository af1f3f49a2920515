//! What a server keeps of runs: lines taken in, a log that survives, columns at rest.

pub mod cells;
pub mod key_index;
pub mod kinds;
mod parquet_read;
pub mod parquet_write;
pub mod segment;
