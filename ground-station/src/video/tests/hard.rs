//! What a network, a camera and a clock do to the live picture: the window shows what came, says what is wrong, and recovers.

use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _, SeedableRng as _};

use super::*;

const HALF_DAY_US: i64 = 12 * 3_600_000_000;

/// One coded picture with its telemetry, dated.
struct Shot {
    number: usize,
    time_us: u64,
    key: bool,
    picture: Vec<u8>,
    klv: Vec<u8>,
}

/// Pictures of a camera, each at the time that `clock` gives its number.
fn shots(codec: Codec, count: usize, size: (usize, usize), clock: impl Fn(usize) -> u64) -> Vec<Shot> {
    let options = "tune=zerolatency bitrate=1000";
    let mut normaliser = Normaliser::new(codec);
    let shots = coded(codec, count, size, options).into_iter().map(|(number, unit)| {
        let (time_us, mut picture, mut klv) = (clock(number), Vec::new(), Vec::new());
        let made = normaliser.normalise(&unit, time_us, true, &mut picture).unwrap();
        Uas { timestamp_us: time_us, height_agl_m: Some(40.0), ..Uas::default() }.encode(&mut klv);
        Shot { number, time_us, key: made.key, picture, klv }
    });
    shots.collect()
}

/// The agent's end of the view, with a network of the test's own behind it: packets of a picture or its telemetry come out here.
struct Network {
    sender: Sender,
    video: UdpSocket,
    klv: UdpSocket,
    to: (u16, u16),
    sent: usize,
}

impl Network {
    fn toward(codec: Codec, to: (u16, u16)) -> Self {
        let [video, klv] = [(); 2].map(|()| {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket
        });
        let port = |socket: &UdpSocket| socket.local_addr().unwrap().port();
        let sender = Sender::start(codec, port(&video), port(&klv));
        Self { sender, video, klv, to, sent: 0 }
    }

    /// The packets of one buffer, up to the one with the marker.
    fn packets(socket: &UdpSocket) -> Vec<Vec<u8>> {
        let (mut packets, mut bytes) = (Vec::new(), vec![0; 65_536]);
        loop {
            let length = socket.recv(&mut bytes).unwrap();
            packets.push(bytes[..length].to_vec());
            if bytes[1] & 0x80 != 0 {
                return packets;
            }
        }
    }

    fn picture(&mut self, shot: &Shot) -> Vec<Vec<u8>> {
        Sender::send(&self.sender.picture, self.sent, &shot.picture);
        self.sent += 1;
        Self::packets(&self.video)
    }

    fn telemetry(&self, shot: &Shot) -> Vec<Vec<u8>> {
        Sender::send(&self.sender.klv, self.sent, &shot.klv);
        Self::packets(&self.klv)
    }

    fn pass_video(&self, packets: &[Vec<u8>]) {
        for packet in packets {
            self.video.send_to(packet, ("127.0.0.1", self.to.0)).unwrap();
        }
    }

    fn pass_klv(&self, packets: &[Vec<u8>]) {
        for packet in packets {
            self.klv.send_to(packet, ("127.0.0.1", self.to.1)).unwrap();
        }
    }

    /// All of it arrives.
    fn whole(&mut self, shot: &Shot) {
        let klv = self.telemetry(shot);
        self.pass_klv(&klv);
        let packets = self.picture(shot);
        self.pass_video(&packets);
    }
}

/// The window's end, and the network before it.
struct Scene {
    live: Live,
    bell: Bell,
    network: Network,
}

impl Scene {
    /// The first picture is shown.
    fn begin(codec: Codec, first: &Shot) -> Self {
        let ((video_port, klv_port), bell) = (free_ports(), Bell::default());
        let source = Source::Rtp { listen: Ipv4Addr::LOCALHOST, video_port, klv_port };
        let live = Live::start(source, bell.repaint()).unwrap();
        let network = Network::toward(codec, (video_port, klv_port));
        let mut scene = Self { live, bell, network };
        scene.again_until_shown(first);
        scene
    }

    fn dated(&self, shot: &Shot) -> Option<Arc<Picture>> {
        self.live.latest().filter(|picture| picture.taken_utc_us == i64::try_from(shot.time_us).ok())
    }

    fn again_until_shown(&mut self, shot: &Shot) {
        let Self { live, bell, network } = self;
        bell.wait("the picture is shown at last", || {
            network.whole(shot);
            live.latest().filter(|picture| picture.taken_utc_us == i64::try_from(shot.time_us).ok())
        });
    }

    fn shown(&self, shot: &Shot) -> Arc<Picture> {
        self.bell.wait(&format!("picture {} is shown", shot.number), || self.dated(shot))
    }

