//! One picture of a recording as a PNG file that says what it is of.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use flight_record::Sha256;
use png::{BitDepth, ColorType, Encoder};

use crate::video::Picture;

/// A still that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Still {
    /// Digest of the file.
    pub(crate) file: Sha256,
    /// Digest of its pixels, red, green and blue row by row.
    pub(crate) pixels: Sha256,
    /// When the picture was shot, by what stands in it.
    pub(crate) taken_utc_us: Option<i64>,
}

/// Writes a picture to a new file; never over one.
///
/// # Errors
/// When the file is there already, or cannot be written.
pub(crate) fn still(picture: &Picture, of: &str, path: &Path) -> Result<Still> {
    let rgb: Vec<u8> = picture.rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    let pixels = Sha256::of(&rgb);
    let taken = picture.taken_utc_us.and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    let taken = taken.map_or_else(|| "not known".to_owned(), |at| at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string());
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.add_text_chunk("Title".to_owned(), format!("Still of {of}"))?;
    encoder.add_text_chunk("Creation Time".to_owned(), taken)?;
    encoder.add_text_chunk("Comment".to_owned(), format!("Decoded picture; SHA-256 of its pixels (RGB) {pixels}"))?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    let mut file = File::create_new(path).with_context(|| format!("{} cannot be made", path.display()))?;
    file.write_all(&bytes)
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(Still { file: Sha256::of(&bytes), pixels, taken_utc_us: picture.taken_utc_us })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::tests::plain;

    #[test]
    fn a_still_has_the_pixels_and_the_time_of_its_picture_and_never_replaces_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("still.png");
        let picture = Picture {
            rgba: vec![10, 20, 30, 255, 40, 50, 60, 255].into(),
            taken_utc_us: Some(1_781_806_234_207_000),
            time_locked: true,
            ..plain([0; 4], [2, 1])
        };
        let written = still(&picture, "flight 1", &path).unwrap();
        assert_eq!(written.file, Sha256::of(&std::fs::read(&path).unwrap()));
        let mut reader = png::Decoder::new(std::io::BufReader::new(File::open(&path).unwrap())).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!((pixels.as_slice(), written.pixels), ([10, 20, 30, 40, 50, 60].as_slice(), Sha256::of(&pixels)));
        let texts: Vec<String> = reader.info().uncompressed_latin1_text.iter().map(|text| text.text.clone()).collect();
        assert!(texts.contains(&"2026-06-18T18:10:34.207000Z".to_owned()), "{texts:?}");
        assert!(still(&picture, "flight 1", &path).unwrap_err().to_string().contains("cannot be made"));
    }
}
