//! What can go wrong in this crate.

use std::path::Path;

/// Every failure the crate reports.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// The operating system refused; the path it refused for is named.
    #[error("{path}: {source}")]
    Io {
        /// What was being opened, read or written.
        path: String,
        /// The reason given by the system.
        #[source]
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{0}")]
    Damaged(String),
    /// An argument is of the wrong kind or out of range.
    #[error("{0}")]
    Invalid(String),
    /// A step went back while strict steps are on.
    #[error("step went back ({step} after {current}) and strict_steps is on; nothing was kept")]
    StepBack {
        /// The step asked for.
        step: i64,
        /// The step the run has reached.
        current: i64,
    },
    /// Nothing more can be taken in at the moment; the same may come again.
    #[error("{0}")]
    Busy(String),
    /// The writer takes nothing more.
    #[error("it is closed and takes nothing more")]
    Closed,
}

impl CoreError {
    /// An I/O error that names its path.
    pub fn io(path: impl AsRef<Path>, source: impl Into<std::io::Error>) -> Self {
        Self::Io { path: path.as_ref().display().to_string(), source: source.into() }
    }
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, CoreError>;
