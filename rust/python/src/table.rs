//! Cells of tables: which kinds a column has, and rows as JSON. May hold `unsafe`, for buffers.
#![allow(unsafe_code)]

use std::collections::HashMap;

use foldhash::fast::FixedState;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use wandb_core::table::{Cells, Nan, write_flag, write_float, write_rows, write_text, write_units};

/// None, and NaN where Python's own float has it.
const NONE: u8 = 1;
/// A boolean.
const BOOL: u8 = 2;
/// A number.
const NUMBER: u8 = 4;
/// Text.
const TEXT: u8 = 8;
/// What Python has to look at.
const OTHER: u8 = 64;

/// Text that begins so stands for an artifact, and has a type of its own.
const ARTIFACT: &str = "wandb-artifact://";

/// Types remembered; beyond it the memory of them starts anew.
const MOST_TYPES: usize = 4096;

/// Rows that are turned at a time.
const BLOCK: usize = 4096;

/// Tells kinds of cells; types it doesn't know are asked for once.
#[pyclass(frozen)]
pub struct CellKinds {
    classify: Py<PyAny>,
    known: std::sync::Mutex<HashMap<usize, (u8, Py<PyType>), FixedState>>,
}

#[pymethods]
impl CellKinds {
    #[new]
    fn new(classify: Py<PyAny>) -> Self {
        Self { classify, known: std::sync::Mutex::default() }
    }

    /// Copy rows into lists, and tell the kinds of each column.
    #[allow(clippy::type_complexity)]
    fn rows<'py>(
        &self,
        rows: &Bound<'py, PyList>,
        width: usize,
    ) -> PyResult<(Bound<'py, PyList>, Bound<'py, PyBytes>, Option<usize>)> {
        let py = rows.py();
        let mut kinds = vec![0_u8; width];
        let copies = PyList::empty(py);
        let mut ragged = None;
        for (at, row) in rows.iter().enumerate() {
            let copy = as_list(&row)?;
            if copy.len() != width {
                ragged = Some(at);
                break;
            }
            for (kind, cell) in kinds.iter_mut().zip(copy.iter()) {
                *kind |= self.kind(&cell)?;
            }
            copies.append(copy)?;
        }
        Ok((copies, PyBytes::new(py, &kinds), ragged))
    }

    /// Tell the kinds of a list's items.
    fn items(&self, items: &Bound<'_, PyList>) -> PyResult<u8> {
        items.iter().try_fold(0, |kinds, item| Ok(kinds | self.kind(&item)?))
    }

    /// Tell the kinds of one cell of each row.
    fn column(&self, rows: &Bound<'_, PyList>, place: usize) -> PyResult<u8> {
        let mut kinds = 0;
        for row in rows.iter() {
            let cell = match row.cast_exact::<PyList>() {
                Ok(row) => row.get_item(place)?,
                Err(_) => row.get_item(place)?,
            };
            kinds |= self.kind(&cell)?;
        }
        Ok(kinds)
    }

    /// Tell the places of a row whose kinds are not among those allowed there; None if all are.
    fn misfits(&self, row: &Bound<'_, PyTuple>, allowed: &[u8]) -> PyResult<Option<Vec<usize>>> {
        let mut places = Vec::new();
        for (place, (cell, allowed)) in row.iter().zip(allowed).enumerate() {
            if self.kind(&cell)? & !allowed != 0 {
                places.push(place);
            }
        }
        Ok(if places.is_empty() { None } else { Some(places) })
    }
}

impl CellKinds {
    fn kind(&self, cell: &Bound<'_, PyAny>) -> PyResult<u8> {
        if let Ok(number) = cell.cast_exact::<PyFloat>() {
            return Ok(if number.value().is_nan() { NONE } else { NUMBER });
        }
        if let Ok(text) = cell.cast_exact::<PyString>() {
            return Ok(if is_artifact(text) { OTHER } else { TEXT });
        }
        if cell.is_exact_instance_of::<PyInt>() {
            return Ok(NUMBER);
        }
        if cell.is_none() {
            return Ok(NONE);
        }
        if cell.is_exact_instance_of::<PyBool>() {
            return Ok(BOOL);
        }
        self.kind_of_type(&cell.get_type())
    }

