//! Number, NaN, infinity and string rules shared by everything that writes or reads JSON here.
//!
//! The dialect is the original's: `NaN`, `Infinity`, `-Infinity` bare; floats in the shortest
//! digits that read back equal, laid out as C's `%g` does, so that `5.0` is `5` and a million is
//! `1e+06`.

use crate::error::{CoreError, Result};
use crate::value::Value;

/// Deeper nesting than this is refused when reading: the input is untrusted and reading recurses.
const DEEPEST: usize = 256;

/// From this decimal exponent on, floats are written with an exponent.
const LONGEST_PLAIN_EXPONENT: i32 = 6;

/// Append a double.
pub fn write_f64(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value < 0.0 { b"-Infinity" } else { b"Infinity" });
    } else {
        write_finite(out, value);
    }
}

fn write_finite(out: &mut Vec<u8>, value: f64) {
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(value);
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    out.extend_from_slice(sign.as_bytes());
    if plain_layout(out, text, value.abs()) {
        return;
    }
    let mut digits = [0_u8; 32];
    let (count, point) = parts_of(text, &mut digits);
    lay_out(out, digits.get(..count).unwrap_or_default(), point);
}

/// Append a double as Python's `repr` and its `json` write it: `5.0`, `1e-05`, `1e+16`.
pub fn write_f64_as_python(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        return write_f64(out, value);
    }
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(value);
    if value == 0.0 || (1e-4..1e16).contains(&value.abs()) {
        return out.extend_from_slice(text.as_bytes());
    }
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    out.extend_from_slice(sign.as_bytes());
    let mut digits = [0_u8; 32];
    let (count, point) = parts_of(text, &mut digits);
    write_scientific(out, digits.get(..count).unwrap_or_default(), point - 1);
}

/// What ryu wrote without its sign as digits and the power of ten of `0.d1d2…`.
fn parts_of(text: &str, digits: &mut [u8; 32]) -> (usize, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (count, leading) = collect_digits(whole, fraction, digits);
    (count, i32::try_from(whole.len()).unwrap_or(0) - leading + exponent.parse().unwrap_or(0))
}

/// The common case: what ryu wrote is what `%g` would write, but for a closing `.0`.
fn plain_layout(out: &mut Vec<u8>, text: &str, magnitude: f64) -> bool {
    if !(0.001..1e6).contains(&magnitude) {
        return false;
    }
    let short = text.strip_suffix(".0").unwrap_or(text);
    if short.contains('e') {
        return false;
    }
    out.extend_from_slice(short.as_bytes());
    true
}

/// Significant digits without leading and trailing zeros; returns their count and the zeros led.
fn collect_digits(whole: &str, fraction: &str, digits: &mut [u8; 32]) -> (usize, i32) {
    let mut count = 0;
    let mut leading = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if count == 0 && digit == b'0' {
            leading += 1;
        } else if let Some(slot) = digits.get_mut(count) {
            *slot = digit;
            count += 1;
        }
    }
    while count > 0 && digits.get(count - 1) == Some(&b'0') {
        count -= 1;
    }
    (count, leading)
}

/// Digits `0.d1d2…` times ten to `point`, by the rules of `%g` for shortest output.
fn lay_out(out: &mut Vec<u8>, digits: &[u8], point: i32) {
    if digits.is_empty() {
        out.push(b'0');
    } else if (-4..LONGEST_PLAIN_EXPONENT).contains(&(point - 1)) {
        write_fixed(out, digits, point);
    } else {
        write_scientific(out, digits, point - 1);
    }
}

fn write_scientific(out: &mut Vec<u8>, digits: &[u8], exponent: i32) {
    let (first, rest) = digits.split_at(digits.len().min(1));
    out.extend_from_slice(first);
    if !rest.is_empty() {
        out.push(b'.');
        out.extend_from_slice(rest);
    }
    write_exponent(out, exponent);
}

fn write_exponent(out: &mut Vec<u8>, exponent: i32) {
    out.push(b'e');
    out.push(if exponent < 0 { b'-' } else { b'+' });
    if exponent.abs() < 10 {
        out.push(b'0');
    }
    write_i64(out, i64::from(exponent.abs()));
}

fn write_fixed(out: &mut Vec<u8>, digits: &[u8], point: i32) {
    let Some(whole) = usize::try_from(point).ok().filter(|p| *p > 0) else {
        out.extend_from_slice(b"0.");
        (point..0).for_each(|_| out.push(b'0'));
        return out.extend_from_slice(digits);
    };
    for place in 0..whole {
        out.push(digits.get(place).copied().unwrap_or(b'0'));
    }
    if let Some(fraction) = digits.get(whole..).filter(|f| !f.is_empty()) {
        out.push(b'.');
        out.extend_from_slice(fraction);
    }
}

/// Append an integer.
pub fn write_i64(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Append text in quotes, escaping what JSON must have escaped.
pub fn write_str(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        write_escape(out, *byte);
        from = at + 1;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX.get(usize::from(byte >> 4)).copied().unwrap_or(b'0'));
            out.push(HEX.get(usize::from(byte & 15)).copied().unwrap_or(b'0'));
            return;
        }
    };
    out.push(b'\\');
    out.push(short);
}

/// Append any value.
pub fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(n) => write_i64(out, *n),
        Value::Float(x) => write_f64(out, *x),
        Value::Str(text) => write_str(out, text),
        Value::List(items) => write_list(out, items),
        Value::Dict(members) => write_dict(out, members),
    }
}

fn write_list(out: &mut Vec<u8>, items: &[Value]) {
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_value(out, item);
    }
    out.push(b']');
}

