//! Pixels to PNG files, in about the time it takes to hash them.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use crate::{CoreError, Result};

/// Encode rows of 8-bit pixels, without gaps, from the top.
///
/// # Arguments
/// * `channels` - 1 for grey, 2 for grey and alpha, 3 for RGB, 4 for RGB and alpha.
///
/// # Errors
/// The sizes do not go together, one of them is 0, or there are other channels than these.
pub fn encode(pixels: &[u8], width: u32, height: u32, channels: u8) -> Result<Vec<u8>> {
    let color = color_of(channels)?;
    let needed = u64::from(width) * u64::from(height) * u64::from(channels);
    if needed == 0 || needed != pixels.len() as u64 {
        return Err(CoreError::Invalid(format!(
            "an image of {width}x{height} pixels of {channels} bytes is not {} bytes",
            pixels.len()
        )));
    }
    // Photographs come to about two thirds, noise to what it was.
    let mut file = Vec::with_capacity(pixels.len() + pixels.len() / 64 + 1024);
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Up);
    let mut writer = encoder.write_header().map_err(refused)?;
    writer.write_image_data(pixels).map_err(refused)?;
    writer.finish().map_err(refused)?;
    Ok(file)
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
