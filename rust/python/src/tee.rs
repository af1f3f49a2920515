//! `Tee`: what is written to the standard streams, copied to runs.

use std::time::Duration;

use pyo3::prelude::*;
use wandb_core::tee as core;

use crate::fork;
use crate::writer::Writer;

/// Copies what is written to standard output and error to where it went before, and to runs.
#[pyclass(frozen, module = "wandb._native")]
pub struct Tee {
    core: core::Tee,
}

#[pymethods]
impl Tee {
    #[new]
    fn new() -> PyResult<Self> {
        Ok(Self { core: core::Tee::start()? })
    }

    /// Let a run have what is written from now on.
    fn listen(&self, writer: &Writer) {
        self.core.listen(writer.core());
    }

    /// Let a run have nothing more, once what was written before has arrived.
    fn leave(&self, py: Python<'_>, writer: &Writer, patience_secs: f64) -> usize {
        let patience = Duration::try_from_secs_f64(patience_secs).unwrap_or_default();
        py.detach(|| self.core.leave(&writer.core(), patience))
    }

    /// Put the streams back.
    fn stop(&self, py: Python<'_>) -> bool {
        py.detach(|| self.core.stop())
    }

    /// Pass the terminal's size on.
    fn resize(&self) {
        self.core.resize();
    }

    /// Of each stream: its name, where is read, and where it led before.
    #[getter]
    fn streams(&self) -> Vec<(&'static str, i32, i32)> {
        let named =
            |(stderr, read_end, original)| (if stderr { "stderr" } else { "stdout" }, read_end, original);
        self.core.streams().into_iter().map(named).collect()
    }

    /// Let go of the parent's descriptors: for the child of a fork.
    fn abandon(slf: Py<Self>) {
        fork::close_copies(&slf.get().core.handles());
        // What holds the same descriptors must never be dropped here.
        std::mem::forget(slf);
    }
}
