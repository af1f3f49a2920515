//! `HistoryStore`: a server's history, as Python sees it.

use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use wandb_core::Result;
use wandb_core::history::accept::Receipt;
use wandb_core::history::assemble::RowsSpec;
use wandb_core::history::cells::{Span, Stream};
use wandb_core::history::compact::Checkpoint;
use wandb_core::history::key_facts::KeyFacts;
use wandb_core::history::run_state::Facts;
use wandb_core::history::series::SeriesSpec;
use wandb_core::history::store::{self as core, StoreOptions};

use crate::error::Failure;

/// A scope as it comes from Python: run, attempt, last step.
type Scope = Vec<(u64, u16, i64)>;

/// Lines of runs, taken in exactly once and read at once.
#[pyclass(frozen, module = "wandb._native")]
pub struct HistoryStore(Arc<core::HistoryStore>);

#[pymethods]
impl HistoryStore {
    #[new]
    #[pyo3(signature = (folder, manifest=None, *, sync_ms=5.0, seal_bytes=67_108_864, backlog_bytes=268_435_456))]
    fn new(
        py: Python<'_>,
        folder: PathBuf,
        manifest: Option<&[u8]>,
        sync_ms: f64,
        seal_bytes: u64,
        backlog_bytes: usize,
    ) -> PyResult<Self> {
        let options = StoreOptions { sync_ms, seal_bytes, backlog_bytes, ..StoreOptions::default() };
        let opened = free(py, || core::HistoryStore::open(&folder, manifest, options))?;
        Ok(Self(Arc::new(opened)))
    }

    /// Make a run known, with the state of its last checkpoint; again is harmless.
    #[pyo3(signature = (run, project, state=None))]
    fn open_run(&self, py: Python<'_>, run: u64, project: u64, state: Option<&[u8]>) -> PyResult<()> {
        free(py, || self.0.open_run(run, project, state))
    }

    /// Whether `open_run` was called for a run since the store was opened.
    fn is_open(&self, run: u64) -> bool {
        self.0.is_open(run)
    }

