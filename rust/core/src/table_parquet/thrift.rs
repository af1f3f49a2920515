//! As much of Thrift's compact protocol as it takes to see how large things are before anything is
//! made of them: the headers of pages, and how deep a schema nests.

use super::{Fault, Result};

/// Deeper nesting of what is left out is refused.
const DEEPEST: usize = 32;

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// What a page says about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageHead {
    /// 0 is of data, 2 a dictionary, 3 of data in the second layout.
    pub kind: i64,
    /// How many bytes it has, unpacked.
    pub size: i64,
    /// How many bytes it takes in the file.
    pub packed: i64,
    pub values: i64,
    pub nulls: i64,
    pub rows: i64,
    pub encoding: i64,
    /// How the levels of the first layout are coded.
    pub definition: i64,
    pub repetition: i64,
    /// How many bytes the levels of the second layout take.
    pub definition_bytes: i64,
    pub repetition_bytes: i64,
    /// Whether the values of the second layout are as they are.
    pub plain: bool,
}

/// Read the header at the beginning of some bytes; return it and how many bytes it takes.
pub(super) fn page_head(bytes: &[u8]) -> Result<(PageHead, usize)> {
    let mut reader = Thrift { bytes, at: 0 };
    let mut head = PageHead::default();
    reader.fields(&mut |reader, id, kind| {
        match (id, kind) {
            (1, _) => head.kind = reader.int(kind)?,
            (2, _) => head.size = reader.int(kind)?,
            (3, _) => head.packed = reader.int(kind)?,
            (5, STRUCT) => data_head(reader, &mut head)?,
            (7, STRUCT) => dictionary_head(reader, &mut head)?,
            (8, STRUCT) => second_head(reader, &mut head)?,
            _ => reader.skip(kind, DEEPEST)?,
        }
        Ok(())
    })?;
    Ok((head, reader.at))
}

fn data_head(reader: &mut Thrift, head: &mut PageHead) -> Result<()> {
    reader.fields(&mut |reader, id, kind| {
        match id {
            1 => head.values = reader.int(kind)?,
            2 => head.encoding = reader.int(kind)?,
            3 => head.definition = reader.int(kind)?,
            4 => head.repetition = reader.int(kind)?,
            _ => reader.skip(kind, DEEPEST)?,
        }
        Ok(())
    })
}

fn dictionary_head(reader: &mut Thrift, head: &mut PageHead) -> Result<()> {
    reader.fields(&mut |reader, id, kind| {
        match id {
            1 => head.values = reader.int(kind)?,
            2 => head.encoding = reader.int(kind)?,
            _ => reader.skip(kind, DEEPEST)?,
        }
        Ok(())
    })
}

fn second_head(reader: &mut Thrift, head: &mut PageHead) -> Result<()> {
    reader.fields(&mut |reader, id, kind| {
        match id {
            1 => head.values = reader.int(kind)?,
            2 => head.nulls = reader.int(kind)?,
            3 => head.rows = reader.int(kind)?,
            4 => head.encoding = reader.int(kind)?,
            5 => head.definition_bytes = reader.int(kind)?,
            6 => head.repetition_bytes = reader.int(kind)?,
            7 => head.plain = kind == FALSE,
            _ => reader.skip(kind, DEEPEST)?,
        }
        Ok(())
    })
}

/// How many levels a footer's schema nests.
pub(super) fn schema_depth(footer: &[u8]) -> Result<usize> {
    let mut deepest = 0;
    Thrift { bytes: footer, at: 0 }.fields(&mut |reader, id, kind| {
        if (id, kind) != (2, LIST) {
            return reader.skip(kind, DEEPEST);
        }
        deepest = deepest.max(reader.depth_of_elements()?);
        Ok(())
    })?;
    Ok(deepest)
}

struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Thrift<'_> {
    fn byte(&mut self) -> Result<u8> {
        let byte = self.bytes.get(self.at).copied().ok_or_else(|| Fault::damaged("it ends too early"))?;
        self.at += 1;
        Ok(byte)
    }

    fn pass(&mut self, count: u64) -> Result<()> {
        let left = self.bytes.len() - self.at;
        let count = usize::try_from(count).ok().filter(|count| *count <= left);
        self.at += count.ok_or_else(|| Fault::damaged("it ends too early"))?;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Fault::damaged("a number in it is too long"))
    }

    fn zigzag(&mut self) -> Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn int(&mut self, kind: u8) -> Result<i64> {
        match kind {
            4..=6 => self.zigzag(),
            _ => Err(Fault::damaged("a number in it is none")),
        }
    }

    /// Call for each field of a struct, with its number and type; the call has to read its value.
    fn fields(&mut self, found: &mut dyn FnMut(&mut Self, i64, u8) -> Result<()>) -> Result<()> {
        let mut id: i64 = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            let step = i64::from(head >> 4);
            id = if step == 0 { self.zigzag()? } else { id.saturating_add(step) };
            found(self, id, head & 0x0f)?;
        }
    }

    fn list(&mut self) -> Result<(u64, u8)> {
        let head = self.byte()?;
        let short = u64::from(head >> 4);
        Ok((if short == 15 { self.varint()? } else { short }, head & 0x0f))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Result<()> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Fault::damaged("its header nests too deep"));
        };
        match kind {
            TRUE | FALSE => Ok(()),
            BYTE => self.pass(1),
            4..=6 => self.varint().map(|_| ()),
            DOUBLE => self.pass(8),
            BINARY => {
                let length = self.varint()?;
                self.pass(length)
            }
            LIST | SET => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.skip_item(kind, depth))
            }
            MAP => self.skip_map(depth),
            STRUCT => self.fields(&mut |reader, _, kind| reader.skip(kind, depth)),
            _ => Err(Fault::damaged("its header has a field of no known type")),
        }
    }

    fn skip_map(&mut self, depth: usize) -> Result<()> {
        let count = self.varint()?;
        let kinds = if count == 0 { 0 } else { self.byte()? };
        (0..count).try_for_each(|_| {
            self.skip_item(kinds >> 4, depth)?;
            self.skip_item(kinds & 0x0f, depth)
        })
    }

    /// In a list a boolean takes a byte; as a field it is in its head.
    fn skip_item(&mut self, kind: u8, depth: usize) -> Result<()> {
        if kind == TRUE || kind == FALSE { self.pass(1) } else { self.skip(kind, depth) }
    }

    /// The elements of a schema come parents first, each with the number of its children.
    fn depth_of_elements(&mut self) -> Result<usize> {
        let (count, kind) = self.list()?;
        if kind != STRUCT {
            return Err(Fault::damaged("its schema can't be read"));
        }
        let (mut deepest, mut open): (usize, Vec<i64>) = (0, Vec::new());
        for _ in 0..count {
            let mut children = 0;
            self.fields(&mut |reader, id, kind| {
                if id != 5 {
                    return reader.skip(kind, DEEPEST);
                }
                children = reader.int(kind)?;
                Ok(())
            })?;
            while open.pop_if(|left| *left <= 0).is_some() {}
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if children > 0 {
                open.push(children);
            }
            deepest = deepest.max(open.len());
        }
        Ok(deepest)
    }
}
