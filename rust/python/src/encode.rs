//! A logged dict to the items of a row: one walk, types told by their pointers, keys by theirs.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;
use pyo3::exceptions::{PyException, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple, PyType};
use wandb_core::entry::{Key, RowEncoder};

use crate::later::Later;

/// Slots of the cache from a key's pointer to its number.
const KEY_SLOTS: usize = 1024;

/// Arrays up to this many elements are lists; larger ones are somebody else's to turn.
const LARGEST_LIST: usize = 32;

/// Values nested deeper than this are refused: most likely they contain themselves.
const DEEPEST: usize = 128;

/// Types remembered; beyond it the memory of them starts anew.
const MOST_TYPES: usize = 4096;

/// A value larger than this is told once for its key.
const LARGE_BYTES: usize = 100_000;

/// How a type is encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Bool,
    Int,
    Float,
    Str,
    Dict,
    List,
    Tuple,
    /// A numpy integer, by `__index__`.
    Index,
    /// A numpy float of another width, by `__float__`.
    AsFloat,
    /// A numpy boolean, by its truth.
    Truth,
    /// A numpy array.
    Array,
    /// Told when the row is drained.
    Later,
    /// Python decides.
    Other,
}

/// A value that was left out, or is large.
pub enum Remark {
    /// Left out: key, type, reason.
    Unencodable(String, String, String),
    /// Kept: key, type, bytes.
    Large(String, String, usize),
}

struct KeySlot {
    object: Py<PyString>,
    number: u32,
}

/// Walks rows. One for each writer; a second thread in the middle of a row takes a fresh one.
pub struct Encoder {
    /// The items.
    pub row: RowEncoder,
    /// What to tell about this row.
    pub remarks: Vec<Remark>,
    /// Spilled pixels that no row speaks of, as a value beside them could not be encoded.
    pub dropped: Vec<u64>,
    slots: Vec<Option<KeySlot>>,
    numbers: HashMap<String, u32, FixedState>,
    kinds: HashMap<usize, (Kind, Py<PyType>), FixedState>,
    table_full: bool,
}

/// What the walk asks of its surroundings.
pub struct Surroundings<'a, 'py> {
    /// Adds a key to the ring's table; false when it is full.
    pub add_key: &'a dyn Fn(&str) -> bool,
    /// Python's conversion of values this module does not know.
    pub coerce: Option<&'a Bound<'py, PyAny>>,
    /// The step the row will have, for names of media files.
    pub step: &'a dyn Fn() -> i64,
}

impl Encoder {
    /// With `table`, keys are numbered in the ring's table; without, they stand in the entry.
    pub fn new(table: bool) -> Self {
        let mut slots = Vec::new();
        slots.resize_with(if table { KEY_SLOTS } else { 0 }, || None);
        Self {
            row: RowEncoder::default(),
            remarks: Vec::new(),
            dropped: Vec::new(),
            slots,
            numbers: HashMap::default(),
            kinds: HashMap::default(),
            table_full: !table,
        }
    }

    /// Walk a mapping.
    ///
    /// # Errors
    /// `TypeError` if it is none or a key is no str; nothing is kept then.
    pub fn walk(&mut self, data: &Bound<'_, PyAny>, around: &Surroundings<'_, '_>) -> PyResult<()> {
        self.row.clear();
        if let Ok(dict) = data.cast_exact::<PyDict>() {
            return dict.iter().try_for_each(|(key, value)| self.item(&key, &value, around));
        }
        for pair in mapping(data)?.items()?.iter() {
            let (key, value) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            self.item(&key, &value, around)?;
        }
        Ok(())
    }

