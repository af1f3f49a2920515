//! Parquet files of others, as tables of JSON: whatever pandas, Polars, Arrow or Spark wrote.
//!
//! Numbers, booleans and text are as in JSON, decimals too; dates, times and moments are text that
//! is in order as they are; structs, lists and maps are objects and lists. NaN and infinities are
//! the words that clients write into a table's JSON for them.
//!
//! Files are untrusted. No room is made for what they only say to hold, and where the Parquet
//! library gives up on what is in one, that is an error here.

mod cells;
mod leaves;
mod nodes;
mod pages;
mod thrift;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};

use cells::Text;
use leaves::Leaf;
use nodes::Node;
use pages::Pages;

/// Why a file is no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It can't be read; the text goes on from the file's, or a column's, name.
    #[error("{0}")]
    Damaged(String),
    /// There is more in it than asked for; the text goes on in the same way.
    #[error("{0}")]
    TooLarge(String),
}

impl Fault {
    fn damaged(reason: &str) -> Self {
        Self::Damaged(format!("can't be read: {reason}"))
    }

    fn of(self, column: &str) -> Self {
        let name: String = column.chars().take(100).collect();
        match self {
            Self::Damaged(text) => Self::Damaged(format!("its column `{name}` {text}")),
            Self::TooLarge(text) => Self::TooLarge(format!("its column `{name}` {text}")),
        }
    }
}

impl From<ParquetError> for Fault {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(inner) => match inner.downcast::<Self>() {
                Ok(fault) => *fault,
                Err(other) => Self::damaged(&other.to_string()),
            },
            other => Self::damaged(&other.to_string().chars().take(200).collect::<String>()),
        }
    }
}

type Result<T> = std::result::Result<T, Fault>;

/// A footer that is larger is refused.
const LARGEST_FOOTER: usize = 16 << 20;
/// A schema that nests deeper is refused: reading it recurses.
const DEEPEST: usize = 48;
/// The magic number, and the size of the footer before it.
const TAIL: usize = 8;
/// Rows that are put together at a time.
const ROWS: usize = 1024;

/// How much a column may have.
#[derive(Clone, Copy)]
struct Limits {
    cells: usize,
    bytes: usize,
}

/// A table that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns.
    pub names: Vec<String>,
    /// Of each column a list of its cells, as JSON.
    pub columns: Vec<Vec<u8>>,
    /// How many cells each has.
    pub rows: usize,
}

/// Read a file.
///
/// Lists inside of cells count as cells.
///
/// # Errors
/// `Damaged`, if it is no Parquet file or can't be read; `TooLarge`, if it has more cells, or more
/// bytes of JSON, than asked for.
pub fn read(file: &Bytes, most_cells: usize, most_bytes: usize) -> Result<Table> {
    let meta = guarded(|| footer(file))?;
    let rows = rows_of(&meta)?;
    let fields = meta.file_metadata().schema().get_fields();
    if rows.checked_mul(fields.len()).is_none_or(|cells| cells > most_cells) {
        return Err(Fault::TooLarge(format!("it has more than {most_cells} cells")));
    }
    let (mut table, mut first) = (Table { rows, ..Table::default() }, 0);
    let mut limits = Limits { cells: most_cells, bytes: most_bytes };
    for field in fields {
        let (text, leaves) = guarded(|| {
            let node = Node::of(field)?;
            let chunks = first..first + node.leaves();
            Ok((column(file, &meta, &node, chunks, limits)?, node.leaves()))
        })
        .map_err(|fault| fault.of(field.name()))?;
        first += leaves;
        limits.bytes = limits.bytes.saturating_sub(text.len());
        table.names.push(field.name().to_owned());
        table.columns.push(text);
    }
    Ok(table)
}

