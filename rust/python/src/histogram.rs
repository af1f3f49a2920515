//! `histogram` over the memory of a numpy array. One of the modules that may hold `unsafe`.
#![allow(unsafe_code)]

use std::mem::size_of;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use wandb_core::histogram::{self as core, BLOCK, Counter, Extent, Number};

use crate::error::Failure;

/// Fewer numbers are counted in less time than it takes to let go of the GIL and get it back.
const FEW: usize = 4096;

/// The numbers of an array that its owner keeps alive, read by copies of a few thousand at a time.
///
/// Somebody may write to a tensor meanwhile (its memory never asked for the GIL), so that there
/// must be no reference to what it holds: a copy is whatever was there, and is counted as that.
struct Lent<T> {
    first: *const T,
    numbers: usize,
}

// SAFETY: it only points; whoever made it keeps the memory alive, and no thread owns that.
unsafe impl<T: Number> Send for Lent<T> {}
// SAFETY: as above; nothing is written through it.
unsafe impl<T: Number> Sync for Lent<T> {}

impl<T: Number + Default> Lent<T> {
    fn each_block(&self, mut take: impl FnMut(&[T])) {
        let mut copy = vec![T::default(); BLOCK.min(self.numbers)];
        let mut at = 0;
        while at < self.numbers {
            let taken = BLOCK.min(self.numbers - at);
            // SAFETY: `at + taken` is within the array, and `copy` has room for a block.
            unsafe { std::ptr::copy_nonoverlapping(self.first.add(at), copy.as_mut_ptr(), taken) };
            take(copy.get(..taken).unwrap_or(&[]));
            at += taken;
        }
    }

    fn bounds(&self) -> Option<(T, T)> {
        let mut extent = Extent::new();
        self.each_block(|block| extent.take(block));
        extent.bounds()
    }

    fn count(&self, bins: usize, bounds: Option<(T, T)>) -> wandb_core::Result<Option<core::Histogram>> {
        let Some((least, greatest)) = bounds.or_else(|| self.bounds()) else {
            return Ok(None);
        };
        let mut counter = Counter::new(least, greatest, bins)?;
        self.each_block(|block| counter.take(block));
        Ok(Some(counter.finish()))
    }
}

/// Where an array's numbers are, how many there are, and of which type.
struct Place {
    address: usize,
    numbers: usize,
    kind: String,
}

impl Place {
    fn of(array: &Bound<'_, PyAny>) -> PyResult<Self> {
        let ndarray = array.py().import("numpy")?.getattr("ndarray")?;
        if !array.get_type().is(&ndarray) {
            let kind = array.get_type().name()?.to_string();
            return Err(PyTypeError::new_err(format!("values must be a numpy array, not {kind}")));
        }
        if !array.getattr("flags")?.getattr("c_contiguous")?.is_truthy()? {
            return Err(PyValueError::new_err("values must lie in memory without gaps; copy them first"));
        }
        let facts = array.getattr("__array_interface__")?.cast_into::<PyDict>()?;
        let fact = |name: &str| {
            facts.get_item(name)?.ok_or_else(|| PyTypeError::new_err(format!("the array has no {name}")))
        };
        let place = fact("data")?.cast_into::<PyTuple>()?;
        Ok(Self {
            address: place.get_item(0)?.extract()?,
            numbers: array.getattr("size")?.extract()?,
            kind: fact("typestr")?.extract()?,
        })
    }

    fn lent<T: Number>(&self) -> PyResult<Lent<T>> {
        let first = std::ptr::with_exposed_provenance::<T>(self.address);
        if self.numbers > 0 && !first.is_aligned() {
            return Err(PyValueError::new_err("values must be aligned in memory; copy them first"));
        }
        Ok(Lent { first, numbers: self.numbers })
    }
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
    bounds: Option<(T, T)>,
) -> PyResult<Bins> {
    let lent = place.lent::<T>()?;
    let made =
        if place.numbers <= FEW { lent.count(bins, bounds) } else { py.detach(|| lent.count(bins, bounds)) };
    Ok(made.map_err(Failure::from)?.map(|made| (made.counts, made.edges)))
}

const _: () = assert!(cfg!(target_endian = "little") && size_of::<usize>() >= 4);