    fn item(
        &mut self,
        key: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        around: &Surroundings<'_, '_>,
    ) -> PyResult<()> {
        let key = key.cast::<PyString>().map_err(|_| wrong_key(key))?;
        let mark = self.row.mark();
        let written = self.key(key, true, around).and_then(|()| self.value(value, key, 0, around));
        match written {
            Ok(()) => {
                let bytes = self.row.len_since(mark);
                if bytes > LARGE_BYTES {
                    self.remarks.push(Remark::Large(text(key), kind_name(value), bytes));
                }
                Ok(())
            }
            // Interrupts and exits are not the value's fault.
            Err(error) if !error.is_instance_of::<PyException>(value.py()) => Err(error),
            Err(error) => {
                let unused = self.row.rewind(mark);
                self.dropped.extend(unused);
                let reason = error.value(value.py()).to_string();
                self.remarks.push(Remark::Unencodable(text(key), kind_name(value), reason));
                Ok(())
            }
        }
    }

    fn key(&mut self, key: &Bound<'_, PyString>, top: bool, around: &Surroundings<'_, '_>) -> PyResult<()> {
        let pointer = key.as_ptr().addr();
        let slot = (pointer >> 4) & (KEY_SLOTS - 1);
        if let Some(Some(known)) = self.slots.get(slot)
            && known.object.as_ptr().addr() == pointer
        {
            let number = known.number;
            self.put_key(Key::Known(number), top);
            return Ok(());
        }
        let name = text_of(key)?;
        match self.number(&name, around) {
            None => self.put_key(Key::Inline(&name), top),
            Some(number) => {
                if let Some(slot) = self.slots.get_mut(slot) {
                    *slot = Some(KeySlot { object: key.clone().unbind(), number });
                }
                self.put_key(Key::Known(number), top);
            }
        }
        Ok(())
    }

    fn number(&mut self, name: &str, around: &Surroundings<'_, '_>) -> Option<u32> {
        if let Some(number) = self.numbers.get(name) {
            return Some(*number);
        }
        if self.table_full || !(around.add_key)(name) {
            self.table_full = true;
            return None;
        }
        let number = u32::try_from(self.numbers.len()).ok()?;
        self.numbers.insert(name.to_owned(), number);
        Some(number)
    }

    fn put_key(&mut self, key: Key<'_>, top: bool) {
        if top { self.row.item(key) } else { self.row.key(key) }
    }

    fn value(
        &mut self,
        value: &Bound<'_, PyAny>,
        key: &Bound<'_, PyString>,
        depth: usize,
        around: &Surroundings<'_, '_>,
    ) -> PyResult<()> {
        if let Ok(number) = value.cast_exact::<PyFloat>() {
            self.row.float(number.value());
            return Ok(());
        }
        if depth > DEEPEST {
            return Err(PyValueError::new_err("it nests too deep, or contains itself"));
        }
        match self.kind(value)? {
            Kind::Null => self.row.null(),
            Kind::Bool => self.row.bool(value.cast::<PyBool>()?.is_true()),
            Kind::Truth => self.row.bool(value.is_truthy()?),
            Kind::Float | Kind::AsFloat => self.row.float(value.extract()?),
            Kind::Int => self.int(value)?,
            Kind::Index => self.int(&value.call_method0("__index__")?)?,
            Kind::Str => self.row.str(&text_of(value.cast::<PyString>()?)?),
            Kind::Dict => self.dict(value.cast::<PyDict>()?, depth, around)?,
            Kind::List => self.list(value, value.cast::<PyList>()?.iter(), key, depth, around)?,
            Kind::Tuple => self.list(value, value.cast::<PyTuple>()?.iter(), key, depth, around)?,
            Kind::Array => self.array(value, key, depth, around)?,
            Kind::Later => {
                let later = value.cast::<Later>()?.get();
                self.row.later(later.number, later.fact);
            }
            Kind::Other => self.other(value, key, depth, around)?,
        }
        Ok(())
    }

    /// Integers beyond 64 bits become floats, as in the original.
    fn int(&mut self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match value.extract::<i64>() {
            Ok(number) => self.row.int(number),
            Err(_) => self.row.float(value.extract().or_else(|_| infinity_of(value))?),
        }
        Ok(())
    }

