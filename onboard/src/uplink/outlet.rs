//! The GStreamer pipeline of the live view: pictures of one codec and their telemetry, under the keys of one agreement or under none.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use flight_record::live::{H264_PAYLOAD, H265_PAYLOAD, KLV_PAYLOAD, Master};
use footage::access_unit::Codec;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

use super::live::{Agreed, LiveFrame};
use crate::config;

/// Bytes that may wait inside each appsrc before it leaks the oldest.
const APPSRC_BYTES: u64 = 4 << 20;

/// The RTP pipeline of one codec.
pub(super) struct Outlet {
    pipeline: gst::Pipeline,
    codec: Codec,
    agreed: Option<Arc<Agreed>>,
    picture: gst_app::AppSrc,
    klv: gst_app::AppSrc,
    begun_ns: u64,
}

impl Outlet {
    /// Sends frames of `codec` from the instant `begun_ns` on; under `protection`, with this SSRC.
    ///
    /// # Errors
    /// When GStreamer does not start it.
    pub(super) fn start(
        codec: Codec,
        begun_ns: u64,
        to: &config::Live,
        protection: Option<(Arc<Agreed>, u32)>,
    ) -> Result<Self> {
        let pipeline = gst::parse::launch(&description(codec, to, protection.as_ref().map(|(_, ssrc)| *ssrc)))?
            .downcast::<gst::Pipeline>()
            .map_err(|_| anyhow!("a launch line that is no pipeline"))?;
        let agreed = protection.map(|(agreed, _)| agreed);
        if let Some(agreed) = &agreed {
            lock(&pipeline, "video", &agreed.keys.video)?;
            lock(&pipeline, "klv", &agreed.keys.klv)?;
        }
        let appsrc = |name| {
            pipeline
                .by_name(name)
                .and_then(|element| element.downcast::<gst_app::AppSrc>().ok())
                .context("an outlet without its source")
        };
        let (picture, klv) = (appsrc("picture")?, appsrc("packet")?);
        pipeline.set_state(gst::State::Playing)?;
        Ok(Self { pipeline, codec, agreed, picture, klv, begun_ns })
    }

    /// Whether frames of `codec` may go out of it under these keys.
    pub(super) fn fits(&self, codec: Codec, agreed: Option<&Arc<Agreed>>) -> bool {
        let same = match (&self.agreed, agreed) {
            (Some(own), Some(now)) => Arc::ptr_eq(own, now),
            (None, _) => true,
            (Some(_), None) => false,
        };
        same && self.codec == codec
    }

    /// Sends a frame.
    pub(super) fn push(&self, frame: &LiveFrame) {
        let pts = gst::ClockTime::from_nseconds(frame.at_ns.saturating_sub(self.begun_ns));
        for (appsrc, bytes) in [(&self.klv, &frame.klv), (&self.picture, &frame.picture)] {
            let mut buffer = gst::Buffer::from_slice(Arc::clone(bytes));
            if let Some(buffer) = buffer.get_mut() {
                buffer.set_pts(pts);
            }
            // A source that is being torn down takes nothing: the next frame finds it broken and starts anew.
            let _ = appsrc.push_buffer(buffer);
        }
    }

    /// Whether it has failed.
    pub(super) fn broken(&self) -> bool {
        self.pipeline
            .bus()
            .and_then(|bus| bus.pop_filtered(&[gst::MessageType::Error, gst::MessageType::Eos]))
            .is_some()
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// The launch line; it is logged, so no key stands in it.
fn description(codec: Codec, to: &config::Live, ssrc: Option<u32>) -> String {
    let (caps, pay, payload) = match codec {
        Codec::H264 => ("video/x-h264", "rtph264pay", H264_PAYLOAD),
        Codec::H265 => ("video/x-h265", "rtph265pay", H265_PAYLOAD),
    };
    let source = |name, caps: &str| {
        format!(
            "appsrc name={name} format=time is-live=true block=false leaky-type=downstream max-bytes={APPSRC_BYTES} caps={caps}"
        )
    };
    // Key pictures carry their parameter sets. The payloader's own (`config-interval`) would stand before each slice of one, and a
    // receiver would take the second slice for another picture, without its time.
    // The first packets of a stream are counted from 0, so that a receiver that missed some still knows the count.
    let whose = ssrc.map_or_else(String::new, |ssrc| format!(" ssrc={ssrc}"));
    let out = |name, to: SocketAddr| {
        let ciphers = "rtp-cipher=aes-256-icm rtp-auth=hmac-sha1-80 rtcp-cipher=aes-256-icm rtcp-auth=hmac-sha1-80";
        let guard = ssrc.map_or_else(String::new, |_| format!("srtpenc name={name} {ciphers} ! "));
        format!("{guard}udpsink host={} port={} sync=false async=false", to.ip(), to.port())
    };
    format!(
        "{} ! {pay} aggregate-mode=zero-latency pt={payload} timestamp-offset=0 seqnum-offset=0{whose} ! {} \
         {} ! rtpklvpay pt={KLV_PAYLOAD} timestamp-offset=0 seqnum-offset=0{whose} ! {}",
        source("picture", &format!("{caps},stream-format=byte-stream,alignment=au")),
        out("video", to.video),
        source("packet", "meta/x-klv,parsed=true"),
        out("klv", to.klv),
    )
}

/// Gives an element that encrypts its key; the bytes are zeroised when GStreamer lets go of them.
fn lock(pipeline: &gst::Pipeline, name: &str, key: &Master) -> Result<()> {
    let guard = pipeline.by_name(name).context("an outlet without its guard")?;
    guard.set_property("key", gst::Buffer::from_slice(key.bytes()));
    Ok(())
}