    fn kind_of_type(&self, kind: &Bound<'_, PyType>) -> PyResult<u8> {
        let pointer = kind.as_ptr().addr();
        if let Some(found) = self.known.lock().ok().and_then(|known| known.get(&pointer).map(|found| found.0))
        {
            return Ok(found);
        }
        // Not under the lock: it is Python code, which may come back here.
        let found: u8 = self.classify.bind(kind.py()).call1((kind,))?.extract()?;
        let mut forgotten = HashMap::default();
        if let Ok(mut known) = self.known.lock() {
            if known.len() >= MOST_TYPES {
                forgotten = std::mem::take(&mut *known);
            }
            known.insert(pointer, (found, kind.clone().unbind()));
        }
        // Letting go of a type may run Python code as well.
        drop(forgotten);
        Ok(found)
    }
}

fn is_artifact(text: &Bound<'_, PyString>) -> bool {
    text.to_str().is_ok_and(|text| text.starts_with(ARTIFACT))
}

fn as_list<'py>(row: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
    if let Ok(list) = row.cast_exact::<PyList>() {
        return Ok(list.get_slice(0, list.len()));
    }
    if let Ok(tuple) = row.cast_exact::<PyTuple>() {
        return Ok(tuple.to_list());
    }
    let list = PyList::empty(row.py());
    row.try_iter()?.try_for_each(|item| list.append(item?))?;
    Ok(list)
}

/// How cells of a type are written.
#[derive(Clone, Copy)]
enum Form {
    Int,
    Float,
    Text,
    /// A numpy scalar, by what `item` returns.
    Scalar,
    /// As Python says.
    Python,
}

/// Writes cells.
struct Cellwriter<'a, 'py> {
    out: Vec<u8>,
    nan: Nan,
    convert: &'a Bound<'py, PyAny>,
    forms: HashMap<usize, (Form, Py<PyType>), FixedState>,
}

