//! From the network to a player, a file or a pipe: SRTP in, what opens out, by GStreamer. Keys come and go meanwhile.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow};
use flight_record::live::{H264_PAYLOAD, H265_PAYLOAD, KLV_PAYLOAD, MAX_SSRC, Master};
use gstreamer as gst;
use gstreamer::prelude::*;

const CIPHER: &str = "aes-256-icm";
const AUTH: &str = "hmac-sha1-80";
/// Bytes the system keeps while this program is busy.
const SOCKET_BYTES: u32 = 4 << 20;
/// The first bit of the second octet of an RTP header says that a picture ends here (RFC 3550 §5.1).
const MARKER: u8 = 0x80;

/// Which of the two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// Pictures.
    Video,
    /// Telemetry.
    Klv,
}

/// Where a stream goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Out {
    /// Plain RTP.
    Rtp(SocketAddr),
    /// A file.
    File(PathBuf),
    /// The standard output.
    Stdout,
}

impl Out {
    /// To `file`, where it is given; else to `to`.
    pub(super) fn new(file: Option<&Path>, to: SocketAddr) -> Self {
        match file {
            None => Self::Rtp(to),
            Some(path) if path == Path::new("-") => Self::Stdout,
            Some(path) => Self::File(path.to_owned()),
        }
    }
}

/// What has come, pictures and telemetry together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Whole pictures.
    pub(super) pictures: u64,
    /// Whole packets of telemetry.
    pub(super) packets: u64,
    /// RTP packets that opened.
    pub(super) opened: u64,
    /// RTP packets that did not.
    pub(super) unreadable: u64,
}

/// What has come of one stream, RTP packets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Received {
    came: u64,
    pub(super) opened: u64,
    /// Those that end a picture, or a packet of telemetry.
    pub(super) whole: u64,
}

impl Received {
    pub(super) fn unreadable(&self) -> u64 {
        self.came.saturating_sub(self.opened)
    }
}

#[derive(Default)]
struct Counters {
    came: AtomicU64,
    opened: AtomicU64,
    whole: AtomicU64,
}

/// One stream on its way.
pub(super) struct Player {
    pipeline: gst::Pipeline,
    guard: gst::Element,
    key: Arc<Mutex<Option<Master>>>,
    counters: Arc<Counters>,
}

impl Player {
    /// Listens on `port`; what opens goes to `out`.
    ///
    /// # Errors
    /// When the port is taken, the file cannot be written, or GStreamer's elements are not installed.
    pub(super) fn start(media: Media, port: u16, out: &Out) -> Result<Self> {
        gst::init().context("GStreamer does not start")?;
        let pipeline = gst::parse::launch(&line(media, port, out))
            .context("the live view needs GStreamer's udpsrc and srtpdec; install gstreamer1.0-plugins-good and -bad")?
            .downcast::<gst::Pipeline>()
            .map_err(|_| anyhow!("a launch line that is no pipeline"))?;
        let part = |name| pipeline.by_name(name).context("a player without one of its parts");
        let guard = part("guard")?;
        if let Out::File(path) = out {
            part("out")?.set_property("location", path.to_str().context("the name of the file is no UTF-8")?);
        }
        if let Some(kinds) = pipeline.by_name("kinds") {
            tell_codecs_apart(&kinds, &pipeline);
        }
        let key = Arc::new(Mutex::new(None));
        open_with(&guard, &key);
        let counters = Arc::new(Counters::default());
        count(&guard, &counters)?;
        let what = match out {
            Out::Rtp(_) | Out::Stdout => String::new(),
            Out::File(path) => format!(", or {} cannot be written", path.display()),
        };
        let started = pipeline.set_state(gst::State::Playing);
        let player = Self { pipeline, guard, key, counters };
        started.map_err(|_| {
            let why = player.broken().unwrap_or_default();
            anyhow!("UDP port {port} is another program's{what}: {why}; choose another with --video-port or --klv-port")
        })?;
        Ok(player)
    }

    /// From now on packets open with this key, and with no other.
    pub(super) fn agree(&self, key: Master) {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
        self.guard.emit_by_name::<()>("clear-keys", &[]);
    }

    /// What has come so far.
    pub(super) fn counts(&self) -> Received {
        // Those that opened first: a packet between the two looks is not unreadable for long.
        let [opened, whole, came] = [&self.counters.opened, &self.counters.whole, &self.counters.came]
            .map(|count| count.load(Ordering::Relaxed));
        Received { came, opened, whole }
    }

