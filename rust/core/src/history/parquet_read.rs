//! Reading the files of format v1: any rows of any column, and no page that holds none of them.
//!
//! Files are untrusted: bounds come from the footer and are checked against the file, and a page
//! that makes the Parquet library give up makes an error here.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMask, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::{ChunkReader, Length, SerializedPageReader};
use parquet::schema::parser::parse_message_type;

use crate::error::{CoreError, Result};
use crate::history::key_index::{self, Facts, Index};
use crate::history::parquet_write::{
    FORMAT, FORMAT_NAME, INDEX_NAME, KIND_NAME, Kind, OTHER_NAME, parquet_error,
};

/// A row group of more rows is refused: what is decoded at once must stay bounded.
const LARGEST_GROUP: i64 = 4 << 20;

/// A file that is read at any place, by any thread.
struct Bounded {
    file: File,
    length: u64,
}

impl Length for Bounded {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Bounded {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> std::result::Result<Self::T, ParquetError> {
        let file = self.file.try_clone()?;
        Ok(Box::new(std::io::BufReader::new(FromOffset { file, at: start })))
    }

    fn get_bytes(&self, start: u64, length: usize) -> std::result::Result<Bytes, ParquetError> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!("bytes {start}+{length} are beyond the end")));
        }
        let mut buffer = vec![0; length];
        self.file.read_exact_at(&mut buffer, start)?;
        Ok(buffer.into())
    }
}

struct FromOffset {
    file: File,
    at: u64,
}

impl Read for FromOffset {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// An open file of format v1.
pub(super) struct Table {
    path: PathBuf,
    file: Arc<Bounded>,
    meta: ParquetMetaData,
    /// First row of each row group, and at last the number of all rows.
    starts: Vec<u64>,
}

impl Table {
    /// Open a file and read its key index; `None` if there is no such file.
    ///
    /// # Errors
    /// `Damaged`, if it is not what it should be; `Invalid`, if it is newer than this program.
    pub(super) fn open<F: Facts>(path: &Path, kind: Kind) -> Result<Option<(Self, Index<F>)>> {
        let file = match File::open(path) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|source| CoreError::io(path, source))?,
        };
        let length = file.metadata().map_err(|source| CoreError::io(path, source))?.len();
        let file = Arc::new(Bounded { file, length });
        let meta = guarded(path, || read_footer(&file))?;
        let mut table = Self { path: path.to_owned(), file, meta, starts: Vec::new() };
        table.check_version(kind)?;
        table.check_schema(kind)?;
        table.starts = table.group_starts()?;
        let index = key_index::unpack(&table.packed_index()?, table.rows())
            .map_err(|error| table.damaged(&error.to_string()))?;
        Ok(Some((table, index)))
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// The size of the file.
    pub(super) fn bytes(&self) -> u64 {
        self.file.length
    }

    /// Whether the segment's other file is there, as this one says.
    pub(super) fn has_other(&self) -> bool {
        self.noted(OTHER_NAME) == Some("true")
    }

    /// An error about this file.
    pub(super) fn damaged(&self, why: &str) -> CoreError {
        CoreError::Damaged(format!("{}: {why}", self.path.display()))
    }

    fn noted(&self, name: &str) -> Option<&str> {
        let pairs = self.meta.file_metadata().key_value_metadata()?;
        pairs.iter().find(|pair| pair.key == name)?.value.as_deref()
    }

    fn check_version(&self, kind: Kind) -> Result<()> {
        let version: u32 = self
            .noted(FORMAT_NAME)
            .and_then(|version| version.parse().ok())
            .ok_or_else(|| self.damaged("it was not written by Ferrule"))?;
        if version > FORMAT {
            return Err(CoreError::Invalid(format!(
                "{}: the file is of format {version}, this program reads up to {FORMAT}; \
                 use the version of Ferrule that wrote it, or a newer one",
                self.path.display()
            )));
        }
        if version == 0 || self.noted(KIND_NAME) != Some(kind.name()) {
            return Err(self.damaged(&format!("it is no file of {}", kind.name())));
        }
        Ok(())
    }

    fn check_schema(&self, kind: Kind) -> Result<()> {
        let wanted = parse_message_type(kind.schema()).map_err(|error| parquet_error(&self.path, error))?;
        let found = self.meta.file_metadata().schema();
        if wanted.get_fields() == found.get_fields() {
            return Ok(());
        }
        Err(self.damaged("its columns are not those of the format"))
    }

