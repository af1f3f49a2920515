//! `parquet_table`: a Parquet file of others, as Python sees it.

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use wandb_core::table_parquet::{Bytes, Fault, read};

/// Read the columns of a file, each as a list in JSON.
#[pyfunction]
#[pyo3(signature = (content, *, most_cells, most_bytes))]
pub fn parquet_table(
    py: Python<'_>,
    content: PyBackedBytes,
    most_cells: usize,
    most_bytes: usize,
) -> PyResult<(Vec<String>, Vec<Bound<'_, PyBytes>>)> {
    let content = Bytes::from_owner(content);
    let table = py.detach(|| read(&content, most_cells, most_bytes)).map_err(|fault| match fault {
        Fault::Damaged(reason) => PyValueError::new_err(reason),
        Fault::TooLarge(reason) => PyOverflowError::new_err(reason),
    })?;
    let columns = table.columns.iter().map(|column| PyBytes::new(py, column)).collect();
    Ok((table.names, columns))
}
