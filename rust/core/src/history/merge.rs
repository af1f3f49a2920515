//! Several segments made one, key by key, so that no more than a part of a key is held at once.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
use crate::history::cells::{KeyCells, Numbers, RowId, Stream};
use crate::history::parts::{Part, all_names};
use crate::history::segment::{Segment, SegmentFacts, SegmentWriter};
use crate::history::windows::Windows;

/// Cells held at once.
const WINDOW_CELLS: u64 = 1 << 18;
/// The same of keys whose cells may be long texts.
const WINDOW_TEXTS: u64 = 1 << 13;

/// Write one segment with the cells of others, oldest first, and make it durable.
///
/// Of two cells of one key and row the first one stays, but for console lines, where it is the
/// last one. Runs that `keep` says no to are left out. The inputs stay as they are.
///
/// # Errors
/// `Io`, `Damaged`. Nothing stays of what was written.
pub fn merge_segments(
    inputs: &[&Segment],
    dir: &Path,
    name: &str,
    stream: Stream,
    keep: &dyn Fn(u64) -> bool,
) -> Result<SegmentFacts> {
    let mut writer = SegmentWriter::create(dir, name)?;
    let runs: BTreeSet<u64> = inputs.iter().flat_map(|segment| segment.runs()).collect();
    for run in runs.into_iter().filter(|run| keep(*run)) {
        let parts: Vec<Part<'_>> = inputs
            .iter()
            .filter(|segment| !segment.keys(run).is_empty())
            .map(|segment| Part::File { run, segment })
            .collect();
        for key in all_names(&parts) {
            merge_key(&mut writer, &parts, &key, stream)?;
        }
    }
    writer.finish()
}

fn merge_key(writer: &mut SegmentWriter, parts: &[Part<'_>], key: &Arc<str>, stream: Stream) -> Result<()> {
    let keys = std::slice::from_ref(key);
    let texts = parts.iter().any(|part| part.has_side(key));
    let cells = if texts { WINDOW_TEXTS } else { WINDOW_CELLS };
    for steps in Windows::new(parts, &[], keys, (i64::MIN, i64::MAX), cells) {
        let mut all = Vec::new();
        for part in parts {
            all.extend(part.read(keys, steps)?.into_owned().into_values());
        }
        let run = parts.first().map_or(0, Part::run);
        let merged = merge_cells(all, stream == Stream::Console);
        writer.numbers(run, key, &merged.numbers)?;
        writer.side(run, key, &merged.side)?;
    }
    Ok(())
}

/// One key's cells of several places, oldest first, as one.
fn merge_cells(mut all: Vec<KeyCells>, newest: bool) -> KeyCells {
    if all.len() < 2 {
        return all.pop().unwrap_or_default();
    }
    let mut numbers: Vec<(RowId, (f64, Option<i64>))> = Vec::new();
    let mut side = Vec::new();
    for cells in &mut all {
        numbers.extend(pairs(&cells.numbers));
        side.append(&mut cells.side);
    }
    let mut merged = KeyCells { numbers: Numbers::default(), side: in_order(side, newest) };
    for (row, (value, exact)) in in_order(numbers, newest) {
        if let (Some(exact), Ok(at)) = (exact, u32::try_from(merged.numbers.values.len())) {
            merged.numbers.exact.push((at, exact));
        }
        merged.numbers.rows.push(row);
        merged.numbers.values.push(value);
    }
    merged
}

fn pairs(numbers: &Numbers) -> impl Iterator<Item = (RowId, (f64, Option<i64>))> + '_ {
    let mut exact = numbers.exact.iter().peekable();
    let cells = numbers.rows.iter().zip(&numbers.values).enumerate();
    cells.map(move |(at, (row, value))| {
        let own = exact.next_if(|(position, _)| *position as usize == at);
        (*row, (*value, own.map(|(_, whole)| *whole)))
    })
}

/// Sort by row, and keep one cell of each.
fn in_order<T>(mut cells: Vec<(RowId, T)>, newest: bool) -> Vec<(RowId, T)> {
    cells.sort_by_key(|(row, _)| *row);
    if newest {
        // `dedup` keeps the first of those that are equal.
        cells.reverse();
        cells.dedup_by_key(|(row, _)| *row);
        cells.reverse();
    } else {
        cells.dedup_by_key(|(row, _)| *row);
    }
    cells
}
