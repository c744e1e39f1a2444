//! Whole ways: coded pictures with SEI and KLV over RTP on the loopback, and recorded segments.
//!
//! Each picture has its own number in it, black and white, so that what is said of it can be compared with what it shows.

mod hard;

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use flight_record::live::{H264_PAYLOAD, H265_PAYLOAD, KLV_PAYLOAD};
use footage::access_unit::{Codec, Normaliser};
use footage::dts;
use footage::klv::Uas;
use footage::ts::{Frame, Metadata, Muxer, TsConfig};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;

use super::{Live, Picture, Reel, ReelOrder, ReelState, Source, Status};
use crate::clock;

const BLOCK: usize = 20;
const BITS: usize = 12;
const START_US: u64 = 1_780_000_000_000_000;
/// 30 a second, and not to the millisecond.
const EACH_US: u64 = 33_367;
const PATIENCE: Duration = Duration::from_secs(30);

fn time_us(number: usize) -> u64 {
    START_US + EACH_US * u64::try_from(number).unwrap()
}

/// I420, the number in the upper rows.
fn drawn(number: usize, width: usize, height: usize) -> Vec<u8> {
    let mut picture = vec![128; width * height * 3 / 2];
    for row in 0..height.min(32) {
        for bit in 0..BITS {
            let level = if number >> bit & 1 == 1 { 235 } else { 16 };
            picture[row * width + bit * BLOCK..][..BLOCK].fill(level);
        }
    }
    picture
}

/// A picture of one colour, `[across, down]` pixels, of which nothing else is known.
pub(crate) fn plain(colour: [u8; 4], size: [u32; 2]) -> Picture {
    Picture {
        width: size[0],
        height: size[1],
        rgba: colour.repeat(usize::try_from(size[0] * size[1]).unwrap()).into(),
        taken_utc_us: None,
        time_locked: false,
        klv: None,
        arrived_ns: 0,
        codec: Codec::H264,
        damaged: false,
        frame_number: 1,
    }
}

fn number_in(picture: &Picture) -> usize {
    let width = usize::try_from(picture.width).unwrap();
    (0..BITS).filter(|bit| picture.rgba[4 * (16 * width + bit * BLOCK + BLOCK / 2)] > 126).map(|bit| 1 << bit).sum()
}

/// Access units in decoding order with the number of each picture, as a camera encodes them.
fn coded(codec: Codec, count: usize, (width, height): (usize, usize), options: &str) -> Vec<(usize, Vec<u8>)> {
    gst::init().unwrap();
    let (encoder, name) = match codec {
        Codec::H264 => ("x264enc", "h264"),
        Codec::H265 => ("x265enc log-level=none", "h265"),
    };
    let line = format!(
        "appsrc name=in format=time caps=video/x-raw,format=I420,width={width},height={height},framerate=30/1 \
         ! {encoder} key-int-max=30 {options} ! {name}parse config-interval=-1 \
         ! video/x-{name},stream-format=byte-stream,alignment=au ! appsink name=out sync=false"
    );
    let pipeline = gst::parse::launch(&line).unwrap().downcast::<gst::Pipeline>().unwrap();
    let source = pipeline.by_name("in").unwrap().downcast::<gst_app::AppSrc>().unwrap();
    let sink = pipeline.by_name("out").unwrap().downcast::<gst_app::AppSink>().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    let feeder = std::thread::spawn(move || {
        for number in 0..count {
            let mut buffer = gst::Buffer::from_mut_slice(drawn(number, width, height));
            buffer.get_mut().unwrap().set_pts(gst::ClockTime::from_mseconds(10 * u64::try_from(number).unwrap()));
            source.push_buffer(buffer).unwrap();
        }
        source.end_of_stream().unwrap();
    });
    let mut units = Vec::new();
    let mut first = None;
    while let Ok(sample) = sink.pull_sample() {
        let buffer = sample.buffer().unwrap();
        let pts = buffer.pts().unwrap();
        let number = (pts - *first.get_or_insert(pts)).mseconds() / 10;
        units.push((usize::try_from(number).unwrap(), buffer.map_readable().unwrap().to_vec()));
    }
    feeder.join().unwrap();
    pipeline.set_state(gst::State::Null).unwrap();
    assert_eq!(units.len(), count);
    units
}

