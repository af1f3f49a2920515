//! `bin_uniform` and `bin_between`: what `numpy.histogram` counts, over an array's memory.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use wandb_core::binning::{Bins, Edges, Extremes, Number};

use crate::lent::{Lent, Place};

/// Counts and edges, or None where numpy has to decide.
type Binned = Option<(Vec<u64>, Vec<f64>)>;

/// Run a body with the type of an array's numbers.
macro_rules! with_numbers {
    ($place:expr, $kind:ident => $body:expr) => {
        match $place.kind.as_str() {
            "<f8" => {
                type $kind = f64;
                $body
            }
            "<f4" => {
                type $kind = f32;
                $body
            }
            "|i1" => {
                type $kind = i8;
                $body
            }
            "<i2" => {
                type $kind = i16;
                $body
            }
            "<i4" => {
                type $kind = i32;
                $body
            }
            "<i8" => {
                type $kind = i64;
                $body
            }
            "|u1" => {
                type $kind = u8;
                $body
            }
            "<u2" => {
                type $kind = u16;
                $body
            }
            "<u4" => {
                type $kind = u32;
                $body
            }
            "<u8" => {
                type $kind = u64;
                $body
            }
            other => Err(PyTypeError::new_err(format!(
                "values must be whole numbers or floats of 4 or 8 bytes, in native order, not {other}"
            ))),
        }
    };
}

/// Count an array's numbers between its smallest and its greatest.
#[pyfunction]
pub fn bin_uniform(values: &Bound<'_, PyAny>, bins: usize) -> PyResult<Binned> {
    let place = Place::of(values)?;
    with_numbers!(place, Kind => {
        let lent = place.lent::<Kind>()?;
        Ok(place.read(values.py(), || uniform(&lent, bins)))
    })
}

/// Count an array's numbers between given edges.
#[pyfunction]
pub fn bin_between(values: &Bound<'_, PyAny>, edges: Vec<f64>, open: bool) -> PyResult<Option<Vec<u64>>> {
    let place = Place::of(values)?;
    let Some(edges) = Edges::new(edges) else {
        return Ok(None);
    };
    with_numbers!(place, Kind => {
        let lent = place.lent::<Kind>()?;
        Ok(Some(place.read(values.py(), || counts(&lent, &edges, open))))
    })
}

fn uniform<T: Number>(lent: &Lent<T>, bins: usize) -> Binned {
    let mut extremes = Extremes::new();
    lent.each_block(|block| extremes.take(block));
    let edges = Edges::uniform(extremes.extent()?, bins)?;
    Some((counts(lent, &edges, false), edges.all().to_vec()))
}

fn counts<T: Number>(lent: &Lent<T>, edges: &Edges, open: bool) -> Vec<u64> {
    let mut bins = Bins::new(edges, open);
    lent.each_block(|block| bins.take(block));
    bins.finish()
}
