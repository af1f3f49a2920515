//! A column as a tree: what is nested is put together from the levels of its leaves.
//!
//! A leaf has one entry for each value and for each place where there is none. Its definition level
//! says how much of its path is there, its repetition level which list goes on.

use std::ops::Range;

use parquet::basic::{ConvertedType, Repetition};
use parquet::schema::types::Type;

use super::cells::{Form, Text};
use super::leaves::Leaf;
use super::{Fault, Result};

/// One level of a column.
pub(super) struct Node {
    /// The leaves below it.
    leaves: Range<usize>,
    /// From which definition level on it is there, if it may be missing.
    there: Option<i16>,
    shape: Shape,
}

enum Shape {
    Leaf(Form),
    Struct(Vec<(String, Node)>),
    List(Repeated, Box<Node>),
    /// Keys and values.
    Map(Repeated, Box<Node>, Box<Node>),
}

/// From which definition level on a list has items, and the repetition level of all but the first.
#[derive(Clone, Copy)]
struct Repeated {
    items: i16,
    again: i16,
}

#[derive(Clone, Copy, Default)]
struct Levels {
    definition: i16,
    repetition: i16,
}

impl Levels {
    fn repeated(self) -> Self {
        Self { definition: self.definition + 1, repetition: self.repetition + 1 }
    }

    fn as_list(self) -> Repeated {
        Repeated { items: self.definition, again: self.repetition }
    }
}

impl Node {
    /// The tree of one of a file's columns, whose leaves count from 0.
    pub(super) fn of(column: &Type) -> Result<Self> {
        Self::at(column, Levels::default(), &mut 0)
    }

    fn at(column: &Type, above: Levels, next: &mut usize) -> Result<Self> {
        let first = *next;
        let (there, levels) = match column.get_basic_info().repetition() {
            Repetition::REQUIRED => (None, above),
            Repetition::OPTIONAL => {
                let levels = Levels { definition: above.definition + 1, ..above };
                (Some(levels.definition), levels)
            }
            Repetition::REPEATED => {
                // A list that doesn't say so.
                let levels = above.repeated();
                let item = Self::required(column, levels, next)?;
                let shape = Shape::List(levels.as_list(), Box::new(item));
                return Ok(Self { leaves: first..*next, there: None, shape });
            }
        };
        let inner = Self::required(column, levels, next)?;
        Ok(Self { there, ..inner })
    }

    /// What is there, whatever its repetition.
    fn required(column: &Type, levels: Levels, next: &mut usize) -> Result<Self> {
        let first = *next;
        let shape = if column.is_primitive() {
            *next += 1;
            Shape::Leaf(Form::of(column))
        } else {
            group(column, levels, next)?
        };
        if *next == first {
            return Err(Fault::damaged("it has a group with nothing in it"));
        }
        Ok(Self { leaves: first..*next, there: None, shape })
    }

    /// How many leaves there are below.
    pub(super) fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// Append the next value, which may be none.
    pub(super) fn write(&self, leaves: &mut [Leaf], out: &mut Text) -> Result<()> {
        out.room(1)?;
        if self.there.is_some_and(|there| self.first(leaves).is_some_and(|(level, _)| level < there)) {
            out.push(b"null");
            return self.pass(leaves);
        }
        match &self.shape {
            Shape::Leaf(form) => self.leaf(leaves)?.write(out, *form),
            Shape::Struct(members) => {
                out.push(b"{");
                for (at, (name, member)) in members.iter().enumerate() {
                    out.push(if at > 0 { b"," } else { b"" });
                    out.quoted(name)?;
                    out.push(b":");
                    member.write(leaves, out)?;
                }
                out.push(b"}");
                Ok(())
            }
            Shape::List(repeated, item) => {
                self.items(*repeated, leaves, out, *b"[]", |leaves, out| item.write(leaves, out))
            }
            Shape::Map(repeated, key, value) if key.is_text() => {
                self.items(*repeated, leaves, out, *b"{}", |leaves, out| {
                    key.write(leaves, out)?;
                    out.push(b":");
                    value.write(leaves, out)
                })
            }
            Shape::Map(repeated, key, value) => self.items(*repeated, leaves, out, *b"[]", |leaves, out| {
                out.push(b"[");
                key.write(leaves, out)?;
                out.push(b",");
                value.write(leaves, out)?;
                out.push(b"]");
                Ok(())
            }),
        }
    }

    fn items(
        &self,
        repeated: Repeated,
        leaves: &mut [Leaf],
        out: &mut Text,
        [open, close]: [u8; 2],
        item: impl Fn(&mut [Leaf], &mut Text) -> Result<()>,
    ) -> Result<()> {
        out.push(&[open]);
        if self.first(leaves).is_some_and(|(level, _)| level < repeated.items) {
            self.pass(leaves)?;
        } else {
            item(leaves, out)?;
            while self.first(leaves).is_some_and(|(_, again)| again == repeated.again) {
                out.push(b",");
                item(leaves, out)?;
            }
        }
        out.push(&[close]);
        Ok(())
    }

    /// Levels of what comes next.
    fn first(&self, leaves: &[Leaf]) -> Option<(i16, i16)> {
        leaves.get(self.leaves.start).and_then(Leaf::levels)
    }

    fn leaf<'a>(&self, leaves: &'a mut [Leaf]) -> Result<&'a mut Leaf> {
        leaves.get_mut(self.leaves.start).ok_or_else(|| Fault::damaged("it lacks a part"))
    }

    /// Pass over what is not there, in all leaves.
    fn pass(&self, leaves: &mut [Leaf]) -> Result<()> {
        leaves.get_mut(self.leaves.clone()).unwrap_or_default().iter_mut().try_for_each(Leaf::pass)
    }

    fn is_text(&self) -> bool {
        self.there.is_none() && matches!(self.shape, Shape::Leaf(Form::Text))
    }
}

fn group(column: &Type, levels: Levels, next: &mut usize) -> Result<Shape> {
    let fields = column.get_fields();
    let inner = match fields {
        [only] if only.get_basic_info().repetition() == Repetition::REPEATED => Some(only),
        _ => None,
    };
    match (column.get_basic_info().converted_type(), inner) {
        (ConvertedType::LIST, Some(repeated)) => {
            let levels = levels.repeated();
            let item = match item_of(repeated) {
                Some(item) => Node::at(item, levels, next)?,
                None => Node::required(repeated, levels, next)?,
            };
            Ok(Shape::List(levels.as_list(), Box::new(item)))
        }
        (ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE, Some(repeated)) if repeated.is_group() => {
            let levels = levels.repeated();
            let [key, value] = repeated.get_fields() else {
                return Ok(Shape::List(levels.as_list(), Box::new(Node::required(repeated, levels, next)?)));
            };
            let key = Node::at(key, levels, next)?;
            Ok(Shape::Map(levels.as_list(), Box::new(key), Box::new(Node::at(value, levels, next)?)))
        }
        _ => members(fields, levels, next).map(Shape::Struct),
    }
}

fn members(
    fields: &[parquet::schema::types::TypePtr],
    levels: Levels,
    next: &mut usize,
) -> Result<Vec<(String, Node)>> {
    fields.iter().map(|field| Ok((field.name().to_owned(), Node::at(field, levels, next)?))).collect()
}

/// What is repeated in a list is a wrap around its item, but in files of old writers the item itself.
fn item_of(repeated: &Type) -> Option<&Type> {
    if repeated.is_primitive() || repeated.name() == "array" || repeated.name().ends_with("_tuple") {
        return None;
    }
    match repeated.get_fields() {
        [item] => Some(item),
        _ => None,
    }
}
