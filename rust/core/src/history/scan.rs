//! Reads JSON text in one pass, in the dialect that clients write: `NaN`, `Infinity` and
//! `-Infinity` stand bare. Nothing here recurses, so no nesting can exhaust the stack.

use std::ops::Range;

/// Deeper nesting is taken for damage.
const DEEPEST: usize = 512;

/// Powers of ten that a double holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// The first integer whose neighbours a double can't all hold.
const EXACT_INTEGERS: u64 = 1 << 53;

/// A number as it was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// What a double holds.
    Double(f64),
    /// An integer that a double can't hold.
    Exact(i64),
    /// An integer beyond 64 bits.
    Huge,
}

/// A place in a text.
#[derive(Clone, Debug)]
pub struct Scan<'a> {
    text: &'a str,
    at: usize,
    open: Vec<u8>,
}

impl<'a> Scan<'a> {
    /// Start at the beginning.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, open: Vec::new() }
    }

    /// How far it has come, in bytes.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// The text of a range.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    /// The next byte, 0 at the end.
    #[must_use]
    pub fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Pass over white space.
    pub fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// Pass over a byte if it is the next one.
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found && self.at < self.text.len());
        found
    }

    /// Pass over a text if it comes next.
    pub fn take_text(&mut self, text: &str) -> bool {
        let found = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(text.as_bytes()));
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// Whether only white space is left.
    pub fn at_end(&mut self) -> bool {
        self.space();
        self.at >= self.text.len()
    }

    /// Pass over a quoted text; returns what is between the quotes, and whether it has escapes.
    pub fn quoted(&mut self) -> Option<(&'a str, bool)> {
        if !self.take(b'"') {
            return None;
        }
        let from = self.at;
        let mut escaped = false;
        loop {
            self.plain_text();
            match self.peek() {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.at += 1;
                    self.escape()?;
                }
                _ => return None,
            }
        }
        self.at += 1;
        Some((self.slice(from..self.at - 1), escaped))
    }

    /// Pass over text up to the next quote, backslash or control character, or the end.
    fn plain_text(&mut self) {
        let mut rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        while let Some((eight, after)) = rest.split_first_chunk::<8>() {
            let special = special_bytes(u64::from_le_bytes(*eight));
            if special != 0 {
                self.at += special.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
            rest = after;
        }
        let special = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\');
        self.at += rest.iter().position(special).unwrap_or(rest.len());
    }

    fn escape(&mut self) -> Option<()> {
        let length = match self.peek() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 1,
            b'u' => {
                let digits = self.text.as_bytes().get(self.at + 1..self.at + 5)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                5
            }
            _ => return None,
        };
        self.at += length;
        Some(())
    }

    /// Pass over a quoted text and append what it stands for. Control characters are let through.
    pub fn unescape_into(&mut self, out: &mut String) -> Option<()> {
        if !self.take(b'"') {
            return None;
        }
        // What is copied begins here; an escaped quote stands for itself, so it begins the next part.
        let mut from = self.at;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let plain = memchr::memchr2(b'"', b'\\', rest)?;
            let end = self.at + plain;
            out.push_str(self.slice(from..end));
            self.at = end + 1;
            if rest.get(plain) == Some(&b'"') {
                return Some(());
            }
            from = self.at;
            if matches!(self.peek(), b'"' | b'\\' | b'/') {
                self.at += 1;
            } else {
                self.unescape_one(out)?;
                from = self.at;
            }
        }
    }

    fn unescape_one(&mut self, out: &mut String) -> Option<()> {
        let from = self.at;
        self.escape()?;
        out.push(match self.text.as_bytes().get(from)? {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode(from + 1)?,
            other => char::from(*other),
        });
        Some(())
    }

    /// The character of an escape whose digits begin at `digits`; half a pair is U+FFFD.
    fn unicode(&mut self, digits: usize) -> Option<char> {
        let first = self.hex(digits)?;
        if (0xD800..0xDC00).contains(&first) && self.slice(self.at..self.at + 2) == "\\u" {
            let second = self.hex(self.at + 2).filter(|second| (0xDC00..0xE000).contains(second));
            if let Some(second) = second {
                self.at += 6;
                return char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            }
        }
        Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&self, from: usize) -> Option<u32> {
        u32::from_str_radix(self.text.get(from..from + 4)?, 16).ok()
    }

    /// Read a number, or one of the bare words that stand for one.
    pub fn number(&mut self) -> Option<Number> {
        let from = self.at;
        let negative = self.take(b'-');
        match self.peek() {
            b'I' if self.take_text("Infinity") => {
                return Some(Number::Double(if negative { f64::NEG_INFINITY } else { f64::INFINITY }));
            }
            b'N' if !negative && self.take_text("NaN") => return Some(Number::Double(f64::NAN)),
            _ => {}
        }
        let leading_zero = self.peek() == b'0';
        let (mantissa, whole) = self.digits(0);
        if whole == 0 || (leading_zero && whole > 1) {
            return None;
        }
        if !matches!(self.peek(), b'.' | b'e' | b'E') {
            return Some(integer(self.slice(from..self.at), mantissa, whole, negative));
        }
        self.fraction(from, mantissa, whole, negative)
    }

    /// Digits onto a mantissa, which wraps after 19 of them; and how many they were.
    fn digits(&mut self, mut mantissa: u64) -> (u64, usize) {
        let mut rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let before = rest.len();
        while let Some((eight, after)) = rest.split_first_chunk::<8>()
            && let Some(value) = eight_digits(u64::from_le_bytes(*eight))
        {
            mantissa = mantissa.wrapping_mul(100_000_000).wrapping_add(value);
            rest = after;
        }
        while let Some((byte, after)) = rest.split_first()
            && byte.is_ascii_digit()
        {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
            rest = after;
        }
        let count = before - rest.len();
        self.at += count;
        (mantissa, count)
    }

    fn fraction(&mut self, from: usize, mut mantissa: u64, whole: usize, negative: bool) -> Option<Number> {
        let mut places = 0;
        if self.take(b'.') {
            (mantissa, places) = self.digits(mantissa);
            if places == 0 {
                return None;
            }
        }
        let exponent = self.exponent()?;
        let power = exponent.saturating_sub(i64::try_from(places).unwrap_or(i64::MAX));
        let value = if whole + places <= 19 { scaled(mantissa, power) } else { None };
        let value = match value {
            Some(magnitude) if negative => -magnitude,
            Some(magnitude) => magnitude,
            None => self.slice(from..self.at).parse().ok()?,
        };
        Some(Number::Double(value))
    }

    fn exponent(&mut self) -> Option<i64> {
        if !matches!(self.peek(), b'e' | b'E') {
            return Some(0);
        }
        self.at += 1;
        let negative = self.peek() == b'-';
        if matches!(self.peek(), b'-' | b'+') {
            self.at += 1;
        }
        let (value, digits) = self.digits(0);
        if digits == 0 {
            return None;
        }
        // Only small ones are used as numbers; the others go through the slow way as text.
        let value = if digits > 9 { i64::from(i32::MAX) } else { i64::try_from(value).ok()? };
        Some(if negative { -value } else { value })
    }

    /// Pass over any value.
    pub fn skip(&mut self) -> Option<()> {
        self.open.clear();
        loop {
            self.space();
            let opener = self.peek();
            match opener {
                b'{' | b'[' => {
                    self.at += 1;
                    self.space();
                    // '{' and '}', '[' and ']' are two apart.
                    if !self.take(opener + 2) {
                        if self.open.len() >= DEEPEST {
                            return None;
                        }
                        self.open.push(opener);
                        self.name_in(opener)?;
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            if self.close()? {
                return Some(());
            }
        }
    }

    /// After a value: close what ends here, up to the next value. True when nothing is open.
    fn close(&mut self) -> Option<bool> {
        while let Some(opener) = self.open.last().copied() {
            self.space();
            if self.take(b',') {
                self.name_in(opener)?;
                return Some(false);
            }
            if !self.take(opener + 2) {
                return None;
            }
            self.open.pop();
        }
        Some(true)
    }

    /// In an object, pass over a name and its colon.
    fn name_in(&mut self, opener: u8) -> Option<()> {
        if opener == b'{' {
            self.space();
            self.quoted()?;
            self.space();
            return self.take(b':').then_some(());
        }
        Some(())
    }

    fn scalar(&mut self) -> Option<()> {
        match self.peek() {
            b'"' => self.quoted().map(|_| ()),
            b't' => self.take_text("true").then_some(()),
            b'f' => self.take_text("false").then_some(()),
            b'n' => self.take_text("null").then_some(()),
            _ => self.number().map(|_| ()),
        }
    }
}

/// The high bit of each of eight bytes that is a quote, a backslash or a control character. Only the
/// first one told is sure: a borrow may tell of one after it.
fn special_bytes(bytes: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let below = |bytes: u64, limit: u64| bytes.wrapping_sub(ONES * limit) & !bytes & HIGH;
    let quotes = bytes ^ (ONES * u64::from(b'"'));
    let backslashes = bytes ^ (ONES * u64::from(b'\\'));
    below(quotes, 1) | below(backslashes, 1) | below(bytes, 0x20)
}

/// The value of eight digits, the first one in the lowest byte; none if one is no digit.
fn eight_digits(bytes: u64) -> Option<u64> {
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    // Only '0' to '9' have a high half of 3 both as they are and with six added.
    let high = (bytes & HIGH) | ((bytes.wrapping_add(0x0606_0606_0606_0606) & HIGH) >> 4);
    if high != 0x3333_3333_3333_3333 {
        return None;
    }
    let digits = bytes & 0x0F0F_0F0F_0F0F_0F0F;
    let pairs = digits.wrapping_mul((10 << 8) + 1) >> 8 & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul((100 << 16) + 1) >> 16 & 0x0000_FFFF_0000_FFFF;
    Some(fours.wrapping_mul((10_000 << 32) + 1) >> 32)
}

/// A mantissa times a power of ten, rounded once; none where that takes the slow way.
fn scaled(mantissa: u64, power: i64) -> Option<f64> {
    let scale = *EXACT_POWERS.get(usize::try_from(power.unsigned_abs()).ok()?)?;
    if mantissa <= EXACT_INTEGERS {
        // Both are exact, so that one division or product rounds once, as it should.
        let exact = as_double(mantissa);
        return Some(if power < 0 { exact / scale } else { exact * scale });
    }
    if power >= 0 {
        return None;
    }
    // Twice the digits: the quotient, and by what it misses.
    let high = as_double(mantissa);
    let low = missed(mantissa, high);
    let quotient = high / scale;
    let rest = (-quotient).mul_add(scale, high);
    let correction = (rest + low) / scale;
    // The correction is off by a few parts in 2^53. If that can't change the sum, the sum is right.
    let (least, most) = (correction * (1.0 - DOUBT), correction * (1.0 + DOUBT));
    let sum = quotient + least;
    (sum.to_bits() == (quotient + most).to_bits()).then_some(sum)
}

/// Far more than the error of two roundings.
const DOUBT: f64 = f64::EPSILON * 16.0;

/// What a double next to an integer below 2^64 lacks, which is small.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]
#[allow(clippy::cast_precision_loss)]
fn missed(exact: u64, double: f64) -> f64 {
    exact.wrapping_sub(double as u64) as i64 as f64
}

/// An integer from its digits; `mantissa` is their value if they are fewer than 20.
fn integer(token: &str, mantissa: u64, digits: usize, negative: bool) -> Number {
    if digits <= 19 && mantissa <= EXACT_INTEGERS {
        // A float that lost its point is written `-0`; as an integer it would lose its sign.
        let value = as_double(mantissa);
        return Number::Double(if negative { -value } else { value });
    }
    match token.parse::<i64>() {
        Ok(value) if fits_double(value) => Number::Double(nearest_double(value)),
        Ok(value) => Number::Exact(value),
        Err(_) => Number::Huge,
    }
}

/// The double next to an integer.
#[must_use]
#[allow(clippy::cast_precision_loss)] // that is what `exact` is for
pub fn nearest_double(value: i64) -> f64 {
    value as f64
}

#[allow(clippy::cast_precision_loss)] // exact up to 2^53, and callers know
fn as_double(value: u64) -> f64 {
    value as f64
}

/// Whether a double holds an integer: at most 53 bits between its first and its last.
fn fits_double(value: i64) -> bool {
    let magnitude = value.unsigned_abs();
    64 - magnitude.leading_zeros() - magnitude.trailing_zeros().min(63) <= 53
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::float_cmp)] // small numbers, made here
mod tests {
    use super::*;
    use crate::json;
    use crate::value::Value;
    use proptest::prelude::*;

    fn number(text: &str) -> Option<Number> {
        let mut scan = Scan::new(text);
        let number = scan.number()?;
        scan.at_end().then_some(number)
    }

    fn is_json(text: &str) -> bool {
        let mut scan = Scan::new(text);
        scan.skip().is_some() && scan.at_end()
    }

    #[test]
    fn integers_that_a_double_cannot_hold_are_kept_whole() {
        assert_eq!(number("9007199254740992"), Some(Number::Double(9_007_199_254_740_992.0)));
        assert_eq!(number("9007199254740993"), Some(Number::Exact(9_007_199_254_740_993)));
        assert_eq!(number("-9223372036854775808"), Some(Number::Double(-9_223_372_036_854_775_808.0)));
        assert_eq!(number("9223372036854775807"), Some(Number::Exact(i64::MAX)));
        assert_eq!(number("9223372036854775808"), Some(Number::Huge));
        assert!(matches!(number("-0"), Some(Number::Double(x)) if x == 0.0 && x.is_sign_negative()));
    }

    #[test]
    fn what_json_forbids_is_no_number() {
        for text in ["", "-", "01", "1.", ".5", "1e", "1e+", "+1", "0x1", "nan", "-NaN", "inf", "1_0"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced_and_a_whole_one_read() {
        let mut out = String::new();
        let read = Scan::new(r#""\ud83d\ude00 \ud83d \ude00 \ud83dA""#).unescape_into(&mut out);

        assert!(read.is_some());
        assert_eq!(out, "😀 \u{fffd} \u{fffd} \u{fffd}A");
    }

    #[test]
    fn deep_nesting_is_refused_and_exhausts_no_stack() {
        assert!(is_json(&("[".repeat(500) + &"]".repeat(500))));
        assert!(!is_json(&("[".repeat(600) + &"]".repeat(600))));
        assert!(!is_json(&"[".repeat(1_000_000)));
        assert!(!is_json(&r#"{"a":"#.repeat(1_000_000)));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            ".*".prop_map(|text| Value::Str(text.into())),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
                proptest::collection::vec((".*".prop_map(Into::into), inner), 0..6).prop_map(Value::Dict),
            ]
        })
    }

    proptest! {
        #[test]
        fn doubles_read_back_bit_for_bit(value in any::<f64>()) {
            for text in [format!("{value:?}"), format!("{value:e}"), format!("{value:.6e}"), format!("{value:.3}")] {
                if let Ok(expected) = text.parse::<f64>().map_err(drop).and_then(|x| if x.is_finite() { Ok(x) } else { Err(()) }) {
                    let found = match number(&text) {
                        Some(Number::Double(x)) => x,
                        Some(Number::Exact(n)) => nearest_double(n),
                        _ => expected, // a whole number beyond 64 bits
                    };
                    prop_assert_eq!(found.to_bits(), expected.to_bits(), "{}", text);
                }
            }
        }

        #[test]
        fn long_decimals_are_rounded_once(mantissa in any::<u64>(), digits in 1_usize..20, places in 0_usize..24) {
            let digits = mantissa.to_string().chars().take(digits).collect::<String>();
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, fraction) = padded.split_at(padded.len() - places);
            let text = format!("-{}.{fraction}0", whole.trim_start_matches('0').parse::<u64>().unwrap_or(0));
            let expected: f64 = text.parse().unwrap();

            prop_assert_eq!(number(&text).map(|found| format!("{found:?}")), Some(format!("{:?}", Number::Double(expected))));
        }

        #[test]
        fn integers_read_back(value in any::<i64>()) {
            match number(&value.to_string()) {
                Some(Number::Double(x)) => prop_assert_eq!(x as i128, i128::from(value)),
                Some(Number::Exact(n)) => {
                    prop_assert_eq!(n, value);
                    prop_assert_ne!(nearest_double(n) as i128, i128::from(value));
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }

        #[test]
        fn it_passes_over_what_the_slow_reader_reads(value in value()) {
            prop_assert!(is_json(&value.to_json()));
        }

        #[test]
        fn it_takes_only_what_the_slow_reader_takes(text in r#"[\[\]{}:,"\\a0-9eE.+\-nultrfsINay ]{0,24}"#) {
            if is_json(&text) {
                prop_assert!(json::parse(&text).is_ok(), "{}", text);
            }
        }

        #[test]
        fn texts_are_unescaped_as_the_slow_reader_does(text in ".*") {
            let quoted = Value::Str(text.clone().into()).to_json();
            let mut out = String::new();
            let mut scan = Scan::new(&quoted);

            prop_assert!(scan.unescape_into(&mut out).is_some());
            prop_assert_eq!(out, text);
            prop_assert!(scan.at_end());
        }
    }
}
