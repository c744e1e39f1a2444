//! One GStreamer pipeline from a source to access units.
//!
//! Encoded sources are passed through: depay, parse, hand over. Audio and data pads get no branch at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;

use anyhow::{Context, Result, anyhow, bail};
use footage::access_unit::Codec;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

use super::capture_time::Arrival;
use super::{FromCamera, Picture, encoder};
use crate::clock;
use crate::config::{Camera, Output, Source, Transport};

/// Frames a second assumed for a user's own raw pipeline when only the key-frame distance hangs on it.
const PIPELINE_FPS: u32 = 30;
/// What a GStreamer queue before the recorder may hold; beyond it the source waits.
const QUEUE: &str = "queue max-size-buffers=0 max-size-time=0 max-size-bytes=33554432";

/// A running pipeline; stops when dropped.
pub(super) struct Running {
    pipeline: gst::Pipeline,
}

impl Running {
    /// Builds and starts the pipeline of `camera`; pictures go to `sink`, their time to `last_ns`.
    pub(super) fn start(camera: &Camera, sink: SyncSender<FromCamera>, last_ns: Arc<AtomicU64>) -> Result<Self> {
        let description = describe(camera)?;
        let element = gst::parse::launch(&description)
            .with_context(|| format!("camera {}: its pipeline cannot be built", camera.stream.get_ref()))?;
        let pipeline = match element.downcast::<gst::Pipeline>() {
            Ok(pipeline) => pipeline,
            // A line of one element comes back as that element.
            Err(element) => {
                let pipeline = gst::Pipeline::new();
                pipeline.add(&element)?;
                pipeline
            }
        };
        locate(&pipeline, &camera.source);
        pipeline.use_clock(Some(&gst::SystemClock::obtain()));
        let tap = Tap { sink, last_ns, at_real_speed: matches!(camera.source, Source::File { .. }) };
        match pipeline.by_name("tap") {
            Some(appsink) => tap.connect(&appsink, &pipeline)?,
            None => tap.connect_when_known(&pipeline, camera)?,
        }
        pipeline.set_state(gst::State::Playing).context("the pipeline does not start")?;
        Ok(Self { pipeline })
    }

