//! The encrypted live view opened by plain GStreamer with the key that was agreed, and by nobody without it.

use std::collections::BTreeSet;
use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Result, ensure};
use flight_record::keys::DeviceKey;
use flight_record::live::{self, LiveKeys};
use flight_record::radio::LiveScope;
use footage::access_unit::{Codec, nal};
use footage::klv::UNIVERSAL_KEY;
use onboard::config::{self, Protection};
use onboard::uplink::{Live, LiveFrame};
use system_tests::aircraft::{PATIENCE, free_udp_port};
use system_tests::process::{Running, run, wait_for};

/// Octets of one decoded picture: 320 × 240, grey.
const PICTURE: u64 = 320 * 240;
/// Pictures that must have come.
const ENOUGH: u64 = 10;

/// The same keys as the aircraft and as the station have them.
fn agreed(boot: u8) -> Result<(LiveKeys, LiveKeys)> {
    let (station, device) = (DeviceKey::from_seed([2; 32]), DeviceKey::from_seed([1; 32]));
    let (own, offer) = live::offer(LiveScope { about: [1; 16], boot: [boot; 6] }, 1, &station)?;
    let (answer, aircraft) = live::answer(&offer, &device)?.unwrap();
    Ok((aircraft, live::accept(own, &offer, &answer, &device.public()).unwrap()))
}

/// A second of pictures, each an access unit.
fn clip(codec: Codec, folder: &Path) -> Result<Vec<Arc<[u8]>>> {
    let (encoder, options, caps, delimiter) = match codec {
        Codec::H264 => ("x264enc", "aud=true", "video/x-h264", 9),
        Codec::H265 => ("x265enc", "option-string=aud=1", "video/x-h265", 35),
    };
    let file = folder.join(encoder);
    let line = format!(
        "-q videotestsrc num-buffers=30 ! video/x-raw,width=320,height=240,framerate=30/1 ! {encoder} {options} tune=zerolatency key-int-max=5 \
         ! {caps},stream-format=byte-stream,alignment=au ! filesink location={}",
        file.display()
    );
    run(Command::new("gst-launch-1.0").args(line.split_whitespace()), 0)?;
    let mut units: Vec<Vec<u8>> = Vec::new();
    for unit in nal::split(&fs::read(file)?) {
        let kind = if codec == Codec::H264 { unit[0] & 0x1F } else { unit[0] >> 1 & 0x3F };
        if kind == delimiter || units.is_empty() {
            units.push(Vec::new());
        }
        if let Some(last) = units.last_mut() {
            last.extend([&[0, 0, 0, 1], unit].concat());
        }
    }
    ensure!(units.len() == 30, "{} pictures of {encoder}", units.len());
    Ok(units.into_iter().map(Arc::from).collect())
}

/// GStreamer's own player, which writes what it can decode to a file.
struct Receiver {
    port: u16,
    file: PathBuf,
    _running: Running,
}

impl Receiver {
    fn start(name: &str, key: Option<&[u8]>, folder: &Path) -> Result<Self> {
        let (port, file) = (free_udp_port()?, folder.join(name));
        let rtp = "media=(string)video,encoding-name=(string)H264,payload=(int)96,clock-rate=(int)90000";
        let open = key.map_or_else(
            || format!("caps=application/x-rtp,{rtp}"),
            |key| {
                let hex: String = key.iter().map(|octet| format!("{octet:02x}")).collect();
                format!(
                    "caps=application/x-srtp,{rtp},ssrc=(uint)1,srtp-key=(buffer){hex},srtp-cipher=(string)aes-256-icm,\
                     srtp-auth=(string)hmac-sha1-80,srtcp-cipher=(string)aes-256-icm,srtcp-auth=(string)hmac-sha1-80 ! srtpdec"
                )
            },
        );
        let line = format!(
            "-q udpsrc port={port} {open} ! rtph264depay ! h264parse ! avdec_h264 ! videoconvert ! video/x-raw,format=GRAY8 \
             ! filesink buffer-mode=unbuffered location={}",
            file.display()
        );
        let mut command = Command::new("gst-launch-1.0");
        let running = Running::start(command.args(line.split_whitespace()), folder.join(format!("{name}.log")))?;
        Ok(Self { port, file, _running: running })
    }

    fn pictures(&self) -> u64 {
        fs::metadata(&self.file).map_or(0, |found| found.len() / PICTURE)
    }
}

/// A packet of telemetry, as far as RTP looks at it.
fn klv() -> Arc<[u8]> {
    [&UNIVERSAL_KEY[..], &[48], &[7; 48]].concat().into()
}

/// One RTP packet's payload type, SSRC and sequence number.
fn header(packet: &[u8]) -> (u8, u32, u16) {
    let field = |at| u16::from_be_bytes([packet[at], packet[at + 1]]);
    (packet[1] & 0x7F, u32::from(field(8)) << 16 | u32::from(field(10)), field(2))
}

