//! Values of Parquet's types as JSON.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::schema::types::Type;

use super::{Fault, Result};
use crate::digest::hex;
use crate::json::{write_f64_as_python, write_i64, write_str};
use crate::table::write_flag;

/// Of bytes that are no text so many are shown.
const SHOWN_BYTES: usize = 16;
const DAY: i64 = 86_400;
/// Days from the year -4712 to 1970, by which the oldest timestamps count.
const EPOCH: i64 = 2_440_588;

/// What a column's values mean, beyond how they are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As they are stored.
    Plain,
    /// Integers without a sign.
    Unsigned,
    /// Text; what is no UTF-8 in it is replaced.
    Text,
    /// Integers, this many of whose digits are behind the point.
    Decimal(usize),
    Date,
    /// A time of day, in so many parts of a second.
    Time(i64),
    /// A moment, in so many parts of a second; whether in UTC, or wherever it was.
    Moment(i64, bool),
    Half,
    Uuid,
}

impl Form {
    /// The form of a column that is no group.
    pub(super) fn of(column: &Type) -> Self {
        let basic = column.get_basic_info();
        match basic.logical_type_ref() {
            Some(LogicalType::Time(time)) => Self::Time(parts_of(time.unit)),
            Some(LogicalType::Timestamp(time)) => {
                Self::Moment(parts_of(time.unit), time.is_adjusted_to_u_t_c)
            }
            Some(LogicalType::Float16) => Self::Half,
            Some(LogicalType::Uuid) => Self::Uuid,
            _ => Self::converted(column, basic.converted_type()),
        }
    }

    fn converted(column: &Type, kind: ConvertedType) -> Self {
        match kind {
            ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Self::Text,
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64 => Self::Unsigned,
            ConvertedType::DECIMAL => Self::Decimal(usize::try_from(column.get_scale()).unwrap_or(0)),
            ConvertedType::DATE => Self::Date,
            ConvertedType::TIME_MILLIS => Self::Time(1_000),
            ConvertedType::TIME_MICROS => Self::Time(1_000_000),
            ConvertedType::TIMESTAMP_MILLIS => Self::Moment(1_000, true),
            ConvertedType::TIMESTAMP_MICROS => Self::Moment(1_000_000, true),
            _ if column.get_physical_type() == Physical::INT96 => Self::Moment(1_000_000_000, false),
            _ => Self::Plain,
        }
    }
}

fn parts_of(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    }
}

/// JSON that grows up to a limit.
pub(super) struct Text {
    pub bytes: Vec<u8>,
    most: usize,
}

impl Text {
    pub(super) fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), most }
    }

    /// Append what is not large.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Append text, as JSON has it.
    pub(super) fn quoted(&mut self, text: &str) -> Result<()> {
        self.room(text.len())?;
        write_str(&mut self.bytes, text);
        Ok(())
    }

    /// Refuse to grow beyond the limit.
    pub(super) fn room(&self, more: usize) -> Result<()> {
        if self.bytes.len().saturating_add(more) > self.most {
            return Err(Fault::TooLarge(format!("has more than {} bytes of text", self.most)));
        }
        Ok(())
    }
}

/// A value as Parquet stores it.
pub(super) trait Cell {
    /// Append it as JSON.
    fn write(&self, out: &mut Text, form: Form) -> Result<()>;
}

impl Cell for bool {
    fn write(&self, out: &mut Text, _form: Form) -> Result<()> {
        write_flag(&mut out.bytes, *self);
        Ok(())
    }
}

impl Cell for i32 {
    fn write(&self, out: &mut Text, form: Form) -> Result<()> {
        let value = if form == Form::Unsigned { i64::from(self.cast_unsigned()) } else { i64::from(*self) };
        write_int(out, value, form)
    }
}

impl Cell for i64 {
    fn write(&self, out: &mut Text, form: Form) -> Result<()> {
        write_int(out, *self, form)
    }
}

impl Cell for Int96 {
    fn write(&self, out: &mut Text, form: Form) -> Result<()> {
        let [low, high, day] = self.data() else {
            return Err(Fault::damaged("a timestamp is incomplete"));
        };
        let nanos = (u64::from(*high) << 32 | u64::from(*low)).cast_signed();
        let secs = (i64::from(*day) - EPOCH) * DAY + nanos.div_euclid(1_000_000_000);
        let utc = matches!(form, Form::Moment(_, true));
        out.quoted(&moment(secs, nanos.rem_euclid(1_000_000_000), utc))
    }
}

impl Cell for f32 {
    fn write(&self, out: &mut Text, form: Form) -> Result<()> {
        f64::from(*self).write(out, form)
    }
}

