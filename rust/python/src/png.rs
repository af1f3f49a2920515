//! `encode_png`, as Python calls it.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use wandb_core::png as core;

use crate::error::Failure;

/// A PNG file of 8-bit pixels.
#[pyfunction]
pub fn encode_png<'py>(
    py: Python<'py>,
    pixels: &[u8],
    width: u32,
    height: u32,
    channels: u8,
) -> PyResult<Bound<'py, PyBytes>> {
    let file = py.detach(|| core::encode(pixels, width, height, channels)).map_err(Failure::from)?;
    Ok(PyBytes::new(py, &file))
}