/// With the capture time in each, and its telemetry.
fn dated(codec: Codec, units: Vec<(usize, Vec<u8>)>) -> Vec<(usize, bool, Vec<u8>, Vec<u8>)> {
    let mut normaliser = Normaliser::new(codec);
    let dated = units.into_iter().map(|(number, unit)| {
        let (mut picture, mut klv) = (Vec::new(), Vec::new());
        let made = normaliser.normalise(&unit, time_us(number), true, &mut picture).unwrap();
        let heading = f64::from(u32::try_from(number).unwrap() % 360);
        let uas = Uas {
            timestamp_us: time_us(number),
            platform_designation: Some("SKY-1".into()),
            platform_heading_deg: Some(heading),
            platform_pitch_deg: Some(-2.0),
            platform_roll_deg: Some(1.0),
            sensor_latitude_deg: Some(52.89 + 1e-5 * heading),
            sensor_longitude_deg: Some(-1.64 + 2e-5 * heading),
            sensor_altitude_msl_m: Some(124.0),
            sensor_fov_horizontal_deg: Some(60.0),
            sensor_fov_vertical_deg: Some(36.0),
            sensor_relative_azimuth_deg: Some(0.0),
            sensor_relative_elevation_deg: Some(-30.0),
            frame_centre_elevation_msl_m: Some(66.0),
            height_agl_m: Some(58.0),
            ..Uas::default()
        };
        uas.encode(&mut klv);
        (number, made.key, picture, klv)
    });
    dated.collect()
}

/// Counts what is new, and waits for it.
#[derive(Clone, Default)]
struct Bell(Arc<(Mutex<u64>, Condvar)>);

impl Bell {
    fn repaint(&self) -> super::slot::Repaint {
        let bell = self.clone();
        Arc::new(move || {
            *bell.0.0.lock().unwrap() += 1;
            bell.0.1.notify_all();
        })
    }

    /// Until `seen` gives something; looks again at each ring, and a little later without one.
    fn wait<T>(&self, what: &str, mut seen: impl FnMut() -> Option<T>) -> T {
        let until_ns = clock::mono_ns() + u64::try_from(PATIENCE.as_nanos()).unwrap();
        loop {
            let rung = self.0.0.lock().unwrap();
            if let Some(found) = seen() {
                return found;
            }
            assert!(clock::mono_ns() < until_ns, "{what}");
            drop(self.0.1.wait_timeout(rung, Duration::from_millis(20)).unwrap());
        }
    }
}

/// The aircraft's end of plain RTP, as the agent sends it.
struct Sender {
    pipeline: gst::Pipeline,
    picture: gst_app::AppSrc,
    klv: gst_app::AppSrc,
}

impl Sender {
    fn start(codec: Codec, video_port: u16, klv_port: u16) -> Self {
        gst::init().unwrap();
        let (name, payload) = match codec {
            Codec::H264 => ("h264", H264_PAYLOAD),
            Codec::H265 => ("h265", H265_PAYLOAD),
        };
        let line = format!(
            "appsrc name=picture format=time caps=video/x-{name},stream-format=byte-stream,alignment=au \
             ! rtp{name}pay aggregate-mode=zero-latency pt={payload} \
             ! udpsink host=127.0.0.1 port={video_port} sync=false async=false \
             appsrc name=klv format=time caps=meta/x-klv,parsed=true ! rtpklvpay pt={KLV_PAYLOAD} \
             ! udpsink host=127.0.0.1 port={klv_port} sync=false async=false"
        );
        let pipeline = gst::parse::launch(&line).unwrap().downcast::<gst::Pipeline>().unwrap();
        let part = |name| pipeline.by_name(name).unwrap().downcast::<gst_app::AppSrc>().unwrap();
        let (picture, klv) = (part("picture"), part("klv"));
        pipeline.set_state(gst::State::Playing).unwrap();
        Self { pipeline, picture, klv }
    }

    fn send(source: &gst_app::AppSrc, number: usize, bytes: &[u8]) {
        let mut buffer = gst::Buffer::from_slice(bytes.to_vec());
        let pts = gst::ClockTime::from_useconds(time_us(number) - START_US);
        buffer.get_mut().unwrap().set_pts(pts);
        source.push_buffer(buffer).unwrap();
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.pipeline.set_state(gst::State::Null).unwrap();
    }
}

