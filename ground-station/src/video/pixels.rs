//! Pixels where the converter left them: one picture is megabytes, thirty come a second, and none is copied.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_video::VideoFrameExt as _;

/// A picture's pixels: red, green, blue, 255, row by row without gaps. Their memory goes back to whoever made them once nobody has them.
#[derive(Clone)]
pub struct Pixels(Arc<Held>);

enum Held {
    Mapped(gst::MappedBuffer<gst::buffer::Readable>),
    Packed(Vec<u8>),
}

impl Pixels {
    /// A decoded picture's width, height and pixels.
    ///
    /// # Errors
    /// When the buffer is no RGBA picture.
    pub(super) fn of(buffer: gst::Buffer, caps: &gst::CapsRef) -> Result<(u32, u32, Self)> {
        let info = gstreamer_video::VideoInfo::from_caps(caps)?;
        let (width, height) = (info.width(), info.height());
        let (row, rows) = (4 * usize::try_from(width)?, usize::try_from(height)?);
        let frame = gstreamer_video::VideoFrameRef::from_buffer_ref_readable(&buffer, &info)?;
        let stride = usize::try_from(frame.plane_stride().first().copied().context("a picture without rows")?)?;
        let bytes = frame.plane_data(0)?;
        let held = if stride == row && bytes.len() == row * rows && buffer.size() == bytes.len() {
            drop(frame);
            let Ok(mapped) = buffer.into_mapped_buffer_readable() else { bail!("a picture that cannot be read") };
            Held::Mapped(mapped)
        } else {
            Held::Packed(packed(bytes, stride, row, rows)?)
        };
        Ok((width, height, Self(Arc::new(held))))
    }
}

/// The rows without the gaps between them.
fn packed(bytes: &[u8], stride: usize, row: usize, rows: usize) -> Result<Vec<u8>> {
    let mut packed = Vec::with_capacity(row * rows);
    for at in 0..rows {
        let Some(line) = bytes.get(at * stride..at * stride + row) else {
            bail!("a picture of {} × {rows} ends in row {at}", row / 4);
        };
        packed.extend_from_slice(line);
    }
    Ok(packed)
}

impl Deref for Pixels {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self.0.as_ref() {
            Held::Mapped(mapped) => mapped.as_slice(),
            Held::Packed(packed) => packed,
        }
    }
}

impl From<Vec<u8>> for Pixels {
    fn from(packed: Vec<u8>) -> Self {
        Self(Arc::new(Held::Packed(packed)))
    }
}

impl fmt::Debug for Pixels {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} octets", self.len())
    }
}

/// Whoever makes pictures for this pad takes their memory from a pool, so that the same few are used again.
pub(super) fn pooled(pad: &gst::Pad) {
    pad.add_probe(gst::PadProbeType::QUERY_DOWNSTREAM, |_, info| {
        let Some(gst::QueryViewMut::Allocation(query)) = info.query_mut().map(gst::QueryRef::view_mut) else {
            return gst::PadProbeReturn::Ok;
        };
        let info = query.get().0.and_then(|caps| gstreamer_video::VideoInfo::from_caps(caps).ok());
        let Some(size) = info.and_then(|info| u32::try_from(info.size()).ok()) else {
            return gst::PadProbeReturn::Ok;
        };
        query.add_allocation_pool(None::<&gst::BufferPool>, size, 0, 0);
        gst::PadProbeReturn::Handled
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgba(width: u32, height: u32) -> gst::Caps {
        let info = gstreamer_video::VideoInfo::builder(gstreamer_video::VideoFormat::Rgba, width, height);
        info.build().unwrap().to_caps().unwrap()
    }

    #[test]
    fn pixels_lie_where_they_were_made_or_are_packed() {
        gst::init().unwrap();
        let tight = gst::Buffer::from_slice((0..24).collect::<Vec<u8>>());
        let made_at = tight.map_readable().unwrap().as_ptr();
        let (width, height, pixels) = Pixels::of(tight, &rgba(3, 2)).unwrap();
        assert_eq!((width, height, pixels.as_ptr()), (3, 2, made_at));
        assert_eq!(pixels.to_vec(), (0..24).collect::<Vec<u8>>());

        let mut gaps = gst::Buffer::from_slice((0..32).collect::<Vec<u8>>());
        let (format, flags) = (gstreamer_video::VideoFormat::Rgba, gstreamer_video::VideoFrameFlags::empty());
        gstreamer_video::VideoMeta::add_full(gaps.get_mut().unwrap(), flags, format, 3, 2, &[0], &[16]).unwrap();
        let (_, _, pixels) = Pixels::of(gaps, &rgba(3, 2)).unwrap();
        assert_eq!(pixels.to_vec(), (0..12).chain(16..28).collect::<Vec<u8>>());

        assert!(Pixels::of(gst::Buffer::from_slice([0; 20]), &rgba(3, 2)).is_err(), "too short");
    }

    #[test]
    fn who_makes_pictures_is_asked_to_use_their_memory_again() {
        gst::init().unwrap();
        let line = "capsfilter name=plain caps=video/x-raw,format=RGBA ! fakesink";
        let bin = gst::parse::bin_from_description(line, false).unwrap();
        let pad = bin.by_name("plain").unwrap().static_pad("sink").unwrap();
        let pools = || {
            let mut query = gst::query::Allocation::new(Some(&rgba(1280, 720)), true);
            pad.query(query.query_mut());
            query.allocation_pools().map(|(_, size, least, most)| (size, least, most)).collect::<Vec<_>>()
        };
        assert_eq!(pools(), []);
        pooled(&pad);
        assert_eq!(pools(), [(4 * 1280 * 720, 0, 0)]);
    }
}
