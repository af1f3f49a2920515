//! What a server keeps of runs: lines taken in, a log that survives, columns at rest.

pub mod batch;
pub mod cells;
pub mod intervals;
pub mod lines;
pub mod lines_row;
pub mod packing;
pub mod scan;
