//! CRC-32C, which other programs' files are framed with.

/// Checksum bytes by the Castagnoli polynomial.
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    /// One bit after the other.
    fn slow(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82F6_3B78 * (crc & 1)))
        })
    }

    proptest! {
        #[test]
        fn equals_the_slow_way(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(super::crc32c(&bytes), slow(&bytes));
        }
    }
}
