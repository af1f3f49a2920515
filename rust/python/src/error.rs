//! One place where a failure becomes a Python exception.

use pyo3::exceptions::{PyBlockingIOError, PyException, PyOSError, PyRuntimeError, PyValueError};
use pyo3::{PyErr, create_exception};
use wandb_core::CoreError;

create_exception!(
    wandb._native,
    NativeError,
    PyException,
    "A journal could not be read or written; the message names the file and the reason."
);

/// A core error on its way to Python.
pub struct Failure(CoreError);

impl From<CoreError> for Failure {
    fn from(error: CoreError) -> Self {
        Self(error)
    }
}

impl From<Failure> for PyErr {
    fn from(Failure(error): Failure) -> Self {
        match error {
            CoreError::Io { path, source } => os_error(path, &source),
            CoreError::Invalid(message) => PyValueError::new_err(message),
            CoreError::Busy(message) => PyBlockingIOError::new_err(message),
            CoreError::StepBack { .. } => PyValueError::new_err(error.to_string()),
            CoreError::Closed => PyRuntimeError::new_err(error.to_string()),
            other => NativeError::new_err(other.to_string()),
        }
    }
}

/// `OSError(errno, text, path)`, which picks `FileNotFoundError` and its kin by itself.
fn os_error(path: String, source: &std::io::Error) -> PyErr {
    let number = source.raw_os_error().or(match source.kind() {
        std::io::ErrorKind::NotFound => Some(2),
        std::io::ErrorKind::AlreadyExists => Some(17),
        std::io::ErrorKind::StorageFull => Some(28),
        _ => None,
    });
    match number {
        Some(number) => PyOSError::new_err((number, source.to_string(), path)),
        None => PyOSError::new_err(format!("{path}: {source}")),
    }
}
