//! `Writer`: one process's journal of one run, as Python sees it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyString, PyTuple};
use wandb_core::pixels::Pixels;
use wandb_core::record;
use wandb_core::writer::{self as core, Kept, Notice, Options, pieces};

use crate::convert::{from_python, to_python};
use crate::encode::{Encoder, Remark, Surroundings, kind_name, text_of};
use crate::error::Failure;
use crate::fork;
use crate::later::{Facts, Later, facts};

/// This process's journal of one run: a ring, a drain thread and a file.
#[pyclass(frozen, module = "wandb._native")]
pub struct Writer {
    core: Arc<core::Writer>,
    encoder: Mutex<Encoder>,
    remarks: Mutex<Vec<Remark>>,
    coerce: Option<Py<PyAny>>,
}

#[pymethods]
impl Writer {
    #[new]
    #[pyo3(signature = (folder, run_id, name=None, *, started_at=None, coerce=None, strict_steps=false, shared=false, ring_bytes=4_194_304, console_ring_bytes=1_048_576))]
    #[allow(clippy::too_many_arguments)] // keywords of a Python constructor
    fn new(
        py: Python<'_>,
        folder: PathBuf,
        run_id: &str,
        name: Option<String>,
        started_at: Option<f64>,
        coerce: Option<Py<PyAny>>,
        strict_steps: bool,
        shared: bool,
        ring_bytes: usize,
        console_ring_bytes: usize,
    ) -> Result<Self, PyErr> {
        let options = Options { name, started_at, strict_steps, shared, ring_bytes, console_ring_bytes };
        let opened = py.detach(|| core::Writer::open(&folder, run_id, &options)).map_err(Failure::from)?;
        Ok(Self {
            core: Arc::new(opened),
            encoder: Mutex::new(Encoder::new(true)),
            remarks: Mutex::new(Vec::new()),
            coerce,
        })
    }

    /// Keep one row, or a part of one, by the step and commit rules of `Run.log`.
    #[pyo3(signature = (data, step=None, commit=None))]
    fn log(
        &self,
        data: &Bound<'_, PyAny>,
        step: Option<&Bound<'_, PyAny>>,
        commit: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let step = step.filter(|step| !step.is_none()).map(read_step).transpose()?;
        let commit = commit.filter(|commit| !commit.is_none()).map(read_commit).transpose()?;
        match self.encoder.try_lock() {
            Ok(mut encoder) => self.log_with(&mut encoder, data, step, commit),
            Err(TryLockError::Poisoned(encoder)) => {
                self.log_with(&mut encoder.into_inner(), data, step, commit)
            }
            // Another thread is inside a value's conversion, or this one is: keys stand inline.
            Err(TryLockError::WouldBlock) => self.log_with(&mut Encoder::new(false), data, step, commit),
        }
    }

    /// Keep one record of any kind but `history`, in order with the rows.
    fn append(&self, py: Python<'_>, record: &Bound<'_, PyAny>) -> PyResult<()> {
        let body = record::encode(&from_python(record)?).map_err(Failure::from)?;
        Ok(py.detach(|| self.core.append(&body)).map_err(Failure::from)?)
    }

    /// Lay the pixels of a row to come down; returns what the row says of their file.
    fn spill_pixels(
        &self,
        py: Python<'_>,
        pixels: &[u8],
        size: (u32, u32),
        channels: u8,
        name: &str,
        extension: &str,
    ) -> Option<Facts> {
        let (width, height) = size;
        let pixels = Pixels { width, height, channels, name, extension, raw: pixels };
        py.detach(|| self.core.spill_pixels(&pixels)).map(facts)
    }

    /// Forget pixels that no row will speak of.
    fn drop_pixels(&self, later: &Later) {
        self.core.drop_pixels(later.number);
    }

    /// Keep console text; `stream` is "stdout" or "stderr".
    fn print(&self, py: Python<'_>, stream: &str, text: &Bound<'_, PyString>) -> PyResult<bool> {
        let text = text_of(text)?;
        let stderr = stream == "stderr";
        for piece in pieces(&text, self.core.longest_print()) {
            if !self.core.print(stderr, piece).map_err(Failure::from)? {
                py.detach(|| {
                    self.core.make_console_room();
                    // If the disk refuses, console text gives way to rows.
                    self.core.print(stderr, piece)
                })
                .map_err(Failure::from)?;
            }
        }
        Ok(false)
    }

    /// The step that the next row without a step will have, or that the open row has.
    #[getter]
    fn step(&self) -> i64 {
        self.core.step()
    }

    /// Count steps and time from where the run stands: it was begun before.
    fn start_at(&self, step: i64, runtime: f64) {
        self.core.start_at(step, runtime);
    }

    /// Count the last `seconds` as no part of the run's time: nothing ran in them.
    fn leave_out(&self, seconds: f64) {
        self.core.leave_out(seconds);
    }

