//! Names that sort by time and never meet, on any server.

use std::hash::{BuildHasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new ULID: 48 bits of milliseconds, 80 random ones, in 26 letters and digits.
#[must_use]
pub fn ulid() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Each `RandomState` hashes with keys of its own, which the system seeds.
    let random = |salt: u64| RandomState::new().hash_one((now, salt));
    let low = u128::from(random(0)) << 64 | u128::from(random(1));
    let value = (now.as_millis() << 80) | (low & ((1 << 80) - 1));
    (0..26).rev().map(|digit| letter(value >> (digit * 5))).collect()
}

fn letter(value: u128) -> char {
    usize::try_from(value & 31).ok().and_then(|at| ALPHABET.get(at)).map_or('0', |letter| char::from(*letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_26_letters_and_differ() {
        let names: std::collections::BTreeSet<String> = (0..1000).map(|_| ulid()).collect();

        assert_eq!(names.len(), 1000);
        assert!(names.iter().all(|name| name.len() == 26 && name.as_str() < "8"));
    }
}
