//! The station's side of the camera and gimbal protocols, against our camera over good and awful links.

use vehicle_link::{
    ask::{self, Ask, Wanted},
    camera::{self, Camera, Encoding, Facts, Refusal, Storage, Stream, Transport},
    camera_client::{
        Action, CAPTURE_STATUS, Failure, INFORMATION, SETTINGS, Seen, Video, Wish, is_camera, orders, storage, stream,
        told,
    },
    command::{self, Command, Place, Request},
    frames::{Body, Encoder, Frame},
    gimbal,
    peers::Address,
    survey::{self, Survey},
};

use crate::channel::{AWFUL, DEAD, ENDS, GOOD, Link, STATION, Said, VEHICLE};

fn live(name: &str, thermal: bool) -> Stream {
    Stream {
        name: name.to_owned(),
        address: format!("rtsp://127.0.0.1:8554/{name}"),
        transport: Transport::Rtsp,
        encoding: Encoding::H264,
        frame_rate_hz: 30.0,
        bitrate_bps: 8_000_000,
        resolution: (1280, 720),
        hfov_deg: Some(60),
        thermal,
        running: true,
    }
}

/// Our camera, and what the aircraft was asked to do.
struct Aboard {
    camera: Camera,
    refuses: Option<Refusal>,
    starts: u32,
    stills: u32,
}

impl Aboard {
    fn new() -> Self {
        let facts = Facts {
            vendor: "Skyseal".into(),
            model: "eo".into(),
            firmware: [1, 2, 3, 0],
            focal_length_mm: None,
            sensor_mm: Some((6.3, 4.7)),
            resolution: (1920, 1080),
            stills: true,
            streams: vec![live("eo", false), live("ir", true)],
        };
        let mut camera = Camera::new(VEHICLE, facts);
        let disk = Storage { total_mib: 1000.0, used_mib: 250.0, available_mib: 700.0, ready: true };
        camera.set_storage(disk, 0);
        Self { camera, refuses: None, starts: 0, stills: 0 }
    }

    fn step(&mut self, frame: Option<&Frame>, now_ns: u64) -> Vec<Body> {
        let actions = match frame {
            Some(frame) => self.camera.frame(frame, now_ns),
            None => self.camera.poll(now_ns),
        };
        actions.into_iter().flat_map(|action| self.act(action, now_ns)).collect()
    }

    fn act(&mut self, action: camera::Action, now_ns: u64) -> Vec<Body> {
        let more = match action {
            camera::Action::Send(body) => return vec![body],
            camera::Action::StartVideo { .. } => {
                self.starts += 1;
                match self.refuses {
                    Some(refusal) => self.camera.video_refused(refusal, now_ns),
                    None => self.camera.video_started(now_ns),
                }
            }
            camera::Action::StopVideo { .. } => self.camera.video_stopped(now_ns),
            camera::Action::Images(request) => self.camera.images_allowed(request, now_ns),
            camera::Action::TakeImage => {
                self.stills += 1;
                self.camera.image_ended(camera::Image { taken: true, ..Default::default() }, now_ns)
            }
            camera::Action::StartStreaming(_) | camera::Action::StopStreaming(_) => Vec::new(),
        };
        more.into_iter().flat_map(|action| self.act(action, now_ns)).collect()
    }
}

fn ask(link: &mut Link, aboard: &mut Aboard, wanted: Wanted) -> Result<Frame, command::Refusal> {
    let (mut ask, first) = Ask::start(ENDS, wanted, link.now_ns);
    let ask::Action::Send(first) = first else { panic!("a message first") };
    let client = |frame: Option<&Frame>, now_ns| {
        let action = match frame {
            Some(frame) => ask.frame(frame, now_ns),
            None => ask.poll(now_ns),
        };
        let said = |action| match action {
            ask::Action::Send(body) => Said::Send(body),
            ask::Action::Came(frame) => Said::Done(Ok(frame)),
            ask::Action::Refused(why) => Said::Done(Err(why)),
        };
        action.map(said).into_iter().collect()
    };
    link.converse(&first, client, |frame, now_ns| aboard.step(frame, now_ns))
}

fn video(link: &mut Link, wish: Wish, server: impl FnMut(Option<&Frame>, u64) -> Vec<Body>) -> Result<Seen, Failure> {
    let (mut video, first) = Video::start(ENDS, wish, link.now_ns);
    let Some(Action::Send(first)) = first else { panic!("a message first") };
    let client = |frame: Option<&Frame>, now_ns| {
        let action = match frame {
            Some(frame) => video.frame(frame, now_ns),
            None => video.poll(now_ns),
        };
        let said = |action| match action {
            Action::Send(body) => Said::Send(body),
            Action::Done(seen) => Said::Done(Ok(seen)),
            Action::Failed(why) => Said::Done(Err(why)),
        };
        action.map(said).into_iter().collect()
    };
    link.converse(&first, client, server)
}

