//! Checksums, as Python asks for them.

use pyo3::prelude::*;
use wandb_core::checksum as core;

/// Shorter contents are summed up in less time than it takes to let go of the GIL.
const SHORT_BYTES: usize = 64 << 10;

/// CRC-32C of some bytes.
#[pyfunction]
pub fn crc32c(py: Python<'_>, content: &[u8]) -> u32 {
    if content.len() <= SHORT_BYTES { core::crc32c(content) } else { py.detach(|| core::crc32c(content)) }
}
