//! One GStreamer pipeline of a live source; it stops when dropped.

use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result, anyhow};
use flight_record::live::{H264_PAYLOAD, H265_PAYLOAD, KLV_PAYLOAD};
use footage::access_unit::Codec;
use gstreamer as gst;
use gstreamer::prelude::*;

use super::Source;
use super::gate::Gate;
use super::sink;
use super::slot::Shared;

/// Bytes the system keeps while this program is busy.
const SOCKET_BYTES: u32 = 4 << 20;
/// How late a packet of a camera's own stream may be to be put in its place, ms.
const RTSP_LATENCY_MS: u32 = 60;

/// A running pipeline.
pub(super) struct Pipeline(gst::Pipeline);

impl Pipeline {
    /// Opens a live source.
    ///
    /// # Errors
    /// When GStreamer, one of its elements, a decoder or the port is not to be had.
    pub(super) fn start(source: &Source, shared: &Arc<Shared>) -> Result<Self> {
        gst::init().context("GStreamer does not start; install gstreamer1.0-plugins-base")?;
        let (line, elements) = describe(source)?;
        if let Some(missing) = elements.iter().find(|name| gst::ElementFactory::find(name).is_none()) {
            return Err(anyhow!("GStreamer's {missing} is not installed; install gstreamer1.0-plugins-good and -bad"));
        }
        let pipeline = gst::parse::launch(&line)?;
        let pipeline =
            pipeline.downcast::<gst::Pipeline>().map_err(|_| anyhow!("a launch line that is no pipeline"))?;
        let running = Self(pipeline);
        running.connect(source, shared)?;
        running.0.set_state(gst::State::Playing).map_err(|_| running.failure(source))?;
        Ok(running)
    }

    fn connect(&self, source: &Source, shared: &Arc<Shared>) -> Result<()> {
        let part = |name| self.0.by_name(name).context("a pipeline without one of its parts");
        let opening = part("pictures-in")?;
        match source {
            Source::Rtp { .. } => {
                // Whatever else is sent to the ports is nobody's, and makes no branch of its own.
                let only = |name, kinds: &'static [u8]| {
                    let pad = part(name)?.static_pad("sink").context("no way in")?;
                    sink::guard(&pad, Arc::new(Mutex::new(Gate::new(kinds, usize::MAX))));
                    Ok::<_, anyhow::Error>(())
                };
                only("pictures-in", &[H264_PAYLOAD, H265_PAYLOAD])?;
                only("packets-in", &[KLV_PAYLOAD])?;
                let packets = sink::telemetry(shared)?;
                self.0.add(&packets)?;
                part("packets-in")?.link(&packets)?;
                opening.connect("request-pt-map", false, |values| {
                    let payload = values.get(1).and_then(|value| value.get::<u32>().ok())?;
                    Some(rtp_caps(payload).to_value())
                });
            }
            Source::Rtsp(url) => opening.set_property("location", url),
        }
        let (pipeline, shared) = (self.0.downgrade(), Arc::clone(shared));
        opening.connect_pad_added(move |_, pad| {
            let joined = pipeline.upgrade().map_or(Ok(()), |pipeline| join(&pipeline, pad, &shared));
            if let Err(error) = joined {
                tracing::warn!(error = format!("{error:#}"), "a stream of the source is not shown");
            }
        });
        Ok(())
    }

    fn failure(&self, source: &Source) -> anyhow::Error {
        let why = self.ended(0).unwrap_or_default();
        match source {
            Source::Rtp { video_port, klv_port, .. } => {
                anyhow!(
                    "UDP port {video_port} or {klv_port} is another program's; close it, or choose others in Settings ({why})"
                )
            }
            Source::Rtsp(_) => anyhow!("the source does not open: {why}"),
        }
    }

    /// Waits at most `timeout_ms` for the end; why it is over.
    pub(super) fn ended(&self, timeout_ms: u64) -> Option<String> {
        let kinds = [gst::MessageType::Error, gst::MessageType::Eos];
        let message = self.0.bus()?.timed_pop_filtered(gst::ClockTime::from_mseconds(timeout_ms), &kinds)?;
        match message.view() {
            gst::MessageView::Error(error) => Some(error.error().to_string()),
            _ => Some("the source has ended".to_owned()),
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        let _ = self.0.set_state(gst::State::Null);
    }
}

/// The launch line down to the element whose pads appear with the streams, and what must be installed.
fn describe(source: &Source) -> Result<(String, &'static [&'static str])> {
    Ok(match source {
        Source::Rtp { listen, video_port, klv_port } => {
            let udp = |port, media: &str| {
                format!(
                    "udpsrc address={listen} port={port} reuse=false buffer-size={SOCKET_BYTES} \
                     caps=\"application/x-rtp,{media},clock-rate=90000\""
                )
            };
            let klv = format!("media=application,payload={KLV_PAYLOAD},encoding-name=SMPTE336M");
            let line = format!(
                "{} ! rtpptdemux name=pictures-in {} ! identity name=packets-in silent=true",
                udp(video_port, "media=video"),
                udp(klv_port, &klv),
            );
            (line, &["udpsrc", "rtpptdemux", "rtph264depay", "rtpklvdepay"])
        }
        // The address is put as a property: it is never part of a line that is logged.
        Source::Rtsp(_) => (
            format!(
                "rtspsrc name=pictures-in latency={RTSP_LATENCY_MS} timeout=5000000 tcp-timeout=5000000 do-retransmission=false"
            ),
            &["rtspsrc", "rtph264depay", "rtpklvdepay"],
        ),
    })
}

fn rtp_caps(payload: u32) -> gst::Caps {
    let encoding = if payload == u32::from(H265_PAYLOAD) { "H265" } else { "H264" };
    let caps = gst::Caps::builder("application/x-rtp").field("media", "video").field("clock-rate", 90_000_i32);
    caps.field("encoding-name", encoding).build()
}

/// A stream of the source gets its branch; sound and what is not known get none.
fn join(pipeline: &gst::Pipeline, pad: &gst::Pad, shared: &Arc<Shared>) -> Result<()> {
    let branch = match kind(pad) {
        Some(Kind::Pictures(codec)) => sink::pictures(codec, shared)?,
        Some(Kind::Telemetry) => sink::telemetry(shared)?,
        None => return Ok(()),
    };
    pipeline.add(&branch)?;
    branch.sync_state_with_parent()?;
    pad.link(&branch.static_pad("sink").context("no way in")?)?;
    Ok(())
}

enum Kind {
    Pictures(Codec),
    Telemetry,
}

fn kind(pad: &gst::Pad) -> Option<Kind> {
    let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
    let stream = caps.structure(0)?;
    if let Ok(encoding) = stream.get::<String>("encoding-name") {
        return match encoding.to_ascii_uppercase().as_str() {
            "H264" => Some(Kind::Pictures(Codec::H264)),
            "H265" => Some(Kind::Pictures(Codec::H265)),
            "SMPTE336M" => Some(Kind::Telemetry),
            _ => None,
        };
    }
    let payload = stream.get::<i32>("payload").ok()?;
    if payload == i32::from(H264_PAYLOAD) {
        Some(Kind::Pictures(Codec::H264))
    } else if payload == i32::from(H265_PAYLOAD) {
        Some(Kind::Pictures(Codec::H265))
    } else {
        None
    }
}