fn order(link: &mut Link, aboard: &mut Aboard, order: Command) -> Result<(), command::Refusal> {
    let (mut request, first) = Request::start(ENDS, order, link.now_ns);
    let command::Action::Send(first) = first else { panic!("a message first") };
    let client = |frame: Option<&Frame>, now_ns| {
        let action = match frame {
            Some(frame) => request.frame(frame, now_ns),
            None => request.poll(now_ns),
        };
        let said = |action| match action {
            command::Action::Send(body) => Some(Said::Send(body)),
            command::Action::Progress(_) => None,
            command::Action::Accepted => Some(Said::Done(Ok(()))),
            command::Action::Refused(why) => Some(Said::Done(Err(why))),
        };
        action.and_then(said).into_iter().collect()
    };
    link.converse(&first, client, |frame, now_ns| aboard.step(frame, now_ns))
}

#[test]
fn a_camera_is_read_as_it_is() {
    for (badness, seeds) in [(GOOD, 1), (AWFUL, 10)] {
        for seed in 0..seeds {
            let (mut link, mut aboard) = (Link::new(badness, seed), Aboard::new());
            let mut get = |wanted| ask(&mut link, &mut aboard, wanted).unwrap();
            let information = told::Information::read(&get(INFORMATION)).unwrap();
            assert_eq!((information.vendor.as_str(), information.model.as_str()), ("Skyseal", "eo"));
            assert_eq!((information.firmware, information.resolution), ([1, 2, 3, 0], (1920, 1080)));
            assert_eq!((information.focal_length_mm, information.sensor_mm), (None, Some((6.3, 4.7))));
            let abilities = information.abilities();
            assert!(["video", "stills", "modes", "live stream"].iter().all(|can| abilities.contains(can)));
            let settings = told::Settings::read(&get(SETTINGS)).unwrap();
            assert_eq!((settings.mode_name(), settings.zoom_percent), ("video", None));
            let disk = told::Storage::read(&get(storage(1))).unwrap();
            assert_eq!((disk.id, disk.count, disk.status_name()), (1, 1, "ready"));
            assert_eq!(disk.total_mib.zip(disk.used_mib).zip(disk.available_mib), Some(((1000.0, 250.0), 700.0)));
            let second = told::Stream::read(&get(stream(2))).unwrap();
            assert_eq!((second.id, second.count, second.name.as_str(), second.thermal), (2, 2, "ir", true));
            assert_eq!((second.address.as_str(), second.transport_name()), ("rtsp://127.0.0.1:8554/ir", "RTSP"));
            assert!(second.running && second.resolution == (1280, 720) && second.bitrate_bps == 8_000_000);
            let status = told::CaptureStatus::read(&get(CAPTURE_STATUS)).unwrap();
            assert_eq!((status.recording, status.recorded_ms, status.images), (false, 0, 0));
            let none = ask(&mut link, &mut aboard, stream(9));
            assert!(none.is_err(), "there is no ninth stream: {none:?}");
        }
    }
}

#[test]
fn a_video_is_started_once_seen_and_stopped() {
    for seed in 0..20 {
        let (mut link, mut aboard) = (Link::new(AWFUL, seed), Aboard::new());
        let mut go = |wish| video(&mut link, wish, |frame, now_ns| aboard.step(frame, now_ns));
        let seen = go(Wish::Start).unwrap();
        assert!(!seen.already && seen.recorded_ms > 0, "seed {seed}: {seen:?}");
        assert!(go(Wish::Start).unwrap().already, "seed {seed}");
        assert!(!go(Wish::Stop).unwrap().already && go(Wish::Stop).unwrap().already, "seed {seed}");
        assert!(!aboard.camera.is_recording() && aboard.starts == 1, "seed {seed}: {} starts", aboard.starts);
    }
}

#[test]
fn a_video_that_is_refused_or_only_acknowledged_is_none() {
    let mut aboard = Aboard::new();
    aboard.refuses = Some(Refusal::Denied);
    let mut link = Link::new(GOOD, 1);
    let refused = video(&mut link, Wish::Start, |frame, now_ns| aboard.step(frame, now_ns));
    assert_eq!(refused, Err(Failure::Command(command::Refusal::Result(2))));

    // A camera of another make that says yes to everything, and does nothing.
    let ack = |number: u16| {
        let [low, high] = number.to_le_bytes();
        Body::raw(77, &[low, high, 0, 0, 0, 0, 0, 0, STATION.system, STATION.component]).unwrap()
    };
    let status = || Body::raw(262, &[1; 4]).unwrap();
    let says_yes = |frame: Option<&Frame>, _| match frame.filter(|frame| frame.message_id() == 76) {
        Some(frame) => vec![ack(frame.payload().u16(28)), status()],
        None => Vec::new(),
    };
    assert_eq!(video(&mut link, Wish::Start, says_yes), Err(Failure::NotSeen));
    let silence = video(&mut Link::new(DEAD, 1), Wish::Stop, |_, _| Vec::new());
    assert_eq!(silence, Err(Failure::Status(command::Refusal::Timeout)));
}

