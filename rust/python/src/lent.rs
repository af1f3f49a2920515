//! The memory of a numpy array, read where it lies. One of the modules that may hold `unsafe`.
#![allow(unsafe_code)]

use std::mem::size_of;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// How many numbers are copied at once: they stay in the cache.
const BLOCK: usize = 2048;
/// Fewer numbers are counted in less time than it takes to let go of the GIL and get it back.
const FEW: usize = 4096;

/// The numbers of an array that its owner keeps alive, read by copies of a few thousand at a time.
///
/// Somebody may write to a tensor meanwhile (its memory never asked for the GIL), so that there
/// must be no reference to what it holds: a copy is whatever was there, and is counted as that.
pub struct Lent<T> {
    first: *const T,
    numbers: usize,
}

// SAFETY: it only points; whoever made it keeps the memory alive, and no thread owns that.
unsafe impl<T: Send> Send for Lent<T> {}
// SAFETY: as above; nothing is written through it.
unsafe impl<T: Sync> Sync for Lent<T> {}

impl<T: Copy + Default> Lent<T> {
    /// Hand over the numbers, block by block.
    pub fn each_block(&self, mut take: impl FnMut(&[T])) {
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
}

/// Where an array's numbers are, how many there are, and of which type.
pub struct Place {
    address: usize,
    numbers: usize,
    /// As numpy writes it: `<f8`.
    pub kind: String,
}

impl Place {
    /// Look at an array.
    ///
    /// # Errors
    /// It is no numpy array, or has gaps.
    pub fn of(array: &Bound<'_, PyAny>) -> PyResult<Self> {
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

    /// Point to the numbers; the array must outlive that.
    ///
    /// # Errors
    /// They are not aligned.
    pub fn lent<T>(&self) -> PyResult<Lent<T>> {
        let first = std::ptr::with_exposed_provenance::<T>(self.address);
        if self.numbers > 0 && !first.is_aligned() {
            return Err(PyValueError::new_err("values must be aligned in memory; copy them first"));
        }
        Ok(Lent { first, numbers: self.numbers })
    }

    /// Run what reads the array, without the GIL where that is worth it.
    pub fn read<R: Send>(&self, py: Python<'_>, reading: impl FnOnce() -> R + Send) -> R {
        if self.numbers <= FEW { reading() } else { py.detach(reading) }
    }
}

const _: () = assert!(cfg!(target_endian = "little") && size_of::<usize>() >= 4);
