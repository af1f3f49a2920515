//! One frame of the log: what one request brought that was new.
//!
//! ```text
//! length u32 | crc32c u32 | seq u64 | payload
//! ```
//! The checksum covers payload, length and seq, in this order: all but the seq is known before the
//! frame has its place in the log. A payload is packed as `packing` says; keys are named in each
//! frame, so that it can be read without any other.

use std::ops::Range;
use std::sync::Arc;

use super::batch::{Batch, Cell, Column, KeyTable, Row};
use super::cells::Side;
use super::packing::{Unpacker, put_bytes, put_f64, put_i64, put_len, put_option, put_str, put_u64};
use crate::error::{CoreError, Result};

/// Bytes before the payload.
pub const ENVELOPE: usize = 16;

const HAS_EXIT_CODE: u8 = 1;
const COMPLETE: u8 = 2;
const PREEMPTING: u8 = 4;

/// What a frame says besides its lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// Which run.
    pub run: u64,
    /// Which project the run belongs to.
    pub project: u64,
    /// How often the run had been rewound.
    pub attempt: u16,
    /// Number of the writer in its run.
    pub writer: u16,
    /// The writer's name.
    pub writer_name: Arc<str>,
    /// When the request came, seconds since the epoch.
    pub received_at: f64,
    /// The run ended; and how.
    pub complete: bool,
    /// See `complete`.
    pub exit_code: Option<i64>,
    /// The run is about to be stopped.
    pub preempting: bool,
    /// The attempt's highest step after this request.
    pub last_step: i64,
    /// The attempt's rows of history after this request.
    pub history_lines: u64,
    /// The run's summary, if it is new.
    pub summary: Option<Arc<str>>,
}

/// Text lines, by file and number. The file is empty for the console.
pub type TextLine<'a> = (&'a str, i64, &'a str);

/// New rows of one stream on their way into a frame.
#[derive(Clone, Copy, Debug)]
pub struct NewRows<'a> {
    /// The numbers of all lines that came, the unreadable ones too.
    pub received: &'a [Range<i64>],
    /// The readable ones.
    pub batch: &'a Batch,
    /// Names of the batch's keys.
    pub keys: &'a KeyTable,
}