fn free_ports() -> (u16, u16) {
    let sockets = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    let [video, klv] = sockets.map(|socket| socket.local_addr().unwrap().port());
    (video, klv)
}

fn shows(live: &Live, number: usize) -> Option<Arc<Picture>> {
    live.latest().filter(|picture| picture.taken_utc_us == i64::try_from(time_us(number)).ok())
}

/// Sends all of it, each picture when the one before is shown; the telemetry now before, now after its picture.
/// Gives the pictures, and how long each took from when it was handed to the sender, ns.
fn watched(
    live: &Live,
    bell: &Bell,
    sender: &Sender,
    frames: &[(usize, bool, Vec<u8>, Vec<u8>)],
) -> Vec<(Arc<Picture>, u64)> {
    let mut shown = Vec::new();
    for (number, _, picture, klv) in frames {
        let sent_ns = clock::mono_ns();
        if number % 2 == 0 {
            Sender::send(&sender.klv, *number, klv);
            Sender::send(&sender.picture, *number, picture);
        } else {
            Sender::send(&sender.picture, *number, picture);
            Sender::send(&sender.klv, *number, klv);
        }
        let seen = bell.wait(&format!("picture {number} is shown"), || shows(live, *number));
        shown.push((seen, clock::mono_ns() - sent_ns));
    }
    shown
}

/// Sends the first picture until the socket is there and takes it.
fn until_heard(live: &Live, bell: &Bell, sender: &Sender, (number, _, picture, klv): &(usize, bool, Vec<u8>, Vec<u8>)) {
    bell.wait("the first picture", || {
        Sender::send(&sender.klv, *number, klv);
        Sender::send(&sender.picture, *number, picture);
        shows(live, *number)
    });
}

fn assert_own(shown: &[(Arc<Picture>, u64)], frames: &[(usize, bool, Vec<u8>, Vec<u8>)]) {
    assert_eq!(shown.len(), frames.len());
    for ((picture, _), (number, ..)) in shown.iter().zip(frames) {
        assert_eq!(number_in(picture), *number, "the time belongs to the picture");
        let klv = picture.klv.as_ref().unwrap_or_else(|| panic!("picture {number} has its telemetry"));
        assert_eq!(i64::try_from(klv.uas.timestamp_us).ok(), picture.taken_utc_us);
        assert!(picture.time_locked && !picture.damaged);
    }
}

#[test]
fn three_hundred_live_pictures_each_with_the_telemetry_of_its_own_instant() {
    let frames = dated(Codec::H264, coded(Codec::H264, 320, (320, 240), "tune=zerolatency bitrate=1000"));
    let ((video_port, klv_port), bell) = (free_ports(), Bell::default());
    let live = Live::start(Source::Rtp { listen: Ipv4Addr::LOCALHOST, video_port, klv_port }, bell.repaint()).unwrap();
    let sender = Sender::start(Codec::H264, video_port, klv_port);
    until_heard(&live, &bell, &sender, &frames[0]);
    let shown = watched(&live, &bell, &sender, &frames[1..]);
    assert_own(&shown, &frames[1..]);
    let mut latencies: Vec<u64> = shown.iter().map(|(_, latency_ns)| *latency_ns / 1_000).collect();
    latencies.sort_unstable();
    println!(
        "from hand-over to slot, 320 × 240: median {} µs, 95 % {} µs, most {} µs",
        latencies[latencies.len() / 2],
        latencies[latencies.len() * 95 / 100],
        latencies[latencies.len() - 1]
    );
    let counts = live.counts();
    assert!(counts.joined >= 319 && counts.unread_packets == 0, "{counts:?}");
    assert!(matches!(live.status(clock::mono_ns()), Status::Playing { fps, .. } if fps > 0.0));
}

