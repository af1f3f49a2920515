//! The segments that are open: those read last, so that file descriptors and indexes stay bounded.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::segment::Segment;
use super::store::locked;
use crate::error::Result;

/// So many are kept open; each has up to three files.
const MOST_OPEN: usize = 128;
/// Their indexes take no more memory than this, but for that of the last one.
const MOST_BYTES: u64 = 256 << 20;

/// Open segments by name, the one that was read last at the end. A reader keeps what it was given,
/// also when it is not kept here any more.
#[derive(Debug, Default)]
pub struct OpenSegments(Mutex<Vec<(String, Arc<Segment>)>>);

impl OpenSegments {
    /// The segment `name` of a folder, opened if it isn't.
    ///
    /// # Errors
    /// `Io` or `Damaged` if it can't be.
    pub(super) fn get(&self, folder: &Path, name: &str) -> Result<Arc<Segment>> {
        if let Some(known) = self.known(name) {
            return Ok(known);
        }
        // Others needn't wait for it; if two open it at once, one of them is let go of.
        let segment = Arc::new(Segment::open(folder, name)?);
        self.close(name);
        let mut open = locked(&self.0);
        open.push((name.to_owned(), segment.clone()));
        drop(surplus(&mut open));
        Ok(segment)
    }

    fn known(&self, name: &str) -> Option<Arc<Segment>> {
        let mut open = locked(&self.0);
        let at = open.iter().rposition(|(known, _)| known == name)?;
        let found = open.remove(at);
        let segment = found.1.clone();
        open.push(found);
        Some(segment)
    }

    /// Let go of a segment.
    pub(super) fn close(&self, name: &str) {
        locked(&self.0).retain(|(known, _)| known != name);
    }

    /// How many are open.
    #[must_use]
    pub fn count(&self) -> usize {
        locked(&self.0).len()
    }
}

/// Take out those that were read longest ago until the others are few and small enough.
fn surplus(open: &mut Vec<(String, Arc<Segment>)>) -> Vec<(String, Arc<Segment>)> {
    let (mut kept, mut bytes) = (0, 0);
    for (_, segment) in open.iter().rev() {
        bytes += segment.index_bytes();
        if kept >= MOST_OPEN || (kept > 0 && bytes > MOST_BYTES) {
            break;
        }
        kept += 1;
    }
    open.drain(..open.len() - kept).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::history::cells::{KeyCells, RowId, RunCells, Side};
    use crate::history::segment::write_segment;

    #[test]
    fn those_read_last_stay_open_and_not_too_many() {
        let dir = tempfile::tempdir().unwrap();
        let mut cells = KeyCells::default();
        cells.side.push((RowId { step: 0, line: 0, writer: 0, attempt: 0 }, Side::Null));
        let run = RunCells::from([("k".into(), cells)]);
        let names: Vec<String> = (0..MOST_OPEN + 9).map(|number| number.to_string()).collect();
        for name in &names {
            write_segment(dir.path(), name, &BTreeMap::from([(1, run.clone())])).unwrap();
        }
        let open = OpenSegments::default();
        let first = open.get(dir.path(), "0").unwrap();

        for name in &names {
            open.get(dir.path(), name).unwrap();
            assert!(Arc::ptr_eq(&first, &open.get(dir.path(), "0").unwrap()), "it was read a moment ago");
        }

        assert_eq!(open.count(), MOST_OPEN);
        assert!(open.known("1").is_none());
        open.close("0");
        assert_eq!(open.count(), MOST_OPEN - 1);
        assert_eq!(first.read(1, "k", (0, 0)).unwrap().side.len(), 1);
    }
}
