//! Writing the files of format v1: which columns, how encoded, and how they become durable.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use crate::error::{CoreError, Result};
use crate::history::cells::{Numbers, RowId, Side};
use crate::history::key_index::{self, Facts, Index, NumberFacts, SideFacts};
use crate::history::kinds::kind_of;

/// The version of the format that is written.
pub const FORMAT: u32 = 1;
/// Rows of a full row group.
pub const GROUP_ROWS: usize = 1 << 20;
/// JSON text after which a row group of a side file is closed early.
const GROUP_BYTES: usize = 64 << 20;
/// Bytes of a page before compression.
const PAGE_BYTES: usize = 64 << 10;
/// The same of doubles: eight streams of bytes lie in a page one after the other, and zstd, which
/// codes 128 KiB alike, needs some of each to tell them apart. 64 KiB cost 0.4 bytes a point more,
/// 1 MiB saves another 0.2, and the time to read one short key grows with it.
const DOUBLES_PAGE_BYTES: usize = 256 << 10;
/// Rows of a page at most: columns that are nearly constant would otherwise have endless pages.
pub(super) const PAGE_ROWS: usize = 16 << 10;
/// Values handed to a column at once.
const BATCH: usize = 8 << 10;

/// Metadata name of the format's version.
pub const FORMAT_NAME: &str = "ferrule.format";
/// Metadata name of what the file holds.
pub const KIND_NAME: &str = "ferrule.kind";
/// Metadata name of where the key index lies: offset, bytes, CRC-32.
pub const INDEX_NAME: &str = "ferrule.index";
/// Metadata name of whether the segment has the other file, too: `true` or `false`.
pub const OTHER_NAME: &str = "ferrule.other";

/// Which file of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Numbers,
    /// Everything else.
    Side,
    /// Rollups of the numbers; can be remade.
    Roll,
}

impl Kind {
    /// What the metadata calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Side => "side",
            Self::Roll => "rollup",
        }
    }

    /// The file's name.
    #[must_use]
    pub fn file_name(self, segment: &str) -> String {
        match self {
            Self::Numbers => format!("{segment}.parquet"),
            Self::Side => format!("{segment}.side.parquet"),
            Self::Roll => format!("{segment}.roll.parquet"),
        }
    }

    /// The columns, as Parquet spells them. Their order is part of the format.
    #[must_use]
    pub fn schema(self) -> &'static str {
        match self {
            Self::Numbers => {
                "message numbers { required int64 run; required binary key (STRING);
                required int64 step; required int64 line; required int32 writer (INTEGER(16, false));
                required int32 attempt (INTEGER(16, false)); required double value;
                optional int64 exact; }"
            }
            Self::Side => {
                "message side { required int64 run; required binary key (STRING);
                required int64 step; required int64 line; required int32 writer (INTEGER(16, false));
                required int32 attempt (INTEGER(16, false)); required binary kind (STRING);
                required binary json (STRING); }"
            }
            Self::Roll => {
                "message rollup { required int64 run; required binary key (STRING);
                required int32 level (INTEGER(16, false));
                required int64 first_step; required int64 last_step; required double first;
                required double last; required double min; required int64 min_step;
                required double max; required int64 max_step; required double sum;
                required int64 finite; required int64 count; }"
            }
        }
    }

    fn sorting(self) -> Vec<SortingColumn> {
        let columns = if self == Self::Roll { 0..4 } else { 0..6 };
        columns
            .map(|column_idx| SortingColumn { column_idx, descending: false, nulls_first: false })
            .collect()
    }

    fn properties(self) -> WriterProperties {
        let mut properties = WriterProperties::builder()
            .set_compression(ZstdLevel::try_new(1).map_or(Compression::UNCOMPRESSED, Compression::ZSTD))
            .set_max_row_group_row_count(Some(usize::MAX))
            .set_data_page_size_limit(PAGE_BYTES)
            .set_data_page_row_count_limit(PAGE_ROWS)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_dictionary_enabled(false)
            .set_sorting_columns(Some(self.sorting()));
        for name in ["run", "key", "writer", "attempt", "kind", "level"] {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), true);
        }
        for name in ["run", "key", "step"] {
            properties =
                properties.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::Page);
        }
        for name in INTEGERS {
            properties =
                properties.set_column_encoding(ColumnPath::from(name), Encoding::DELTA_BINARY_PACKED);
        }
        for name in DOUBLES {
            properties = properties
                .set_column_data_page_size_limit(ColumnPath::from(name), DOUBLES_PAGE_BYTES)
                .set_column_data_page_row_count_limit(ColumnPath::from(name), DOUBLES_PAGE_BYTES);
            properties = properties.set_column_encoding(ColumnPath::from(name), Encoding::BYTE_STREAM_SPLIT);
        }
        properties.build()
    }
}