    /// Catch up, then return the nested summary as this process sees it.
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let summary = py.detach(|| self.core.summary());
        to_python(py, &summary)
    }

    /// Catch up, then return up to `limit` evenly thinned numbers of each top-level numeric key.
    fn history_tail<'py>(&self, py: Python<'py>, limit: usize) -> PyResult<Bound<'py, PyDict>> {
        let samples = py.detach(|| self.core.samples());
        let series = PyDict::new(py);
        for (name, values) in samples {
            let stride = values.len().div_ceil(limit.max(1)).max(1);
            series.set_item(name, values.into_iter().step_by(stride).collect::<Vec<f64>>())?;
        }
        Ok(series)
    }

    /// Wait until the ring is empty but for the open row.
    fn flush(&self, py: Python<'_>) {
        py.detach(|| self.core.flush());
    }

    /// Flush, then fsync the journal.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        Ok(py.detach(|| self.core.sync()).map_err(Failure::from)?)
    }

    /// Take what the user should be told, oldest first.
    fn notices<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for notice in self.core.take_notices() {
            list.append(notice_tuple(py, &notice)?)?;
        }
        let remarks = std::mem::take(&mut *self.remarks.lock().unwrap_or_else(PoisonError::into_inner));
        for remark in remarks {
            list.append(remark_tuple(py, &remark)?)?;
        }
        Ok(list)
    }

    /// Seal the open row, write the closing summary and, for the owner, the exit record; fsync; fold.
    #[pyo3(signature = (exit_code=None, *, runtime=None))]
    fn close<'py>(
        &self,
        py: Python<'py>,
        exit_code: Option<i32>,
        runtime: Option<f64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let closed = py.detach(|| self.core.close(exit_code, runtime)).map_err(Failure::from)?;
        let report = PyDict::new(py);
        report.set_item("rows", closed.rows)?;
        report.set_item("rows_lost", closed.rows_lost)?;
        report.set_item("path", closed.path)?;
        report.set_item("complete", closed.complete)?;
        report.set_item("recoverable", closed.recoverable)?;
        report.set_item("reason", closed.reason)?;
        Ok(report)
    }

    /// Let go of everything without writing: for the child of a fork.
    fn abandon(&self) {
        // The copy of the parent's threads and locks must never be dropped here.
        std::mem::forget(Arc::clone(&self.core));
        fork::close_copies(self.core.lock_handles());
    }

    /// Whether `close` was called.
    #[getter]
    fn closed(&self) -> bool {
        self.core.closed()
    }
}

impl Writer {
    /// What it is without Python.
    pub fn core(&self) -> Arc<core::Writer> {
        Arc::clone(&self.core)
    }

    fn log_with(
        &self,
        encoder: &mut Encoder,
        data: &Bound<'_, PyAny>,
        step: Option<i64>,
        commit: Option<bool>,
    ) -> PyResult<bool> {
        let py = data.py();
        let around = Surroundings {
            add_key: &|key| self.core.add_key(key),
            coerce: self.coerce.as_ref().map(|coerce| coerce.bind(py)),
            step: &|| step.unwrap_or_else(|| self.core.step()),
        };
        let kept = encoder.walk(data, &around).and_then(|()| self.keep(py, encoder, step, commit));
        let unused = encoder.row.take_files();
        for number in encoder.dropped.drain(..).chain(unused) {
            self.core.drop_pixels(number);
        }
        let told = kept?;
        let remarked = !encoder.remarks.is_empty();
        if remarked {
            self.remarks.lock().unwrap_or_else(PoisonError::into_inner).append(&mut encoder.remarks);
        }
        Ok(told || remarked)
    }

    fn keep(
        &self,
        py: Python<'_>,
        encoder: &mut Encoder,
        step: Option<i64>,
        commit: Option<bool>,
    ) -> PyResult<bool> {
        loop {
            match self.core.log(&mut encoder.row, step, commit).map_err(Failure::from)? {
                Kept::Yes(told) => return Ok(told),
                Kept::NoRoom => {
                    let bytes = encoder.row.len();
                    if !py.detach(|| self.core.make_room(bytes)) {
                        return Ok(self.core.lose_row());
                    }
                }
                Kept::TooLarge => {
                    let told = py.detach(|| self.core.log_spilled(&mut encoder.row, step, commit));
                    encoder.row.clear();
                    encoder.row.shrink();
                    return Ok(told.map_err(Failure::from)?);
                }
            }
        }
    }
}

fn read_step(step: &Bound<'_, PyAny>) -> PyResult<i64> {
    if let Ok(number) = step.extract::<i64>() {
        return Ok(number);
    }
    Err(PyTypeError::new_err(format!(
        "run.log: step must be an int within 64 bits, not {}; nothing was kept. Write step=int(step), or leave it out.",
        kind_name(step)
    )))
}

fn read_commit(commit: &Bound<'_, PyAny>) -> PyResult<bool> {
    if commit.is_instance_of::<PyBool>() || commit.is_instance_of::<PyInt>() {
        return commit.is_truthy();
    }
    Err(PyTypeError::new_err(format!(
        "run.log: commit must be True, False or None, not {}; nothing was kept.",
        kind_name(commit)
    )))
}

fn notice_tuple<'py>(py: Python<'py>, notice: &Notice) -> PyResult<Bound<'py, PyTuple>> {
    let fields = PyDict::new(py);
    let kind = match notice {
        Notice::StepBack { step, current } => {
            fields.set_item("step", step)?;
            fields.set_item("current", current)?;
            "step_back"
        }
        Notice::StepIgnored => "step_ignored",
        Notice::RowsLost { count } => {
            fields.set_item("count", count)?;
            "rows_lost"
        }
        Notice::Disk { reason } => {
            fields.set_item("reason", reason)?;
            "disk"
        }
        Notice::Damage { reason } => {
            fields.set_item("reason", reason)?;
            "damage"
        }
        Notice::NoRing { reason } => {
            fields.set_item("reason", reason)?;
            "no_ring"
        }
    };
    (kind, fields).into_pyobject(py)
}

fn remark_tuple<'py>(py: Python<'py>, remark: &Remark) -> PyResult<Bound<'py, PyTuple>> {
    let fields = PyDict::new(py);
    let (name, kind, key) = match remark {
        Remark::Unencodable(key, kind, reason) => {
            fields.set_item("reason", reason)?;
            ("unencodable", kind, key)
        }
        Remark::Large(key, kind, bytes) => {
            fields.set_item("size_bytes", bytes)?;
            ("large", kind, key)
        }
    };
    fields.set_item("key", key)?;
    fields.set_item("type", kind)?;
    (name, fields).into_pyobject(py)
}