    /// Shown whole, with its own number in it and its own telemetry.
    fn shows_well(&self, shot: &Shot) {
        let picture = self.shown(shot);
        assert_eq!(number_in(&picture), shot.number);
        assert_eq!(own(&picture), Some(shot.time_us), "picture {}", shot.number);
        assert!(!picture.damaged, "picture {}", shot.number);
    }
}

/// The time of its telemetry.
fn own(picture: &Picture) -> Option<u64> {
    picture.klv.as_ref().map(|klv| klv.uas.timestamp_us)
}

/// Telemetry, where there is any, is of that very picture.
fn assert_never_anothers(picture: &Picture) {
    if let Some(time_us) = own(picture) {
        assert_eq!(i64::try_from(time_us).ok(), picture.taken_utc_us);
    }
}

#[test]
fn pictures_after_lost_packets_say_that_they_are_damaged_until_a_key_picture_came_whole() {
    let all = shots(Codec::H264, 95, (320, 240), time_us);
    let mut scene = Scene::begin(Codec::H264, &all[0]);
    for shot in &all[1..] {
        let klv = scene.network.telemetry(shot);
        scene.network.pass_klv(&klv);
        let mut packets = scene.network.picture(shot);
        match shot.number {
            // All of it, its middle or end, its end alone.
            12 => packets.clear(),
            40 => drop(packets.remove(packets.len() / 2)),
            70 => packets.truncate(packets.len() - 1),
            _ => {}
        }
        let lost = [12, 40, 70].contains(&shot.number);
        scene.network.pass_video(&packets);
        if lost {
            continue;
        }
        let picture = scene.shown(shot);
        assert_eq!(own(&picture), Some(shot.time_us), "the telemetry of {} came", shot.number);
        let after = [12..30, 40..60, 70..90].iter().any(|gap| gap.contains(&shot.number));
        assert_eq!(picture.damaged, after, "picture {}", shot.number);
        if !after {
            assert_eq!(number_in(&picture), shot.number);
        }
    }
    let keys: Vec<usize> = all.iter().filter(|shot| shot.key).map(|shot| shot.number).collect();
    assert_eq!(keys, [0, 30, 60, 90], "the camera's own key pictures mend it");
    assert!(matches!(scene.live.status(clock::mono_ns()), Status::Playing { .. }));
}

#[test]
fn corrupted_packets_are_survived_and_never_joined_to_the_telemetry_of_another_instant() {
    let all = shots(Codec::H264, 125, (320, 240), time_us);
    let mut scene = Scene::begin(Codec::H264, &all[0]);
    let mut chance = StdRng::seed_from_u64(7);
    for shot in &all[1..90] {
        let (mut klv, mut packets) = (scene.network.telemetry(shot), scene.network.picture(shot));
        for packet in klv.iter_mut().chain(&mut packets) {
            if chance.random_ratio(1, 4) {
                for _ in 0..chance.random_range(1..40) {
                    let at = chance.random_range(0..packet.len());
                    packet[at] ^= 1 << chance.random_range(0..8);
                }
            }
        }
        scene.network.pass_klv(&klv);
        scene.network.pass_video(&packets);
        if let Some(picture) = scene.live.latest() {
            assert_never_anothers(&picture);
        }
    }
    // It opens again by itself, where something was too broken to go on.
    scene.again_until_shown(&all[90]);
    for shot in &all[91..120] {
        scene.network.whole(shot);
        assert_never_anothers(&scene.shown(shot));
    }
    for shot in &all[120..] {
        scene.network.whole(shot);
        scene.shows_well(shot);
    }
    assert!(scene.live.counts().unread_packets > 0, "{:?}", scene.live.counts());
}

#[test]
fn garbage_at_both_ports_neither_stops_the_picture_nor_fills_the_memory() {
    let all = shots(Codec::H264, 65, (320, 240), time_us);
    let mut scene = Scene::begin(Codec::H264, &all[0]);
    let mut chance = StdRng::seed_from_u64(11);
    let threads = || std::fs::read_dir("/proc/self/task").map(Iterator::count).unwrap();
    let mut most_threads = 0;
    for round in 0..3_000_u32 {
        let mut packet = vec![0; chance.random_range(0..1_400)];
        chance.fill_bytes(&mut packet);
        // Half of it looks like RTP of every payload type.
        if round % 2 == 0 && packet.len() > 2 {
            packet[0] = 0x80 | packet[0] & 0x3F;
            packet[1] = u8::try_from(round / 2 % 128).unwrap();
            if [H264_PAYLOAD, H265_PAYLOAD].contains(&packet[1]) {
                packet[1] = 33;
            }
        }
        scene.network.pass_video(std::slice::from_ref(&packet));
        scene.network.pass_klv(&[packet]);
        if round % 100 == 0 {
            let shot = &all[1 + usize::try_from(round / 100).unwrap()];
            scene.network.whole(shot);
            scene.shown(shot);
            most_threads = most_threads.max(threads());
        }
    }
    for shot in &all[31..] {
        scene.network.whole(shot);
        scene.shows_well(shot);
    }
    let dropped = scene.live.counts().came;
    assert_eq!(dropped, scene.live.counts().shown, "only the camera's pictures were taken for pictures");
    assert!(most_threads < 200, "{most_threads} threads: no branch for each kind of garbage");
}