#[test]
fn another_codec_another_size_and_lost_telemetry_on_the_same_ports() {
    let ((video_port, klv_port), bell) = (free_ports(), Bell::default());
    let live = Live::start(Source::Rtp { listen: Ipv4Addr::LOCALHOST, video_port, klv_port }, bell.repaint()).unwrap();
    let small = dated(Codec::H264, coded(Codec::H264, 8, (320, 240), "tune=zerolatency"));
    let sender = Sender::start(Codec::H264, video_port, klv_port);
    until_heard(&live, &bell, &sender, &small[0]);
    let wide: Vec<_> = dated(Codec::H264, coded(Codec::H264, 40, (336, 180), "tune=zerolatency")).split_off(30);
    let shown = watched(&live, &bell, &sender, &wide);
    assert_own(&shown, &wide);
    assert_eq!((shown[0].0.width, shown[0].0.height, shown[0].0.rgba.len()), (336, 180, 336 * 180 * 4));
    drop(sender);
    let other: Vec<_> = dated(Codec::H265, coded(Codec::H265, 70, (320, 240), "tune=zerolatency")).split_off(60);
    let sender = Sender::start(Codec::H265, video_port, klv_port);
    let shown = watched(&live, &bell, &sender, &other);
    assert_own(&shown, &other);
    assert_eq!(shown[0].0.codec, Codec::H265);
    // Its packet is lost, that of the one before comes late: no picture takes it.
    let lone = dated(Codec::H265, coded(Codec::H265, 92, (320, 240), "tune=zerolatency")).split_off(90);
    Sender::send(&sender.klv, other.len() + 59, &other[other.len() - 1].3);
    Sender::send(&sender.picture, lone[0].0, &lone[0].2);
    let alone = bell.wait("a picture without telemetry", || shows(&live, lone[0].0));
    assert!(alone.klv.is_none() && number_in(&alone) == 90);
}

#[test]
fn a_port_that_is_taken_is_said_and_taken_over_when_it_is_free() {
    let (klv_port, taken) = (free_ports().1, UdpSocket::bind("0.0.0.0:0").unwrap());
    let (video_port, bell) = (taken.local_addr().unwrap().port(), Bell::default());
    let live = Live::start(Source::Rtp { listen: Ipv4Addr::LOCALHOST, video_port, klv_port }, bell.repaint()).unwrap();
    let why = bell.wait("it is said", || match live.status(clock::mono_ns()) {
        Status::Broken { why, .. } => Some(why),
        Status::Waiting | Status::Playing { .. } => None,
    });
    assert!(why.contains(&video_port.to_string()), "{why}");
    drop(taken);
    let frames = dated(Codec::H264, coded(Codec::H264, 1, (320, 240), "tune=zerolatency"));
    let sender = Sender::start(Codec::H264, video_port, klv_port);
    until_heard(&live, &bell, &sender, &frames[0]);
    assert!(matches!(live.status(clock::mono_ns()), Status::Playing { .. }));
}

/// Segments of 30 pictures, as the recorder writes them.
fn segments(dir: &std::path::Path, frames: &[(usize, bool, Vec<u8>, Vec<u8>)]) {
    let mut muxer = Muxer::new(TsConfig { codec: Codec::H264, metadata: Metadata::Synchronous });
    let mut order = dts::Order::new(2, 3_003);
    let (mut bytes, mut written) = (Vec::new(), 0);
    for (number, key, picture, klv) in frames {
        if *key && !bytes.is_empty() {
            muxer.flush(&mut bytes);
            std::fs::write(dir.join(format!("{written:06}.ts")), std::mem::take(&mut bytes)).unwrap();
            written += 1;
        }
        let pts_90k = 900_000 + (time_us(*number) - START_US) * 9 / 100;
        let klv = [(pts_90k, klv.as_slice())];
        let frame = Frame { pts_90k, dts_90k: order.next(pts_90k), key: *key, picture, klv: &klv };
        muxer.frame(frame, &mut bytes).unwrap();
    }
    muxer.flush(&mut bytes);
    std::fs::write(dir.join(format!("{written:06}.ts")), bytes).unwrap();
}

/// A recording of `count` pictures in this folder, 30 to a segment.
pub(crate) fn record(dir: &std::path::Path, count: usize) {
    segments(dir, &dated(Codec::H264, coded(Codec::H264, count, (320, 180), "tune=zerolatency")));
}

