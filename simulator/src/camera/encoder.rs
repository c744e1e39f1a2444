//! One encoder for all clients: raw pictures in, access units with their capture time out.

use std::sync::Arc;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;

use super::CameraError;
use super::picture::Canvas;
use crate::scenario::{CameraSpec, Codec};

/// An encoded picture.
#[derive(Clone, Debug)]
pub struct AccessUnit {
    /// Its bytes (Annex B), timestamps removed.
    pub buffer: gst::Buffer,
    /// Boot clock at capture.
    pub capture_ns: u64,
    /// Decoding time on the same scale, where it is not the capture time (B pictures).
    pub dts_ns: Option<i64>,
    /// A key picture.
    pub key: bool,
}

/// Where access units go, in decoding order.
pub type Sink = Arc<dyn Fn(AccessUnit) + Send + Sync>;

/// A running encoder for one picture size.
pub struct Encoder {
    pipeline: gst::Pipeline,
    source: gst_app::AppSrc,
}

impl Encoder {
    /// Starts an encoder for pictures of `size` whose output goes to `sink`.
    ///
    /// # Errors
    /// [`CameraError`] where GStreamer lacks an element or refuses to start.
    pub fn start(spec: &CameraSpec, size: (u32, u32), sink: Sink) -> Result<Self, CameraError> {
        let text = format!("appsrc name=in ! {} ! appsink name=out", encoder_text(spec));
        let element =
            gst::parse::launch(&text).map_err(|source| CameraError::Element { text: text.clone(), source })?;
        let pipeline = element.downcast::<gst::Pipeline>().map_err(|_| CameraError::Broken("encoder pipeline"))?;
        let part = |name: &str| pipeline.by_name(name);
        let source = part("in").and_then(|e| e.downcast::<gst_app::AppSrc>().ok());
        let output = part("out").and_then(|e| e.downcast::<gst_app::AppSink>().ok());
        let (Some(source), Some(output)) = (source, output) else {
            return Err(CameraError::Broken("encoder ends"));
        };
        let fps = i32::try_from(spec.fps).unwrap_or(30);
        let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, size.0, size.1)
            .fps(gst::Fraction::new(fps, 1))
            .build()
            .map_err(|_| CameraError::Broken("picture size"))?;
        source.set_caps(Some(&info.to_caps().map_err(|_| CameraError::Broken("picture size"))?));
        source.set_format(gst::Format::Time);
        // The renderer waits here when the encoder is behind; what then does not fit waits, bounded, as jobs.
        source.set_block(true);
        source.set_max_bytes(u64::from(size.0) * u64::from(size.1) * 3);
        output.set_property("sync", false);
        output.set_property("emit-signals", false);
        output.set_callbacks(
            gst_app::AppSinkCallbacks::builder()
                .new_sample(move |output| {
                    let sample = output.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                    if let Some(unit) = access_unit(&sample) {
                        sink(unit);
                    }
                    Ok(gst::FlowSuccess::Ok)
                })
                .build(),
        );
        pipeline.set_state(gst::State::Playing).map_err(|_| CameraError::Broken("encoder start"))?;
        Ok(Self { pipeline, source })
    }

    /// Encodes a picture.
    ///
    /// # Errors
    /// [`CameraError::Broken`] when the encoder has stopped.
    pub fn push(&self, canvas: &Canvas, capture_ns: u64) -> Result<(), CameraError> {
        let mut buffer = gst::Buffer::from_slice(canvas.bytes().to_vec());
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(gst::ClockTime::from_nseconds(capture_ns));
        }
        self.source.push_buffer(buffer).map_err(|_| CameraError::Broken("encoder stopped")).map(drop)
    }

    /// Asks for a key picture as soon as can be.
    pub fn force_key(&self) {
        let event = gst_video::UpstreamForceKeyUnitEvent::builder().all_headers(true).build();
        if let Some(output) = self.pipeline.by_name("out") {
            let _ = output.send_event(event);
        }
    }

    /// Ends the stream and waits for what is still inside.
    pub fn finish(self) {
        let _ = self.source.end_of_stream();
        if let Some(bus) = self.pipeline.bus() {
            let wait = gst::ClockTime::from_seconds(3);
            let _ = bus.timed_pop_filtered(wait, &[gst::MessageType::Eos, gst::MessageType::Error]);
        }
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

fn encoder_text(spec: &CameraSpec) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked ranges: at most 60 × 3600")]
    let gop = (spec.gop_s * f64::from(spec.fps)).round().max(1.0) as u32;
    let CameraSpec { bitrate_kbps, bframes, .. } = spec;
    match spec.codec {
        Codec::H264 => {
            // zerolatency would turn B pictures off again.
            let tune = if *bframes == 0 { "tune=zerolatency sliced-threads=false" } else { "rc-lookahead=0" };
            format!(
                "x264enc speed-preset=ultrafast {tune} threads=1 bframes={bframes} b-adapt=false bitrate={bitrate_kbps} \
                 key-int-max={gop} byte-stream=true option-string=scenecut=0:trellis=0:subme=0:me=dia:ref=1:mixed-refs=0:8x8dct=0 ! \
                 video/x-h264,profile={},stream-format=byte-stream,alignment=au",
                if *bframes == 0 { "constrained-baseline" } else { "main" },
            )
        }
        Codec::H265 => format!(
            "x265enc speed-preset=ultrafast {} bitrate={bitrate_kbps} key-int-max={gop} \
             option-string=pools=1:frame-threads=1:bframes={bframes}:scenecut=0:repeat-headers=1 ! \
             video/x-h265,stream-format=byte-stream,alignment=au",
            if *bframes == 0 { "tune=zerolatency" } else { "" },
        ),
    }
}

/// The access unit of a sample. x264enc shifts its time stamps by 1000 hours and the segment with them: running time undoes it.
fn access_unit(sample: &gst::Sample) -> Option<AccessUnit> {
    let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
    let mut buffer = sample.buffer_owned()?;
    let pts = segment.to_running_time(buffer.pts()?)?;
    let dts = buffer.dts().and_then(|dts| segment.to_running_time_full(dts));
    let dts_ns = dts.map(|signed| match signed {
        gst::Signed::Positive(time) => i64::try_from(time.nseconds()).unwrap_or(i64::MAX),
        gst::Signed::Negative(time) => -i64::try_from(time.nseconds()).unwrap_or(i64::MAX),
    });
    let key = !buffer.flags().contains(gst::BufferFlags::DELTA_UNIT);
    let capture_ns = pts.nseconds();
    {
        let buffer = buffer.make_mut();
        buffer.set_pts(gst::ClockTime::NONE);
        buffer.set_dts(gst::ClockTime::NONE);
    }
    let dts_ns = dts_ns.filter(|&dts| i64::try_from(capture_ns) != Ok(dts));
    Some(AccessUnit { buffer, capture_ns, dts_ns, key })
}
