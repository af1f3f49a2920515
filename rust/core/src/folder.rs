//! The files of a run's folder, by names relative to an open handle, so that the folder may move.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, Dir, FileType, FlockOperation, Mode, OFlags, flock, mkdirat, openat, renameat, unlinkat,
};

use crate::error::{CoreError, Result};

/// Subfolder of the journals of writers other than the owner.
pub const WRITERS: &str = "writers";

/// The same once its journals are folded into the owner's.
pub const FOLDED_WRITERS: &str = "writers.folded";

/// The page that the run's processes share.
pub const CONTROL: &str = "control";

/// What a server has of the run, kept by whoever sends it.
pub const SYNC_STATE: &str = "sync-state";

/// An open run folder.
pub struct Folder {
    handle: OwnedFd,
    path: PathBuf,
}

/// Names of the files of one writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriterFiles {
    /// Its journal, relative to the folder.
    pub journal: String,
    /// Its ring of rows.
    pub ring: String,
    /// Its ring of console text.
    pub console: String,
    name: String,
}

/// The owner's name among the writers.
pub const OWNER: &str = "owner";

impl WriterFiles {
    /// Files of the process that called `init`.
    #[must_use]
    pub fn owner(run_id: &str) -> Self {
        Self::new(OWNER, format!("run-{run_id}.wandb"))
    }

    /// Files of another process.
    #[must_use]
    pub fn other(name: &str) -> Self {
        Self::new(name, format!("{WRITERS}/{name}.wandb"))
    }

    fn new(name: &str, journal: String) -> Self {
        Self { journal, ring: format!("ring-{name}"), console: format!("console-{name}"), name: name.into() }
    }

    /// The file in which the journals of all writers are put together.
    #[must_use]
    pub fn folded(&self) -> String {
        format!("{}.fold", self.journal)
    }

    /// The file that holds a spilled entry.
    #[must_use]
    pub fn spill(&self, number: u64) -> String {
        format!("spill-{}-{number}", self.name)
    }

    /// The file that holds the open rows whose entries left the ring.
    #[must_use]
    pub fn carry(&self, number: u64) -> String {
        format!("carry-{}-{number}", self.name)
    }
}