    fn group_starts(&self) -> Result<Vec<u64>> {
        let mut starts = vec![0_u64];
        let mut row = 0_u64;
        for group in self.meta.row_groups() {
            if !(1..=LARGEST_GROUP).contains(&group.num_rows()) {
                return Err(self.damaged("a row group has a size that the format does not allow"));
            }
            row += group.num_rows().unsigned_abs();
            starts.push(row);
            for column in group.columns() {
                let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
                let end = start.checked_add(column.compressed_size());
                let fits = start >= 0
                    && column.compressed_size() >= 0
                    && end.is_some_and(|end| end.unsigned_abs() <= self.file.length);
                if !fits || column.num_values() != group.num_rows() {
                    return Err(self.damaged("a column reaches beyond the file"));
                }
            }
        }
        Ok(starts)
    }

    fn packed_index(&self) -> Result<Bytes> {
        let wrong = || self.damaged("its key index is missing");
        let place = self.noted(INDEX_NAME).ok_or_else(wrong)?;
        let mut parts = place.split(' ').map(str::parse::<u64>);
        let (Some(Ok(offset)), Some(Ok(length)), Some(Ok(crc))) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        let length = usize::try_from(length).map_err(|_| wrong())?;
        let packed = self.file.get_bytes(offset, length).map_err(|error| parquet_error(&self.path, error))?;
        if u64::from(crc32fast::hash(&packed)) != crc {
            return Err(self.damaged("its key index does not match its checksum"));
        }
        Ok(packed)
    }

    /// Leave out rows of a sorted stretch that lie on pages of steps outside a range. What comes
    /// back may hold more than the range, never less.
    pub(super) fn narrow(&self, column: usize, rows: Range<u64>, steps: (i64, i64)) -> Range<u64> {
        let (mut first, mut end) = (rows.start, rows.end);
        for (group, start) in self.groups(&rows) {
            let Some((pages, ColumnIndexMetaData::INT64(bounds))) = self.page_bounds(group, column) else {
                continue;
            };
            let row_of = |page: &PageLocation| start + page.first_row_index.unsigned_abs();
            let whole = pages.partition_point(|page| row_of(page) < rows.start);
            for (at, page) in pages.iter().enumerate().skip(whole) {
                let from = row_of(page);
                let to = pages.get(at + 1).map_or(self.group_end(group), row_of);
                if to > rows.end {
                    break;
                }
                if to <= from {
                    continue;
                }
                if bounds.max_value(at).is_some_and(|max| *max < steps.0) {
                    first = first.max(to);
                }
                if bounds.min_value(at).is_some_and(|min| *min > steps.1) {
                    end = end.min(from);
                }
            }
        }
        first..end.max(first)
    }

    fn page_bounds(&self, group: usize, column: usize) -> Option<(&Vec<PageLocation>, &ColumnIndexMetaData)> {
        let index = self.meta.page_index()?;
        let pages = index.page_locations(group, column)?;
        let bounds = index.column_index(group, column)?;
        (bounds.num_pages() == pages.len() as u64).then_some((pages, bounds))
    }

    fn group_end(&self, group: usize) -> u64 {
        self.starts.get(group + 1).copied().unwrap_or(0)
    }

    /// Row groups that hold any of the rows, with their first row.
    fn groups(&self, rows: &Range<u64>) -> impl Iterator<Item = (usize, u64)> + use<> {
        let from = self.starts.partition_point(|start| *start <= rows.start).saturating_sub(1);
        let to = self.starts.partition_point(|start| *start < rows.end).min(self.starts.len() - 1);
        let starts: Vec<_> = self.starts.get(from..to).unwrap_or_default().to_vec();
        starts.into_iter().enumerate().map(move |(at, start)| (from + at, start))
    }

    /// Values of an integer column at ascending, separate ranges of rows, one after the other.
    pub(super) fn int64(&self, column: usize, ranges: &[Range<u64>]) -> Result<Vec<i64>> {
        let mut values = Vec::new();
        self.read::<Int64Type>(column, ranges, &mut values, None)?;
        Ok(values)
    }

    /// The same of a column of small integers.
    pub(super) fn int16(&self, column: usize, ranges: &[Range<u64>]) -> Result<Vec<u16>> {
        let mut values = Vec::new();
        self.read::<Int32Type>(column, ranges, &mut values, None)?;
        values
            .into_iter()
            .map(|value| u16::try_from(value).map_err(|_| self.damaged("a number is out of range")))
            .collect()
    }

    /// The same of a column of doubles.
    pub(super) fn double(&self, column: usize, ranges: &[Range<u64>]) -> Result<Vec<f64>> {
        let mut values = Vec::new();
        self.read::<DoubleType>(column, ranges, &mut values, None)?;
        Ok(values)
    }

