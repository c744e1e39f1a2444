//! Where GStreamer hands over: decoded pictures and telemetry.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use footage::access_unit::Codec;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

use super::gate::Gate;
use super::pixels::{self, Pixels};
use super::slot::Shared;
use super::{Picture, branch};
use crate::clock;

/// Most octets of the packets of one picture, and of one instant's telemetry.
const MOST_PICTURE: usize = 16 << 20;
const MOST_TELEMETRY: usize = 64 << 10;

/// The branch of one codec as a bin with a sink pad: from its RTP packets to the slot.
///
/// # Errors
/// When no decoder is installed, or GStreamer cannot build it.
pub(super) fn pictures(codec: Codec, shared: &Arc<Shared>) -> Result<gst::Bin> {
    let depay = match codec {
        Codec::H264 => "rtph264depay ! video/x-h264,stream-format=byte-stream,alignment=au",
        Codec::H265 => "rtph265depay ! video/x-h265,stream-format=byte-stream,alignment=au",
    };
    let line = format!(
        "{depay} ! {} ! appsink name=pictures sync=false max-buffers=1 drop=true enable-last-sample=false",
        branch::line(codec, false)?
    );
    let bin = gst::parse::bin_from_description(&line, true)?;
    let coded = bin.by_name("coded").and_then(|filter| filter.static_pad("src")).context("no parser")?;
    pixels::pooled(&bin.by_name("plain").and_then(|filter| filter.static_pad("sink")).context("no colours")?);
    let told = Arc::clone(shared);
    let gate = Arc::new(Mutex::new(Gate::new(&[], MOST_PICTURE)));
    guard(&bin.static_pad("sink").context("no way in")?, Arc::clone(&gate));
    let torn = move |key| gate.lock().unwrap_or_else(PoisonError::into_inner).picture(key);
    branch::note(&coded, codec, clock::mono_ns, move |now_ns| told.came(now_ns), torn);
    let sink = appsink(&bin, "pictures")?;
    let shared = Arc::clone(shared);
    let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        match picture(&sample, codec) {
            Ok(picture) => shared.picture(picture, clock::mono_ns()),
            Err(error) => tracing::warn!(error = format!("{error:#}"), "a picture is not shown"),
        }
        Ok(gst::FlowSuccess::Ok)
    });
    sink.set_callbacks(callbacks.build());
    Ok(bin)
}

/// The branch of the telemetry.
///
/// # Errors
/// When GStreamer cannot build it.
pub(super) fn telemetry(shared: &Arc<Shared>) -> Result<gst::Bin> {
    let line = "rtpklvdepay ! appsink name=packets sync=false max-buffers=64 drop=true enable-last-sample=false";
    let bin = gst::parse::bin_from_description(line, true)?;
    guard(&bin.static_pad("sink").context("no way in")?, Arc::new(Mutex::new(Gate::new(&[], MOST_TELEMETRY))));
    let sink = appsink(&bin, "packets")?;
    let shared = Arc::clone(shared);
    let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        if let Some(bytes) = sample.buffer().and_then(|buffer| buffer.map_readable().ok()) {
            shared.packets(&bytes, clock::mono_ns());
        }
        Ok(gst::FlowSuccess::Ok)
    });
    sink.set_callbacks(callbacks.build());
    Ok(bin)
}

/// Packets that the gate does not let pass go no further than this pad.
pub(super) fn guard(pad: &gst::Pad, gate: Arc<Mutex<Gate>>) {
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        let passes = info.buffer().and_then(|buffer| buffer.map_readable().ok()).is_some_and(|packet| {
            // It is whole after every packet.
            gate.lock().unwrap_or_else(PoisonError::into_inner).take(&packet)
        });
        if passes { gst::PadProbeReturn::Ok } else { gst::PadProbeReturn::Handled }
    });
}

fn appsink(bin: &gst::Bin, name: &str) -> Result<gst_app::AppSink> {
    bin.by_name(name).and_then(|element| element.downcast().ok()).context("a branch without its end")
}

fn picture(sample: &gst::Sample, codec: Codec) -> Result<Picture> {
    let buffer = sample.buffer_owned().context("an empty sample")?;
    let (noted, corrupted) = (branch::noted(&buffer), buffer.flags().contains(gst::BufferFlags::CORRUPTED));
    let (width, height, rgba) = Pixels::of(buffer, sample.caps().context("a picture of no kind")?)?;
    Ok(Picture {
        width,
        height,
        rgba,
        taken_utc_us: noted.taken.and_then(|taken| i64::try_from(taken.time_us).ok()),
        time_locked: noted.taken.is_some_and(|taken| taken.locked),
        klv: None,
        arrived_ns: noted.arrived_ns.unwrap_or_else(clock::mono_ns),
        codec,
        damaged: noted.torn || corrupted,
        frame_number: 0,
    })
}