#[test]
fn a_still_is_taken_once_however_often_it_is_asked_for() {
    for seed in 0..10 {
        // Acknowledgements have no number: over a bad link, one of the still before would be taken for the next one's.
        let (badness, stills) = if seed == 0 { (GOOD, 3) } else { (AWFUL, 1) };
        let (mut link, mut aboard) = (Link::new(badness, seed), Aboard::new());
        for sequence in 1..=stills {
            order(&mut link, &mut aboard, orders::take_still(sequence)).unwrap();
        }
        assert_eq!(aboard.stills, stills, "seed {seed}");
        order(&mut link, &mut aboard, orders::set_mode(orders::Mode::Image)).unwrap();
        let settings = told::Settings::read(&ask(&mut link, &mut aboard, SETTINGS).unwrap()).unwrap();
        assert_eq!(settings.mode_name(), "image");
        let zoomed = order(&mut link, &mut aboard, orders::zoom(orders::Zoom::Percent(50.0)));
        assert_eq!(zoomed, Err(command::Refusal::Result(3)), "our camera has no zoom");
    }
}

#[test]
fn who_has_cameras_is_found_and_who_does_not_say_is_named() {
    let (mut link, mut aboard) = (Link::new(AWFUL, 3), Aboard::new());
    let mut survey = Survey::start(STATION, VEHICLE.system, INFORMATION, |_, _| true, 0);
    let mut found = Vec::new();
    let nothing = Body::raw(0, &[0, 0, 0, 0, 6, 8, 0, 0, 3]).unwrap();
    let silent = link.converse(
        &nothing,
        |frame, now_ns| {
            let mut actions = match frame {
                // Two more that are heard: one has no camera, one is of another system.
                Some(frame) if frame.message_id() == 0 => {
                    let beside = |system| Encoder::new(system, 100).encode_body(&nothing);
                    let mut actions = survey.frame(frame, now_ns);
                    actions.extend(survey.frame(&beside(1), now_ns));
                    actions.extend(survey.frame(&beside(7), now_ns));
                    actions
                }
                Some(frame) => survey.frame(frame, now_ns),
                None => survey.poll(now_ns),
            };
            let said = |action| match action {
                survey::Action::Send(body) => Some(Said::Send(body)),
                survey::Action::Found(frame) => {
                    found.push(Address::of(&frame));
                    None
                }
                survey::Action::Over(silent) => Some(Said::Done(silent)),
            };
            actions.drain(..).filter_map(said).collect()
        },
        |frame, now_ns| aboard.step(frame, now_ns),
    );
    assert_eq!(found, [VEHICLE]);
    assert_eq!(silent.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [Address::new(1, 100)]);
    assert!(is_camera(100, 0) && is_camera(7, 30) && !is_camera(1, 2));
    assert!(gimbal::may_manage(1, 2) && gimbal::may_manage(154, 0) && !gimbal::may_manage(100, 30));
}

#[test]
fn a_gimbal_is_told_in_degrees_and_of_places_to_the_centimetre() {
    let wire = |order: Command| {
        let (_, command::Action::Send(body)) = Request::start(ENDS, order, 0) else { panic!("a message first") };
        Encoder::new(255, 190).encode_body(&body)
    };
    let numbers = |frame: &Frame| [0, 4, 8, 12, 16, 20, 24].map(|at| frame.payload().f32(at));
    let angles = gimbal::orders::Aim::Angles { pitch_deg: Some(-45.0), yaw_deg: None };
    let pointed = wire(gimbal::orders::point(angles, gimbal::orders::YAW_LOCK, 1));
    assert_eq!((pointed.message_id(), pointed.payload().u16(28)), (76, 1000));
    let [pitch, yaw, pitch_rate, yaw_rate, flags, _, device] = numbers(&pointed);
    assert_eq!((pitch, flags, device), (-45.0, 16.0, 1.0));
    assert!(yaw.is_nan() && pitch_rate.is_nan() && yaw_rate.is_nan());
    assert_eq!(numbers(&wire(gimbal::orders::take(STATION, 0)))[..4], [255.0, 190.0, -1.0, -1.0]);

    let place = Place { lat_e7: 531_234_567, lon_e7: -17_654_321, alt_m: 12.5, frame: 0 };
    let kept = wire(gimbal::orders::look_at(place, 2));
    let payload = kept.payload();
    assert_eq!((kept.message_id(), payload.u16(28), payload.u8(32)), (75, 195, 0));
    assert_eq!((payload.i32(16), payload.i32(20), payload.f32(24)), (531_234_567, -17_654_321, 12.5));
    assert_eq!(kept.target(), Some((1, 1)));
}