/// Append a payload.
pub fn pack(
    out: &mut Vec<u8>,
    head: &Head,
    rows: [NewRows<'_>; 2],
    console: (&[Range<i64>], &[TextLine<'_>]),
    aside: &[TextLine<'_>],
) {
    pack_head(out, head);
    for stream in rows {
        pack_ranges(out, stream.received);
        pack_batch(out, stream.batch, stream.keys);
    }
    pack_ranges(out, console.0);
    pack_texts(out, console.1);
    pack_texts(out, aside);
}

fn pack_head(out: &mut Vec<u8>, head: &Head) {
    put_u64(out, head.run);
    put_u64(out, head.project);
    put_u64(out, u64::from(head.attempt));
    put_u64(out, u64::from(head.writer));
    put_str(out, &head.writer_name);
    put_f64(out, head.received_at);
    let flag = |on: bool, bit: u8| if on { bit } else { 0 };
    out.push(
        flag(head.exit_code.is_some(), HAS_EXIT_CODE)
            | flag(head.complete, COMPLETE)
            | flag(head.preempting, PREEMPTING),
    );
    put_i64(out, head.exit_code.unwrap_or(0));
    put_i64(out, head.last_step);
    put_u64(out, head.history_lines);
    put_option(out, head.summary.as_deref());
}

/// Read the head; the lines come after it.
///
/// # Errors
/// `Damaged` if `pack` can't have written it; so for the other readers.
pub fn unpack_head(from: &mut Unpacker<'_>) -> Result<Head> {
    let (run, project, attempt, writer) = (from.u64()?, from.u64()?, from.u16()?, from.u16()?);
    let writer_name = from.text()?.into();
    let received_at = from.f64()?;
    let flags = from.byte()?;
    let exit_code = Some(from.i64()?).filter(|_| flags & HAS_EXIT_CODE != 0);
    let (last_step, history_lines) = (from.i64()?, from.u64()?);
    Ok(Head {
        run,
        project,
        attempt,
        writer,
        writer_name,
        received_at,
        complete: flags & COMPLETE != 0,
        exit_code,
        preempting: flags & PREEMPTING != 0,
        last_step,
        history_lines,
        summary: from.option()?,
    })
}

fn pack_ranges(out: &mut Vec<u8>, ranges: &[Range<i64>]) {
    put_len(out, ranges.len());
    for range in ranges {
        put_i64(out, range.start);
        put_u64(out, range.end.abs_diff(range.start));
    }
}

/// Read ranges of line numbers.
///
/// # Errors
/// `Damaged`
pub fn unpack_ranges(from: &mut Unpacker<'_>) -> Result<Vec<Range<i64>>> {
    let count = from.count()?;
    (0..count)
        .map(|_| {
            let start = from.i64()?;
            let end = start.checked_add_unsigned(from.u64()?);
            Ok(start..end.ok_or_else(|| CoreError::Damaged("a line number beyond 63 bits".into()))?)
        })
        .collect()
}

fn pack_batch(out: &mut Vec<u8>, batch: &Batch, keys: &KeyTable) {
    put_len(out, batch.rows.len());
    let (mut line, mut step) = (0, 0);
    for row in &batch.rows {
        put_i64(out, row.line.wrapping_sub(line));
        put_i64(out, row.step.wrapping_sub(step));
        (line, step) = (row.line, row.step);
    }
    put_len(out, batch.touched.len());
    for (key, column) in batch.cells() {
        put_str(out, &keys.name(key));
        pack_column(out, column, batch.rows.len());
    }
}

/// Positions only where a row lacks the key: rows of one shape take eight bytes a value.
fn pack_column(out: &mut Vec<u8>, column: &Column, rows: usize) {
    put_len(out, column.values.len());
    if column.values.len() < rows {
        pack_positions(out, column.rows.iter().copied());
    }
    out.reserve(column.values.len() * 8);
    for value in &column.values {
        put_f64(out, *value);
    }
    put_len(out, column.exact.len());
    for (at, value) in &column.exact {
        put_u64(out, u64::from(*at));
        put_i64(out, *value);
    }
    put_len(out, column.side.len());
    for (row, side) in &column.side {
        put_u64(out, u64::from(*row));
        pack_side(out, side);
    }
}

fn pack_positions(out: &mut Vec<u8>, rows: impl Iterator<Item = u32>) {
    let mut before = 0;
    for row in rows {
        put_u64(out, u64::from(row - before));
        before = row;
    }
}

fn pack_side(out: &mut Vec<u8>, side: &Side) {
    match side {
        Side::Null => out.push(0),
        Side::Bool(value) => out.push(1 + u8::from(*value)),
        Side::Json(text) => {
            out.push(3);
            put_bytes(out, text.as_bytes());
        }
    }
}

/// Read rows into an empty batch, whose keys get their numbers from `keys`.
///
/// # Errors
/// `Damaged`
pub fn unpack_batch(from: &mut Unpacker<'_>, batch: &mut Batch, keys: &mut KeyTable) -> Result<()> {
    let (mut line, mut step) = (0_i64, 0_i64);
    for _ in 0..from.count()? {
        line = line.wrapping_add(from.i64()?);
        step = step.wrapping_add(from.i64()?);
        batch.rows.push(Row { line, step });
    }
    for _ in 0..from.count()? {
        let key = keys.flat(from.text()?);
        unpack_column(from, batch, key)?;
    }
    Ok(())
}

fn unpack_column(from: &mut Unpacker<'_>, batch: &mut Batch, key: u32) -> Result<()> {
    let count = from.count()?;
    let rows = batch.rows.len();
    let positions = unpack_positions(from, count, rows)?;
    let (values, _) = from.take(count.saturating_mul(8))?.as_chunks::<8>();
    let values = values.iter().map(|bytes| f64::from_le_bytes(*bytes));
    batch.push_numbers(key, positions, values);
    for _ in 0..from.count()? {
        let (at, value) = (from.u32()?, from.i64()?);
        batch.mark_exact(key, at, value);
    }
    for _ in 0..from.count()? {
        let row = in_range(from.u32()?, rows)?;
        batch.push_cell(key, row, Cell::Side(unpack_side(from)?));
    }
    Ok(())
}

fn unpack_positions(from: &mut Unpacker<'_>, count: usize, rows: usize) -> Result<Vec<u32>> {
    if count == rows {
        return Ok((0..super::batch::position(count)).collect());
    }
    let mut row = 0_u32;
    (0..count)
        .map(|_| {
            row = row.checked_add(from.u32()?).ok_or_else(out_of_range)?;
            in_range(row, rows)
        })
        .collect()
}

fn in_range(row: u32, rows: usize) -> Result<u32> {
    if (row as usize) < rows { Ok(row) } else { Err(out_of_range()) }
}

fn out_of_range() -> CoreError {
    CoreError::Damaged("a cell of a row that is not there".into())
}

fn unpack_side(from: &mut Unpacker<'_>) -> Result<Side> {
    Ok(match from.byte()? {
        0 => Side::Null,
        1 => Side::Bool(false),
        2 => Side::Bool(true),
        _ => Side::Json(from.text()?.into()),
    })
}

fn pack_texts(out: &mut Vec<u8>, lines: &[TextLine<'_>]) {
    put_len(out, lines.len());
    for (file, number, text) in lines {
        put_str(out, file);
        put_i64(out, *number);
        put_str(out, text);
    }
}

/// Read lines of text.
///
/// # Errors
/// `Damaged`
pub fn unpack_texts<'a>(from: &mut Unpacker<'a>) -> Result<Vec<TextLine<'a>>> {
    let count = from.count()?;
    (0..count).map(|_| Ok((from.text()?, from.i64()?, from.text()?))).collect()
}

/// A frame without its seq: the envelope's place, then the payload.
#[derive(Debug)]
pub struct Unplaced {
    bytes: Vec<u8>,
    payload_crc: u32,
}

impl Unplaced {
    /// Put a payload in its envelope. `fill` appends it.
    #[must_use]
    pub fn new(capacity: usize, fill: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut bytes = Vec::with_capacity(capacity + ENVELOPE);
        bytes.resize(ENVELOPE, 0);
        fill(&mut bytes);
        let payload_crc = crc32c::crc32c(bytes.get(ENVELOPE..).unwrap_or_default());
        Self { bytes, payload_crc }
    }

    /// How long the frame is.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Never.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Give it its place in the log.
    #[must_use]
    pub fn place(mut self, seq: u64) -> Vec<u8> {
        let length = u32::try_from(self.bytes.len() - ENVELOPE).unwrap_or(u32::MAX);
        let envelope = envelope(length, seq, self.payload_crc);
        if let Some(place) = self.bytes.get_mut(..ENVELOPE) {
            place.copy_from_slice(&envelope);
        }
        self.bytes
    }
}

fn envelope(length: u32, seq: u64, payload_crc: u32) -> [u8; ENVELOPE] {
    let mut bytes = [0; ENVELOPE];
    let crc = crc32c::crc32c_append(payload_crc, &length.to_le_bytes());
    let crc = crc32c::crc32c_append(crc, &seq.to_le_bytes());
    let parts = length.to_le_bytes().into_iter().chain(crc.to_le_bytes()).chain(seq.to_le_bytes());
    bytes.iter_mut().zip(parts).for_each(|(place, byte)| *place = byte);
    bytes
}

/// The first frame of some bytes: its seq, its payload, and what comes after; none if it is not
/// whole or not what was written.
#[must_use]
pub fn first_frame(bytes: &[u8]) -> Option<(u64, &[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<ENVELOPE>()?;
    let (length, _) = head.split_first_chunk::<4>()?;
    let (_, seq) = head.split_last_chunk::<8>()?;
    let (length, seq) = (u32::from_le_bytes(*length), u64::from_le_bytes(*seq));
    let (payload, rest) = rest.split_at_checked(length as usize)?;
    (*head == envelope(length, seq, crc32c::crc32c(payload))).then_some((seq, payload, rest))
}

#[cfg(test)]
#[allow(clippy::cast_possible_wrap, clippy::single_range_in_vec_init)] // small numbers, made here
mod tests {
    use super::*;
    use crate::history::batch::RowCells;
    use crate::history::lines_row::parse_row;
    use proptest::prelude::*;

    fn batch_of(lines: &[&str], keys: &mut KeyTable) -> Batch {
        let mut batch = Batch::default();
        let mut cells = RowCells::default();
        for (at, line) in lines.iter().enumerate() {
            assert!(parse_row(line, keys, &mut cells));
            batch.push(Row { line: at as i64 + 5, step: 100 - at as i64 }, &mut cells);
        }
        batch
    }

    fn named(batch: &Batch, keys: &KeyTable) -> Vec<(Arc<str>, Column)> {
        batch.cells().map(|(key, column)| (keys.name(key), column.clone())).collect()
    }

    #[test]
    fn a_frame_reads_back_whole() {
        let lines = [
            r#"{"a":1,"b":{"c.d":-0}}"#,
            r#"{"a":9007199254740993,"e":null}"#,
            r#"{"a":"x","e":true,"f":[1]}"#,
        ];
        let mut keys = KeyTable::default();
        let batch = batch_of(&lines, &mut keys);
        let empty = Batch::default();
        let head = Head {
            run: 7,
            writer_name: "w".into(),
            received_at: 1.5,
            complete: true,
            exit_code: Some(-1),
            last_step: -1,
            summary: Some("{}".into()),
            ..Head::default()
        };
        let rows = |batch, received| NewRows { received, batch, keys: &keys };
        let frame = Unplaced::new(0, |out| {
            pack(
                out,
                &head,
                [rows(&batch, &[5..8]), rows(&empty, &[])],
                (&[3..4], &[("", 3, "hi")]),
                &[("f", 1, "{")],
            );
        })
        .place(42);

        let (seq, payload, rest) = first_frame(&frame).unwrap();
        let mut from = Unpacker::new(payload);
        let (mut again, mut other_keys) = (Batch::default(), KeyTable::default());

        assert_eq!((seq, rest.len()), (42, 0));
        assert_eq!(unpack_head(&mut from).unwrap(), head);
        assert_eq!(unpack_ranges(&mut from).unwrap(), [5..8]);
        unpack_batch(&mut from, &mut again, &mut other_keys).unwrap();
        assert_eq!(again.rows, batch.rows);
        assert_eq!(named(&again, &other_keys), named(&batch, &keys));
        assert_eq!(unpack_ranges(&mut from).unwrap(), []);
        unpack_batch(&mut from, &mut Batch::default(), &mut other_keys).unwrap();
        assert_eq!(unpack_ranges(&mut from).unwrap(), [3..4]);
        assert_eq!(unpack_texts(&mut from).unwrap(), [("", 3, "hi")]);
        assert_eq!(unpack_texts(&mut from).unwrap(), [("f", 1, "{")]);
        assert!(from.rest().is_empty());
    }

    proptest! {
        #[test]
        fn a_changed_or_missing_byte_is_noticed(payload in proptest::collection::vec(any::<u8>(), 0..60), seq in any::<u64>(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let frame = Unplaced::new(0, |out| out.extend_from_slice(&payload)).place(seq);
            let mut changed = frame.clone();
            changed[at.index(frame.len())] ^= 1 << bit;

            prop_assert_eq!(first_frame(&frame), Some((seq, &payload[..], &[][..])));
            prop_assert_eq!(first_frame(&changed), None);
            prop_assert_eq!(first_frame(&frame[..at.index(frame.len())]), None);
        }

        #[test]
        fn no_payload_makes_it_panic(payload in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut from = Unpacker::new(&payload);
            let _ = unpack_head(&mut from);
            let mut from = Unpacker::new(&payload);
            let _ = unpack_batch(&mut from, &mut Batch::default(), &mut KeyTable::default());
            let _ = unpack_ranges(&mut Unpacker::new(&payload));
            let _ = unpack_texts(&mut Unpacker::new(&payload));
        }
    }
}
