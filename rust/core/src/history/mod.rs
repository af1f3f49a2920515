//! What a server keeps of runs: lines taken in, a log that survives, columns at rest.

pub mod cells;