    /// Waits at most `timeout_ms` for the end: `Some(reason)` when the pipeline is over.
    pub(super) fn ended(&self, timeout_ms: u64) -> Option<String> {
        let bus = self.pipeline.bus()?;
        let kinds = [gst::MessageType::Error, gst::MessageType::Eos];
        let message = bus.timed_pop_filtered(gst::ClockTime::from_mseconds(timeout_ms), &kinds)?;
        match message.view() {
            gst::MessageView::Error(error) => Some(error.error().to_string()),
            _ => Some("end of stream".to_owned()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// Says where the source is, as a property: an address is never part of a launch line (nor of its error).
fn locate(pipeline: &gst::Pipeline, source: &Source) {
    let (name, property, place) = match source {
        Source::Rtsp { url, .. } => ("src", "location", url.clone()),
        Source::File { path, .. } => ("origin", "location", path.display().to_string()),
        Source::V4l2 { device, .. } => ("origin", "device", device.display().to_string()),
        Source::Test { .. } | Source::Pipeline { .. } => return,
    };
    if let Some(element) = pipeline.by_name(name) {
        element.set_property(property, place);
    }
}

/// The launch line of a source, down to an element named `src` whose pads appear later or an appsink `tap`.
fn describe(camera: &Camera) -> Result<String> {
    let encode = |fps| {
        encoder::launch(camera.bitrate_kbps, fps)
            .ok_or_else(|| anyhow!("no H.264 encoder is installed; install gstreamer1.0-plugins-ugly (x264enc)"))
    };
    Ok(match &camera.source {
        Source::Rtsp { latency_ms, transport, .. } => {
            let protocols = match transport {
                Transport::Tcp => "tcp",
                Transport::Udp => "udp",
            };
            format!(
                "rtspsrc name=src latency={latency_ms} protocols={protocols} \
                 add-reference-timestamp-meta=true timeout=5000000 tcp-timeout=5000000 do-retransmission=false"
            )
        }
        Source::File { .. } => "filesrc name=origin ! parsebin name=src".to_owned(),
        Source::Test { width, height, fps } => format!(
            "videotestsrc is-live=true pattern=ball ! video/x-raw,width={width},height={height},framerate={fps}/1 ! {} ! {}",
            encode(*fps)?,
            tail(Codec::H264),
        ),
        Source::V4l2 { device, .. } if !device.exists() => {
            bail!("{}: no such device; connect the camera or mend `device`", device.display())
        }
        Source::V4l2 { width, height, fps, .. } => format!(
            "v4l2src name=origin ! video/x-raw,width={width},height={height},framerate={fps}/1 ! {} ! {}",
            encode(*fps)?,
            tail(Codec::H264),
        ),
        Source::Pipeline { launch, output } => match output {
            Output::Raw => format!("{launch} ! {} ! {}", encode(PIPELINE_FPS)?, tail(Codec::H264)),
            Output::H264 => format!("{launch} ! {}", tail(Codec::H264)),
            Output::H265 => format!("{launch} ! {}", tail(Codec::H265)),
        },
    })
}

/// From encoded video to the appsink: whole access units in byte-stream form, parameter sets before each key.
fn tail(codec: Codec) -> String {
    let (parser, caps) = match codec {
        Codec::H264 => ("h264parse", "video/x-h264"),
        Codec::H265 => ("h265parse", "video/x-h265"),
    };
    format!(
        "{QUEUE} ! {parser} config-interval=-1 ! {caps},stream-format=byte-stream,alignment=au \
         ! appsink name=tap sync=false max-buffers=4"
    )
}

/// Where pictures leave GStreamer.
#[derive(Clone)]
struct Tap {
    sink: SyncSender<FromCamera>,
    last_ns: Arc<AtomicU64>,
    at_real_speed: bool,
}

impl Tap {
    /// Links the first video pad of `src` when it appears; every other pad stays unlinked.
    fn connect_when_known(self, pipeline: &gst::Pipeline, camera: &Camera) -> Result<()> {
        let source = pipeline.by_name("src").context("a source without a name")?;
        if matches!(camera.source, Source::Rtsp { .. }) {
            let tap = self.clone();
            source.connect("select-stream", false, move |values| {
                let caps = values.get(2).and_then(|value| value.get::<gst::Caps>().ok());
                Some(caps.is_some_and(|caps| tap.takes(&caps)).to_value())
            });
        }
        let weak = pipeline.downgrade();
        source.connect_pad_added(move |_, pad| {
            let Some(pipeline) = weak.upgrade() else {
                return;
            };
            let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
            if !self.takes(&caps) || pipeline.by_name("tap").is_some() {
                return;
            }
            if let Err(error) = self.attach(&pipeline, pad, &caps) {
                gst::element_error!(pipeline, gst::StreamError::Format, ("{error:#}"));
            }
        });
        Ok(())
    }

    /// Whether these are pictures. Sound is never recorded, and the record says that there was some.
    fn takes(&self, caps: &gst::CapsRef) -> bool {
        let Some(structure) = caps.structure(0) else {
            return false;
        };
        let media = structure.get::<&str>("media").unwrap_or_default();
        if media == "audio" || structure.name().starts_with("audio/") {
            // Full only while pictures wait; the next connection says it again.
            let _ = self.sink.try_send(FromCamera::Sound);
        }
        media == "video" || structure.name().starts_with("video/")
    }

    fn attach(&self, pipeline: &gst::Pipeline, pad: &gst::Pad, caps: &gst::Caps) -> Result<()> {
        let Some((depay, codec)) = branch(caps) else {
            return Ok(());
        };
        let bin = gst::parse::bin_from_description(&format!("{depay}{}", tail(codec)), true)?;
        pipeline.add(&bin)?;
        let appsink = bin.by_name("tap").context("a branch without its tap")?;
        self.connect(&appsink, pipeline)?;
        bin.sync_state_with_parent()?;
        let into = bin.static_pad("sink").context("a branch without a sink")?;
        pad.link(&into)?;
        Ok(())
    }

    fn connect(&self, appsink: &gst::Element, pipeline: &gst::Pipeline) -> Result<()> {
        let Some(appsink) = appsink.downcast_ref::<gst_app::AppSink>() else { bail!("`tap` is not an appsink") };
        appsink.set_property("sync", self.at_real_speed);
        let tap = self.clone();
        let weak = pipeline.downgrade();
        let deliver = move |appsink: &gst_app::AppSink| {
            let sample = appsink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            let base_ns = weak.upgrade().and_then(|p| p.base_time()).map(gst::ClockTime::nseconds);
            let Some(picture) = picture(&sample, base_ns) else {
                return Ok(gst::FlowSuccess::Ok);
            };
            tap.last_ns.store(clock::mono_ns(), Ordering::Relaxed);
            tap.sink.send(FromCamera::Picture(picture)).map_err(|_| gst::FlowError::Eos)?;
            Ok(gst::FlowSuccess::Ok)
        };
        appsink.set_callbacks(gst_app::AppSinkCallbacks::builder().new_sample(deliver).build());
        Ok(())
    }
}

/// The depayloader (with its `!`) and codec of a pad, or `None` for audio, data and codecs we do not record.
fn branch(caps: &gst::Caps) -> Option<(&'static str, Codec)> {
    let structure = caps.structure(0)?;
    let encoding = structure.get::<&str>("encoding-name").unwrap_or_default();
    match (structure.name().as_str(), encoding) {
        ("application/x-rtp", "H264") => Some(("rtph264depay ! ", Codec::H264)),
        ("application/x-rtp", "H265") => Some(("rtph265depay ! ", Codec::H265)),
        ("video/x-h264", _) => Some(("", Codec::H264)),
        ("video/x-h265", _) => Some(("", Codec::H265)),
        _ => None,
    }
}

/// One access unit with what is known of its time.
fn picture(sample: &gst::Sample, base_ns: Option<u64>) -> Option<Picture> {
    let buffer = sample.buffer()?;
    let caps = sample.caps()?;
    let codec = match caps.structure(0)?.name().as_str() {
        "video/x-h265" => Codec::H265,
        _ => Codec::H264,
    };
    let running = buffer.pts().and_then(|pts| sample.segment()?.downcast_ref::<gst::ClockTime>()?.to_running_time(pts));
    let at_ns = match (running, base_ns) {
        (Some(running), Some(base_ns)) => base_ns + running.nseconds(),
        (Some(_) | None, _) => clock::mono_ns(),
    };
    let ntp_ns = buffer
        .iter_meta::<gst::ReferenceTimestampMeta>()
        .find(|meta| meta.reference().structure(0).is_some_and(|s| s.name() == "timestamp/x-ntp"))
        .map(|meta| meta.timestamp().nseconds());
    Some(Picture {
        codec,
        data: buffer.map_readable().ok()?.as_slice().to_vec(),
        arrival: Arrival { at_ns, ntp_ns },
        broken: buffer.flags().intersects(gst::BufferFlags::DISCONT | gst::BufferFlags::CORRUPTED),
    })
}
