//! What one leaf of a column holds for some rows: values, and levels.

use parquet::basic::Type as Physical;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
    Int96Type,
};
use parquet::schema::types::ColumnDescPtr;

use super::cells::{Cell, Form, Text};
use super::pages::Pages;
use super::{Fault, Result};

/// A leaf that is read some rows at a time.
pub(super) struct Leaf {
    values: Box<dyn Values>,
    /// The level at which a value is there.
    whole: i16,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    /// How many entries were read, which is passed, and how many of them had a value.
    entries: usize,
    at: usize,
    value: usize,
}

impl Leaf {
    /// A leaf over its pages.
    pub(super) fn new(column: &ColumnDescPtr, pages: Pages) -> Self {
        Self {
            values: values_of(column, pages),
            whole: column.max_def_level(),
            definitions: Vec::new(),
            repetitions: Vec::new(),
            entries: 0,
            at: 0,
            value: 0,
        }
    }

    /// Read the entries of so many rows in place of those before.
    pub(super) fn fill(&mut self, rows: usize) -> Result<()> {
        if self.at < self.entries {
            return Err(Fault::damaged("its parts don't fit each other"));
        }
        self.definitions.clear();
        self.repetitions.clear();
        (self.at, self.value) = (0, 0);
        let (read, entries) = self.values.fill(rows, &mut self.definitions, &mut self.repetitions)?;
        self.entries = entries;
        if read == rows { Ok(()) } else { Err(Fault::damaged("it has fewer rows than its table")) }
    }

    /// Definition and repetition level of the next entry.
    pub(super) fn levels(&self) -> Option<(i16, i16)> {
        if self.at >= self.entries {
            return None;
        }
        let definition = self.definitions.get(self.at).copied().unwrap_or(self.whole);
        Some((definition, self.repetitions.get(self.at).copied().unwrap_or(0)))
    }

    /// Pass over the next entry.
    pub(super) fn pass(&mut self) -> Result<()> {
        let (definition, _) =
            self.levels().ok_or_else(|| Fault::damaged("its parts don't fit each other"))?;
        self.at += 1;
        self.value += usize::from(definition == self.whole);
        Ok(())
    }

    /// Append the next entry's value.
    pub(super) fn write(&mut self, out: &mut Text, form: Form) -> Result<()> {
        if self.levels().is_none_or(|(definition, _)| definition != self.whole) {
            return Err(Fault::damaged("its parts don't fit each other"));
        }
        self.values.write(self.value, out, form)?;
        self.pass()
    }
}

/// Values of whatever type.
trait Values {
    fn fill(
        &mut self,
        rows: usize,
        definitions: &mut Vec<i16>,
        repetitions: &mut Vec<i16>,
    ) -> Result<(usize, usize)>;

    fn write(&self, at: usize, out: &mut Text, form: Form) -> Result<()>;
}

struct Typed<T: DataType> {
    reader: ColumnReaderImpl<T>,
    values: Vec<T::T>,
}

impl<T: DataType> Values for Typed<T>
where
    T::T: Cell,
{
    fn fill(
        &mut self,
        rows: usize,
        definitions: &mut Vec<i16>,
        repetitions: &mut Vec<i16>,
    ) -> Result<(usize, usize)> {
        self.values.clear();
        let read = self.reader.read_records(rows, Some(definitions), Some(repetitions), &mut self.values);
        let (rows, values, levels) = read?;
        Ok((rows, levels.max(values)))
    }

    fn write(&self, at: usize, out: &mut Text, form: Form) -> Result<()> {
        let value = self.values.get(at).ok_or_else(|| Fault::damaged("it lacks values"))?;
        value.write(out, form)
    }
}

fn values_of(column: &ColumnDescPtr, pages: Pages) -> Box<dyn Values> {
    fn typed<T: DataType>(column: &ColumnDescPtr, pages: Pages) -> Box<dyn Values>
    where
        T::T: Cell,
    {
        let reader = ColumnReaderImpl::<T>::new(column.clone(), Box::new(pages));
        Box::new(Typed::<T> { reader, values: Vec::new() })
    }
    match column.physical_type() {
        Physical::BOOLEAN => typed::<BoolType>(column, pages),
        Physical::INT32 => typed::<Int32Type>(column, pages),
        Physical::INT64 => typed::<Int64Type>(column, pages),
        Physical::INT96 => typed::<Int96Type>(column, pages),
        Physical::FLOAT => typed::<FloatType>(column, pages),
        Physical::DOUBLE => typed::<DoubleType>(column, pages),
        Physical::BYTE_ARRAY => typed::<ByteArrayType>(column, pages),
        Physical::FIXED_LEN_BYTE_ARRAY => typed::<FixedLenByteArrayType>(column, pages),
    }
}
