//! Making and joining the files a run's processes share: the control page and the rings.

use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::clock;
use crate::control::{CONTROL_BYTES, Control};
use crate::error::{CoreError, Result};
use crate::folder::{CONTROL, Folder, on_network, try_lock};
use crate::mapping::MappedWords;
use crate::ring::Ring;
use crate::words::{HeapWords, Region};

/// Make the run's control page; `locks` takes the handle whose lock proves the owner alive.
///
/// # Errors
/// `Io`.
pub fn new_control(folder: &Folder, started_at: f64, locks: &mut Vec<File>) -> Result<Control<Region>> {
    // Under a name of its own until it is locked and whole, so that nobody takes it for a dead one.
    let temporary = format!("{CONTROL}.{}", std::process::id());
    let file = folder.replace(&temporary)?;
    let (region, _) = region(folder, &file, CONTROL_BYTES);
    locks.extend(locked(folder, &temporary)?);
    let control = Control::create(region, std::process::id(), started_at, clock::monotonic());
    folder.rename(&temporary, CONTROL)?;
    Ok(control)
}

/// Open a file once more and lock it; `None` on a file system without locks, where nobody can
/// tell that this process lives, and it still works.
///
/// The lock needs a handle of its own: a mapping keeps the handle it was made from open, also in
/// a forked child, and the lock would live as long.
fn locked(folder: &Folder, name: &str) -> Result<Option<File>> {
    let file = folder.edit(name)?;
    Ok(try_lock(&file).is_ok().then_some(file))
}

/// Take up the control page of a run that is open.
///
/// # Errors
/// `Io`, of kind `NotFound` if the run has ended.
pub fn join_control(folder: &Folder) -> Result<Control<Region>> {
    let file = folder.edit(CONTROL)?;
    let gone = || CoreError::io(folder.path(), io::Error::new(io::ErrorKind::NotFound, "its run has ended"));
    let open = |control: Control<Region>| if control.closed() { Err(gone()) } else { Ok(control) };
    if let Ok(mapped) = MappedWords::open(&file, CONTROL_BYTES)
        && let Ok(control) = Control::open(Region::Mapped(mapped))
    {
        return open(control);
    }
    let bytes = folder.read(CONTROL)?.unwrap_or_default();
    Control::open(Region::Heap(HeapWords::from_bytes(&bytes))).and_then(open)
}

/// A region that survives this process if the file system allows it, and else why it does not.
fn region(folder: &Folder, file: &File, bytes: usize) -> (Region, Option<String>) {
    if on_network(folder) {
        return (
            Region::Heap(HeapWords::zeroed(bytes)),
            Some("the folder is on a network file system".into()),
        );
    }
    match MappedWords::create(file, bytes) {
        Ok(mapped) => (Region::Mapped(mapped), None),
        Err(e) => {
            // Nothing half reserved may stay, or a reader would take it for a ring.
            let _ = file.set_len(0);
            (Region::Heap(HeapWords::zeroed(bytes)), Some(e.to_string()))
        }
    }
}

/// A ring, the handle whose lock proves its writer alive, and why it does not survive, if so.
pub type OpenRing = (Arc<Ring<Region>>, Option<File>, Option<String>);

/// Make a ring of a writer.
///
/// # Errors
/// `Io`, or `Invalid` for sizes that are no powers of two.
pub fn new_ring(folder: &Folder, name: &str, data_bytes: usize, keys_bytes: usize) -> Result<OpenRing> {
    let temporary = format!("{name}.new");
    let file = folder.replace(&temporary)?;
    let (region, reason) = region(folder, &file, Ring::<Region>::region_bytes(data_bytes, keys_bytes));
    let ring = Ring::create(region, data_bytes, keys_bytes)?;
    let lock = locked(folder, &temporary)?;
    folder.rename(&temporary, name)?;
    Ok((Arc::new(ring), lock, reason))
}