    /// Take in one request; readable at once, durable when `durable_seq` has reached its `seq`.
    fn accept<'py>(
        &self,
        py: Python<'py>,
        run: u64,
        attempt: u16,
        writer: &str,
        body: &[u8],
        received_at: f64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let receipt = free(py, || self.0.accept(run, attempt, writer, body, received_at))?;
        receipt_dict(py, receipt)
    }

    /// An eventfd that becomes readable after each group sync or failure.
    fn durable_fd(&self) -> i32 {
        self.0.durable_fd().as_raw_fd()
    }

    /// Everything up to here is on disk.
    fn durable_seq(&self) -> u64 {
        self.0.durable_seq()
    }

    /// Why the log can't be written at the moment, None if it can.
    fn failing(&self) -> Option<String> {
        self.0.failing()
    }

    /// What was found damaged when the store was opened, one sentence each.
    fn warnings(&self) -> Vec<String> {
        self.0.warnings().to_vec()
    }

    /// For history, events and console the line number after the last one received.
    fn line_counts(&self, run: u64, attempt: u16, writer: &str) -> PyResult<(i64, i64, i64)> {
        let [history, events, console] = self.0.line_counts(run, attempt, writer).map_err(Failure::from)?;
        Ok((history, events, console))
    }

    /// The latest of a run, None if nothing came since the last checkpoint.
    fn facts<'py>(&self, py: Python<'py>, run: u64) -> PyResult<Option<Bound<'py, PyDict>>> {
        let facts = self.0.facts(run).map_err(Failure::from)?;
        facts.map(|facts| facts_dict(py, &facts)).transpose()
    }

    /// The facts of all runs found in the log when the store was opened.
    fn recovered<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.0.recovered().iter().map(|facts| facts_dict(py, facts)).collect()
    }

    /// The highest step in a scope, -1 without rows.
    fn last_step(&self, py: Python<'_>, scope: Scope) -> PyResult<i64> {
        let scope = spans(scope);
        free(py, || self.0.last_step(&scope))
    }

    /// The highest step in a scope, None if something has to be read to tell.
    fn last_step_at_hand(&self, scope: Scope) -> PyResult<Option<i64>> {
        Ok(self.0.last_step_at_hand(&spans(scope)).map_err(Failure::from)?)
    }

    /// How many rows of a stream are in a scope.
    fn row_count(&self, py: Python<'_>, scope: Scope, stream: u8) -> PyResult<u64> {
        let (scope, stream) = (spans(scope), stream_of(stream)?);
        free(py, || self.0.row_count(&scope, stream))
    }

    /// How many rows of a stream are in a scope, None if something has to be read to tell.
    fn row_count_at_hand(&self, scope: Scope, stream: u8) -> PyResult<Option<u64>> {
        let stream = stream_of(stream)?;
        Ok(self.0.row_count_at_hand(&spans(scope), stream).map_err(Failure::from)?)
    }

    /// What is known of each key, by name.
    fn keys<'py>(&self, py: Python<'py>, scope: Scope, stream: u8) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let (scope, stream) = (spans(scope), stream_of(stream)?);
        let keys = free(py, || self.0.keys(&scope, stream))?;
        keys.iter().map(|facts| key_dict(py, facts)).collect()
    }

    /// Rows as JSON text, in order of step, then of writing.
    #[allow(clippy::too_many_arguments)] // one Python call
    fn rows(
        &self,
        py: Python<'_>,
        scope: Scope,
        stream: u8,
        keys: Option<Vec<String>>,
        min_step: i64,
        max_step: i64,
        limit: Option<usize>,
        thin: bool,
    ) -> PyResult<Vec<String>> {
        let (scope, stream) = (spans(scope), stream_of(stream)?);
        free(py, || {
            let spec = RowsSpec { stream, keys: keys.as_deref(), min_step, max_step, limit, thin };
            self.0.rows(&scope, &spec)
        })
    }

    /// The points of a line, or buckets of them: column names, length, points, the columns' bytes.
    #[allow(clippy::too_many_arguments)] // one Python call
    fn series<'py>(
        &self,
        py: Python<'py>,
        scope: Scope,
        stream: u8,
        key: &str,
        x: &str,
        x_min: Option<f64>,
        x_max: Option<f64>,
        buckets: usize,
    ) -> PyResult<(Bound<'py, PyTuple>, usize, u64, Bound<'py, PyBytes>)> {
        let (scope, stream) = (spans(scope), stream_of(stream)?);
        let spec = SeriesSpec { key, x, x_min, x_max, buckets };
        let block = free(py, || self.0.series(&scope, stream, &spec))?;
        let columns = PyTuple::new(py, block.columns)?;
        Ok((columns, block.length, block.points, PyBytes::new(py, &block.data)))
    }

    /// How many history lines of a writer are missing between those that have come.
    #[pyo3(signature = (run, attempt=0, writer=""))]
    fn missing_lines(&self, run: u64, attempt: u16, writer: &str) -> PyResult<u64> {
        Ok(self.0.missing_lines(run, attempt, writer).map_err(Failure::from)?)
    }

    /// How many console lines a scope shows.
    fn console_count(&self, scope: Scope) -> PyResult<u64> {
        Ok(self.0.console_count(&spans(scope)).map_err(Failure::from)?)
    }

    /// Console lines as number and text, from a position on.
    fn console(
        &self,
        py: Python<'_>,
        scope: Scope,
        first: u64,
        limit: usize,
    ) -> PyResult<Vec<(i64, String)>> {
        let scope = spans(scope);
        free(py, || self.0.console(&scope, first, limit))
    }

    /// Lines that were kept aside, as file and text.
    fn aside(&self, py: Python<'_>, scope: Scope, limit: usize) -> PyResult<Vec<(String, String)>> {
        let scope = spans(scope);
        free(py, || self.0.aside(&scope, limit))
    }

    /// How many bytes of requests came since the last compaction.
    fn log_bytes(&self) -> u64 {
        self.0.log_bytes()
    }

    /// Write what is in the log to segments; None when there is nothing to do.
    fn compact<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let checkpoint = free(py, || self.0.compact())?;
        checkpoint.map(|checkpoint| checkpoint_dict(py, &checkpoint)).transpose()
    }

    /// Let go of what a checkpoint replaces: its transaction has been committed.
    fn committed(&self, py: Python<'_>, token: u64) -> PyResult<()> {
        free(py, || self.0.committed(token))
    }

    /// Erase a run at the next compactions; it is not open any more.
    fn forget_run(&self, py: Python<'_>, run: u64) {
        py.detach(|| self.0.forget_run(run));
    }

    /// Make durable what waits, and let go of the log. Reading stays possible.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        free(py, || self.0.close())
    }
}

