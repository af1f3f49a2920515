//! Digests of files: MD5, by which the wire names content, and SHA-256, by which we keep it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::error::{CoreError, Result};

const CHUNK_BYTES: usize = 256 << 10;

/// What one reading of a file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// MD5 of the content.
    pub md5: [u8; 16],
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
    /// How many bytes were read.
    pub size: u64,
}

/// Read a file once and digest it.
///
/// # Errors
/// The file can't be opened or read.
pub fn digest_file(path: &Path) -> Result<Digests> {
    digest_with(path, &mut vec![0; CHUNK_BYTES])
}

/// Digest files with several threads, in the order in which they are named.
///
/// # Errors
/// The first of the named files that can't be read.
pub fn digest_files(paths: &[PathBuf], threads: usize) -> Result<Vec<Digests>> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::with_capacity(paths.len()));
    let work = || {
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(at) else { return };
            let digests = digest_with(path, &mut chunk);
            found.lock().unwrap_or_else(PoisonError::into_inner).push((at, digests));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(paths.len()) {
            // A machine that starts no more threads has this one.
            let _ = thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, digests)| digests).collect()
}

fn digest_with(path: &Path, chunk: &mut [u8]) -> Result<Digests> {
    let mut file = File::open(path).map_err(|err| CoreError::io(path, err))?;
    let (mut md5, mut sha256, mut size) = (Md5::new(), Sha256::new(), 0_u64);
    loop {
        let read = match file.read(chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(err) if err.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(err) => return Err(CoreError::io(path, err)),
        };
        let piece = chunk.get(..read).unwrap_or_default();
        md5.update(piece);
        sha256.update(piece);
        size += piece.len() as u64;
    }
    Ok(Digests { md5: md5.finalize().into(), sha256: sha256.finalize().into(), size })
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |at: u8| DIGITS.get(usize::from(at)).copied().unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    #[test]
    fn known_digests_come_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        fs::write(&path, b"abc").unwrap();

        let found = digest_file(&path).unwrap();

        assert_eq!(hex(&found.md5), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(&found.sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(found.size, 3);
    }

    #[test]
    fn a_missing_file_is_named() {
        let missing = PathBuf::from("/nowhere/at all");

        let error = digest_files(&[missing], 4).unwrap_err();

        assert!(error.to_string().contains("/nowhere/at all"));
    }

    proptest! {
        #[test]
        fn many_threads_digest_as_one_and_keep_the_order(
            contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..600_000), 0..6),
            threads in 1_usize..5,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let paths: Vec<PathBuf> = (0..contents.len()).map(|at| folder.path().join(at.to_string())).collect();
            for (path, content) in paths.iter().zip(&contents) {
                fs::write(path, content).unwrap();
            }

            let found = digest_files(&paths, threads).unwrap();

            let whole: Vec<Digests> = contents
                .iter()
                .map(|content| Digests {
                    md5: Md5::digest(content).into(),
                    sha256: Sha256::digest(content).into(),
                    size: content.len() as u64,
                })
                .collect();
            prop_assert_eq!(found, whole);
        }
    }
}
