//! `Later`: a fact of a file that is made of spilled pixels when its row is drained.

use pyo3::prelude::*;
use wandb_core::pixels::Fact;

/// Stands in a row for the digest, the size or the path of a file that is not made yet.
#[pyclass(frozen, module = "wandb._native")]
pub struct Later {
    /// The number of the spilled pixels.
    pub number: u64,
    /// What is said of the file.
    pub fact: Fact,
}

/// What rows say of the file of spilled pixels: its SHA-256, its size, its path.
pub type Facts = (Later, Later, Later);

/// All facts of the file of spilled pixels.
pub const fn facts(number: u64) -> Facts {
    (
        Later { number, fact: Fact::Sha256 },
        Later { number, fact: Fact::Size },
        Later { number, fact: Fact::Path },
    )
}
