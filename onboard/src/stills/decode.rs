//! From coded pictures to one JPEG.
//!
//! The elements are driven by pads of our own, without a pipeline's threads: all of it happens on the calling thread, at
//! its priority. GStreamer's pooled threads would keep that priority when the cameras use them next.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, anyhow, bail};
use footage::access_unit::Codec;
use gstreamer as gst;
use gstreamer::prelude::*;

use super::Shot;

/// JPEG quality of 100.
const QUALITY: u32 = 92;
/// Decoders in order of preference, with settings that keep them on one thread.
const H264: [(&str, &str); 2] = [("avdec_h264", "max-threads=1"), ("openh264dec", "")];
const H265: [(&str, &str); 2] = [("avdec_h265", "max-threads=1"), ("libde265dec", "max-threads=1")];

/// Whether this machine can take stills of such pictures.
#[must_use]
pub fn available(codec: Codec) -> bool {
    decoder(codec).is_some() && gst::ElementFactory::find("jpegenc").is_some()
}

fn decoder(codec: Codec) -> Option<(&'static str, &'static str)> {
    let decoders = match codec {
        Codec::H264 => H264,
        Codec::H265 => H265,
    };
    decoders.into_iter().find(|(name, _)| gst::ElementFactory::find(name).is_some())
}

/// The last of `shots` as a JPEG; they are in decoding order from a key frame on, and no two were shot at one instant.
///
/// # Errors
/// When an element is not installed, or the pictures cannot be decoded.
pub(super) fn jpeg(codec: Codec, shots: &[Shot]) -> Result<Vec<u8>> {
    let (first, last) = shots.first().zip(shots.last()).context("no picture")?;
    let earliest_us = shots.iter().map(|shot| shot.utc_us).min().unwrap_or(first.utc_us);
    let pts = |shot: &Shot| gst::ClockTime::from_useconds(shot.utc_us.abs_diff(earliest_us));
    let chain = Chain::start(codec, pts(last))?;
    let fed = shots.iter().try_for_each(|shot| chain.feed(&shot.picture, pts(shot)));
    let made = chain.finish();
    fed?;
    made.context("the picture could not be decoded")
}

/// Parser, decoder and encoder between two pads.
struct Chain {
    bin: gst::Bin,
    into: gst::Pad,
    /// Kept: a pad that is gone takes nothing.
    _out: gst::Pad,
    made: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Chain {
    fn start(codec: Codec, wanted: gst::ClockTime) -> Result<Self> {
        let (name, settings) = decoder(codec).context("stills need a decoder; install gstreamer1.0-libav")?;
        let (parser, caps) = match codec {
            Codec::H264 => ("h264parse", "video/x-h264"),
            Codec::H265 => ("h265parse", "video/x-h265"),
        };
        let line =
            format!("{parser} ! {name} name=decoder {settings} ! videoconvert n-threads=1 ! jpegenc quality={QUALITY}");
        let bin = gst::parse::bin_from_description(&line, true)?;
        let decoded = bin.by_name("decoder").and_then(|decoder| decoder.static_pad("src")).context("no decoder")?;
        decoded.add_probe(gst::PadProbeType::BUFFER, move |_, info| match info.buffer() {
            Some(buffer) if buffer.pts() != Some(wanted) => gst::PadProbeReturn::Drop,
            _ => gst::PadProbeReturn::Ok,
        });
        let made = Arc::new(Mutex::new(None));
        let into = gst::Pad::builder(gst::PadDirection::Src).name("into").build();
        let out = out_pad(&made);
        let pad = |name: &str| bin.static_pad(name).ok_or_else(|| anyhow!("a chain without its {name}"));
        out.set_active(true)?;
        into.set_active(true)?;
        pad("src")?.link(&out)?;
        into.link(&pad("sink")?)?;
        bin.set_state(gst::State::Playing)?;
        let chain = Self { bin, into, _out: out, made };
        let caps = format!("{caps},stream-format=byte-stream,alignment=au").parse::<gst::Caps>()?;
        chain.into.push_event(gst::event::StreamStart::new("still"));
        chain.into.push_event(gst::event::Caps::new(&caps));
        chain.into.push_event(gst::event::Segment::new(&gst::FormattedSegment::<gst::ClockTime>::new()));
        Ok(chain)
    }

    fn feed(&self, picture: &Arc<[u8]>, pts: gst::ClockTime) -> Result<()> {
        let mut buffer = gst::Buffer::from_slice(Arc::clone(picture));
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(pts);
        }
        match self.into.push(buffer) {
            Ok(_) => Ok(()),
            Err(error) => bail!("a picture was not taken: {error}"),
        }
    }

