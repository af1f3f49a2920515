//! The segments of a store: opened when they are first read, removed when nobody reads them.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::manifest::{Manifest, SegmentEntry, Shelf};
use super::open_segments::OpenSegments;
use super::segment::{Segment, remove_segment};
use crate::error::{CoreError, Result};

/// A segment and its files.
#[derive(Debug)]
pub struct Shelved {
    /// What the manifest says of it.
    pub entry: SegmentEntry,
    folder: PathBuf,
    open: Arc<OpenSegments>,
    doomed: AtomicBool,
}

impl Shelved {
    /// A segment that lies in a store's folder, and will be among the open ones once it is read.
    #[must_use]
    pub fn new(root: &Path, entry: SegmentEntry, open: &Arc<OpenSegments>) -> Self {
        let folder = entry.folder(root);
        Self { entry, folder, open: open.clone(), doomed: AtomicBool::new(false) }
    }

    /// The segment, opened if it isn't.
    ///
    /// # Errors
    /// `Io` or `Damaged` if it can't be.
    pub fn segment(&self) -> Result<Arc<Segment>> {
        self.open.get(&self.folder, &self.entry.name)
    }

    /// Close it, if it is open: it will hardly be read again.
    pub(super) fn close(&self) {
        self.open.close(&self.entry.name);
    }

    /// Remove its files as soon as the last reader lets go of it.
    pub fn doom(&self) {
        self.doomed.store(true, Ordering::Release);
    }
}

impl Drop for Shelved {
    fn drop(&mut self) {
        self.close();
        if self.doomed.load(Ordering::Acquire) {
            remove_segment(&self.folder, &self.entry.name);
        }
    }
}

/// All segments, by what they hold, project and age.
#[derive(Clone, Debug, Default)]
pub struct Shelves {
    by_project: BTreeMap<(Shelf, u64), Vec<Arc<Shelved>>>,
    open: Arc<OpenSegments>,
}

impl Shelves {
    /// Those of a manifest.
    #[must_use]
    pub fn of(root: &Path, manifest: &Manifest) -> Self {
        let mut shelves = Self::default();
        for entry in &manifest.segments {
            shelves.put(shelves.shelved(root, entry.clone()));
        }
        shelves
    }

    /// A segment that is opened and closed together with these. It is not put in yet.
    #[must_use]
    pub fn shelved(&self, root: &Path, entry: SegmentEntry) -> Arc<Shelved> {
        Arc::new(Shelved::new(root, entry, &self.open))
    }

    /// Put one in.
    pub fn put(&mut self, shelved: Arc<Shelved>) {
        let row = self.by_project.entry((shelved.entry.kind, shelved.entry.project)).or_default();
        row.push(shelved);
        row.sort_by_key(|shelved| shelved.entry.order);
    }

    /// Take some out.
    pub fn remove(&mut self, gone: &[Arc<Shelved>]) {
        for shelved in gone {
            if let Some(row) = self.by_project.get_mut(&(shelved.entry.kind, shelved.entry.project)) {
                row.retain(|other| !Arc::ptr_eq(other, shelved));
            }
        }
    }

    /// Segments of one project, oldest first.
    #[must_use]
    pub fn of_project(&self, kind: Shelf, project: u64) -> &[Arc<Shelved>] {
        self.by_project.get(&(kind, project)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Segments that have cells of a run, oldest first.
    #[must_use]
    pub fn of_run(&self, kind: Shelf, project: u64, run: u64) -> Vec<Arc<Shelved>> {
        self.of_project(kind, project).iter().filter(|shelved| shelved.entry.has(run)).cloned().collect()
    }

    /// The projects that have segments.
    pub fn projects(&self) -> impl Iterator<Item = (Shelf, u64)> + '_ {
        self.by_project.iter().filter(|(_, row)| !row.is_empty()).map(|(place, _)| *place)
    }

    /// An age younger than all.
    #[must_use]
    pub fn next_order(&self) -> u64 {
        self.by_project.values().flatten().map(|shelved| shelved.entry.order + 1).max().unwrap_or(0)
    }

    /// What the manifest says of all of them.
    #[must_use]
    pub fn entries(&self) -> Vec<SegmentEntry> {
        self.by_project.values().flatten().map(|shelved| shelved.entry.clone()).collect()
    }
}

/// Remove files of segments that a manifest doesn't name: a process died before its checkpoint.
///
/// A server that lost its list of segments must not lose them too: if the log does not reach back to
/// the manifest, or a segment that the manifest names is missing, the files stay, and the sentence
/// that says so is returned. An older database that was put back names segments that have become
/// others since, and those are the only copy.
///
/// # Errors
/// `Io` if a folder can't be read or a file not removed.
pub fn sweep(root: &Path, manifest: &Manifest, log_is_whole: bool) -> Result<Option<String>> {
    let named: HashSet<PathBuf> =
        manifest.segments.iter().map(|entry| entry.folder(root).join(&entry.name)).collect();
    let (known, files): (Vec<PathBuf>, Vec<PathBuf>) =
        segment_files(root)?.into_iter().partition(|file| named.contains(&segment_of(file)));
    let found: HashSet<PathBuf> = known.iter().map(|file| segment_of(file)).collect();
    let missing = named.len() - found.len();
    if missing > 0 {
        return Ok(Some(format!(
            "{missing} of {} history files that the database lists are missing, and what was in them can't \
             be read; {} files that it does not list are left alone: put back the database that belongs to \
             them, if there is one: {}",
            named.len(),
            files.len(),
            root.display()
        )));
    }
    if !files.is_empty() && !log_is_whole {
        return Ok(Some(format!(
            "{} history files are not in the database's list and the log does not hold their rows; they are \
             left alone and not read; put back the database that belongs to: {}",
            files.len(),
            root.display()
        )));
    }
    for file in files {
        std::fs::remove_file(&file).map_err(|error| CoreError::io(&file, error))?;
    }
    Ok(None)
}

/// The segment that a file is of: its path without any extension.
fn segment_of(file: &Path) -> PathBuf {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    file.with_file_name(name.split('.').next().unwrap_or_default())
}

/// All files in folders of segments.
///
/// # Errors
/// `Io`
pub fn segment_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for kind in Shelf::ALL {
        for project in children(&root.join(kind.folder()))? {
            for level in children(&project)? {
                files.extend(children(&level)?);
            }
        }
    }
    Ok(files)
}

fn children(folder: &Path) -> Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => Ok(entries.filter_map(std::result::Result::ok).map(|entry| entry.path()).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(CoreError::io(folder, error)),
    }
}
