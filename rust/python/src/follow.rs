//! `JournalTail` and `SummaryFold`: a journal followed by whoever sends it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use wandb_core::base::Base;
use wandb_core::fold::Fold;
use wandb_core::follow::{Followed, Tail};
use wandb_core::framing::Stop;
use wandb_core::line::{Line, history_line};
use wandb_core::{Value, record};

use crate::convert::{from_python, to_python};
use crate::error::Failure;

const HISTORY: u32 = 2;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The summary of a run, from its records in order.
#[pyclass(frozen, module = "wandb._native")]
pub struct SummaryFold(Arc<Mutex<Fold>>);

#[pymethods]
impl SummaryFold {
    #[new]
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Fold::default())))
    }

    /// Take in a record that stands in no journal.
    fn take(&self, record: &Bound<'_, PyAny>) -> PyResult<()> {
        let body = record::encode(&from_python(record)?).map_err(Failure::from)?;
        lock(&self.0).replay(&body);
        Ok(())
    }

    /// The nested summary as JSON; NaN and infinities stand bare.
    fn text(&self, py: Python<'_>) -> String {
        py.detach(|| lock(&self.0).summary().to_json())
    }
}

/// What is added to steps and times of rows that were counted from 0; see `JournalTail`.
#[pyclass(frozen, module = "wandb._native")]
pub struct StepBase(Arc<Base>);

#[pymethods]
impl StepBase {
    #[new]
    fn new(step: i64, runtime: f64) -> Self {
        Self(Arc::new(Base::new(step, runtime)))
    }
}

/// What a record is for Python: a row ready to send, or a tree of values.
enum Content {
    Row(Line),
    Tree(&'static str, Value),
}

/// Reads a journal while it is written.
#[pyclass(frozen, module = "wandb._native")]
pub struct JournalTail {
    tail: Mutex<Tail>,
    fold: Option<Arc<Mutex<Fold>>>,
    base: Option<Arc<Base>>,
    wanted: Option<Vec<u32>>,
}

#[pymethods]
impl JournalTail {
    #[new]
    #[pyo3(signature = (path, offset=0, *, fold=None, kinds=None, base=None))]
    fn new(
        path: PathBuf,
        offset: u64,
        fold: Option<&Bound<'_, SummaryFold>>,
        kinds: Option<Vec<String>>,
        base: Option<&Bound<'_, StepBase>>,
    ) -> Self {
        let wanted = kinds.map(|names| names.iter().filter_map(|name| record::kind_number(name)).collect());
        let fold = fold.map(|fold| Arc::clone(&fold.get().0));
        let base = base.map(|base| Arc::clone(&base.get().0));
        Self { tail: Mutex::new(Tail::new(&path, offset)), fold, base, wanted }
    }

    /// The end of the last whole record that was read.
    #[getter]
    fn offset(&self) -> u64 {
        lock(&self.tail).offset()
    }

    /// Why the last read returned no more: `end`, `incomplete` or `damaged`.
    #[getter]
    fn stopped(&self) -> &'static str {
        match lock(&self.tail).stop() {
            Stop::End => "end",
            Stop::Incomplete => "incomplete",
            Stop::Damaged => "damaged",
        }
    }

    /// Pass over damage: go on at the next block.
    fn skip_damage(&self) {
        lock(&self.tail).skip_damage();
    }

    /// Whole records of about this many bytes, as `(kind, payload, end_offset)`.
    fn read<'py>(&self, py: Python<'py>, max_bytes: usize) -> PyResult<Bound<'py, PyList>> {
        let read: wandb_core::Result<Vec<_>> = py.detach(|| {
            let mut followed = lock(&self.tail).read(max_bytes)?;
            self.rebase(&mut followed);
            self.replay(&followed);
            Ok(followed.iter().filter_map(|one| self.content(one)).collect())
        });
        let records = PyList::empty(py);
        for (content, end) in read.map_err(Failure::from)? {
            let (kind, payload) = match content {
                Content::Row(line) => ("history", (line.step, line.text).into_pyobject(py)?.into_any()),
                Content::Tree(kind, tree) => (kind, to_python(py, &tree)?),
            };
            records.append(PyTuple::new(
                py,
                [kind.into_pyobject(py)?.into_any(), payload, end.into_pyobject(py)?.into_any()],
            )?)?;
        }
        Ok(records)
    }
}

impl JournalTail {
    fn rebase(&self, followed: &mut [Followed]) {
        let Some(base) = &self.base else { return };
        for one in followed {
            one.payload = base.moved(std::mem::take(&mut one.payload));
        }
    }

    fn replay(&self, followed: &[Followed]) {
        if let Some(fold) = &self.fold {
            let mut fold = lock(fold);
            for one in followed {
                fold.replay(&one.payload);
            }
        }
    }

    fn content(&self, one: &Followed) -> Option<(Content, u64)> {
        let kind = record::peek_kind(&one.payload);
        if let Some(wanted) = &self.wanted
            && !kind.is_some_and(|(number, _)| wanted.contains(&number))
        {
            return None;
        }
        // What can't be read here, the journal keeps for others; its end counts all the same.
        let read = kind.and_then(|(number, body)| readable(number, body, &one.payload));
        Some((read.unwrap_or(Content::Tree("unknown", Value::Null)), one.end))
    }
}

fn readable(number: u32, body: &[u8], payload: &[u8]) -> Option<Content> {
    if number == HISTORY {
        return history_line(body).ok().map(Content::Row);
    }
    let kind = record::kind_name(number)?;
    let Value::Dict(members) = record::decode(payload).ok()? else { return None };
    let (_, tree) = members.into_iter().find(|(name, _)| **name == *kind)?;
    Some(Content::Tree(kind, tree))
}