impl<'py> Cellwriter<'_, 'py> {
    fn cell(&mut self, cell: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(number) = cell.cast_exact::<PyFloat>() {
            write_float(&mut self.out, number.value(), self.nan);
            Ok(())
        } else if let Ok(text) = cell.cast_exact::<PyString>() {
            self.text(text)
        } else if let Ok(number) = cell.cast_exact::<PyInt>() {
            self.int(number)
        } else if cell.is_none() {
            self.out.extend_from_slice(b"null");
            Ok(())
        } else if let Ok(on) = cell.cast_exact::<PyBool>() {
            write_flag(&mut self.out, on.is_true());
            Ok(())
        } else {
            self.formed(cell)
        }
    }

    fn formed(&mut self, cell: &Bound<'py, PyAny>) -> PyResult<()> {
        match self.form(&cell.get_type())? {
            Form::Int => self.int(cell.cast::<PyInt>()?),
            Form::Float => {
                write_float(&mut self.out, cell.cast::<PyFloat>()?.value(), self.nan);
                Ok(())
            }
            Form::Text => self.text(cell.cast::<PyString>()?),
            Form::Scalar => self.scalar(&cell.call_method0("item")?),
            Form::Python => {
                let text = self.convert.call1((cell,))?;
                self.out.extend_from_slice(text.cast::<PyBytes>()?.as_bytes());
                Ok(())
            }
        }
    }

    /// A numpy scalar that is no float of Python's has no NaN in JSON.
    fn scalar(&mut self, item: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(number) = item.cast_exact::<PyFloat>() {
            write_float(&mut self.out, number.value(), Nan::Null);
            return Ok(());
        }
        self.cell(item)
    }

    fn int(&mut self, number: &Bound<'py, PyInt>) -> PyResult<()> {
        let text = match number.extract::<i64>() {
            Ok(number) => {
                wandb_core::json::write_i64(&mut self.out, number);
                return Ok(());
            }
            // Its own `repr` may say something else where it is of a subclass.
            Err(_) => number.py().get_type::<PyInt>().call_method1("__repr__", (number,))?,
        };
        self.out.extend_from_slice(text.extract::<&str>()?.as_bytes());
        Ok(())
    }

    fn text(&mut self, text: &Bound<'py, PyString>) -> PyResult<()> {
        if let Ok(text) = text.to_str() {
            write_text(&mut self.out, text);
            return Ok(());
        }
        let bytes: Vec<u8> = text.call_method1("encode", ("utf-16-le", "surrogatepass"))?.extract()?;
        write_units(&mut self.out, bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)));
        Ok(())
    }

    fn form(&mut self, kind: &Bound<'py, PyType>) -> PyResult<Form> {
        let pointer = kind.as_ptr().addr();
        if let Some((known, _)) = self.forms.get(&pointer) {
            return Ok(*known);
        }
        let found = form_of(kind)?;
        if self.forms.len() >= MOST_TYPES {
            self.forms.clear();
        }
        self.forms.insert(pointer, (found, kind.clone().unbind()));
        Ok(found)
    }

    fn row(&mut self, row: &Bound<'py, PyAny>) -> PyResult<()> {
        self.out.push(b'[');
        if let Ok(list) = row.cast_exact::<PyList>() {
            self.items(list.iter())?;
        } else {
            self.items(as_list(row)?.iter())?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn items(&mut self, items: impl Iterator<Item = Bound<'py, PyAny>>) -> PyResult<()> {
        for (place, item) in items.enumerate() {
            if place > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.cell(&item)?;
        }
        Ok(())
    }
}

fn form_of(kind: &Bound<'_, PyType>) -> PyResult<Form> {
    let py = kind.py();
    if kind.module()?.to_string_lossy() == "numpy" {
        let name = kind.name()?.to_string();
        return Ok(match name.as_str() {
            "float64" => Form::Float,
            "str_" => Form::Text,
            "bool" | "bool_" | "float16" | "float32" => Form::Scalar,
            "longlong" | "ulonglong" | "intc" | "uintc" => Form::Scalar,
            _ if name.starts_with("int") || name.starts_with("uint") => Form::Scalar,
            _ => Form::Python,
        });
    }
    if kind.is_subclass(&py.import("enum")?.getattr("Enum")?)? {
        return Ok(Form::Python);
    }
    let forms = [
        (py.get_type::<PyString>(), Form::Text),
        (py.get_type::<PyInt>(), Form::Int),
        (py.get_type::<PyFloat>(), Form::Float),
    ];
    for (base, form) in forms {
        if kind.is_subclass(&base)? {
            return Ok(form);
        }
    }
    Ok(Form::Python)
}

/// The text of a table's file: a head, rows of cells, and a tail.
///
/// `convert` gives the JSON, as bytes, of a cell that is neither None, nor a bool, a number or text.
#[pyfunction]
pub fn table_rows_json<'py>(
    rows: &Bound<'py, PyList>,
    head: &[u8],
    tail: &[u8],
    convert: &Bound<'py, PyAny>,
    nan_is_null: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let mut writer = writer(convert, nan_is_null);
    writer.out.extend_from_slice(head);
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            writer.out.extend_from_slice(b", ");
        }
        writer.row(&row)?;
    }
    writer.out.extend_from_slice(tail);
    Ok(PyBytes::new(rows.py(), &writer.out))
}

