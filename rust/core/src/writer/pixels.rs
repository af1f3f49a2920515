//! The side of a writer that takes pixels: they are laid down raw, and the drain makes files of them.

use std::sync::atomic::Ordering;

use super::{Writer, lock};
use crate::pixels::Pixels;

/// Raw pixels that may wait for the drain; whoever brings more makes the file in its own time, so
/// that neither the disk nor the end of the run has much to carry.
const MOST_WAITING: u64 = 32 << 20;

/// From so many on, the drain is woken by the row that speaks of them.
pub(super) const WAKE_AT: u64 = 1 << 20;

impl Writer {
    /// Lay pixels down, for a file that is made when the row that speaks of them is drained.
    /// Returns their number; `None` where the caller is to make the file itself.
    #[must_use]
    pub fn spill_pixels(&self, pixels: &Pixels<'_>) -> Option<u64> {
        let shared = &*self.shared;
        let bytes = pixels.raw.len() as u64;
        let before = shared.waiting.fetch_add(bytes, Ordering::Relaxed);
        let number = shared.spills.fetch_add(1, Ordering::Relaxed) + 1;
        let fits = before == 0 || before + bytes <= MOST_WAITING;
        let name = shared.files.spill(number);
        let head = pixels.head();
        let closed = || lock(&shared.producer).closed;
        if fits && !closed() && shared.folder.write_parts(&name, &[&head, pixels.raw]).is_ok() {
            // What the drain takes off is the whole file.
            shared.waiting.fetch_add(head.len() as u64, Ordering::Relaxed);
            return Some(number);
        }
        shared.waiting.fetch_sub(bytes, Ordering::Relaxed);
        None
    }

    /// Forget pixels that no row will speak of.
    pub fn drop_pixels(&self, number: u64) {
        let shared = &*self.shared;
        let name = shared.files.spill(number);
        shared.waiting.fetch_sub(shared.folder.size(&name), Ordering::Relaxed);
        shared.folder.remove(&name);
    }
}