impl Cell for f64 {
    fn write(&self, out: &mut Text, _form: Form) -> Result<()> {
        if self.is_finite() {
            write_f64_as_python(&mut out.bytes, *self);
            return Ok(());
        }
        // As clients write in a table's JSON what JSON has no number for.
        let name = if self.is_nan() {
            "NaN"
        } else if *self > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        out.quoted(name)
    }
}

impl Cell for ByteArray {
    fn write(&self, out: &mut Text, form: Form) -> Result<()> {
        write_bytes(out, self.data(), form)
    }
}

impl Cell for FixedLenByteArray {
    fn write(&self, out: &mut Text, form: Form) -> Result<()> {
        write_bytes(out, self.data(), form)
    }
}

fn write_int(out: &mut Text, value: i64, form: Form) -> Result<()> {
    match form {
        Form::Unsigned => out.push(value.cast_unsigned().to_string().as_bytes()),
        Form::Decimal(scale) => out.push(decimal(i128::from(value), scale).as_bytes()),
        Form::Date => return out.quoted(&date(value)),
        Form::Time(parts) => {
            return out.quoted(&time(value.div_euclid(parts), nanos(value, parts)));
        }
        Form::Moment(parts, utc) => {
            return out.quoted(&moment(value.div_euclid(parts), nanos(value, parts), utc));
        }
        _ => write_i64(&mut out.bytes, value),
    }
    Ok(())
}

fn write_bytes(out: &mut Text, bytes: &[u8], form: Form) -> Result<()> {
    match (form, bytes.len()) {
        (Form::Decimal(scale), 0..=16) => {
            out.push(decimal(signed(bytes), scale).as_bytes());
            Ok(())
        }
        (Form::Decimal(scale), _) => rough(bytes, scale).write(out, form),
        (Form::Half, 2) => half(bytes).write(out, form),
        (Form::Uuid, 16) => out.quoted(&uuid(bytes)),
        (Form::Text, _) => {
            out.room(bytes.len())?;
            out.quoted(&String::from_utf8_lossy(bytes))
        }
        // Old writers did not say which bytes are text.
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => out.quoted(text),
            Err(_) => out.quoted(&beginning(bytes)),
        },
    }
}

/// A number of whole parts with a point in it; JSON has a number of this.
fn decimal(value: i128, scale: usize) -> String {
    let (sign, digits) = (if value < 0 { "-" } else { "" }, value.unsigned_abs().to_string());
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    // More digits than any number of theirs has are no part of the format.
    let scale = scale.min(100);
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// Bytes as a number with a sign, the highest first.
fn signed(bytes: &[u8]) -> i128 {
    let start = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(start, |value, byte| value << 8 | i128::from(*byte))
}

/// The same of more bytes than fit, as far as a double goes.
fn rough(bytes: &[u8], scale: usize) -> f64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let flip = if negative { 0xff } else { 0 };
    let size = bytes.iter().fold(0.0, |value, byte| value * 256.0 + f64::from(byte ^ flip));
    let value = if negative { -size - 1.0 } else { size };
    value / 10_f64.powi(i32::try_from(scale).unwrap_or(i32::MAX))
}

