//! Letting go of what a fork copied. The module of this crate that may hold `unsafe`.
#![allow(unsafe_code)]

use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// Close this process's copies of files whose locks must not outlive their owner.
///
/// The structures that hold the same handles are never dropped in this process: the caller
/// forgets them, since the threads and locks inside belong to the parent.
pub fn close_copies(handles: &[RawFd]) {
    for handle in handles {
        // SAFETY: the handle was opened by the parent and copied by fork; its owner here is
        // forgotten by the caller, so nobody closes or uses it again in this process.
        drop(unsafe { OwnedFd::from_raw_fd(*handle) });
    }
}
