//! Reading runs back, and the small functions beside.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use wandb_core::recover::{Folding, recover};
use wandb_core::rows::row_leaves;
use wandb_core::snapshot::{self, State};
use wandb_core::summary::put_nested;
use wandb_core::{Value, record, requirements};

use crate::convert::{from_python, to_python};
use crate::error::Failure;

/// Everything a run's folder held at one instant, all writers merged by time.
#[pyclass(frozen, module = "wandb._native")]
pub struct Snapshot(snapshot::Snapshot);

#[pymethods]
impl Snapshot {
    /// `running`, `finished`, `failed`, or `crashed` (no exit record and no process alive).
    #[getter]
    fn state(&self) -> &'static str {
        match self.0.state {
            State::Running => "running",
            State::Finished => "finished",
            State::Failed => "failed",
            State::Crashed => "crashed",
        }
    }

    #[getter]
    fn exit_code(&self) -> Option<i32> {
        self.0.exit_code
    }

    /// What was damaged and left out, one sentence each.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings.clone()
    }

    /// Number of history rows.
    #[getter]
    fn rows(&self) -> usize {
        self.history_payloads().count()
    }

    /// Rows as nested dicts, in order of writing; with `keys`, rows that have all of them.
    #[pyo3(signature = (keys=None, *, min_step=None, max_step=None, offset=0, limit=None))]
    fn history<'py>(
        &self,
        py: Python<'py>,
        keys: Option<Vec<String>>,
        min_step: Option<i64>,
        max_step: Option<i64>,
        offset: usize,
        limit: Option<usize>,
    ) -> PyResult<Bound<'py, PyList>> {
        let keys = keys.unwrap_or_default();
        let wanted = |row: &Value| {
            let step = match row.get("_step") {
                Some(Value::Int(step)) => Some(*step),
                _ => None,
            };
            keys.iter().all(|key| find(row, key).is_some())
                && min_step.is_none_or(|least| step.is_some_and(|step| step >= least))
                && max_step.is_none_or(|most| step.is_some_and(|step| step < most))
        };
        let list = PyList::empty(py);
        // Rows that are only counted need no decoding.
        let unfiltered = keys.is_empty() && min_step.is_none() && max_step.is_none();
        let uncounted = if unfiltered { offset } else { 0 };
        let rows = self.history_payloads().skip(uncounted).map(nested_row).filter(wanted);
        for row in rows.skip(offset - uncounted).take(limit.unwrap_or(usize::MAX)) {
            list.append(to_python(py, &row)?)?;
        }
        Ok(list)
    }

    /// The nested summary: explicit writes and metric rules applied in order.
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let summary = py.detach(|| self.0.summary());
        to_python(py, &summary)
    }

    /// Decoded records, all or of one kind.
    #[pyo3(signature = (kind=None))]
    fn records<'py>(&self, py: Python<'py>, kind: Option<&str>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        let wanted = kind.map(record::kind_number);
        for payload in &self.0.payloads {
            if wanted.is_some_and(|number| record::peek_kind(payload).map(|(found, _)| found) != number) {
                continue;
            }
            let Ok(decoded) = record::decode(payload) else { continue };
            list.append(to_python(py, &decoded)?)?;
        }
        Ok(list)
    }
}

impl Snapshot {
    fn history_payloads(&self) -> impl Iterator<Item = &[u8]> {
        let is_row = |payload: &&Vec<u8>| record::peek_kind(payload).is_some_and(|(kind, _)| kind == 2);
        self.0.payloads.iter().filter(is_row).map(Vec::as_slice)
    }
}

/// A member by its whole name, or by a dotted path.
fn find<'a>(row: &'a Value, key: &str) -> Option<&'a Value> {
    row.get(key).or_else(|| {
        key.match_indices('.').find_map(|(at, _)| {
            let (name, rest) = key.split_at(at);
            row.get(name).and_then(|inner| find(inner, rest.get(1..)?))
        })
    })
}

fn nested_row(payload: &[u8]) -> Value {
    let mut members = Vec::new();
    for (names, value) in row_leaves(payload) {
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        put_nested(&mut members, &names, value);
    }
    Value::Dict(members)
}

/// Read a run's folder, ours or a released client's, while it is written or after.
#[pyfunction]
pub fn read_folder(py: Python<'_>, folder: PathBuf) -> PyResult<Snapshot> {
    Ok(py.detach(|| snapshot::read_folder(&folder)).map(Snapshot).map_err(Failure::from)?)
}

/// Read one `.wandb` file up to the first incomplete record.
#[pyfunction]
pub fn read_journal(py: Python<'_>, path: PathBuf) -> PyResult<Snapshot> {
    Ok(py.detach(|| snapshot::read_journal(&path)).map(Snapshot).map_err(Failure::from)?)
}

/// Finish what a killed process left: drain its rings, seal open rows, fold its writers.
#[pyfunction]
#[pyo3(signature = (folder, *, sent=false))]
pub fn recover_folder(py: Python<'_>, folder: PathBuf, sent: bool) -> PyResult<Option<Bound<'_, PyDict>>> {
    let folding = if sent { Folding::Now } else { Folding::WhenAlone };
    let Some(done) = py.detach(|| recover(&folder, folding)).map_err(Failure::from)? else { return Ok(None) };
    let report = PyDict::new(py);
    report.set_item("rows", done.rows)?;
    report.set_item("writers", done.writers)?;
    Ok(Some(report))
}

/// Encode one record as it stands in a journal, without framing.
#[pyfunction]
pub fn encode_record<'py>(py: Python<'py>, record: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = record::encode(&from_python(record)?).map_err(Failure::from)?;
    Ok(PyBytes::new(py, &bytes))
}

/// Decode one record; unknown fields are left out.
#[pyfunction]
pub fn decode_record<'py>(py: Python<'py>, payload: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    to_python(py, &record::decode(payload).map_err(Failure::from)?)
}

/// Write `name==version` lines of the distributions found; returns how many. Frees the GIL.
#[pyfunction]
pub fn write_requirements(py: Python<'_>, search_paths: Vec<String>, target: PathBuf) -> PyResult<usize> {
    Ok(py.detach(|| requirements::write_requirements(&search_paths, &target)).map_err(Failure::from)?)
}
