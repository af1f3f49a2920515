//! `histogram` over the memory of a numpy array.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use wandb_core::histogram::{self as core, Counter, Extent, Number};

use crate::error::Failure;
use crate::lent::{Lent, Place};

fn bounds<T: Number + Default>(lent: &Lent<T>) -> Option<(T, T)> {
    let mut extent = Extent::new();
    lent.each_block(|block| extent.take(block));
    extent.bounds()
}

fn count<T: Number + Default>(
    lent: &Lent<T>,
    bins: usize,
    range: Option<(T, T)>,
) -> wandb_core::Result<Option<core::Histogram>> {
    let Some((least, greatest)) = range.or_else(|| bounds(lent)) else {
        return Ok(None);
    };
    let mut counter = Counter::new(least, greatest, bins)?;
    lent.each_block(|block| counter.take(block));
    Ok(Some(counter.finish()))
}

/// What Python gets: counts and edges.
type Bins = Option<(Vec<u64>, Vec<f64>)>;

/// Count an array's finite numbers into bins of equal width.
#[pyfunction]
#[pyo3(signature = (values, bins = 64, range = None))]
pub fn histogram(values: &Bound<'_, PyAny>, bins: usize, range: Option<(f64, f64)>) -> PyResult<Bins> {
    let place = Place::of(values)?;
    match place.kind.as_str() {
        // The cast is the range's, which comes from numbers of that precision.
        #[allow(clippy::cast_possible_truncation)]
        "<f4" => counted::<f32>(values.py(), &place, bins, range.map(|(a, b)| (a as f32, b as f32))),
        "<f8" => counted::<f64>(values.py(), &place, bins, range),
        other => Err(PyTypeError::new_err(format!(
            "values must be float32 or float64 in native order, not {other}; convert them first"
        ))),
    }
}

fn counted<T: Number + Default>(
    py: Python<'_>,
    place: &Place,
    bins: usize,
    range: Option<(T, T)>,
) -> PyResult<Bins> {
    let lent = place.lent::<T>()?;
    let made = place.read(py, || count(&lent, bins, range));
    Ok(made.map_err(Failure::from)?.map(|made| (made.counts, made.edges)))
}
