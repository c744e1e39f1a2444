//! From coded pictures to the slot: parser, decoder, colours, and the capture time carried past the decoder.

use std::sync::LazyLock;

use anyhow::{Context as _, Result};
use footage::access_unit::Codec;
use footage::sei::{self, CaptureTime};
use gstreamer as gst;
use gstreamer::prelude::*;

/// Wider or higher pictures are not taken: no camera that flies has them, and each would be a quarter of a gigabyte.
const MOST_PIXELS: u32 = 8_192;
/// Decoders in order of preference; none may hold pictures back to decode several at once.
const H264: [(&str, &str); 2] = [("avdec_h264", "thread-type=slice"), ("openh264dec", "")];
const H265: [(&str, &str); 2] = [("avdec_h265", "thread-type=slice"), ("libde265dec", "")];

/// What is noted of a coded picture travels as reference times on its buffer: decoders and converters carry these over.
static TAKEN: LazyLock<gst::Caps> = LazyLock::new(|| gst::Caps::new_empty_simple("timestamp/x-skyseal-taken"));
static TAKEN_FREE: LazyLock<gst::Caps> =
    LazyLock::new(|| gst::Caps::new_empty_simple("timestamp/x-skyseal-taken-free"));
static TORN: LazyLock<gst::Caps> = LazyLock::new(|| gst::Caps::new_empty_simple("timestamp/x-skyseal-torn"));
static ARRIVED: LazyLock<gst::Caps> = LazyLock::new(|| gst::Caps::new_empty_simple("timestamp/x-skyseal-arrived"));

/// What was noted of a picture before it was decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Noted {
    pub(super) taken: Option<CaptureTime>,
    pub(super) arrived_ns: Option<u64>,
    /// Something that it is made of may be missing.
    pub(super) torn: bool,
}

/// The decoder that this machine has for a codec, and its settings.
///
/// # Errors
/// When there is none.
pub(super) fn decoder(codec: Codec) -> Result<(&'static str, &'static str)> {
    let known = match codec {
        Codec::H264 => H264,
        Codec::H265 => H265,
    };
    let found = known.into_iter().find(|(name, _)| gst::ElementFactory::find(name).is_some());
    found.with_context(|| format!("no decoder for {} is installed; install gstreamer1.0-libav", name(codec)))
}

/// As people call it.
pub(super) const fn name(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => "H.264",
        Codec::H265 => "H.265",
    }
}

/// The launch line from a parser on, down to RGBA.
///
/// # Errors
/// When no decoder is installed.
pub(super) fn line(codec: Codec, one_thread: bool) -> Result<String> {
    let (decoder, settings) = decoder(codec)?;
    let threads = match (one_thread, decoder) {
        (true, "avdec_h264" | "avdec_h265") => "max-threads=1",
        (true, _) => "",
        (false, _) => settings,
    };
    let (parser, caps) = match codec {
        Codec::H264 => ("h264parse", "video/x-h264"),
        Codec::H265 => ("h265parse", "video/x-h265"),
    };
    Ok(format!(
        "{parser} ! capsfilter name=coded caps={caps},stream-format=byte-stream,alignment=au \
         ! {decoder} name=decoder {threads} ! videoconvert n-threads=1 \
         ! capsfilter name=plain caps=video/x-raw,format=RGBA,width=[1,{MOST_PIXELS}],height=[1,{MOST_PIXELS}]"
    ))
}

/// Notes the capture time on each coded picture that passes `pad`, in access units, and whether it is `torn`, which is told whether it is
/// a key picture; tells `came` of it with the time now.
pub(super) fn note(
    pad: &gst::Pad,
    codec: Codec,
    mono_ns: fn() -> u64,
    came: impl Fn(u64) + Send + Sync + 'static,
    torn: impl Fn(bool) -> bool + Send + Sync + 'static,
) {
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        let Some(buffer) = info.buffer_mut() else {
            return gst::PadProbeReturn::Ok;
        };
        let now_ns = mono_ns();
        came(now_ns);
        let taken = buffer.map_readable().ok().and_then(|bytes| sei::parse_access_unit(codec, &bytes));
        let torn = torn(!buffer.flags().contains(gst::BufferFlags::DELTA_UNIT));
        let buffer = buffer.make_mut();
        put(buffer, &ARRIVED, now_ns);
        if torn {
            put(buffer, &TORN, 0);
        }
        if let Some(taken) = taken {
            put(buffer, if taken.locked { &TAKEN } else { &TAKEN_FREE }, taken.time_us);
        }
        gst::PadProbeReturn::Ok
    });
}

/// The number stands as nanoseconds, whatever it counts; the largest stands for none and is not noted.
fn put(buffer: &mut gst::BufferRef, what: &gst::Caps, number: u64) {
    if number < u64::MAX {
        gst::ReferenceTimestampMeta::add(buffer, what, gst::ClockTime::from_nseconds(number), gst::ClockTime::NONE);
    }
}

/// What [`note`] noted, on the decoded picture.
pub(super) fn noted(buffer: &gst::BufferRef) -> Noted {
    let mut noted = Noted { taken: None, arrived_ns: None, torn: false };
    for meta in buffer.iter_meta::<gst::ReferenceTimestampMeta>() {
        let (what, number) = (meta.reference(), meta.timestamp().nseconds());
        if what == TAKEN.as_ref() {
            noted.taken = Some(CaptureTime { time_us: number, locked: true });
        } else if what == TAKEN_FREE.as_ref() {
            noted.taken = Some(CaptureTime { time_us: number, locked: false });
        } else if what == ARRIVED.as_ref() {
            noted.arrived_ns = Some(number);
        } else if what == TORN.as_ref() {
            noted.torn = true;
        }
    }
    noted
}