const INTEGERS: [&str; 9] =
    ["step", "line", "exact", "first_step", "last_step", "min_step", "max_step", "finite", "count"];
const DOUBLES: [&str; 6] = ["value", "first", "last", "min", "max", "sum"];

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Its name in the segment's folder.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// CRC-32 of all of it.
    pub crc: u32,
    /// How many rows it has.
    pub rows: u64,
}

/// Tell the system's refusals from the library's.
pub(super) fn parquet_error(path: &Path, error: ParquetError) -> CoreError {
    if let ParquetError::External(source) = error {
        return match source.downcast::<std::io::Error>() {
            Ok(source) => CoreError::io(path, *source),
            Err(other) => CoreError::Damaged(format!("{}: {other}", path.display())),
        };
    }
    CoreError::Damaged(format!("{}: {error}", path.display()))
}

/// A file that counts and sums what goes through it.
struct Summed {
    file: File,
    sum: crc32fast::Hasher,
    bytes: u64,
}

impl Write for Summed {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let count = self.file.write(buffer)?;
        self.sum.update(buffer.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// A Parquet file being written beside its name; without `finish` nothing stays of it.
pub(super) struct Output {
    writer: Option<SerializedFileWriter<Summed>>,
    kind: Kind,
    path: PathBuf,
    unfinished: PathBuf,
    rows: u64,
}

impl Output {
    /// Start the file of a segment.
    pub(super) fn create(dir: &Path, segment: &str, kind: Kind) -> Result<Self> {
        let path = dir.join(kind.file_name(segment));
        let unfinished = dir.join(format!("{}.tmp", kind.file_name(segment)));
        let file = File::create(&unfinished).map_err(|source| CoreError::io(&unfinished, source))?;
        let sink = Summed { file, sum: crc32fast::Hasher::new(), bytes: 0 };
        let writer = parse_message_type(kind.schema())
            .and_then(|schema| SerializedFileWriter::new(sink, Arc::new(schema), Arc::new(kind.properties())))
            .map_err(|error| parquet_error(&path, error))?;
        Ok(Self { writer: Some(writer), kind, path, unfinished, rows: 0 })
    }

    fn writer(&mut self) -> Result<&mut SerializedFileWriter<Summed>> {
        self.writer.as_mut().ok_or(CoreError::Closed)
    }

    /// Write one row group.
    pub(super) fn group(
        &mut self,
        rows: usize,
        fill: impl FnOnce(&mut Group<'_>) -> std::result::Result<(), ParquetError>,
    ) -> Result<()> {
        let path = self.path.clone();
        let write = || {
            let mut group =
                Group { writer: self.writer()?.next_row_group().map_err(|e| parquet_error(&path, e))? };
            fill(&mut group).map_err(|e| parquet_error(&path, e))?;
            group.writer.close().map_err(|e| parquet_error(&path, e))?;
            Ok(())
        };
        write()?;
        self.rows += rows as u64;
        Ok(())
    }

    /// Add the index and the footer, and make the file durable under its name. The folder is not
    /// synced yet.
    pub(super) fn finish<F: Facts>(mut self, index: &Index<F>, other: bool) -> Result<FileFacts> {
        let packed = key_index::pack(index)?;
        let (path, kind) = (self.path.clone(), self.kind);
        let writer = self.writer()?;
        let place = format!("{} {} {}", writer.bytes_written(), packed.len(), crc32fast::hash(&packed));
        writer.write_all(&packed).map_err(|source| CoreError::io(&path, source))?;
        for (name, value) in [
            (FORMAT_NAME, FORMAT.to_string()),
            (KIND_NAME, kind.name().to_owned()),
            (INDEX_NAME, place),
            (OTHER_NAME, other.to_string()),
        ] {
            writer.append_key_value_metadata(KeyValue::new(name.to_owned(), value));
        }
        let writer = self.writer.take().ok_or(CoreError::Closed)?;
        let sink = writer.into_inner().map_err(|error| parquet_error(&path, error))?;
        sink.file.sync_all().map_err(|source| CoreError::io(&path, source))?;
        std::fs::rename(&self.unfinished, &path).map_err(|source| CoreError::io(&path, source))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(FileFacts { name, bytes: sink.bytes, crc: sink.sum.finalize(), rows: self.rows })
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // Gone already after `finish`; else nobody reads it, and a file that stays harms nobody.
        let _ = std::fs::remove_file(&self.unfinished);
    }
}

/// The columns of a row group, to be put in order.
pub(super) struct Group<'a> {
    writer: SerializedRowGroupWriter<'a, Summed>,
}

type Put = std::result::Result<(), ParquetError>;

impl Group<'_> {
    fn put<T: DataType>(&mut self, mut values: impl Iterator<Item = T::T>) -> Put {
        let mut column = self.writer.next_column()?.ok_or_else(one_too_many)?;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            batch.clear();
            batch.extend(values.by_ref().take(BATCH));
            if batch.is_empty() {
                return column.close();
            }
            column.typed::<T>().write_batch(&batch, None, None)?;
        }
    }

