//! Values of the core to Python objects and back: for records and summaries, not for rows.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use wandb_core::Value;

use crate::encode::text_of;

/// A core value as a Python object.
pub fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(on) => PyBool::new(py, *on).to_owned().into_any(),
        Value::Int(n) => n.into_pyobject(py)?.into_any(),
        Value::Float(x) => PyFloat::new(py, *x).into_any(),
        Value::Str(text) => PyString::new(py, text).into_any(),
        Value::List(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(to_python(py, item)?)?;
            }
            list.into_any()
        }
        Value::Dict(members) => {
            let dict = PyDict::new(py);
            for (key, value) in members {
                dict.set_item(&**key, to_python(py, value)?)?;
            }
            dict.into_any()
        }
    })
}

/// A Python object of plain types as a core value.
pub fn from_python(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    if object.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(on) = object.cast::<PyBool>() {
        return Ok(Value::Bool(on.is_true()));
    }
    if object.is_instance_of::<PyInt>() {
        return object.extract().map(Value::Int);
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Value::Float(number.value()));
    }
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Value::Str(text_of(text)?.into()));
    }
    from_container(object)
}

fn from_container(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(dict) = object.cast::<PyDict>() {
        let members = dict.iter().map(|(key, value)| {
            let key = text_of(key.cast::<PyString>()?)?.into();
            Ok((key, from_python(&value)?))
        });
        return members.collect::<PyResult<_>>().map(Value::Dict);
    }
    if let Ok(list) = object.cast::<PyList>() {
        return list.iter().map(|item| from_python(&item)).collect::<PyResult<_>>().map(Value::List);
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return tuple.iter().map(|item| from_python(&item)).collect::<PyResult<_>>().map(Value::List);
    }
    let kind = object.get_type().name()?.to_string();
    Err(PyTypeError::new_err(format!("a record can't hold a {kind}")))
}
