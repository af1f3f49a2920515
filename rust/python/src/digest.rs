//! Digests of files, as Python asks for them.

use std::path::PathBuf;
use std::thread::available_parallelism;

use pyo3::prelude::*;
use wandb_core::digest::{self as core, hex};

use crate::error::Failure;

/// More threads than this make a disk no faster.
const MOST_THREADS: usize = 8;

/// MD5, SHA-256 (both hexadecimal) and size of each file.
#[pyfunction]
pub fn digest_files(py: Python<'_>, paths: Vec<PathBuf>) -> PyResult<Vec<(String, String, u64)>> {
    let threads = available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let found = py.detach(|| core::digest_files(&paths, threads)).map_err(Failure::from)?;
    Ok(found.into_iter().map(|one| (hex(&one.md5), hex(&one.sha256), one.size)).collect())
}
