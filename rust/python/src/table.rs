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

/// Lists nested deeper than this are Python's to write, or to refuse.
const DEEPEST: usize = 64;

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

    /// Turn rows into columns, and tell the kinds of each.
    ///
    /// Not into rows: so many lists would have Python's garbage collector look at all of them.
    #[allow(clippy::type_complexity)]
    fn columns<'py>(
        &self,
        rows: &Bound<'py, PyList>,
        width: usize,
    ) -> PyResult<(Vec<Bound<'py, PyList>>, Bound<'py, PyBytes>, Option<usize>)> {
        let py = rows.py();
        let mut kinds = vec![0_u8; width];
        let columns: Vec<_> = (0..width).map(|_| PyList::empty(py)).collect();
        let mut ragged = None;
        for (at, row) in rows.iter().enumerate() {
            let row = cells_of(&row)?;
            if row.len() != width {
                ragged = Some(at);
                break;
            }
            for (place, (column, kind)) in columns.iter().zip(&mut kinds).enumerate() {
                let cell = row.get(place)?;
                *kind |= self.kind(&cell)?;
                column.append(cell)?;
            }
        }
        Ok((columns, PyBytes::new(py, &kinds), ragged))
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

/// A row as it was given.
enum Row<'a, 'py> {
    List(&'a Bound<'py, PyList>),
    Tuple(&'a Bound<'py, PyTuple>),
    Made(Bound<'py, PyList>),
}

impl<'py> Row<'_, 'py> {
    fn len(&self) -> usize {
        match self {
            Self::List(row) => row.len(),
            Self::Tuple(row) => row.len(),
            Self::Made(row) => row.len(),
        }
    }

    fn get(&self, place: usize) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::List(row) => row.get_item(place),
            Self::Tuple(row) => row.get_item(place),
            Self::Made(row) => row.get_item(place),
        }
    }
}

fn cells_of<'a, 'py>(row: &'a Bound<'py, PyAny>) -> PyResult<Row<'a, 'py>> {
    if let Ok(list) = row.cast_exact::<PyList>() {
        return Ok(Row::List(list));
    }
    if let Ok(tuple) = row.cast_exact::<PyTuple>() {
        return Ok(Row::Tuple(tuple));
    }
    let list = PyList::empty(row.py());
    row.try_iter()?.try_for_each(|item| list.append(item?))?;
    Ok(Row::Made(list))
}

/// How cells of a type are written.
#[derive(Clone, Copy)]
enum Form {
    Int,
    Float,
    Text,
    /// A numpy scalar, by what `item` returns.
    Scalar,
    /// An array of numpy's, by what `tolist` returns.
    Array,
    /// As Python says.
    Python,
}

/// Writes cells.
struct Cellwriter<'a, 'py> {
    out: Vec<u8>,
    nan: Nan,
    depth: usize,
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
        } else if let Ok(list) = cell.cast_exact::<PyList>() {
            self.inner(&Row::List(list), cell)
        } else if let Ok(tuple) = cell.cast_exact::<PyTuple>() {
            self.inner(&Row::Tuple(tuple), cell)
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
            Form::Array => self.array(cell),
            Form::Python => self.converted(cell),
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

    fn list(&mut self, cells: &Row<'_, 'py>) -> PyResult<()> {
        self.out.push(b'[');
        for place in 0..cells.len() {
            if place > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.cell(&cells.get(place)?)?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// A list in a cell; one that contains itself is Python's to refuse.
    fn inner(&mut self, list: &Row<'_, 'py>, cell: &Bound<'py, PyAny>) -> PyResult<()> {
        if self.depth >= DEEPEST {
            return self.converted(cell);
        }
        self.depth += 1;
        let written = self.list(list);
        self.depth -= 1;
        written
    }

    fn array(&mut self, array: &Bound<'py, PyAny>) -> PyResult<()> {
        let items = array.call_method0("tolist")?;
        match items.cast_exact::<PyList>() {
            Ok(list) => self.inner(&Row::List(list), array),
            Err(_) => self.converted(array),
        }
    }

    fn converted(&mut self, cell: &Bound<'py, PyAny>) -> PyResult<()> {
        let text = self.convert.call1((cell,))?;
        self.out.extend_from_slice(text.cast::<PyBytes>()?.as_bytes());
        Ok(())
    }
}

fn form_of(kind: &Bound<'_, PyType>) -> PyResult<Form> {
    let py = kind.py();
    if kind.module()?.to_string_lossy() == "numpy" {
        let name = kind.name()?.to_string();
        return Ok(match name.as_str() {
            "float64" => Form::Float,
            "ndarray" => Form::Array,
            "str_" => Form::Text,
            "bool" | "bool_" | "float16" | "float32" | "longlong" | "ulonglong" | "intc" | "uintc" => {
                Form::Scalar
            }
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
        writer.list(&cells_of(&row)?)?;
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
    Cellwriter { out: Vec::new(), nan, depth: 0, convert, forms: HashMap::default() }
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
