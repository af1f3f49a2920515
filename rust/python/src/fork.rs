//! What forks ask of this crate. The module of it that may hold `unsafe`.
#![allow(unsafe_code)]

use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyType};

/// Close this process's copies of files whose locks must not outlive their owner.
///
/// The structures that hold the same handles are never dropped in this process: the caller
/// forgets them, since the threads and locks inside belong to the parent.
pub fn close_copies(handles: &[RawFd]) {
    for handle in handles {
        // SAFETY: the handle was opened by the parent and copied by fork; its owner here is
        // forgotten by the caller, so nobody closes or uses it again in this process.
        drop(unsafe { OwnedFd::from_raw_fd(*handle) });
    }
}

/// Fill what pyo3 looks up once and keeps, where it is used to log a row.
///
/// It lets go of the interpreter meanwhile: a fork in that moment, by another thread, would leave
/// the child with a cell that is being filled for ever. At import nobody logs yet.
///
/// # Errors
/// What Python raises.
pub fn fill_lazy_cells(py: Python<'_>) -> PyResult<()> {
    let kind = py.get_type::<PyType>();
    kind.name()?;
    kind.module()?;
    kind.mro();
    // Looks for `collections.abc.Mapping`.
    let _ = kind.as_any().cast::<PyMapping>();
    Ok(())
}
