//! What the log asks of a file, so that tests can give it one that fails.

use std::fmt::Debug;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// A file that is being written.
pub trait LogDisk: Write + Debug + Send {
    /// Make durable what was written.
    ///
    /// # Errors
    /// What the system says; so for the others.
    fn sync(&mut self) -> io::Result<()>;

    /// Cut the file, and go on writing at its end.
    ///
    /// # Errors
    /// See `sync`.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl LogDisk for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.seek(SeekFrom::Start(length)).map(drop)
    }
}

/// Makes a file with its first bytes, both durable with the file's name.
pub trait LogFolder: Debug + Send {
    /// See the trait.
    ///
    /// # Errors
    /// What the system says; then there is no such file.
    fn create(&mut self, path: &Path, header: &[u8]) -> io::Result<Box<dyn LogDisk>>;
}

/// The system's.
#[derive(Debug)]
pub struct SystemFolder;

impl LogFolder for SystemFolder {
    fn create(&mut self, path: &Path, header: &[u8]) -> io::Result<Box<dyn LogDisk>> {
        let durable = || {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
            file.write_all(header)?;
            file.sync_all()?;
            sync_folder(path.parent().unwrap_or(Path::new(".")))?;
            Ok(file)
        };
        let created: io::Result<File> = durable();
        if created.is_err() {
            let _ = std::fs::remove_file(path);
        }
        created.map(|file| Box::new(file) as Box<dyn LogDisk>)
    }
}

/// Make names in a folder durable.
///
/// # Errors
/// What the system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