    pub(super) fn int64(&mut self, values: impl Iterator<Item = i64>) -> Put {
        self.put::<Int64Type>(values)
    }

    pub(super) fn int16(&mut self, values: impl Iterator<Item = u16>) -> Put {
        self.put::<Int32Type>(values.map(i32::from))
    }

    pub(super) fn double(&mut self, values: impl Iterator<Item = f64>) -> Put {
        self.put::<DoubleType>(values)
    }

    pub(super) fn text(&mut self, values: impl Iterator<Item = ByteArray>) -> Put {
        self.put::<ByteArrayType>(values)
    }

    /// The run and the key of each row.
    pub(super) fn names(&mut self, keys: &[Stretch]) -> Put {
        self.int64(keys.iter().flat_map(|key| std::iter::repeat_n(key.run.cast_signed(), key.rows)))?;
        self.text(keys.iter().flat_map(|key| std::iter::repeat_n(key.name.clone(), key.rows)))
    }

    /// Where each row stands.
    fn rows(&mut self, rows: &[RowId]) -> Put {
        self.int64(rows.iter().map(|row| row.step))?;
        self.int64(rows.iter().map(|row| row.line))?;
        self.int16(rows.iter().map(|row| row.writer))?;
        self.int16(rows.iter().map(|row| row.attempt))
    }

    /// A column that few of `rows` rows have: which of them, and what.
    fn sparse(&mut self, rows: usize, values: &[(usize, i64)]) -> Put {
        let mut column = self.writer.next_column()?.ok_or_else(one_too_many)?;
        let mut rest = values;
        let mut levels = [0_i16; BATCH];
        for from in (0..rows).step_by(BATCH) {
            let count = BATCH.min(rows - from);
            let (here, later) = rest.split_at(rest.partition_point(|(row, _)| *row < from + count));
            rest = later;
            levels.fill(0);
            here.iter().filter_map(|(row, _)| row.checked_sub(from)).for_each(|row| {
                if let Some(level) = levels.get_mut(row) {
                    *level = 1;
                }
            });
            let exact: Vec<i64> = here.iter().map(|(_, value)| *value).collect();
            column.typed::<Int64Type>().write_batch(&exact, levels.get(..count), None)?;
        }
        column.close()
    }
}

