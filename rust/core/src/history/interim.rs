//! Rows as JSON text from cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::{RowId, RunCells, Side};
use crate::json::{write_f64, write_i64, write_str};

#[must_use]
#[allow(clippy::type_complexity)]
/// Rows with their steps, in order; with `needed`, those that have so many keys.
pub fn assemble(cells: &RunCells, needed: Option<usize>) -> Vec<(i64, String)> {
    let mut rows: BTreeMap<RowId, Vec<(Vec<String>, Vec<u8>)>> = BTreeMap::new();
    for (name, cells) in cells {
        let path = split(name);
        let mut exact = cells.numbers.exact.iter().peekable();
        for (at, (row, value)) in cells.numbers.rows.iter().zip(&cells.numbers.values).enumerate() {
            let mut text = Vec::new();
            match exact.next_if(|(position, _)| *position as usize == at) {
                Some((_, whole)) => write_i64(&mut text, *whole),
                None => write_f64(&mut text, *value),
            }
            rows.entry(*row).or_default().push((path.clone(), text));
        }
        for (row, side) in &cells.side {
            rows.entry(*row).or_default().push((path.clone(), side_text(side)));
        }
    }
    let whole = rows.into_iter().filter(|(_, row)| needed.is_none_or(|needed| row.len() >= needed));
    whole
        .map(|(row, mut members)| {
            members.sort();
            let mut out = Vec::new();
            nested(&mut out, &members, 0);
            (row.step, String::from_utf8(out).unwrap_or_default())
        })
        .collect()
}

fn side_text(side: &Side) -> Vec<u8> {
    match side {
        Side::Null => b"null".to_vec(),
        Side::Bool(value) => value.to_string().into_bytes(),
        Side::Json(text) => Arc::<str>::clone(text).as_bytes().to_vec(),
    }
}

fn nested(out: &mut Vec<u8>, members: &[(Vec<String>, Vec<u8>)], depth: usize) {
    out.push(b'{');
    let name = |member: &(Vec<String>, Vec<u8>)| member.0.get(depth).cloned();
    for (at, group) in members.chunk_by(|a, b| name(a) == name(b)).enumerate() {
        let Some(first) = group.first() else { continue };
        if at > 0 {
            out.push(b',');
        }
        write_str(out, &name(first).unwrap_or_default());
        out.push(b':');
        if first.0.len() > depth + 1 {
            nested(out, group, depth + 1);
        } else {
            out.extend_from_slice(&first.1);
        }
    }
    out.push(b'}');
}

fn split(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        let part = parts.last_mut();
        match (c, part) {
            ('.', _) => parts.push(String::new()),
            ('\\', Some(part)) => part.extend(chars.next()),
            (c, Some(part)) => part.push(c),
            (_, None) => {}
        }
    }
    parts
}
