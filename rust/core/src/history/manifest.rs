//! Which segments hold a server's history, and up to where the log lies in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::packing::{Unpacker, put_len, put_str, put_u64};
use crate::error::{CoreError, Result};

const MAGIC: &[u8; 4] = b"FHM1";

/// What a segment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shelf {
    /// Rows of history.
    History,
    /// Rows of events.
    Events,
    /// Console lines, and lines kept aside.
    Texts,
}

impl Shelf {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::History, Self::Events, Self::Texts];

    /// Its folder in the store's.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::History => "hist/v1",
            Self::Events => "sys/v1",
            Self::Texts => "logs/v1",
        }
    }
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentEntry {
    /// What it holds.
    pub kind: Shelf,
    /// Whose.
    pub project: u64,
    /// How often its cells were merged.
    pub level: u8,
    /// Its age among those of its project: of two cells of one row the one in the younger counts.
    pub order: u64,
    /// Its name in its folder.
    pub name: String,
    /// Size of its files.
    pub bytes: u64,
    /// Its runs, ascending.
    pub runs: Vec<u64>,
}

impl SegmentEntry {
    /// Whether it has cells of a run.
    #[must_use]
    pub fn has(&self, run: u64) -> bool {
        self.runs.binary_search(&run).is_ok()
    }

    /// The folder that it lies in.
    #[must_use]
    pub fn folder(&self, root: &Path) -> PathBuf {
        let Self { kind, project, level, .. } = self;
        root.join(kind.folder()).join(format!("p={project}")).join(format!("l{level}"))
    }
}

/// The whole of it, as a checkpoint keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Frames up to here lie in the segments.
    pub compacted: u64,
    /// All segments.
    pub segments: Vec<SegmentEntry>,
    /// Runs to be erased.
    pub forgotten: BTreeSet<u64>,
}

impl Manifest {
    /// As bytes.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        put_u64(&mut out, self.compacted);
        put_len(&mut out, self.segments.len());
        for segment in &self.segments {
            out.push(segment.kind as u8);
            put_u64(&mut out, segment.project);
            out.push(segment.level);
            put_u64(&mut out, segment.order);
            put_str(&mut out, &segment.name);
            put_u64(&mut out, segment.bytes);
            pack_runs(&mut out, segment.runs.iter());
        }
        pack_runs(&mut out, self.forgotten.iter());
        out
    }

    /// Read it back.
    ///
    /// # Errors
    /// `Damaged` if it is of a newer version or not what `pack` wrote.
    pub fn unpack(bytes: &[u8]) -> Result<Self> {
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            return Err(CoreError::Damaged(
                "the list of history files is not one that this Ferrule reads; start the newer one that wrote it"
                    .into(),
            ));
        };
        let mut from = Unpacker::new(rest);
        let compacted = from.u64()?;
        let segments = (0..from.count()?)
            .map(|_| {
                Ok(SegmentEntry {
                    kind: shelf_of(from.byte()?)?,
                    project: from.u64()?,
                    level: from.byte()?,
                    order: from.u64()?,
                    name: from.text()?.to_owned(),
                    bytes: from.u64()?,
                    runs: unpack_runs(&mut from)?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self { compacted, segments, forgotten: unpack_runs(&mut from)?.into_iter().collect() })
    }
}

fn shelf_of(number: u8) -> Result<Shelf> {
    let found = Shelf::ALL.into_iter().find(|kind| *kind as u8 == number);
    found.ok_or_else(|| CoreError::Damaged("a segment of an unknown kind".into()))
}

fn pack_runs<'a>(out: &mut Vec<u8>, runs: impl ExactSizeIterator<Item = &'a u64>) {
    put_len(out, runs.len());
    let mut before = 0;
    for run in runs {
        put_u64(out, run - before);
        before = *run;
    }
}

fn unpack_runs(from: &mut Unpacker<'_>) -> Result<Vec<u64>> {
    let mut before = 0_u64;
    (0..from.count()?)
        .map(|_| {
            before = before.wrapping_add(from.u64()?);
            Ok(before)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_whole() {
        let entry = |level, runs: &[u64]| SegmentEntry {
            kind: Shelf::Texts,
            project: 7,
            level,
            order: 1 << level,
            name: format!("0{level}"),
            bytes: 1 << 40,
            runs: runs.to_vec(),
        };
        let manifest = Manifest {
            compacted: 1 << 50,
            segments: vec![entry(2, &[1, 5, 900]), entry(0, &[])],
            forgotten: [3, 4].into(),
        };

        assert_eq!(Manifest::unpack(&manifest.pack()).unwrap(), manifest);
        assert!(Manifest::unpack(b"FHM9").unwrap_err().to_string().contains("newer"));
        assert!((0..20).all(|length| Manifest::unpack(&manifest.pack()[..length]).is_err()));
    }
}