    fn dict(
        &mut self,
        dict: &Bound<'_, PyDict>,
        depth: usize,
        around: &Surroundings<'_, '_>,
    ) -> PyResult<()> {
        let members: Vec<_> = dict.iter().collect();
        self.row.dict(members.len());
        for (key, value) in members {
            let key = match key.cast::<PyString>() {
                Ok(key) => key.clone(),
                Err(_) => json_key(&key)?,
            };
            self.key(&key, false, around)?;
            self.value(&value, &key, depth + 1, around)?;
        }
        Ok(())
    }

    fn list<'py>(
        &mut self,
        whole: &Bound<'_, PyAny>,
        items: impl ExactSizeIterator<Item = Bound<'py, PyAny>>,
        key: &Bound<'_, PyString>,
        depth: usize,
        around: &Surroundings<'_, '_>,
    ) -> PyResult<()> {
        let items: Vec<_> = items.collect();
        if !items.is_empty() && items.iter().all(PyAnyMethods::is_exact_instance_of::<PyFloat>) {
            let floats: Vec<f64> = items.iter().map(PyAnyMethods::extract).collect::<PyResult<_>>()?;
            self.row.floats(floats.into_iter());
            return Ok(());
        }
        if let Some(first) = items.first()
            && self.kind(first)? == Kind::Other
            && let Some(turned) = coerced(whole, key, around)?
        {
            return self.value(&turned, key, depth + 1, around);
        }
        self.row.list(items.len());
        items.iter().try_for_each(|item| self.value(item, key, depth + 1, around))
    }

    fn array(
        &mut self,
        array: &Bound<'_, PyAny>,
        key: &Bound<'_, PyString>,
        depth: usize,
        around: &Surroundings<'_, '_>,
    ) -> PyResult<()> {
        match array.getattr("size")?.extract::<usize>()? {
            1 => self.value(&array.call_method0("item")?, key, depth + 1, around),
            size if size <= LARGEST_LIST => {
                self.value(&array.call_method0("tolist")?, key, depth + 1, around)
            }
            _ => self.other(array, key, depth, around),
        }
    }

    fn other(
        &mut self,
        value: &Bound<'_, PyAny>,
        key: &Bound<'_, PyString>,
        depth: usize,
        around: &Surroundings<'_, '_>,
    ) -> PyResult<()> {
        let turned = coerced(value, key, around)?
            .ok_or_else(|| PyTypeError::new_err("no JSON value stands for it"))?;
        self.value(&turned, key, depth + 1, around)
    }

    fn kind(&mut self, value: &Bound<'_, PyAny>) -> PyResult<Kind> {
        let kind = value.get_type();
        let pointer = kind.as_ptr().addr();
        if let Some((known, _)) = self.kinds.get(&pointer) {
            return Ok(*known);
        }
        if self.kinds.len() >= MOST_TYPES {
            self.kinds.clear();
        }
        let found = kind_of(&kind)?;
        self.kinds.insert(pointer, (found, kind.unbind()));
        Ok(found)
    }
}

/// What Python makes of a value; none where it has nothing better than the value itself.
fn coerced<'py>(
    value: &Bound<'py, PyAny>,
    key: &Bound<'py, PyString>,
    around: &Surroundings<'_, 'py>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(coerce) = around.coerce else { return Ok(None) };
    let turned = coerce.call1((key, value, (around.step)()))?;
    Ok((!turned.is(value)).then_some(turned))
}

fn mapping<'a, 'py>(data: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PyMapping>> {
    data.cast::<PyMapping>().map_err(|_| {
        PyTypeError::new_err(format!(
            "run.log: data must be a dict of names and values, not {}; nothing was kept. Write run.log({{\"loss\": value}}).",
            kind_name(data)
        ))
    })
}

fn wrong_key(key: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!(
        "run.log: keys must be str, and {} is {}; nothing of this call was kept. Write str(key) in its place.",
        key.repr().map_or_else(|_| "one".into(), |text| text.to_string()),
        kind_name(key)
    ))
}

