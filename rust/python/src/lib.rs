//! The Python face of `wandb-core`: `wandb._native`.

#![allow(clippy::needless_pass_by_value)] // arguments of Python functions are extracted by value

mod binning;
mod checksum;
mod convert;
mod digest;
mod encode;
mod error;
mod follow;
mod fork;
mod histogram;
mod history;
mod later;
mod lent;
mod pattern;
mod png;
mod snapshot;
mod table;
mod table_parquet;
mod tee;
mod writer;

use pyo3::prelude::*;

/// Journals of runs, written and read by Rust.
#[pymodule(gil_used = true)]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::binning::{bin_between, bin_uniform};
    #[pymodule_export]
    use super::checksum::crc32c;
    #[pymodule_export]
    use super::digest::digest_files;
    #[pymodule_export]
    use super::error::NativeError;
    #[pymodule_export]
    use super::follow::{JournalTail, StepBase, SummaryFold};
    #[pymodule_export]
    use super::histogram::histogram;
    #[pymodule_export]
    use super::history::HistoryStore;
    #[pymodule_export]
    use super::later::Later;
    #[pymodule_export]
    use super::pattern::Pattern;
    #[pymodule_export]
    use super::png::encode_png;
    #[pymodule_export]
    use super::snapshot::{
        Snapshot, decode_record, encode_record, read_folder, read_journal, recover_folder, write_requirements,
    };
    #[pymodule_export]
    use super::table::{CellKinds, table_columns_json, table_rows_json};
    #[pymodule_export]
    use super::table_parquet::parquet_table;
    #[pymodule_export]
    use super::tee::Tee;
    #[pymodule_export]
    use super::writer::Writer;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::fork::fill_lazy_cells(module.py())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