fn one_too_many() -> ParquetError {
    ParquetError::General("the format has fewer columns".to_owned())
}

/// Rows of one key that lie together in a row group.
pub(super) struct Stretch {
    pub(super) run: u64,
    pub(super) name: ByteArray,
    pub(super) rows: usize,
}

impl Stretch {
    pub(super) fn new(run: u64, name: &Arc<str>, rows: usize) -> Self {
        Self { run, name: Bytes::copy_from_slice(name.as_bytes()).into(), rows }
    }
}

/// Add to an index what is new of a key: either its first facts, or more of the last key's.
fn note<F>(
    index: &mut Index<F>,
    run: u64,
    name: &Arc<str>,
    first: impl FnOnce() -> Option<F>,
    more: impl FnOnce(&mut F),
) {
    if index.last().is_none_or(|(last, _)| *last != run) {
        index.push((run, Vec::new()));
    }
    let Some((_, keys)) = index.last_mut() else { return };
    match keys.last_mut() {
        Some((last, facts)) if last == name => more(facts),
        _ => keys.extend(first().map(|facts| (name.clone(), facts))),
    }
}

/// Writes a numbers file; keys come in order of run and name, each one's numbers in order of rows.
pub(super) struct NumbersFile {
    output: Output,
    index: Index<NumberFacts>,
    keys: Vec<Stretch>,
    rows: Vec<RowId>,
    values: Vec<f64>,
    exact: Vec<(usize, i64)>,
}

impl NumbersFile {
    pub(super) fn create(dir: &Path, segment: &str) -> Result<Self> {
        let output = Output::create(dir, segment, Kind::Numbers)?;
        Ok(Self {
            output,
            index: Vec::new(),
            keys: Vec::new(),
            rows: Vec::new(),
            values: Vec::new(),
            exact: Vec::new(),
        })
    }

    /// Append numbers of a key; returns how many it has by now.
    pub(super) fn push(&mut self, run: u64, name: &Arc<str>, numbers: &Numbers) -> Result<u64> {
        let row = self.output.rows + self.rows.len() as u64;
        note(&mut self.index, run, name, || NumberFacts::of(row, numbers), |facts| facts.push(numbers));
        let mut exact = numbers.exact.as_slice();
        let mut from = 0;
        while from < numbers.rows.len() {
            let to = numbers.rows.len().min(from + GROUP_ROWS - self.rows.len());
            let (here, later) = exact.split_at(exact.partition_point(|(at, _)| (*at as usize) < to));
            exact = later;
            let base = self.rows.len();
            self.exact.extend(here.iter().map(|(at, value)| (base + *at as usize - from, *value)));
            self.rows.extend_from_slice(numbers.rows.get(from..to).unwrap_or_default());
            self.values.extend_from_slice(numbers.values.get(from..to).unwrap_or_default());
            self.keys.push(Stretch::new(run, name, to - from));
            from = to;
            if self.rows.len() >= GROUP_ROWS {
                self.flush()?;
            }
        }
        let facts = self.index.last().and_then(|(_, keys)| keys.last());
        Ok(facts.map_or(0, |(_, facts)| facts.place.count))
    }

    fn flush(&mut self) -> Result<()> {
        let rows = self.rows.len();
        if rows == 0 {
            return Ok(());
        }
        self.output.group(rows, |group| {
            group.names(&self.keys)?;
            group.rows(&self.rows)?;
            group.double(self.values.iter().copied())?;
            group.sparse(rows, &self.exact)
        })?;
        self.keys.clear();
        self.rows.clear();
        self.values.clear();
        self.exact.clear();
        Ok(())
    }

