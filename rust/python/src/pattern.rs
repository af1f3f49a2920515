//! `Pattern`: a regular expression from a stranger, as Python sees it.

use pyo3::prelude::*;
use pyo3::types::PyString;
use wandb_core::pattern as core;

use crate::error::Failure;

/// Shorter texts are searched in less time than it takes to let go of the GIL and get it back.
const SHORT_BYTES: usize = 4 << 10;

/// A regular expression whose search takes time that grows with the text alone.
#[pyclass(frozen, module = "wandb._native")]
pub struct Pattern(core::Pattern);

#[pymethods]
impl Pattern {
    #[new]
    fn new(py: Python<'_>, pattern: &Bound<'_, PyString>) -> PyResult<Self> {
        // Lone surrogates are replaced, here and in texts: they are no characters.
        let pattern = pattern.to_string_lossy();
        Ok(Self(py.detach(|| core::Pattern::new(&pattern)).map_err(Failure::from)?))
    }

    /// Whether it matches anywhere in a text.
    fn search(&self, py: Python<'_>, text: &Bound<'_, PyString>) -> bool {
        let text = text.to_string_lossy();
        if text.len() <= SHORT_BYTES { self.0.search(&text) } else { py.detach(|| self.0.search(&text)) }
    }
}
