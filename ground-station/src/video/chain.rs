//! Coded pictures to pixels on the calling thread, one in, what comes of it out: for recordings.
//!
//! The elements are driven by pads of our own, without threads, so that a step is a step.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, anyhow, bail};
use footage::access_unit::Codec;
use gstreamer as gst;
use gstreamer::prelude::*;

use super::branch;
use super::pixels::{self, Pixels};

/// A decoded picture.
#[derive(Debug, Clone)]
pub(super) struct Decoded {
    pub(super) time_us: u64,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rgba: Pixels,
    pub(super) damaged: bool,
}

/// Parser, decoder and colours between two pads.
pub(super) struct Chain {
    bin: gst::Bin,
    into: gst::Pad,
    /// Kept: a pad that is gone takes nothing.
    _out: gst::Pad,
    codec: Codec,
    made: Arc<Mutex<Made>>,
}

#[derive(Default)]
struct Made {
    /// Pictures before this are decoded, since others follow from them, and not turned into pixels.
    from_us: u64,
    pictures: VecDeque<Decoded>,
}

fn locked(made: &Mutex<Made>) -> MutexGuard<'_, Made> {
    made.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Chain {
    /// For pictures of `codec`; those before `from_us` are not given.
    ///
    /// # Errors
    /// When no decoder is installed, or GStreamer cannot build it.
    pub(super) fn start(codec: Codec, from_us: u64) -> Result<Self> {
        let bin = gst::parse::bin_from_description(&branch::line(codec, true)?, true)?;
        let made = Arc::new(Mutex::new(Made { from_us, ..Made::default() }));
        let decoded = bin.by_name("decoder").and_then(|decoder| decoder.static_pad("src")).context("no decoder")?;
        pixels::pooled(&bin.by_name("plain").and_then(|filter| filter.static_pad("sink")).context("no colours")?);
        let wanted = Arc::clone(&made);
        decoded.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
            match info.buffer().and_then(|buffer| buffer.pts()) {
                Some(pts) if pts.useconds() < locked(&wanted).from_us => gst::PadProbeReturn::Drop,
                _ => gst::PadProbeReturn::Ok,
            }
        });
        let into = gst::Pad::builder(gst::PadDirection::Src).name("into").build();
        let out = out_pad(&made);
        let pad = |name: &str| bin.static_pad(name).ok_or_else(|| anyhow!("a chain without its {name}"));
        out.set_active(true)?;
        into.set_active(true)?;
        pad("src")?.link(&out)?;
        into.link(&pad("sink")?)?;
        bin.set_state(gst::State::Playing)?;
        let name = match codec {
            Codec::H264 => "h264",
            Codec::H265 => "h265",
        };
        let caps = format!("video/x-{name},stream-format=byte-stream,alignment=au").parse::<gst::Caps>()?;
        into.push_event(gst::event::StreamStart::new("recording"));
        into.push_event(gst::event::Caps::new(&caps));
        into.push_event(gst::event::Segment::new(&gst::FormattedSegment::<gst::ClockTime>::new()));
        Ok(Self { bin, into, _out: out, codec, made })
    }

    /// Of which codec.
    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    /// Takes a coded picture, in decoding order.
    ///
    /// # Errors
    /// When the decoder takes nothing any more.
    pub(super) fn feed(&self, picture: &[u8], time_us: u64) -> Result<()> {
        let mut buffer = gst::Buffer::from_slice(picture.to_vec());
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(gst::ClockTime::from_useconds(time_us));
        }
        match self.into.push(buffer) {
            Ok(_) => Ok(()),
            Err(error) => bail!("a picture was not taken: {error}"),
        }
    }

    /// No more comes: the decoder gives what it holds.
    pub(super) fn drain(&self) {
        self.into.push_event(gst::event::Eos::new());
    }

    /// The next decoded picture, in the order of showing.
    pub(super) fn next(&self) -> Option<Decoded> {
        locked(&self.made).pictures.pop_front()
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let _ = self.bin.set_state(gst::State::Null);
    }
}

fn out_pad(made: &Arc<Mutex<Made>>) -> gst::Pad {
    let made = Arc::clone(made);
    gst::Pad::builder(gst::PadDirection::Sink)
        .name("out")
        .chain_function(move |pad, _, buffer| {
            let caps = pad.current_caps().ok_or(gst::FlowError::NotNegotiated)?;
            let time_us = buffer.pts().map_or(0, gst::ClockTime::useconds);
            let damaged = buffer.flags().contains(gst::BufferFlags::CORRUPTED);
            let (width, height, rgba) = Pixels::of(buffer, &caps).map_err(|error| {
                tracing::warn!(error = format!("{error:#}"), "a recorded picture is not shown");
                gst::FlowError::Error
            })?;
            locked(&made).pictures.push_back(Decoded { time_us, width, height, rgba, damaged });
            Ok(gst::FlowSuccess::Ok)
        })
        .build()
}
