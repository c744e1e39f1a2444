//! A camera with its agent as a process of its own: 720p in H.264, each picture with its instant in its bits and in its SEI, sent with its
//! telemetry as the agent sends them.

use std::net::UdpSocket;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use flight_record::live::{H264_PAYLOAD, KLV_PAYLOAD};
use footage::access_unit::{Codec, Normaliser};
use footage::klv::Uas;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

use crate::now_ticks;

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;
/// Side of a cell, and of the middle that is read of it, pixels.
const CELL: usize = 20;
const BITS: usize = 32;
/// Pictures between the camera and its encoder's end.
const INSIDE: usize = 64;

/// The process; it ends with this.
pub(crate) struct Camera {
    child: Child,
    /// Where its pictures and its telemetry go.
    pub(crate) ports: (u16, u16),
}

impl Camera {
    /// Starts it, at so many pictures a second.
    pub(crate) fn start(fps: u32) -> Result<Self> {
        let sockets = [UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?];
        let ports = (sockets[0].local_addr()?.port(), sockets[1].local_addr()?.port());
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["camera", &ports.0.to_string(), &ports.1.to_string(), &fps.to_string()]);
        Ok(Self { child: command.spawn()?, ports })
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The instant that stands in a picture, 100 µs ticks of the machine's clock.
pub(crate) fn ticks_in(rgba: &[u8], width: usize) -> u32 {
    let is_white = |bit: usize| rgba.get(4 * (CELL / 2 * width + bit * CELL + CELL / 2)).is_some_and(|red| *red > 126);
    (0..BITS).filter(|bit| is_white(*bit)).fold(0, |ticks, bit| ticks | 1 << bit)
}

/// What the process does until it is killed.
pub(crate) fn run(video_port: u16, klv_port: u16, fps: u32) -> Result<()> {
    let outlet = launch(&format!(
        "appsrc name=picture format=time is-live=true caps=video/x-h264,stream-format=byte-stream,alignment=au \
         ! rtph264pay aggregate-mode=zero-latency pt={H264_PAYLOAD} ! udpsink host=127.0.0.1 port={video_port} sync=false async=false \
         appsrc name=packet format=time is-live=true caps=meta/x-klv,parsed=true \
         ! rtpklvpay pt={KLV_PAYLOAD} ! udpsink host=127.0.0.1 port={klv_port} sync=false async=false"
    ))?;
    let encoder = launch(&format!(
        "appsrc name=in format=time is-live=true caps=video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate={fps}/1 \
         ! x264enc speed-preset=ultrafast tune=zerolatency sliced-threads=false threads=1 bitrate=4000 key-int-max=60 byte-stream=true \
         ! video/x-h264,profile=constrained-baseline,stream-format=byte-stream,alignment=au ! appsink name=out sync=false"
    ))?;
    let (taken, inside) = sync_channel(INSIDE);
    let (picture, packet) = (part::<gst_app::AppSrc>(&outlet, "picture")?, part::<gst_app::AppSrc>(&outlet, "packet")?);
    send_on(&part(&encoder, "out")?, inside, picture, packet);
    let source = part::<gst_app::AppSrc>(&encoder, "in")?;
    outlet.set_state(gst::State::Playing)?;
    encoder.set_state(gst::State::Playing)?;
    let land = land();
    let each_ticks = 10_000 / u64::from(fps.max(1));
    for number in 0_u32.. {
        let mut canvas = vec![128; WIDTH * HEIGHT * 3 / 2];
        let row = usize::try_from(number)? * 4 % HEIGHT;
        canvas[..WIDTH * HEIGHT].copy_from_slice(&land[row * WIDTH..][..WIDTH * HEIGHT]);
        let ticks = now_ticks();
        stamp(&mut canvas, u32::try_from(ticks & u64::from(u32::MAX))?);
        let mut buffer = gst::Buffer::from_mut_slice(canvas);
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(gst::ClockTime::from_useconds(ticks * 100));
        }
        taken.send(ticks)?;
        source.push_buffer(buffer)?;
        std::thread::sleep(Duration::from_micros((ticks + each_ticks).saturating_sub(now_ticks()) * 100));
    }
    Ok(())
}

/// What leaves the encoder is dated, and sent with its telemetry.
fn send_on(sink: &gst_app::AppSink, inside: Receiver<u64>, picture: gst_app::AppSrc, packet: gst_app::AppSrc) {
    let (mut normaliser, mut first) = (Normaliser::new(Codec::H264), None);
    let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        let ticks = inside.recv().map_err(|_| gst::FlowError::Eos)?;
        let coded = sample.buffer().and_then(|buffer| buffer.map_readable().ok()).ok_or(gst::FlowError::Error)?;
        let (mut unit, mut klv) = (Vec::new(), Vec::new());
        normaliser.normalise(&coded, ticks * 100, true, &mut unit).map_err(|_| gst::FlowError::Error)?;
        let heading = Some(f64::from(u32::try_from(ticks / 1_000 % 360).unwrap_or(0)));
        Uas { timestamp_us: ticks * 100, platform_heading_deg: heading, ..Uas::default() }.encode(&mut klv);
        let since = gst::ClockTime::from_useconds((ticks - *first.get_or_insert(ticks)) * 100);
        for (source, bytes) in [(&packet, klv), (&picture, unit)] {
            let mut buffer = gst::Buffer::from_slice(bytes);
            if let Some(buffer) = buffer.get_mut() {
                buffer.set_pts(since);
            }
            source.push_buffer(buffer)?;
        }
        Ok(gst::FlowSuccess::Ok)
    });
    sink.set_callbacks(callbacks.build());
}

/// Brightness of twice the picture's height, in patches of three sizes: what a coder finds fields and houses to be.
fn land() -> Vec<u8> {
    let value = |x: usize, y: usize| {
        (x.wrapping_mul(374_761_393) ^ y.wrapping_mul(668_265_263)).wrapping_mul(1_274_126_177) >> 24
    };
    let of = |x: usize, y: usize| 40 + (value(x / 64, y / 48) % 90 + value(x / 9, y / 7) % 40 + value(x, y) % 12);
    let all = (0..2 * HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
    all.map(|(x, y)| u8::try_from(of(x, y % HEIGHT)).unwrap_or(u8::MAX)).collect()
}

fn stamp(canvas: &mut [u8], ticks: u32) {
    for row in 0..CELL {
        for bit in 0..BITS {
            let level = if ticks >> bit & 1 == 1 { 235 } else { 16 };
            canvas[row * WIDTH + bit * CELL..][..CELL].fill(level);
        }
    }
}

/// A pipeline of a line.
pub(crate) fn launch(line: &str) -> Result<gst::Pipeline> {
    gst::parse::launch(line)?.downcast().map_err(|_| anyhow!("no pipeline: {line}"))
}

/// An element of it.
pub(crate) fn part<T: IsA<gst::Element>>(pipeline: &gst::Pipeline, name: &str) -> Result<T> {
    pipeline.by_name(name).and_then(|element| element.downcast().ok()).with_context(|| format!("no {name}"))
}