/// Read what a file says about itself, once it is sure that doing so ends well.
fn footer(file: &Bytes) -> Result<ParquetMetaData> {
    let tail = file.len().checked_sub(TAIL).and_then(|from| file.get(from..)?.first_chunk::<TAIL>());
    let Some([a, b, c, d, magic @ ..]) = tail else {
        return Err(Fault::Damaged("it is too short to be a Parquet file".to_owned()));
    };
    match magic {
        b"PAR1" => {}
        b"PARE" => return Err(Fault::Damaged("it is encrypted".to_owned())),
        _ => return Err(Fault::Damaged("it doesn't end as a Parquet file does".to_owned())),
    }
    let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
    let end = file.len() - TAIL;
    let Some(footer) = end.checked_sub(length).and_then(|from| file.get(from..end)) else {
        return Err(Fault::Damaged("it is shorter than it says".to_owned()));
    };
    if length > LARGEST_FOOTER {
        return Err(Fault::TooLarge(format!("it has more than {LARGEST_FOOTER} bytes about its columns")));
    }
    if thrift::schema_depth(footer)? > DEEPEST {
        return Err(Fault::Damaged(format!("its columns nest deeper than {DEEPEST} levels")));
    }
    Ok(ParquetMetaDataReader::decode_metadata(footer)?)
}

fn rows_of(meta: &ParquetMetaData) -> Result<usize> {
    let mut rows: usize = 0;
    for group in meta.row_groups() {
        rows = usize::try_from(group.num_rows())
            .ok()
            .and_then(|more| rows.checked_add(more))
            .ok_or_else(|| Fault::Damaged("it has a number of rows that can't be".to_owned()))?;
    }
    Ok(rows)
}

/// One column of all row groups, as a list in JSON.
fn column(
    file: &Bytes,
    meta: &ParquetMetaData,
    node: &Node,
    chunks: Range<usize>,
    limits: Limits,
) -> Result<Vec<u8>> {
    let mut out = Text::new(limits.bytes);
    out.push(b"[");
    for group in meta.row_groups() {
        let chunks = group.columns().get(chunks.clone());
        let chunks = chunks.ok_or_else(|| Fault::damaged("a part of it is missing"))?;
        let mut leaves =
            chunks.iter().map(|chunk| leaf_of(file, chunk, limits)).collect::<Result<Vec<_>>>()?;
        let mut left = usize::try_from(group.num_rows()).unwrap_or(0);
        while left > 0 {
            let rows = left.min(ROWS);
            leaves.iter_mut().try_for_each(|leaf| leaf.fill(rows))?;
            for _ in 0..rows {
                if out.bytes.len() > 1 {
                    out.push(b",");
                }
                node.write(&mut leaves, &mut out)?;
            }
            left -= rows;
        }
    }
    out.push(b"]");
    Ok(out.bytes)
}

fn leaf_of(file: &Bytes, chunk: &ColumnChunkMetaData, limits: Limits) -> Result<Leaf> {
    Ok(Leaf::new(&chunk.column_descr_ptr(), pages_of(file, chunk, limits.cells)?))
}

fn pages_of(file: &Bytes, chunk: &ColumnChunkMetaData, cells: usize) -> Result<Pages> {
    let values =
        usize::try_from(chunk.num_values()).map_err(|_| Fault::damaged("it has no number of values"))?;
    if values > cells {
        return Err(Fault::TooLarge(format!("has more than {cells} values")));
    }
    // Some writers say 0 where there is no dictionary.
    let data = chunk.data_page_offset();
    let from = chunk.dictionary_page_offset().filter(|at| (1..data).contains(at)).unwrap_or(data);
    let sizes = usize::try_from(from).ok().zip(usize::try_from(chunk.compressed_size()).ok());
    let range = sizes.and_then(|(from, size)| Some(from..from.checked_add(size)?));
    let range = range.filter(|range| range.end <= file.len());
    let range = range.ok_or_else(|| Fault::damaged("it lies beyond the end of the file"))?;
    Ok(Pages::new(file.slice(range), chunk.compression(), chunk.column_descr(), values))
}

/// Call what calls the Parquet library, which panics on some of what can be in a file.
fn guarded<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(Fault::damaged("it makes no sense")))
}