/// Do something without the GIL.
fn free<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    Ok(py.detach(work).map_err(Failure::from)?)
}

fn spans(scope: Scope) -> Vec<Span> {
    scope.into_iter().map(|(run, attempt, last_step)| Span { run, attempt, last_step }).collect()
}

fn stream_of(number: u8) -> PyResult<Stream> {
    match number {
        0 => Ok(Stream::History),
        1 => Ok(Stream::Events),
        _ => Err(PyValueError::new_err("rows are in stream 0 (history) and 1 (events)")),
    }
}

fn receipt_dict(py: Python<'_>, receipt: Receipt) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("seq", receipt.seq)?;
    dict.set_item("history", receipt.history)?;
    dict.set_item("events", receipt.events)?;
    dict.set_item("console", receipt.console)?;
    dict.set_item("repeated", receipt.repeated)?;
    dict.set_item("aside", receipt.aside)?;
    dict.set_item("gap", receipt.gap)?;
    dict.set_item("last_step", receipt.last_step)?;
    dict.set_item("summary", receipt.summary.as_deref())?;
    dict.set_item("preempting", receipt.preempting)?;
    dict.set_item("complete", receipt.complete)?;
    dict.set_item("exit_code", receipt.exit_code)?;
    dict.set_item("uploaded", PyTuple::new(py, receipt.uploaded)?)?;
    Ok(dict)
}

fn facts_dict<'py>(py: Python<'py>, facts: &Facts) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("run", facts.run)?;
    dict.set_item("heartbeat_at", facts.heartbeat_at)?;
    dict.set_item("summary", facts.summary.as_deref())?;
    dict.set_item("attempt", facts.attempt)?;
    dict.set_item("last_step", facts.last_step)?;
    dict.set_item("history_lines", facts.history_lines)?;
    dict.set_item("preempting", facts.preempting)?;
    dict.set_item("complete", facts.complete)?;
    dict.set_item("exit_code", facts.exit_code)?;
    Ok(dict)
}

fn checkpoint_dict<'py>(py: Python<'py>, checkpoint: &Checkpoint) -> PyResult<Bound<'py, PyDict>> {
    let runs = PyDict::new(py);
    for (run, state) in &checkpoint.runs {
        runs.set_item(run, PyBytes::new(py, state))?;
    }
    let facts = checkpoint.facts.iter().map(|facts| facts_dict(py, facts)).collect::<PyResult<Vec<_>>>()?;
    let dict = PyDict::new(py);
    dict.set_item("manifest", PyBytes::new(py, &checkpoint.manifest))?;
    dict.set_item("runs", runs)?;
    dict.set_item("facts", facts)?;
    dict.set_item("warnings", &checkpoint.warnings)?;
    dict.set_item("token", checkpoint.token)?;
    Ok(dict)
}

fn key_dict<'py>(py: Python<'py>, facts: &KeyFacts) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("name", &*facts.name)?;
    dict.set_item("numbers", facts.numbers)?;
    dict.set_item("others", facts.others)?;
    dict.set_item("first_step", facts.first_step)?;
    dict.set_item("last_step", facts.last_step)?;
    dict.set_item("last_value", facts.last_value)?;
    dict.set_item("minimum", facts.minimum)?;
    dict.set_item("maximum", facts.maximum)?;
    dict.set_item("monotonic", facts.monotonic)?;
    let kinds: Vec<&str> = facts.kinds.iter().map(|kind| &**kind).collect();
    dict.set_item("kinds", PyTuple::new(py, kinds)?)?;
    Ok(dict)
}