impl Folder {
    /// Open a folder that exists.
    ///
    /// # Errors
    /// `Io`.
    pub fn open(path: &Path) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| CoreError::io(path, e))?;
        Ok(Self { handle, path: path.to_owned() })
    }

    /// The same folder by a handle of its own, which takes locks of its own.
    ///
    /// # Errors
    /// `Io`.
    pub fn reopen(&self) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = openat(&self.handle, ".", flags, Mode::empty()).map_err(|e| self.error(".", e))?;
        Ok(Self { handle, path: self.path.clone() })
    }

    /// Where it was when it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's file handle.
    #[must_use]
    pub const fn handle(&self) -> &OwnedFd {
        &self.handle
    }

    fn error(&self, name: &str, source: impl Into<io::Error>) -> CoreError {
        CoreError::io(self.path.join(name), source)
    }

    fn open_at(&self, name: &str, flags: OFlags) -> Result<File> {
        let mode = Mode::from_raw_mode(0o644);
        openat(&self.handle, name, flags | OFlags::CLOEXEC, mode)
            .map(File::from)
            .map_err(|e| self.error(name, e))
    }

    /// Make a new file; it must not exist.
    ///
    /// # Errors
    /// `Io`, of kind `AlreadyExists` if it does.
    pub fn create(&self, name: &str) -> Result<File> {
        self.open_at(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)
    }

    /// Make or empty a file.
    ///
    /// # Errors
    /// `Io`.
    pub fn replace(&self, name: &str) -> Result<File> {
        self.open_at(name, OFlags::RDWR | OFlags::CREATE | OFlags::TRUNC)
    }

    /// Open a file that exists, for reading and writing.
    ///
    /// # Errors
    /// `Io`.
    pub fn edit(&self, name: &str) -> Result<File> {
        self.open_at(name, OFlags::RDWR)
    }

    /// All bytes of a file; `None` if there is no such file.
    ///
    /// # Errors
    /// `Io`.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let mut file = match self.open_at(name, OFlags::RDONLY) {
            Err(CoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| self.error(name, e))?;
        Ok(Some(bytes))
    }

    /// Write a whole new file, replacing an old one.
    ///
    /// # Errors
    /// `Io`; the file is removed again then, so that none is left half written.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write_parts(name, &[bytes])
    }

    /// Write a whole new file of several parts, as `write` does.
    ///
    /// # Errors
    /// `Io`; the file is removed again then.
    pub fn write_parts(&self, name: &str, parts: &[&[u8]]) -> Result<()> {
        let mut file = self.replace(name)?;
        let written = parts.iter().try_for_each(|part| file.write_all(part));
        written.map_err(|e| {
            self.remove(name);
            self.error(name, e)
        })
    }

    /// Put a whole file at a path below the folder in one step. A link in the place of a folder
    /// on the way is replaced: what a user's link leads to is not ours to write to.
    ///
    /// # Errors
    /// `Io`; what was there is as it was.
    pub fn place(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut at = self.reopen()?;
        for part in above.split('/').filter(|part| !part.is_empty()) {
            at = at.entered(part).map_err(|e| self.error(path, e))?;
        }
        let temporary = format!(".{}-drain.new", std::process::id());
        at.write(&temporary, bytes)?;
        at.rename(&temporary, name).inspect_err(|_| at.remove(&temporary))
    }

    /// A subfolder, made if it is not there.
    fn entered(&self, name: &str) -> io::Result<Self> {
        if matches!(name, "." | "..") {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = || openat(&self.handle, name, flags, Mode::empty());
        if let Ok(handle) = opened() {
            return Ok(Self { handle, path: self.path.join(name) });
        }
        if self.is_link(name) {
            self.remove(name);
        }
        let handle = match mkdirat(&self.handle, name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => opened()?,
            Err(e) => return Err(e.into()),
        };
        Ok(Self { handle, path: self.path.join(name) })
    }

    fn is_link(&self, name: &str) -> bool {
        let stat = rustix::fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW);
        stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
    }

    /// Bytes of a file; 0 if there is none.
    #[must_use]
    pub fn size(&self, name: &str) -> u64 {
        let stat = rustix::fs::statat(&self.handle, name, AtFlags::empty());
        stat.map_or(0, |stat| u64::try_from(stat.st_size).unwrap_or(0))
    }

    /// Make the subfolder of the writers' journals.
    ///
    /// # Errors
    /// `Io`.
    pub fn make_writers(&self) -> Result<()> {
        match mkdirat(&self.handle, WRITERS, Mode::from_raw_mode(0o755)) {
            Err(e) if e != rustix::io::Errno::EXIST => Err(self.error(WRITERS, e)),
            _ => Ok(()),
        }
    }

    /// Remove a file, if it is there.
    pub fn remove(&self, name: &str) {
        // What can't be removed is found and finished by the next recovery.
        let _ = unlinkat(&self.handle, name, AtFlags::empty());
    }

    /// Remove a subfolder, if it is there and empty.
    pub fn remove_folder(&self, name: &str) {
        let _ = unlinkat(&self.handle, name, AtFlags::REMOVEDIR);
    }

    /// Whether there is a file or folder of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        rustix::fs::statat(&self.handle, name, AtFlags::empty()).is_ok()
    }

    /// Whether a process of the run lives or left something to finish.
    #[must_use]
    pub fn has_leftovers(&self) -> bool {
        [CONTROL, WRITERS, FOLDED_WRITERS].iter().any(|name| self.has(name))
    }

    /// Remove files that a process was making when it died.
    pub fn remove_temporaries(&self) {
        for name in self.names(None).iter().filter(|name| is_temporary(name)) {
            self.remove(name);
        }
    }

    /// Put a file in another's place.
    ///
    /// # Errors
    /// `Io`.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        renameat(&self.handle, from, &self.handle, to).map_err(|e| self.error(to, e))
    }

    /// Names in the folder, or in its subfolder of writers; sorted.
    #[must_use]
    pub fn names(&self, subfolder: Option<&str>) -> Vec<String> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let Ok(handle) = openat(&self.handle, subfolder.unwrap_or("."), flags, Mode::empty()) else {
            return Vec::new();
        };
        let Ok(entries) = Dir::new(handle) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .filter_map(std::result::Result::ok)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name != "." && name != "..")
            .collect();
        names.sort();
        names
    }

    /// The owner's journal, if there is one: `run-<id>.wandb`.
    #[must_use]
    pub fn owner_files(&self) -> Option<WriterFiles> {
        self.names(None).into_iter().find_map(|name| {
            name.strip_prefix("run-").and_then(|rest| rest.strip_suffix(".wandb")).map(WriterFiles::owner)
        })
    }

    /// Files of the other writers that left a journal or a ring.
    #[must_use]
    pub fn other_files(&self) -> Vec<WriterFiles> {
        let journals = self.names(Some(WRITERS));
        journals.iter().filter_map(|name| name.strip_suffix(".wandb")).map(WriterFiles::other).collect()
    }

    /// Whether files of this writer beside its journal exist: rings, spills.
    #[must_use]
    pub fn leftovers(&self, files: &WriterFiles) -> Vec<String> {
        let spills = [format!("spill-{}-", files.name), format!("carry-{}-", files.name)];
        self.names(None)
            .into_iter()
            .filter(|name| {
                *name == files.ring
                    || *name == files.console
                    || spills.iter().any(|start| name.starts_with(start))
            })
            .collect()
    }
}

fn is_temporary(name: &str) -> bool {
    let ring =
        (name.starts_with("ring-") || name.starts_with("console-")) && name.strip_suffix(".new").is_some();
    ring || name.strip_prefix("control.").is_some_and(|pid| pid.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Take the lock that proves a process alive; false if another holds it.
///
/// # Errors
/// `Io` if the file system has no locks.
pub fn try_lock(file: impl AsFd) -> io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Whether the file system forgets a mapping when its host dies or shows it late to others.
#[must_use]
pub fn on_network(folder: &Folder) -> bool {
    const NFS: u64 = 0x6969;
    const SMB: u64 = 0x517B;
    const CIFS: u64 = 0xFF53_4D42;
    const SMB2: u64 = 0xFE53_4D42;
    #[allow(clippy::cast_sign_loss)] // magic numbers are bit patterns
    rustix::fs::fstatfs(&folder.handle)
        .is_ok_and(|fs| [NFS, SMB, CIFS, SMB2].contains(&(fs.f_type as u64 & 0xffff_ffff)))
}
