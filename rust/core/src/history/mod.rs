//! What a server keeps of runs: lines taken in, a log that survives, columns at rest.

pub mod accept;
pub mod batch;
pub mod cells;
pub mod frame;
pub mod interim;
pub mod intervals;
pub mod key_index;
pub mod kinds;
pub mod lines;
pub mod lines_row;
pub mod log;
pub mod log_files;
pub mod packing;
mod parquet_read;
pub mod parquet_write;
pub mod run_state;
pub mod scan;
pub mod segment;
pub mod store;
pub mod store_read;
pub mod tail;