    /// Make the file durable; `None`, and no file, if there was nothing to write.
    pub(super) fn finish(mut self, side: bool) -> Result<Option<FileFacts>> {
        self.flush()?;
        if self.output.rows == 0 {
            return Ok(None);
        }
        self.output.finish(&self.index, side).map(Some)
    }

    /// Whether nothing was pushed so far.
    pub(super) fn is_empty(&self) -> bool {
        self.output.rows == 0 && self.rows.is_empty()
    }
}

/// Writes a side file, as `NumbersFile` does.
pub(super) struct SideFile {
    output: Output,
    index: Index<SideFacts>,
    keys: Vec<Stretch>,
    cells: Vec<(RowId, Side)>,
    bytes: usize,
}

impl SideFile {
    pub(super) fn create(dir: &Path, segment: &str) -> Result<Self> {
        let output = Output::create(dir, segment, Kind::Side)?;
        Ok(Self { output, index: Vec::new(), keys: Vec::new(), cells: Vec::new(), bytes: 0 })
    }

    /// Append cells of a key.
    pub(super) fn push(&mut self, run: u64, name: &Arc<str>, cells: &[(RowId, Side)]) -> Result<()> {
        let row = self.output.rows + self.cells.len() as u64;
        note(&mut self.index, run, name, || SideFacts::of(row, cells), |facts| facts.push(cells));
        let mut rows = 0;
        for cell in cells {
            self.bytes += side_text(&cell.1).len();
            self.cells.push(cell.clone());
            rows += 1;
            if self.cells.len() >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
                self.keys.push(Stretch::new(run, name, rows));
                rows = 0;
                self.flush()?;
            }
        }
        if rows > 0 {
            self.keys.push(Stretch::new(run, name, rows));
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let rows: Vec<RowId> = self.cells.iter().map(|(row, _)| *row).collect();
        self.output.group(rows.len(), |group| {
            group.names(&self.keys)?;
            group.rows(&rows)?;
            group.text(self.cells.iter().map(|(_, side)| ByteArray::from(kind_of(side))))?;
            group.text(self.cells.iter().map(|(_, side)| ByteArray::from(side_text(side))))
        })?;
        self.keys.clear();
        self.cells.clear();
        self.bytes = 0;
        Ok(())
    }

    /// Make the file durable; `None`, and no file, if there was nothing to write.
    pub(super) fn finish(mut self, numbers: bool) -> Result<Option<FileFacts>> {
        self.flush()?;
        if self.output.rows == 0 {
            return Ok(None);
        }
        self.output.finish(&self.index, numbers).map(Some)
    }

    /// Whether nothing was pushed so far.
    pub(super) fn is_empty(&self) -> bool {
        self.output.rows == 0 && self.cells.is_empty()
    }
}

/// A cell as JSON text.
pub(super) fn side_text(side: &Side) -> &str {
    match side {
        Side::Null => "null",
        Side::Bool(true) => "true",
        Side::Bool(false) => "false",
        Side::Json(text) => text,
    }
}

/// Make a folder and its parents, each known to its own parent for good.
///
/// # Errors
/// `Io`.
pub(super) fn make_folder(dir: &Path) -> Result<()> {
    if dir.as_os_str().is_empty() || dir.is_dir() {
        return Ok(());
    }
    let parent = dir.parent().unwrap_or(Path::new(""));
    make_folder(parent)?;
    match std::fs::create_dir(dir) {
        Err(source) if source.kind() != std::io::ErrorKind::AlreadyExists => Err(CoreError::io(dir, source)),
        _ => sync_folder(parent),
    }
}

/// Make durable which files a folder has.
///
/// # Errors
/// `Io`.
pub(super) fn sync_folder(dir: &Path) -> Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir).and_then(|folder| folder.sync_all()).map_err(|source| CoreError::io(dir, source))
}