fn half(bytes: &[u8]) -> f64 {
    let bits = bytes.first_chunk::<2>().map_or(0, |pair| u16::from_le_bytes(*pair));
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction > 0.0 => f64::NAN,
        31 => f64::INFINITY,
        _ => (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

fn uuid(bytes: &[u8]) -> String {
    let text = hex(bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    parts.map(|part| text.get(part).unwrap_or_default().to_owned()).join("-")
}

fn beginning(bytes: &[u8]) -> String {
    let shown = bytes.get(..SHOWN_BYTES).unwrap_or(bytes);
    let more = if shown.len() < bytes.len() { "…" } else { "" };
    format!("{} bytes: {}{more}", bytes.len(), hex(shown))
}

fn nanos(value: i64, parts: i64) -> i64 {
    value.rem_euclid(parts) * (1_000_000_000 / parts)
}

/// `2024-02-29 03:04:05.500`, so that moments are in order as text, with ` UTC` where it is that.
fn moment(secs: i64, nanos: i64, utc: bool) -> String {
    let zone = if utc { " UTC" } else { "" };
    format!("{} {}{zone}", date(secs.div_euclid(DAY)), time(secs.rem_euclid(DAY), nanos))
}

/// A day by its number from 1970 on, in the calendar of today.
fn date(day: i64) -> String {
    // Eras of 400 years, which have 146,097 days each, with years that begin in March.
    let day = day.saturating_add(719_468);
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn time(secs: i64, nanos: i64) -> String {
    let whole = format!("{:02}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60);
    match nanos {
        0 => whole,
        _ if nanos % 1_000_000 == 0 => format!("{whole}.{:03}", nanos / 1_000_000),
        _ if nanos % 1_000 == 0 => format!("{whole}.{:06}", nanos / 1_000),
        _ => format!("{whole}.{nanos:09}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(cell: &dyn Cell, form: Form) -> String {
        let mut out = Text::new(10_000);
        cell.write(&mut out, form).unwrap();
        String::from_utf8(out.bytes).unwrap()
    }

    #[test]
    fn values_are_written_as_their_column_means_them() {
        let (utc, here) = (Form::Moment(1_000, true), Form::Moment(1_000_000_000, false));
        let cases: [(&dyn Cell, Form, &str); 22] = [
            (&-1_i32, Form::Plain, "-1"),
            (&-1_i32, Form::Unsigned, "4294967295"),
            (&-1_i64, Form::Unsigned, "18446744073709551615"),
            (&-5_i32, Form::Decimal(2), "-0.05"),
            (&1230_i64, Form::Decimal(2), "12.30"),
            (&7_i64, Form::Decimal(0), "7"),
            (&0_i32, Form::Date, "\"1970-01-01\""),
            (&-1_i32, Form::Date, "\"1969-12-31\""),
            (&-141_427_i32, Form::Date, "\"1582-10-15\""),
            (&3_723_004_i32, Form::Time(1_000), "\"01:02:03.004\""),
            (&-500_i64, utc, "\"1969-12-31 23:59:59.500 UTC\""),
            (&1_500_000_i64, utc, "\"1970-01-01 00:25:00 UTC\""),
            (&1_i64, here, "\"1970-01-01 00:00:00.000000001\""),
            (&0.5_f32, Form::Plain, "0.5"),
            (&f64::NAN, Form::Plain, "\"NaN\""),
            (&f64::NEG_INFINITY, Form::Plain, "\"-Infinity\""),
            (&true, Form::Plain, "true"),
            (&ByteArray::from("a\"b"), Form::Text, "\"a\\\"b\""),
            (&ByteArray::from(vec![0xff, 0x00]), Form::Text, "\"\u{fffd}\\u0000\""),
            (
                &ByteArray::from(vec![0xff; 20]),
                Form::Plain,
                "\"20 bytes: ffffffffffffffffffffffffffffffff…\"",
            ),
            (&ByteArray::from(vec![0xfb]), Form::Decimal(1), "-0.5"),
            (&ByteArray::from(vec![0x00, 0xc0]), Form::Half, "-2.0"),
        ];

        for (cell, form, text) in cases {
            assert_eq!(written(cell, form), text, "{form:?}");
        }
    }

    #[test]
    fn text_grows_to_its_limit_and_not_beyond() {
        let mut out = Text::new(10);

        assert!(ByteArray::from("0123456789").write(&mut out, Form::Text).is_ok());
        assert!(matches!(ByteArray::from("").write(&mut out, Form::Text), Err(Fault::TooLarge(_))));
    }

    /// A day after another, from 1970 on.
    fn slow_date(days: i32) -> String {
        let length = |year: i64, month: usize| {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        };
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for _ in 0..days {
            day += 1;
            if day > length(year, month) {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        format!("{year:04}-{month:02}-{day:02}")
    }

    proptest! {
        #[test]
        fn days_are_those_of_the_calendar(days in 0_i32..200_000) {
            prop_assert_eq!(date(days.into()), slow_date(days));
        }

        #[test]
        fn no_number_is_too_large_for_any_form(value: i64, scale in 0_usize..200, parts in 0_usize..3) {
            let parts = [1_000, 1_000_000, 1_000_000_000][parts];
            for form in [Form::Plain, Form::Unsigned, Form::Date, Form::Time(parts), Form::Half,
                         Form::Moment(parts, true), Form::Decimal(scale)] {
                prop_assert!(!written(&value, form).is_empty());
            }
        }

        #[test]
        fn decimals_of_bytes_are_those_of_integers(value: i64, scale in 0_usize..30) {
            let bytes = ByteArray::from(value.to_be_bytes().to_vec());
            prop_assert_eq!(written(&bytes, Form::Decimal(scale)), written(&value, Form::Decimal(scale)));
        }

        #[test]
        fn wide_decimals_are_near_the_exact_ones(value: i64) {
            let wide = [vec![if value < 0 { 0xff } else { 0 }; 24], value.to_be_bytes().to_vec()].concat();
            #[allow(clippy::cast_precision_loss)]
            let exact = value as f64 / 100.0;
            prop_assert!((rough(&wide, 2) - exact).abs() <= exact.abs() * 1e-15);
        }
    }
}
