use super::*;
use flight_record::keys::DeviceKey;
use flight_record::live::{self, LiveKeys};
use flight_record::radio::LiveScope;
use std::net::UdpSocket;

/// Twice the same keys: the aircraft's and the station's.
fn agreed() -> (LiveKeys, LiveKeys) {
    let (station, device) = (DeviceKey::from_seed([2; 32]), DeviceKey::from_seed([1; 32]));
    let scope = LiveScope { about: [1; 16], boot: [2; 6] };
    let (own, offer) = live::offer(scope, 1, &station).unwrap();
    let (answer, aircraft) = live::answer(&offer, &device).unwrap().unwrap();
    (aircraft, live::accept(own, &offer, &answer, &device.public()).unwrap())
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Thirty pictures as an aircraft sends them, to the end.
fn send(key: &Master, (codec, payload): (&str, u8), ssrc: u32, port: u16) {
    let encoder = if codec == "h264" { "x264enc tune=zerolatency" } else { "x265enc tune=zerolatency" };
    let line = format!(
        "videotestsrc num-buffers=30 ! video/x-raw,width=320,height=240,framerate=30/1 ! {encoder} key-int-max=5 \
         ! rtp{codec}pay pt={payload} ssrc={ssrc} seqnum-offset=0 config-interval=-1 \
         ! srtpenc name=guard rtp-cipher={CIPHER} rtp-auth={AUTH} rtcp-cipher={CIPHER} rtcp-auth={AUTH} \
         ! udpsink host=127.0.0.1 port={port} sync=true"
    );
    gst::init().unwrap();
    let pipeline = gst::parse::launch(&line).unwrap().downcast::<gst::Pipeline>().unwrap();
    pipeline.by_name("guard").unwrap().set_property("key", gst::Buffer::from_slice(key.bytes()));
    pipeline.set_state(gst::State::Playing).unwrap();
    let over = [gst::MessageType::Eos, gst::MessageType::Error];
    let message = pipeline.bus().unwrap().timed_pop_filtered(gst::ClockTime::from_seconds(60), &over).unwrap();
    assert_eq!(message.type_(), gst::MessageType::Eos, "{message:?}");
    pipeline.set_state(gst::State::Null).unwrap();
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let until_ns = crate::clock::mono_ns() + 30_000_000_000;
    while !condition() {
        assert!(crate::clock::mono_ns() < until_ns, "{what}");
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
}

#[test]
fn what_the_key_opens_reaches_the_file_whatever_stream_and_codec_and_nothing_else_does() {
    let dir = tempfile::tempdir().unwrap();
    let (file, port) = (dir.path().join("pictures"), free_port());
    let player = Player::start(Media::Video, port, &Out::File(file.clone())).unwrap();
    let length = || std::fs::metadata(&file).map_or(0, |found| found.len());
    let ((aircraft, station), (other, _)) = (agreed(), agreed());
    send(&aircraft.video, ("h264", H264_PAYLOAD), 1, port);
    wait_for("they come", || player.counts().came >= 30);
    assert_eq!((player.counts().opened, length()), (0, 0), "no keys yet");

    player.agree(station.video);
    let mut before = player.counts();
    for (ssrc, kind) in [(2, ("h264", H264_PAYLOAD)), (3, ("h265", H265_PAYLOAD)), (4, ("h264", H264_PAYLOAD))] {
        let had = length();
        send(&aircraft.video, kind, ssrc, port);
        wait_for("a new stream under the same keys", || player.counts().whole == before.whole + 30 && length() > had);
        before = player.counts();
    }
    send(&aircraft.video, ("h264", H264_PAYLOAD), MAX_SSRC + 1, port);
    send(&other.video, ("h264", H264_PAYLOAD), 5, port);
    wait_for("they come", || player.counts().came >= before.came + 60);
    assert_eq!(player.counts().opened, before.opened, "of a stream no aircraft sends, or under other keys");
    assert!(player.broken().is_none());
}

#[test]
fn a_taken_port_and_a_folder_that_is_not_there_are_named() {
    let taken = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let to = "127.0.0.1:9".parse().unwrap();
    let error = Player::start(Media::Klv, port, &Out::Rtp(to)).err().unwrap().to_string();
    assert!(error.contains(&port.to_string()) && error.contains("--klv-port"), "{error}");
    let error =
        Player::start(Media::Video, free_port(), &Out::File("/absent/pictures".into())).err().unwrap().to_string();
    assert!(error.contains("/absent/pictures"), "{error}");
}

#[test]
fn a_player_is_told_of_what_goes_to_it_and_of_nothing_else() {
    let to = |port| Out::Rtp(SocketAddr::from(([127, 0, 0, 1], port)));
    let both = sdp(&to(5610), &to(5611)).unwrap();
    assert!(both.contains("m=video 5610 RTP/AVP 96 98") && both.contains("m=application 5611 RTP/AVP 97"), "{both}");
    let one = sdp(&Out::File("pictures".into()), &to(5611)).unwrap();
    assert!(!one.contains("m=video") && one.contains("m=application 5611"));
    assert_eq!(sdp(&Out::Stdout, &to(5611)), None, "pictures are there");
}