#[test]
fn without_telemetry_pictures_come_at_once_and_say_so_and_telemetry_alone_is_no_picture() {
    let mut all = shots(Codec::H264, 50, (320, 240), time_us);
    let of_others = all.split_off(40);
    let ((video_port, klv_port), bell) = (free_ports(), Bell::default());
    let source = Source::Rtp { listen: Ipv4Addr::LOCALHOST, video_port, klv_port };
    let live = Live::start(source, bell.repaint()).unwrap();
    let network = Network::toward(Codec::H264, (video_port, klv_port));
    let mut scene = Scene { live, bell, network };
    for shot in &of_others {
        let klv = scene.network.telemetry(shot);
        scene.network.pass_klv(&klv);
    }
    assert!(scene.live.latest().is_none());
    assert_eq!(scene.live.status(clock::mono_ns()), Status::Waiting);
    scene.again_until_shown(&all[0]);
    for shot in &all[1..] {
        let packets = scene.network.picture(shot);
        scene.network.pass_video(&packets);
        let picture = scene.shown(shot);
        assert_eq!((number_in(&picture), own(&picture)), (shot.number, None));
    }
    // Then nothing comes: the last one stays, and ages.
    let last = scene.live.latest().unwrap();
    let later_ns = last.arrived_ns + 3_600_000_000_000;
    assert_eq!(scene.live.status(later_ns), Status::Waiting);
    assert!(Arc::ptr_eq(&last, &scene.live.latest().unwrap()));
}

#[test]
fn a_clock_that_steps_by_seconds_or_hours_either_way_joins_each_picture_to_its_own() {
    let steps_us = [0, -3_000_000, 4_000_000, -HALF_DAY_US, 2 * HALF_DAY_US, -1, 20_000_000, -90_000];
    let clock = |number: usize| time_us(number).checked_add_signed(steps_us[number / 10 % steps_us.len()]).unwrap();
    let all = shots(Codec::H264, 80, (320, 240), clock);
    let mut scene = Scene::begin(Codec::H264, &all[0]);
    for shot in &all[1..] {
        if shot.number % 3 == 0 {
            // Now the telemetry comes after its picture.
            let packets = scene.network.picture(shot);
            scene.network.pass_video(&packets);
            let klv = scene.network.telemetry(shot);
            scene.network.pass_klv(&klv);
            let picture = scene.shown(shot);
            assert_never_anothers(&picture);
            assert_eq!(number_in(&picture), shot.number);
        } else {
            scene.network.whole(shot);
            scene.shows_well(shot);
        }
    }
}

#[test]
fn pictures_change_size_and_codec_in_the_middle_and_come_in_a_burst() {
    for codec in [Codec::H264, Codec::H265] {
        let first = shots(codec, 6, (640, 360), time_us);
        let mut scene = Scene::begin(codec, &first[0]);
        // Each is shown before the next is sent: none waits for another, whatever the rate.
        for shot in &first[1..] {
            scene.network.whole(shot);
            scene.shows_well(shot);
        }
        let later = |number| time_us(number + 100);
        for shot in &shots(codec, 6, (1280, 720), later) {
            scene.network.whole(shot);
            scene.shows_well(shot);
            let picture = scene.shown(shot);
            assert_eq!((picture.width, picture.height, picture.rgba.len()), (1280, 720, 1280 * 720 * 4));
            assert_eq!(picture.codec, codec);
        }
        let much_later = |number| time_us(number + 200);
        let burst = shots(codec, 61, (328, 184), much_later);
        // A second at 60 a second at once: the newest is shown, nothing queues up behind.
        burst.iter().for_each(|shot| scene.network.whole(shot));
        scene.shows_well(burst.last().unwrap());
        let picture = scene.live.latest().unwrap();
        assert_eq!((picture.width, picture.height), (328, 184));
    }
}

#[test]
fn what_was_opened_on_this_machine_is_taken_from_this_machine_alone() {
    let first = shots(Codec::H264, 1, (320, 240), time_us);
    let scene = Scene::begin(Codec::H264, &first[0]);
    let (video_port, klv_port) = scene.network.to;
    // Whoever listens to every address of the machine leaves none of them to others.
    for port in [video_port, klv_port] {
        UdpSocket::bind(("127.0.0.2", port)).unwrap();
    }
}