fn write_dict(out: &mut Vec<u8>, members: &[(Box<str>, Value)]) {
    out.push(b'{');
    for (at, (key, value)) in members.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_str(out, key);
        out.push(b':');
        write_value(out, value);
    }
    out.push(b'}');
}

/// Read one JSON value, in the dialect above.
///
/// # Errors
/// `Damaged`, with the place, if the text is not JSON or nests too deep.
pub fn parse(text: &str) -> Result<Value> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.wrong("the end"));
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self, wanted: &str) -> CoreError {
        CoreError::Damaged(format!("JSON: expected {wanted} at byte {}", self.at))
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        if depth > DEEPEST {
            return Err(self.wrong("less nesting"));
        }
        self.space();
        match self.peek() {
            Some(b'{') => self.dict(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Ok(Value::Str(self.string()?.into())),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value> {
        for (token, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ] {
            if self.take(token) {
                return Ok(value);
            }
        }
        self.number()
    }

    fn number(&mut self) -> Result<Value> {
        let length = self.rest().bytes().take_while(|b| b"+-.eE0123456789".contains(b)).count();
        let digits = self.text.get(self.at..self.at + length).unwrap_or_default();
        let whole = digits.parse().map(Value::Int);
        // "-0" is a float that lost its point, and would lose its sign as an integer.
        let value = if digits == "-0" { Ok(Value::Float(-0.0)) } else { whole }
            .or_else(|_| digits.parse().map(Value::Float))
            .map_err(|_| self.wrong("a value"))?;
        self.at += length;
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Value> {
        let mut items = Vec::new();
        self.members(b']', |reader| {
            items.push(reader.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Value::List(items))
    }

    fn dict(&mut self, depth: usize) -> Result<Value> {
        let mut members: Vec<(Box<str>, Value)> = Vec::new();
        self.members(b'}', |reader| {
            let key = reader.string()?;
            reader.space();
            if !reader.take(":") {
                return Err(reader.wrong("a colon"));
            }
            members.push((key.into(), reader.value(depth + 1)?));
            Ok(())
        })?;
        Ok(Value::Dict(members))
    }

    fn members(&mut self, end: u8, mut member: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.at += 1;
        self.space();
        if self.peek() == Some(end) {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            member(self)?;
            self.space();
            let next = self.peek();
            self.at += 1;
            match next {
                Some(b',') => {}
                Some(byte) if byte == end => return Ok(()),
                _ => return Err(self.wrong("a comma or the end of a list")),
            }
        }
    }

    fn string(&mut self) -> Result<String> {
        if self.peek() != Some(b'"') {
            return Err(self.wrong("a quoted text"));
        }
        self.at += 1;
        let mut out = String::new();
        loop {
            let plain = self.rest().find(['"', '\\']).ok_or_else(|| self.wrong("a closing quote"))?;
            out.push_str(self.text.get(self.at..self.at + plain).unwrap_or_default());
            self.at += plain + 1;
            if self.text.as_bytes().get(self.at - 1) == Some(&b'"') {
                return Ok(out);
            }
            self.escape(&mut out)?;
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<()> {
        let byte = self.peek().ok_or_else(|| self.wrong("an escape"))?;
        self.at += 1;
        out.push(match byte {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'"' | b'\\' | b'/' => char::from(byte),
            b'u' => self.unicode()?,
            _ => return Err(self.wrong("an escape")),
        });
        Ok(())
    }

    fn unicode(&mut self) -> Result<char> {
        let first = self.hex4()?;
        if !(0xD800..0xDC00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if !self.take("\\u") {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        let second = self.hex4()?;
        let code = 0x10000 + ((first - 0xD800) << 10) + (second.wrapping_sub(0xDC00) & 0x3FF);
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        let code = u32::from_str_radix(digits, 16).map_err(|_| self.wrong("four hex digits"))?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: f64) -> String {
        Value::Float(value).to_json()
    }

    #[test]
    fn floats_read_as_the_original_writes_them() {
        for (value, wanted) in [
            (5.0, "5"),
            (0.1, "0.1"),
            (1e6, "1e+06"),
            (100_000.0, "100000"),
            (123_456_789.0, "1.23456789e+08"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (0.0001, "0.0001"),
            (1e15, "1e+15"),
            (1e21, "1e+21"),
            (-0.0, "-0"),
            (9.223_372_036_854_776e18, "9.223372036854776e+18"),
            (1.795_226_117_454_662_3e9, "1.7952261174546623e+09"),
            (f64::from(1.1_f32), "1.100000023841858"),
            (1e-300, "1e-300"),
            (0.0012, "0.0012"),
            (999_999.5, "999999.5"),
            (1_000_000.5, "1.0000005e+06"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(text(value), wanted);
        }
    }

    #[test]
    fn text_with_every_kind_of_character_comes_back() {
        let original = "a<b>& é\u{2028}\u{1}\"\\/\n\t\r\u{1F600}";
        let Ok(Value::Str(back)) = parse(&Value::from(original).to_json()) else {
            panic!("no text came back");
        };
        assert_eq!(&*back, original);
    }

    #[test]
    fn surrogate_pairs_are_joined_and_lone_ones_replaced() {
        assert_eq!(parse(r#""\ud83d\ude00""#).ok(), Some(Value::from("\u{1F600}")));
        assert_eq!(parse(r#""\ud83d""#).ok(), Some(Value::from("\u{FFFD}")));
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for bad in ["", "{", "[1,]", "{\"a\" 1}", "\"", "nul", "1 2", "\"\\x\"", "--1"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).is_err());
    }
}