    /// The same of a column of text.
    pub(super) fn text(&self, column: usize, ranges: &[Range<u64>]) -> Result<Vec<Arc<str>>> {
        let mut values = Vec::new();
        self.read::<ByteArrayType>(column, ranges, &mut values, None)?;
        values
            .iter()
            .map(|value| {
                std::str::from_utf8(value.data())
                    .map(Arc::from)
                    .map_err(|_| self.damaged("a text is no UTF-8"))
            })
            .collect()
    }

    /// The same of an integer column that few rows have: position in the answer, and value.
    pub(super) fn sparse(&self, column: usize, ranges: &[Range<u64>]) -> Result<Vec<(usize, i64)>> {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        self.read::<Int64Type>(column, ranges, &mut values, Some(&mut levels))?;
        let rows = levels.iter().enumerate().filter(|(_, level)| **level > 0).map(|(at, _)| at);
        Ok(rows.zip(values).collect())
    }

    fn read<T: DataType>(
        &self,
        column: usize,
        ranges: &[Range<u64>],
        values: &mut Vec<T::T>,
        mut levels: Option<&mut Vec<i16>>,
    ) -> Result<()> {
        let mut from = 0;
        while let Some(range) = ranges.get(from).filter(|range| range.end <= self.rows()) {
            let Some((group, start)) = self.groups(range).next().filter(|_| !range.is_empty()) else {
                from += 1;
                continue;
            };
            // All ranges that begin in this group, so that its pages are decoded once.
            let end = self.group_end(group);
            let until = from + ranges.get(from..).unwrap_or_default().partition_point(|r| r.start < end);
            let here = ranges.get(from..until).unwrap_or_default();
            guarded(&self.path, || {
                self.read_group::<T>((group, column), (start, end), here, values, &mut levels)
            })?;
            let last = here.last().map_or(end, |range| range.end);
            from = until;
            if last > end {
                self.read::<T>(column, std::slice::from_ref(&(end..last)), values, levels.as_deref_mut())?;
            }
        }
        if from < ranges.len() {
            return Err(self.damaged("rows beyond the end were asked for"));
        }
        Ok(())
    }

    fn read_group<T: DataType>(
        &self,
        (group, column): (usize, usize),
        (start, end): (u64, u64),
        ranges: &[Range<u64>],
        values: &mut Vec<T::T>,
        levels: &mut Option<&mut Vec<i16>>,
    ) -> std::result::Result<(), ParquetError> {
        let meta = self.meta.row_groups().get(group).and_then(|g| g.columns().get(column));
        let pages = self.meta.page_index().and_then(|index| index.page_locations(group, column));
        let (Some(meta), Some(pages)) = (meta, pages) else {
            return Err(ParquetError::General("a column or its page index is missing".to_owned()));
        };
        let rows = usize::try_from(end - start).unwrap_or(0);
        let pages = SerializedPageReader::new(self.file.clone(), meta, rows, Some(pages.clone()))?;
        let mut reader = ColumnReaderImpl::<T>::new(meta.column_descr_ptr(), Box::new(pages));
        let mut at = start;
        for range in ranges {
            let skip = usize::try_from(range.start.saturating_sub(at)).unwrap_or(0);
            let count = usize::try_from(range.end.min(end).saturating_sub(range.start)).unwrap_or(0);
            let skipped = if skip == 0 { 0 } else { reader.skip_records(skip)? };
            let (read, _, _) = reader.read_records(count, levels.as_deref_mut(), None, values)?;
            if skipped != skip || read != count {
                return Err(ParquetError::General("a column has fewer rows than its row group".to_owned()));
            }
            at = range.end.min(end);
        }
        Ok(())
    }
}

fn read_footer(file: &Arc<Bounded>) -> std::result::Result<ParquetMetaData, ParquetError> {
    // Of the pages' bounds only those of the steps are used; 2 is `step` in both files.
    ParquetMetaDataReader::new()
        .with_offset_index_policy(PageIndexPolicy::Required)
        .with_column_index_policy(PageIndexPolicy::Optional)
        .with_column_index_mask(ColumnChunkMask::columns([2]))
        .parse_and_finish(file.as_ref())
}

/// Call the Parquet library; where it panics on what it was given, say that the file is damaged.
fn guarded<T>(path: &Path, call: impl FnOnce() -> std::result::Result<T, ParquetError>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| parquet_error(path, error)),
        Err(_) => Err(CoreError::Damaged(format!("{}: the file can't be decoded", path.display()))),
    }
}
