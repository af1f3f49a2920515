//! Pixels to PNG files, in about the time it takes to hash them.

use png::{BitDepth, ColorType, Compression, DeflateCompression, Encoder, Filter};

use crate::{CoreError, Result};

/// So many rows, and bytes of each, tell whether an image is noise.
const LOOKED_AT_ROWS: usize = 16;
const LOOKED_AT_BYTES: usize = 1024;

/// Fewer bytes tell nothing.
const FEWEST_BYTES: u32 = 4096;

/// Bits of a byte from which on it does not pay to compress: noise has 7.98 in so small a sample.
const NOISE_BITS: f64 = 7.9;

/// Bits of a byte from which on there is little that repeats.
const PHOTOGRAPH_BITS: f64 = 3.0;

/// Encode rows of 8-bit pixels, without gaps, from the top.
///
/// # Arguments
/// * `channels` - 1 for grey, 2 for grey and alpha, 3 for RGB, 4 for RGB and alpha.
///
/// # Errors
/// The sizes do not go together, one of them is 0, or there are other channels than these.
pub fn encode(pixels: &[u8], width: u32, height: u32, channels: u8) -> Result<Vec<u8>> {
    let color = color_of(channels)?;
    let row = u64::from(width) * u64::from(channels);
    let needed = row.saturating_mul(u64::from(height));
    if needed == 0 || needed != pixels.len() as u64 {
        return Err(CoreError::Invalid(format!(
            "an image of {width}x{height} pixels of {channels} bytes is not {} bytes",
            pixels.len()
        )));
    }
    // Photographs come to about two thirds, noise to what it was.
    let mut file = Vec::with_capacity(pixels.len() + pixels.len() / 64 + 1024);
    let row_bytes = pixels.len() / usize::try_from(height).unwrap_or(usize::MAX).max(1);
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    match way_of(pixels, row_bytes) {
        Way::Stored => encoder.set_compression(Compression::NoCompression),
        Way::Coded => {
            encoder.set_compression(Compression::Fast);
            encoder.set_filter(Filter::Up);
        }
        Way::Matched => {
            encoder.set_deflate_compression(DeflateCompression::Level(2));
            encoder.set_filter(Filter::Up);
        }
    }
    let mut writer = encoder.write_header().map_err(refused)?;
    writer.write_image_data(pixels).map_err(refused)?;
    writer.finish().map_err(refused)?;
    Ok(file)
}

/// How the bytes of an image are best made fewer.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// Noise: not at all.
    Stored,
    /// Photographs: frequent bytes in fewer bits, which is all there is to gain.
    Coded,
    /// Plots, masks, slopes: what was there before is referred to.
    Matched,
}

/// Look at some rows, and at what distinguishes them from those above.
fn way_of(pixels: &[u8], row_bytes: usize) -> Way {
    let row_bytes = row_bytes.max(1);
    let rows = pixels.len() / row_bytes;
    let pairs = pixels.chunks_exact(row_bytes).zip(pixels.chunks_exact(row_bytes).skip(1));
    let stride = (row_bytes / LOOKED_AT_BYTES).max(1);
    let mut counts = [0_u32; 256];
    let mut seen = 0_u32;
    for (above, row) in pairs.step_by((rows / LOOKED_AT_ROWS).max(1)) {
        for (above, byte) in above.iter().zip(row).step_by(stride) {
            if let Some(count) = counts.get_mut(usize::from(byte.wrapping_sub(*above))) {
                *count += 1;
                seen += 1;
            }
        }
    }
    match bits_per_byte(&counts, seen) {
        _ if seen < FEWEST_BYTES => Way::Matched,
        bits if bits > NOISE_BITS => Way::Stored,
        bits if bits > PHOTOGRAPH_BITS => Way::Coded,
        _ => Way::Matched,
    }
}

/// The entropy of a distribution of bytes.
fn bits_per_byte(counts: &[u32], seen: u32) -> f64 {
    let parts = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / f64::from(seen));
    parts.map(|part| -part * part.log2()).sum()
}

fn color_of(channels: u8) -> Result<ColorType> {
    match channels {
        1 => Ok(ColorType::Grayscale),
        2 => Ok(ColorType::GrayscaleAlpha),
        3 => Ok(ColorType::Rgb),
        4 => Ok(ColorType::Rgba),
        _ => Err(CoreError::Invalid(format!("an image has 1 to 4 bytes for each pixel, not {channels}"))),
    }
}

#[allow(clippy::needless_pass_by_value)] // a function for `map_err`
fn refused(error: png::EncodingError) -> CoreError {
    CoreError::Invalid(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn decoded(file: &[u8]) -> (Vec<u8>, u32, u32, ColorType) {
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        pixels.truncate(frame.buffer_size());
        (pixels, frame.width, frame.height, frame.color_type)
    }

    fn image() -> impl Strategy<Value = (Vec<u8>, u32, u32, u8)> {
        (1_u32..40, 1_u32..40, 1_u8..=4).prop_flat_map(|(width, height, channels)| {
            let bytes = (width * height * u32::from(channels)) as usize;
            // Noise, and few values, which compress.
            let values = prop_oneof![
                proptest::collection::vec(any::<u8>(), bytes),
                proptest::collection::vec(0_u8..3, bytes)
            ];
            (values, Just(width), Just(height), Just(channels))
        })
    }

    proptest! {
        #[test]
        fn pixels_come_back((pixels, width, height, channels) in image()) {
            let file = encode(&pixels, width, height, channels).unwrap();

            prop_assert_eq!(decoded(&file), (pixels, width, height, color_of(channels).unwrap()));
        }
    }

    #[test]
    fn large_images_come_back_noise_or_not() {
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .take(200 * 100 * 3)
        .collect();
        let ramp: Vec<u8> = (0..200_u32 * 100 * 3).map(|at| u8::try_from(at / 600 % 256).unwrap()).collect();

        let (noise_file, ramp_file) =
            (encode(&noise, 200, 100, 3).unwrap(), encode(&ramp, 200, 100, 3).unwrap());

        assert_eq!((way_of(&noise, 600), way_of(&ramp, 600)), (Way::Stored, Way::Matched));
        let soft: Vec<u8> = noise.iter().map(|byte| byte / 10).collect();
        assert_eq!(way_of(&soft, 600), Way::Coded);
        assert_eq!(decoded(&encode(&soft, 200, 100, 3).unwrap()).0, soft);
        assert!(noise_file.len() < noise.len() + 1000 && ramp_file.len() < ramp.len() / 100);
        assert_eq!(decoded(&noise_file).0, noise);
        assert_eq!(decoded(&ramp_file).0, ramp);
    }

    #[test]
    fn sizes_that_do_not_go_together_are_refused() {
        for (bytes, width, height, channels) in [
            (11, 2, 2, 3),
            (13, 2, 2, 3),
            (0, 0, 5, 3),
            (0, 5, 0, 1),
            (4, 2, 2, 0),
            (20, 2, 2, 5),
            (0, u32::MAX, u32::MAX, 4),
        ] {
            assert!(encode(&vec![0; bytes], width, height, channels).is_err(), "{width}x{height}x{channels}");
        }
    }
}