fn at(reel: &Reel, bell: &Bell, number: usize) -> (Arc<Picture>, ReelState) {
    let picture = bell.wait(&format!("picture {number} of the recording"), || {
        reel.latest().filter(|picture| picture.taken_utc_us == i64::try_from(time_us(number)).ok())
    });
    assert_eq!(number_in(&picture), number);
    assert_eq!(picture.klv.as_ref().map(|klv| klv.uas.timestamp_us), Some(time_us(number)));
    (picture, reel.state())
}

#[test]
fn a_recording_goes_to_any_picture_and_step_by_step_also_among_b_frames() {
    let dir = tempfile::tempdir().unwrap();
    segments(dir.path(), &dated(Codec::H264, coded(Codec::H264, 95, (320, 240), "bframes=2 b-adapt=false")));
    let bell = Bell::default();
    let reel = Reel::open(dir.path(), bell.repaint()).unwrap();
    let (_, state) = at(&reel, &bell, 0);
    let span = [time_us(0), time_us(94)].map(|time_us| i64::try_from(time_us).unwrap());
    assert_eq!(([state.begin_utc_us, state.end_utc_us], state.place.1, state.playing), (span, 4, false));
    for (order, number) in
        [(ReelOrder::Next, 1), (ReelOrder::Next, 2), (ReelOrder::Previous, 1), (ReelOrder::Previous, 0)]
    {
        reel.order(order);
        at(&reel, &bell, number);
    }
    let to = |number| ReelOrder::To { utc_us: i64::try_from(time_us(number)).unwrap() };
    // Over the border of two segments, back and forth; then the last, and past it.
    for (order, number) in
        [(to(59), 59), (ReelOrder::Next, 60), (ReelOrder::Previous, 59), (to(94), 94), (to(17), 17), (to(500), 94)]
    {
        reel.order(order);
        at(&reel, &bell, number);
    }
    let state = bell.wait("its end", || Some(reel.state()).filter(|state| state.ended));
    assert_eq!((state.place, state.segment.as_str(), state.fault), ((3, 4), "000003", None));
    let samples = bell.wait("its telemetry", || Some(reel.state()).filter(|state| state.read == 4)).samples;
    assert_eq!(samples.len(), 7, "half a second apart");
}

#[test]
fn a_recording_plays_to_its_end_by_itself_with_every_picture_in_order() {
    let dir = tempfile::tempdir().unwrap();
    segments(dir.path(), &dated(Codec::H264, coded(Codec::H264, 40, (320, 240), "bframes=2 b-adapt=false")));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (bell, slot) = (Bell::default(), Arc::new(Mutex::new(None::<Arc<Reel>>)));
    let (ring, noted, held) = (bell.repaint(), Arc::clone(&seen), Arc::clone(&slot));
    let repaint: super::slot::Repaint = Arc::new(move || {
        if let Some(picture) = held.lock().unwrap().as_ref().and_then(|reel| reel.latest()) {
            let mut noted = noted.lock().unwrap();
            let number = number_in(&picture);
            if noted.last() != Some(&number) {
                noted.push(number);
            }
        }
        ring();
    });
    let reel = Arc::new(Reel::open(dir.path(), repaint).unwrap());
    at(&reel, &bell, 0);
    *slot.lock().unwrap() = Some(Arc::clone(&reel));
    reel.order(ReelOrder::At(super::reel::Speed::Fourfold));
    reel.order(ReelOrder::Play);
    bell.wait("its end", || Some(reel.state()).filter(|state| state.ended && !state.playing));
    slot.lock().unwrap().take();
    assert_eq!(*seen.lock().unwrap(), (0..40).collect::<Vec<_>>());
}

#[test]
fn what_is_no_recording_is_said_with_the_cure() {
    let dir = tempfile::tempdir().unwrap();
    let bell = Bell::default();
    let fault = |reel: &Reel| bell.wait("a fault", || reel.state().fault);
    let reel = Reel::open(dir.path(), bell.repaint()).unwrap();
    assert!(fault(&reel).contains("holds no segments"), "{}", fault(&reel));
    std::fs::write(dir.path().join("000000.ts"), vec![0x47; 188 * 40]).unwrap();
    let reel = Reel::open(dir.path(), bell.repaint()).unwrap();
    assert!(fault(&reel).contains("holds no picture"), "{}", fault(&reel));
}