/// The text of a table's file, of columns in place of rows.
#[pyfunction]
pub fn table_columns_json<'py>(
    columns: &Bound<'py, PyList>,
    stretch: (usize, usize),
    head: &[u8],
    tail: &[u8],
    convert: &Bound<'py, PyAny>,
    nan_is_null: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let py = columns.py();
    let rest = if nan_is_null { Nan::Null } else { Nan::Bare };
    let columns = columns.iter().map(|one| Column::of(&one, rest)).collect::<PyResult<Vec<_>>>()?;
    let (from, to) = stretch;
    if columns.iter().any(|column| column.cells() < to) {
        return Err(PyValueError::new_err(format!("there are columns of less than {to} cells")));
    }
    let mut out = head.to_vec();
    if columns.iter().all(|column| column.list.is_none()) {
        let lent: Vec<_> = columns.iter().map(|column| column.lent).collect();
        py.detach(|| write_stretch(&mut out, &lent, from, to, |_, _, _| Ok::<_, PyErr>(None)))?;
    } else {
        let lent: Vec<_> = columns.iter().map(|column| column.lent).collect();
        write_stretch(&mut out, &lent, from, to, |place, from, to| {
            let list = columns.get(place).and_then(|column| column.list.as_ref());
            list.map(|list| ready_cells(list, from, to, convert, nan_is_null)).transpose()
        })?;
    }
    out.extend_from_slice(tail);
    Ok(PyBytes::new(py, &out))
}

fn writer<'a, 'py>(convert: &'a Bound<'py, PyAny>, nan_is_null: bool) -> Cellwriter<'a, 'py> {
    let nan = if nan_is_null { Nan::Null } else { Nan::Bare };
    Cellwriter { out: Vec::new(), nan, convert, forms: HashMap::default() }
}

/// JSON of some cells, and where each ends.
type Ready = (Vec<u8>, Vec<usize>);

fn ready_cells<'py>(
    list: &Bound<'py, PyList>,
    from: usize,
    to: usize,
    convert: &Bound<'py, PyAny>,
    nan_is_null: bool,
) -> PyResult<Ready> {
    let mut writer = writer(convert, nan_is_null);
    let mut ends = Vec::with_capacity(to - from);
    for cell in list.get_slice(from, to).iter() {
        writer.cell(&cell)?;
        ends.push(writer.out.len());
    }
    Ok((writer.out, ends))
}

/// Write rows block by block; `ready` gives the cells of columns that are lists.
fn write_stretch<E>(
    out: &mut Vec<u8>,
    columns: &[Lent],
    from: usize,
    to: usize,
    mut ready: impl FnMut(usize, usize, usize) -> Result<Option<Ready>, E>,
) -> Result<(), E> {
    let mut at = from;
    while at < to {
        let end = to.min(at + BLOCK);
        if at > from {
            out.extend_from_slice(b", ");
        }
        let mut blocks = Vec::with_capacity(columns.len());
        for (place, column) in columns.iter().enumerate() {
            blocks.push(match ready(place, at, end)? {
                Some((text, ends)) => Block::Ready(text, ends),
                None => column.copy(at, end),
            });
        }
        let cells: Vec<_> = blocks.iter().map(Block::cells).collect();
        write_rows(out, &cells, end - at);
        at = end;
    }
    Ok(())
}

/// A copy of a stretch of a column.
enum Block {
    Floats(Vec<f64>, Nan),
    Ints(Vec<i64>),
    Unsigned(Vec<u64>),
    Flags(Vec<u8>),
    Ready(Vec<u8>, Vec<usize>),
}

impl Block {
    fn cells(&self) -> Cells<'_> {
        match self {
            Self::Floats(values, nan) => Cells::Floats(values, *nan),
            Self::Ints(values) => Cells::Ints(values),
            Self::Unsigned(values) => Cells::Unsigned(values),
            Self::Flags(values) => Cells::Flags(values),
            Self::Ready(text, ends) => Cells::Ready(text, ends),
        }
    }
}

/// Where a column's numbers are, and of which type; the array that owns them lives as long.
#[derive(Clone, Copy)]
struct Lent {
    address: usize,
    cells: usize,
    kind: NumberKind,
}

