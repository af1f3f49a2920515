//! Rows of a table as Python's `json` writes them, taken from columns.
//!
//! `[[1, 2.5], [3, 4.5]]`: a space behind each comma, floats as `repr` has them, and text with
//! everything but printable ASCII escaped.

use crate::json::{write_f64_as_python, write_i64};

/// What stands for a NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nan {
    /// `NaN`, as Python writes it.
    Bare,
    /// `null`: nothing is there.
    Null,
}

/// A stretch of one column.
#[derive(Clone, Copy, Debug)]
pub enum Cells<'a> {
    /// Floats, and what their NaNs are.
    Floats(&'a [f64], Nan),
    /// Integers.
    Ints(&'a [i64]),
    /// Integers that have no sign.
    Unsigned(&'a [u64]),
    /// Booleans, a byte each.
    Flags(&'a [u8]),
    /// Ready JSON, one text behind another, and where each ends.
    Ready(&'a [u8], &'a [usize]),
}

impl Cells<'_> {
    fn write(&self, out: &mut Vec<u8>, row: usize) {
        match self {
            Self::Floats(values, nan) => {
                write_float(out, values.get(row).copied().unwrap_or(f64::NAN), *nan);
            }
            Self::Ints(values) => write_i64(out, values.get(row).copied().unwrap_or_default()),
            Self::Unsigned(values) => {
                let value = values.get(row).copied().unwrap_or_default();
                out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
            }
            Self::Flags(values) => write_flag(out, values.get(row).copied().unwrap_or_default() != 0),
            Self::Ready(text, ends) => {
                let from = row.checked_sub(1).and_then(|above| ends.get(above)).copied().unwrap_or(0);
                let to = ends.get(row).copied().unwrap_or(from);
                out.extend_from_slice(text.get(from..to).unwrap_or_default());
            }
        }
    }
}

/// Append a boolean.
pub fn write_flag(out: &mut Vec<u8>, on: bool) {
    out.extend_from_slice(if on { b"true" } else { b"false" });
}

/// Append a float as Python's `repr` has it.
pub fn write_float(out: &mut Vec<u8>, value: f64, nan: Nan) {
    if value.is_nan() && nan == Nan::Null {
        out.extend_from_slice(b"null");
    } else {
        write_f64_as_python(out, value);
    }
}

/// Append the first `rows` rows of columns, with `, ` between them and none around.
pub fn write_rows(out: &mut Vec<u8>, columns: &[Cells<'_>], rows: usize) {
    for row in 0..rows {
        out.extend_from_slice(if row == 0 { b"[" } else { b", [" });
        for (place, column) in columns.iter().enumerate() {
            if place > 0 {
                out.extend_from_slice(b", ");
            }
            column.write(out, row);
        }
        out.push(b']');
    }
}

/// Append text in quotes, with everything but printable ASCII escaped.
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, letter) in text.char_indices() {
        if is_plain(letter) {
            continue;
        }
        out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        let mut units = [0; 2];
        letter.encode_utf16(&mut units).iter().for_each(|unit| write_escape(out, *unit));
        from = at + letter.len_utf8();
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    out.push(b'"');
}

/// Append text given as UTF-16, in which a surrogate may stand alone.
pub fn write_units(out: &mut Vec<u8>, units: impl Iterator<Item = u16>) {
    out.push(b'"');
    for unit in units {
        match u8::try_from(unit) {
            Ok(byte) if is_plain(char::from(byte)) => out.push(byte),
            _ => write_escape(out, unit),
        }
    }
    out.push(b'"');
}

fn is_plain(letter: char) -> bool {
    matches!(letter, ' '..='~') && letter != '"' && letter != '\\'
}

fn write_escape(out: &mut Vec<u8>, unit: u16) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'\\');
    let short = match unit {
        0x22 => b'"',
        0x5C => b'\\',
        0x0A => b'n',
        0x0D => b'r',
        0x09 => b't',
        0x0C => b'f',
        0x08 => b'b',
        _ => {
            out.push(b'u');
            for shift in [12, 8, 4, 0] {
                out.push(HEX.get(usize::from((unit >> shift) & 15)).copied().unwrap_or(b'0'));
            }
            return;
        }
    };
    out.push(short);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn rows_take_a_cell_of_each_column() {
        let columns = [
            Cells::Floats(&[1.0, f64::NAN], Nan::Bare),
            Cells::Floats(&[f64::NAN, f64::INFINITY], Nan::Null),
            Cells::Ints(&[-1, i64::MAX]),
            Cells::Unsigned(&[u64::MAX, 0]),
            Cells::Flags(&[1, 0]),
            Cells::Ready(b"null\"a\"", &[4, 7]),
        ];

        let rows = text(|out| write_rows(out, &columns, 2));

        assert_eq!(
            rows,
            "[1.0, null, -1, 18446744073709551615, true, null], \
             [NaN, Infinity, 9223372036854775807, 0, false, \"a\"]"
        );
    }

    #[test]
    fn no_columns_are_empty_rows() {
        assert_eq!(text(|out| write_rows(out, &[], 2)), "[], []");
        assert_eq!(text(|out| write_rows(out, &[], 0)), "");
    }

    #[test]
    fn text_is_escaped_as_python_escapes_it() {
        let odd = "a\"\\\n\r\t\u{c}\u{8}\u{1}\u{7f}é\u{2028}\u{1F600}";

        assert_eq!(
            text(|out| write_text(out, odd)),
            r#""a\"\\\n\r\t\f\b\u0001\u007f\u00e9\u2028\ud83d\ude00""#
        );
    }

    #[test]
    fn a_surrogate_alone_keeps_its_number() {
        assert_eq!(text(|out| write_units(out, [0x61, 0xD83D, 0x22].into_iter())), r#""a\ud83d\"""#);
    }

    proptest! {
        #[test]
        fn text_reads_back_whole(original in ".*") {
            let written = text(|out| write_text(out, &original));

            prop_assert!(written.is_ascii());
            prop_assert_eq!(json::parse(&written).ok(), Some(original.as_str().into()));
            prop_assert_eq!(text(|out| write_units(out, original.encode_utf16())), written);
        }
    }
}