/// The aircraft's end, and who hears it.
struct Air {
    live: Live,
    video: UdpSocket,
    klv: UdpSocket,
    heard: Vec<Vec<u8>>,
    heard_klv: Vec<Vec<u8>>,
    frames: u64,
}

impl Air {
    fn open() -> Result<Self> {
        gstreamer::init()?;
        let (video, klv) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
        video.set_nonblocking(true)?;
        klv.set_nonblocking(true)?;
        let to = config::Live { video: video.local_addr()?, klv: klv.local_addr()?, protection: Protection::Srtp };
        Ok(Self { live: Live::start(&to)?, video, klv, heard: Vec::new(), heard_klv: Vec::new(), frames: 0 })
    }

    /// Sends one more picture, and passes on to `ports` what has come out.
    fn step(&mut self, codec: Codec, clip: &[Arc<[u8]>], ports: &[u16]) {
        let picture = Arc::clone(&clip[usize::try_from(self.frames).unwrap() % clip.len()]);
        self.frames += 1;
        self.live.offer(LiveFrame { codec, at_ns: self.frames * 33_000_000, picture, klv: klv() });
        let mut bytes = [0; 2048];
        while let Ok(length) = self.video.recv(&mut bytes) {
            self.heard.push(bytes[..length].to_vec());
            for port in ports {
                let _ = self.video.send_to(&bytes[..length], ("127.0.0.1", *port));
            }
        }
        while let Ok(length) = self.klv.recv(&mut bytes) {
            self.heard_klv.push(bytes[..length].to_vec());
        }
    }

    /// Sends pictures until one of a payload type comes in a stream not heard before, whose SSRC is given.
    fn until_new(&mut self, codec: Codec, clip: &[Arc<[u8]>]) -> Result<u32> {
        let known: BTreeSet<u32> = self.heard.iter().map(|packet| header(packet).1).collect();
        let mut new = None;
        wait_for(PATIENCE, || {
            self.step(codec, clip, &[]);
            new = self.heard.iter().map(|packet| header(packet).1).find(|ssrc| !known.contains(ssrc));
            new.is_some()
        });
        new.ok_or_else(|| anyhow::anyhow!("no new stream of {codec:?} beside {known:?}"))
    }
}

#[test]
fn gstreamer_opens_it_with_the_key_and_not_with_another_or_none() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut air = Air::open()?;
    let clip = clip(Codec::H264, folder.path())?;
    let (aircraft, station) = agreed(1)?;
    let (_, other) = agreed(2)?;
    let right = Receiver::start("right", Some(&station.video.bytes()), folder.path())?;
    let wrong = Receiver::start("wrong", Some(&other.video.bytes()), folder.path())?;
    let telemetry = Receiver::start("telemetry", Some(&station.klv.bytes()), folder.path())?;
    let without = Receiver::start("without", None, folder.path())?;
    let ports = [&wrong, &telemetry, &without, &right].map(|receiver| receiver.port);
    for _ in 0..30 {
        air.step(Codec::H264, &clip, &ports);
    }
    ensure!(!air.live.is_running() && air.heard.is_empty(), "nothing before there are keys");
    air.live.protect(Some(aircraft));
    let came = wait_for(PATIENCE, || {
        air.step(Codec::H264, &clip, &ports);
        right.pictures() >= ENOUGH
    });
    ensure!(came, "{} pictures of {} packets", right.pictures(), air.heard.len());
    for (who, receiver) in [("with other keys", &wrong), ("with the telemetry's", &telemetry), ("with none", &without)]
    {
        ensure!(receiver.pictures() == 0, "{} pictures {who}", receiver.pictures());
    }
    air.live.protect(None);
    ensure!(!air.live.is_running());
    Ok(())
}

#[test]
fn no_two_packets_under_one_agreement_share_ssrc_and_number() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut air = Air::open()?;
    let (h264, h265) = (clip(Codec::H264, folder.path())?, clip(Codec::H265, folder.path())?);
    air.live.protect(Some(agreed(1)?.0));
    let mut ssrcs = Vec::new();
    for (codec, clip) in [(Codec::H264, &h264), (Codec::H265, &h265), (Codec::H264, &h264), (Codec::H265, &h265)] {
        ssrcs.push(air.until_new(codec, clip)?);
    }
    assert_eq!(ssrcs, [1, 2, 3, 4]);
    for heard in [&air.heard, &air.heard_klv] {
        let indices: BTreeSet<(u32, u16)> =
            heard.iter().map(|packet| header(packet)).map(|(_, ssrc, number)| (ssrc, number)).collect();
        ensure!(indices.len() == heard.len() && heard.len() > 4, "{} of {} packets differ", indices.len(), heard.len());
    }
    let kinds: BTreeSet<u8> = air.heard.iter().map(|packet| header(packet).0).collect();
    assert_eq!(kinds, BTreeSet::from([96, 98]), "each codec says which it is");
    Ok(())
}
