//! Live view: RTP pictures and RTP KLV of the same instant, as any receiver sees them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::UdpSocket;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use footage::klv::Uas;
use system_tests::aircraft::{Aircraft, PATIENCE};
use system_tests::process::wait_for;

/// Telemetry packets looked at.
const PACKETS: usize = 40;

/// One RTP packet (RFC 3550) without extensions.
struct Rtp {
    payload_type: u8,
    timestamp: u32,
    payload: Vec<u8>,
}

fn receive(socket: &UdpSocket) -> Option<Rtp> {
    let mut bytes = [0; 2048];
    let length = socket.recv(&mut bytes).ok()?;
    let bytes = bytes.get(..length)?;
    let timestamp = u32::from_be_bytes(bytes.get(4..8)?.try_into().ok()?);
    (bytes.first()? >> 6 == 2).then(|| Rtp { payload_type: bytes[1] & 0x7F, timestamp, payload: bytes[12..].to_vec() })
}

#[test]
fn pictures_and_telemetry_of_one_instant_share_their_rtp_time() -> Result<()> {
    let (video, klv) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    for socket in [&video, &klv] {
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
    }
    let mut aircraft = Aircraft::new()?;
    aircraft.camera("eo", "{ kind = \"test\", width = 640, height = 360, fps = 30 }", "");
    write!(
        aircraft.cameras,
        "\n[live]\nvideo = \"{}\"\nklv = \"{}\"\nprotection = \"none\"\n",
        video.local_addr()?,
        klv.local_addr()?
    )?;
    let agent = aircraft.start_agent(false)?;

    let (mut pictures, mut telemetry) = (BTreeSet::new(), Vec::new());
    let enough = wait_for(PATIENCE, || {
        while let Some(packet) = receive(&klv) {
            telemetry.push(packet);
        }
        while let Some(packet) = receive(&video) {
            ensure_type(&packet, 96);
            pictures.insert(packet.timestamp);
        }
        telemetry.len() >= PACKETS && pictures.len() >= PACKETS
    });
    ensure!(enough, "{} pictures and {} packets came\n{}", pictures.len(), telemetry.len(), agent.output());

    let last_picture = *pictures.last().context("a picture")?;
    let mut last_us = 0;
    for packet in telemetry.iter().filter(|packet| packet.timestamp <= last_picture) {
        ensure_type(packet, 97);
        let uas = Uas::decode(&packet.payload)?.uas;
        ensure!(uas.timestamp_us > last_us, "tag 2 rises");
        last_us = uas.timestamp_us;
        ensure!(pictures.contains(&packet.timestamp), "no picture at RTP time {}", packet.timestamp);
    }
    Ok(())
}

fn ensure_type(packet: &Rtp, expected: u8) {
    assert_eq!(packet.payload_type, expected);
}