/// The infinity on the side of an integer that no double can hold.
fn infinity_of(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    Ok(if value.lt(0)? { f64::NEG_INFINITY } else { f64::INFINITY })
}

/// The name of a value's type.
pub fn kind_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "a value".into(), |name| name.to_string())
}

fn text(key: &Bound<'_, PyString>) -> String {
    key.to_string_lossy().into_owned()
}

/// Text as UTF-8; a lone surrogate, which Python allows, becomes one replacement character.
pub fn text_of<'a>(text: &'a Bound<'_, PyString>) -> PyResult<Cow<'a, str>> {
    if let Ok(text) = text.to_cow() {
        return Ok(text);
    }
    let bytes: Vec<u8> = text.call_method1("encode", ("utf-16-le", "surrogatepass"))?.extract()?;
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
    let points = char::decode_utf16(units).map(|point| point.unwrap_or(char::REPLACEMENT_CHARACTER));
    Ok(Cow::Owned(points.collect()))
}

/// A key of a nested dict as JSON has it.
fn json_key<'py>(key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    let py = key.py();
    if key.is_none() {
        return Ok(PyString::new(py, "null"));
    }
    if let Ok(on) = key.cast::<PyBool>() {
        return Ok(PyString::new(py, if on.is_true() { "true" } else { "false" }));
    }
    if key.is_instance_of::<PyInt>() || key.is_instance_of::<PyFloat>() {
        return key.str();
    }
    Err(PyTypeError::new_err(format!("a key inside it is {}, not str", kind_name(key))))
}

fn kind_of(kind: &Bound<'_, PyType>) -> PyResult<Kind> {
    let py = kind.py();
    if kind.is(py.None().bind(py).get_type()) {
        return Ok(Kind::Null);
    }
    if kind.is(py.get_type::<Later>()) {
        return Ok(Kind::Later);
    }
    if is_numpy(kind)? {
        return numpy_kind(kind);
    }
    if kind.mro().iter().any(|base| is_named(&base, "enum", "Enum")) {
        return Ok(Kind::Other);
    }
    let subclass = [
        (py.get_type::<PyBool>(), Kind::Bool),
        (py.get_type::<PyInt>(), Kind::Int),
        (py.get_type::<PyFloat>(), Kind::Float),
        (py.get_type::<PyString>(), Kind::Str),
        (py.get_type::<PyDict>(), Kind::Dict),
        (py.get_type::<PyList>(), Kind::List),
        (py.get_type::<PyTuple>(), Kind::Tuple),
    ];
    for (base, found) in subclass {
        if kind.is_subclass(&base)? {
            return Ok(found);
        }
    }
    Ok(Kind::Other)
}

fn is_named(kind: &Bound<'_, PyAny>, module: &str, name: &str) -> bool {
    let attribute = |attribute: &str| {
        kind.getattr(attribute).and_then(|text| text.extract::<String>()).unwrap_or_default()
    };
    attribute("__module__") == module && attribute("__name__") == name
}

fn is_numpy(kind: &Bound<'_, PyType>) -> PyResult<bool> {
    Ok(kind.module()?.to_string_lossy() == "numpy")
}

fn numpy_kind(kind: &Bound<'_, PyType>) -> PyResult<Kind> {
    let name = kind.name()?.to_string();
    Ok(match name.as_str() {
        "float64" => Kind::Float,
        "ndarray" => Kind::Array,
        "bool" | "bool_" => Kind::Truth,
        "str_" => Kind::Str,
        "longlong" | "ulonglong" | "intc" | "uintc" => Kind::Index,
        "longdouble" => Kind::AsFloat,
        _ if name.starts_with("int") || name.starts_with("uint") => Kind::Index,
        _ if name.starts_with("float") => Kind::AsFloat,
        _ => Kind::Other,
    })
}