    /// Drains the decoder; what came out.
    fn finish(&self) -> Option<Vec<u8>> {
        self.into.push_event(gst::event::Eos::new());
        self.made.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let _ = self.bin.set_state(gst::State::Null);
    }
}

fn out_pad(made: &Arc<Mutex<Option<Vec<u8>>>>) -> gst::Pad {
    let made = Arc::clone(made);
    gst::Pad::builder(gst::PadDirection::Sink)
        .name("out")
        .chain_function(move |_, _, buffer| {
            let bytes = buffer.map_readable().map_err(|_| gst::FlowError::Error)?.as_slice().to_vec();
            *made.lock().unwrap_or_else(PoisonError::into_inner) = Some(bytes);
            Ok(gst::FlowSuccess::Ok)
        })
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stills::Place;
    use gstreamer_app as gst_app;

    /// Ten pictures of a ball that moves, one key frame before all.
    fn ball() -> Vec<Shot> {
        gst::init().unwrap();
        let line = "videotestsrc num-buffers=10 pattern=ball ! video/x-raw,width=320,height=240,framerate=10/1 \
             ! x264enc key-int-max=100 bframes=2 b-adapt=false ! h264parse \
             ! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=out sync=false";
        let pipeline = gst::parse::launch(line).unwrap().downcast::<gst::Pipeline>().unwrap();
        let sink = pipeline.by_name("out").unwrap().downcast::<gst_app::AppSink>().unwrap();
        pipeline.set_state(gst::State::Playing).unwrap();
        let mut shots = Vec::new();
        while let Ok(sample) = sink.pull_sample() {
            let buffer = sample.buffer().unwrap();
            let utc_us = i64::try_from(buffer.pts().unwrap().useconds()).unwrap();
            let picture = buffer.map_readable().unwrap().as_slice().into();
            shots.push(Shot { picture, utc_us, place: Place::default() });
        }
        pipeline.set_state(gst::State::Null).unwrap();
        shots
    }

    #[test]
    fn the_last_picture_comes_out_also_among_b_frames() {
        let shots = ball();
        assert_eq!(shots.len(), 10);
        assert!(shots.windows(2).any(|pair| pair[0].utc_us > pair[1].utc_us), "there are B-frames");
        let made: Vec<_> = (1..=shots.len()).map(|n| jpeg(Codec::H264, &shots[..n]).unwrap()).collect();
        assert!(made.iter().all(|jpeg| jpeg.starts_with(&[0xFF, 0xD8]) && jpeg.ends_with(&[0xFF, 0xD9])));
        assert!(made.windows(2).all(|pair| pair[0] != pair[1]), "each is another picture");
        assert_eq!(jpeg(Codec::H264, &shots[..4]).unwrap(), made[3], "and the same again");
    }

    #[test]
    fn what_is_no_picture_gives_none() {
        gst::init().unwrap();
        let shot = Shot { picture: vec![0, 0, 0, 1, 0x65, 1, 2, 3].into(), utc_us: 0, place: Place::default() };
        assert!(jpeg(Codec::H264, &[shot]).is_err() && jpeg(Codec::H264, &[]).is_err());
    }
}