    /// Why it ended, if it did.
    pub(super) fn broken(&self) -> Option<String> {
        let message = self.pipeline.bus()?.pop_filtered(&[gst::MessageType::Error])?;
        match message.view() {
            gst::MessageView::Error(error) => Some(error.error().to_string()),
            _ => None,
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

fn line(media: Media, port: u16, out: &Out) -> String {
    // Which codec pictures have, each packet says.
    let caps = match media {
        Media::Video => format!("media=video,payload={H264_PAYLOAD}"),
        Media::Klv => format!("media=application,payload={KLV_PAYLOAD},encoding-name=SMPTE336M"),
    };
    // No jitter buffer: it would take a new stream, counted from 0 again, for packets of the last that come too late.
    let open = match (out, media) {
        (Out::Rtp(_), _) => String::new(),
        (Out::File(_) | Out::Stdout, Media::Klv) => "! rtpklvdepay ".to_owned(),
        (Out::File(_) | Out::Stdout, Media::Video) => "! rtpptdemux name=kinds funnel name=join ".to_owned(),
    };
    let sink = match out {
        Out::Rtp(to) => format!("udpsink host={} port={}", to.ip(), to.port()),
        Out::File(_) => "filesink name=out buffer-mode=unbuffered".to_owned(),
        Out::Stdout => "fdsink fd=1".to_owned(),
    };
    format!(
        "udpsrc port={port} reuse=false buffer-size={SOCKET_BYTES} \
         caps=\"application/x-srtp,{caps},clock-rate=90000\" \
         ! srtpdec name=guard {open}! {sink} sync=false async=false"
    )
}

/// Pictures of either codec become one stream of bytes.
fn tell_codecs_apart(kinds: &gst::Element, pipeline: &gst::Pipeline) {
    kinds.connect("request-pt-map", false, |values| {
        let payload = values.get(1).and_then(|value| value.get::<u32>().ok())?;
        let codec = if payload == u32::from(H265_PAYLOAD) { "H265" } else { "H264" };
        let caps = gst::Caps::builder("application/x-rtp").field("media", "video").field("clock-rate", 90_000_i32);
        Some(caps.field("encoding-name", codec).build().to_value())
    });
    let pipeline = pipeline.downgrade();
    kinds.connect_pad_added(move |_, pad| {
        let joined = pipeline.upgrade().context("the player is gone").and_then(|pipeline| join(&pipeline, pad));
        if let Err(error) = joined {
            tracing::error!(error = format!("{error:#}"), "pictures of this kind are not shown");
        }
    });
}

fn join(pipeline: &gst::Pipeline, pad: &gst::Pad) -> Result<()> {
    let payload = pad.current_caps().and_then(|caps| caps.structure(0)?.get::<i32>("payload").ok());
    let codec = match payload {
        Some(payload) if payload == i32::from(H264_PAYLOAD) => "h264",
        Some(payload) if payload == i32::from(H265_PAYLOAD) => "h265",
        other => anyhow::bail!("RTP payload type {other:?}"),
    };
    let line = format!(
        "rtp{codec}depay ! {codec}parse config-interval=-1 ! capsfilter caps=video/x-{codec},stream-format=byte-stream"
    );
    let depay = gst::parse::bin_from_description(&line, true)?;
    pipeline.add(&depay)?;
    let join = pipeline.by_name("join").context("no place to join")?;
    depay.link(&join)?;
    depay.sync_state_with_parent()?;
    pad.link(&depay.static_pad("sink").context("no way in")?)?;
    Ok(())
}

/// Each new stream of an agreement asks for its key; SSRCs that no aircraft of ours sends get none, so that nobody fills the memory.
fn open_with(guard: &gst::Element, key: &Arc<Mutex<Option<Master>>>) {
    let key = Arc::clone(key);
    guard.connect("request-key", false, move |values| {
        let ssrc = values.get(1).and_then(|value| value.get::<u32>().ok());
        let held = key.lock().unwrap_or_else(PoisonError::into_inner);
        let ours = ssrc.is_some_and(|ssrc| (1..=MAX_SSRC).contains(&ssrc));
        Some(held.as_ref().filter(|_| ours).map(caps).to_value())
    });
}

fn caps(key: &Master) -> gst::Caps {
    gst::Caps::builder("application/x-srtp")
        .field("srtp-key", gst::Buffer::from_slice(key.bytes()))
        .field("srtp-cipher", CIPHER)
        .field("srtp-auth", AUTH)
        .field("srtcp-cipher", CIPHER)
        .field("srtcp-auth", AUTH)
        .build()
}

fn count(guard: &gst::Element, counters: &Arc<Counters>) -> Result<()> {
    let pad = |name| guard.static_pad(name).context("a guard without its pads");
    let came = Arc::clone(counters);
    pad("rtp_sink")?.add_probe(gst::PadProbeType::BUFFER, move |_, _| {
        came.came.fetch_add(1, Ordering::Relaxed);
        gst::PadProbeReturn::Ok
    });
    let opened = Arc::clone(counters);
    pad("rtp_src")?.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        opened.opened.fetch_add(1, Ordering::Relaxed);
        let mut header = [0; 2];
        let read = info.buffer().is_some_and(|buffer| buffer.copy_to_slice(0, &mut header).is_ok());
        if read && header[1] & MARKER != 0 {
            opened.whole.fetch_add(1, Ordering::Relaxed);
        }
        gst::PadProbeReturn::Ok
    });
    Ok(())
}

/// RFC 8866, for a player of what goes out as RTP; nothing when the standard output is a stream's.
pub(super) fn sdp(pictures: &Out, telemetry: &Out) -> Option<String> {
    let media = |out: &Out, line: &dyn Fn(u16) -> String| match out {
        Out::Rtp(to) => Some((to.ip(), line(to.port()))),
        Out::File(_) | Out::Stdout => None,
    };
    if [pictures, telemetry].contains(&&Out::Stdout) {
        return None;
    }
    let video = media(pictures, &|port| {
        format!(
            "m=video {port} RTP/AVP {H264_PAYLOAD} {H265_PAYLOAD}\na=rtpmap:{H264_PAYLOAD} H264/90000\na=rtpmap:{H265_PAYLOAD} H265/90000\n"
        )
    });
    let klv = media(telemetry, &|port| {
        format!("m=application {port} RTP/AVP {KLV_PAYLOAD}\na=rtpmap:{KLV_PAYLOAD} smpte336m/90000\n")
    });
    let (ip, _) = video.as_ref().or(klv.as_ref())?;
    let version = if ip.is_ipv4() { "IP4" } else { "IP6" };
    let lines: String = video.iter().chain(&klv).map(|(_, line)| line.as_str()).collect();
    Some(format!("v=0\no=- 0 0 IN {version} {ip}\ns=live view\nc=IN {version} {ip}\nt=0 0\n{lines}"))
}

#[cfg(test)]
mod tests;