#[derive(Clone, Copy)]
enum NumberKind {
    Float64(Nan),
    Float32,
    Int64,
    Unsigned64,
    Flag,
    None,
}

impl Lent {
    /// Somebody may write to the array meanwhile: a copy is whatever was there.
    fn read<T: Copy + Default>(&self, from: usize, to: usize) -> Vec<T> {
        let to = to.min(self.cells);
        let from = from.min(to);
        let mut copy = vec![T::default(); to - from];
        let first = std::ptr::with_exposed_provenance::<T>(self.address);
        // SAFETY: `from..to` is within the array, which was found to be aligned and without gaps
        // and of this type, and `copy` has room for it.
        unsafe { std::ptr::copy_nonoverlapping(first.add(from), copy.as_mut_ptr(), to - from) };
        copy
    }

    fn copy(&self, from: usize, to: usize) -> Block {
        match self.kind {
            NumberKind::Float64(nan) => Block::Floats(self.read(from, to), nan),
            NumberKind::Float32 => {
                let narrow: Vec<f32> = self.read(from, to);
                Block::Floats(narrow.into_iter().map(f64::from).collect(), Nan::Null)
            }
            NumberKind::Int64 => Block::Ints(self.read(from, to)),
            NumberKind::Unsigned64 => Block::Unsigned(self.read(from, to)),
            NumberKind::Flag => Block::Flags(self.read(from, to)),
            NumberKind::None => Block::Ready(Vec::new(), Vec::new()),
        }
    }
}

/// A column as it was given: a numpy array, or a list.
struct Column<'py> {
    lent: Lent,
    list: Option<Bound<'py, PyList>>,
}

impl<'py> Column<'py> {
    fn of(given: &Bound<'py, PyAny>, nan: Nan) -> PyResult<Self> {
        if let Ok(list) = given.cast_exact::<PyList>() {
            let lent = Lent { address: 0, cells: list.len(), kind: NumberKind::None };
            return Ok(Self { lent, list: Some(list.clone()) });
        }
        Ok(Self { lent: lent(given, nan)?, list: None })
    }

    fn cells(&self) -> usize {
        self.lent.cells
    }
}

fn lent(array: &Bound<'_, PyAny>, nan: Nan) -> PyResult<Lent> {
    let ndarray = array.py().import("numpy")?.getattr("ndarray")?;
    if !array.get_type().is(&ndarray) {
        let kind = array.get_type().name()?.to_string();
        return Err(PyTypeError::new_err(format!("a column must be a numpy array or a list, not {kind}")));
    }
    let flags = array.getattr("flags")?;
    let whole = flags.getattr("c_contiguous")?.is_truthy()? && flags.getattr("aligned")?.is_truthy()?;
    if !whole || array.getattr("ndim")?.extract::<usize>()? != 1 {
        return Err(PyValueError::new_err("a column must be one line of cells without gaps; copy it first"));
    }
    let facts = array.getattr("__array_interface__")?.cast_into::<PyDict>()?;
    let fact = |name: &str| {
        facts.get_item(name)?.ok_or_else(|| PyTypeError::new_err(format!("the array has no {name}")))
    };
    let place = fact("data")?.cast_into::<PyTuple>()?;
    let typed: String = fact("typestr")?.extract()?;
    let kind = match typed.as_str() {
        "<f8" => NumberKind::Float64(nan),
        "<f4" => NumberKind::Float32,
        "<i8" => NumberKind::Int64,
        "<u8" => NumberKind::Unsigned64,
        "|b1" => NumberKind::Flag,
        other => return Err(PyTypeError::new_err(format!("a column can't be of {other}; convert it first"))),
    };
    Ok(Lent { address: place.get_item(0)?.extract()?, cells: array.getattr("size")?.extract()?, kind })
}

const _: () = assert!(cfg!(target_endian = "little"));
