//! The camera component as a station meets it: commands in, frames out.

use vehicle_link::{
    camera::{
        Action, Camera, Encoding, Facts, GIVE_UP_NS, Image, ImageRequest, MAX_WAITING, Point, Refusal, Storage, Stream,
        Transport, View,
    },
    dialect::{COMMAND_LONG_DATA, MavMessage, MavResult},
    frames::{Body, Encoder, Frame},
    peers::Address,
};

const CAMERA: Address = Address { system: 1, component: 100 };
const STATION: Address = Address { system: 255, component: 190 };
const MS: u64 = 1_000_000;
const S: u64 = 1_000 * MS;

const ACCEPTED: u8 = MavResult::MAV_RESULT_ACCEPTED as u8;
const REJECTED: u8 = MavResult::MAV_RESULT_TEMPORARILY_REJECTED as u8;
const DENIED: u8 = MavResult::MAV_RESULT_DENIED as u8;
const UNSUPPORTED: u8 = MavResult::MAV_RESULT_UNSUPPORTED as u8;
const FAILED: u8 = MavResult::MAV_RESULT_FAILED as u8;
const IN_PROGRESS: u8 = MavResult::MAV_RESULT_IN_PROGRESS as u8;

fn stream(name: &str, thermal: bool) -> Stream {
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

fn camera() -> Camera {
    Camera::new(CAMERA, facts())
}

fn facts() -> Facts {
    Facts {
        vendor: "Skyseal".into(),
        model: "a name that is longer than the field of thirty-two bytes".into(),
        firmware: [1, 2, 3, 0],
        focal_length_mm: None,
        sensor_mm: None,
        resolution: (1920, 1080),
        stills: true,
        streams: vec![stream("eo", false), stream("ir", true)],
    }
}

/// COMMAND_LONG by hand, so that any number can be sent.
fn command_from(from: Address, to: (u8, u8), number: u16, params: &[f32]) -> Frame {
    let mut payload = vec![0; 33];
    for (slot, param) in payload.chunks_exact_mut(4).zip(params) {
        slot.copy_from_slice(&param.to_le_bytes());
    }
    payload[28..30].copy_from_slice(&number.to_le_bytes());
    payload[30..32].copy_from_slice(&[to.0, to.1]);
    let body = Body::raw(76, &payload).unwrap();
    Encoder::new(from.system, from.component).encode_body(&body)
}

fn command(number: u16, params: &[f32]) -> Frame {
    command_from(STATION, (1, 100), number, params)
}

fn frames(actions: &[Action]) -> Vec<Frame> {
    let mut encoder = Encoder::new(CAMERA.system, CAMERA.component);
    let bodies = actions.iter().filter_map(|action| match action {
        Action::Send(body) => Some(body),
        Action::StartVideo { .. }
        | Action::StopVideo { .. }
        | Action::Images(_)
        | Action::TakeImage
        | Action::StartStreaming(_)
        | Action::StopStreaming(_) => None,
    });
    bodies.map(|body| encoder.encode_body(body)).collect()
}

/// Ids sent, and of an acknowledgement the result: (77, command, result).
fn said(actions: &[Action]) -> Vec<(u32, u16, u8)> {
    let described = frames(actions).into_iter().map(|frame| match frame.message_id() {
        77 => {
            assert_eq!(frame.target(), Some((255, 190)));
            (77, frame.payload().u16(0), frame.payload().u8(2))
        }
        id => (id, 0, 0),
    });
    described.collect()
}

/// (video_status, recording_time_ms, available MiB) of the last CAMERA_CAPTURE_STATUS.
fn capture_status(actions: &[Action]) -> (u8, u32, f32) {
    let found = frames(actions).into_iter().rev().find_map(|frame| match frame.message().unwrap().1 {
        MavMessage::CAMERA_CAPTURE_STATUS(status) => Some(status),
        _ => None,
    });
    let status = found.unwrap();
    (status.video_status, status.recording_time_ms, status.available_capacity)
}

#[test]
fn every_command_is_answered_as_the_table_says() {
    // number, parameters, result, messages that follow
    let table: &[(u16, &[f32], u8, &[u32])] = &[
        (512, &[259.0], ACCEPTED, &[259]),
        (512, &[260.0], ACCEPTED, &[260]),
        (512, &[261.0, 0.0], ACCEPTED, &[261]),
        (512, &[261.0, 1.0], ACCEPTED, &[261]),
        (512, &[261.0, 2.0], DENIED, &[]),
        (512, &[262.0], ACCEPTED, &[262]),
        (512, &[269.0, 0.0], ACCEPTED, &[269, 269]),
        (512, &[269.0, 2.0], ACCEPTED, &[269]),
        (512, &[269.0, 3.0], DENIED, &[]),
        (512, &[270.0, f32::NAN], ACCEPTED, &[270, 270]),
        (512, &[271.0], ACCEPTED, &[271]),
        (512, &[148.0], UNSUPPORTED, &[]),
        (512, &[263.0, 0.0], DENIED, &[]),
        (2002, &[0.0], DENIED, &[]),
        (512, &[-1.0], DENIED, &[]),
        (512, &[259.5], DENIED, &[]),
        (512, &[f32::INFINITY], DENIED, &[]),
        (521, &[1.0], ACCEPTED, &[259]),
        (522, &[1.0], ACCEPTED, &[260]),
        (525, &[0.0, 1.0], ACCEPTED, &[261]),
        (527, &[1.0], ACCEPTED, &[262]),
        (2504, &[0.0], ACCEPTED, &[269, 269]),
        (2504, &[9.0], DENIED, &[]),
        (2505, &[1.0], ACCEPTED, &[270]),
        (511, &[262.0, 500_000.0], ACCEPTED, &[]),
        (511, &[0.0, 500_000.0], DENIED, &[]),
        (526, &[1.0, 1.0], DENIED, &[253]),
        (530, &[0.0, 1.0], ACCEPTED, &[260]),
        (530, &[0.0, 0.0], ACCEPTED, &[260]),
        (530, &[0.0, 2.0], DENIED, &[]),
        (531, &[0.0, 1.0], UNSUPPORTED, &[]),
        (2000, &[0.0, -1.0, 1.0], DENIED, &[]),
        (2000, &[0.0, f32::INFINITY, 1.0], DENIED, &[]),
        (2000, &[0.0, 0.0, 1.5], DENIED, &[]),
        (2000, &[0.0, 0.0, 1.0, -1.0], DENIED, &[]),
        (2501, &[], ACCEPTED, &[262]),
        (2502, &[1.0], ACCEPTED, &[]),
        (2503, &[7.0], DENIED, &[]),
        (400, &[1.0], UNSUPPORTED, &[]),
        (65_000, &[], UNSUPPORTED, &[]),
    ];
    for (number, params, result, messages) in table {
        let expected: Vec<_> =
            std::iter::once((77, *number, *result)).chain(messages.iter().map(|id| (*id, 0, 0))).collect();
        let actions = camera().frame(&command(*number, params), S);
        assert_eq!(said(&actions), expected, "command {number} {params:?}");
    }
}

#[test]
fn only_what_is_for_the_camera_is_answered() {
    let heard = |to, number| camera().frame(&command_from(STATION, to, number, &[259.0]), S);
    assert!(heard((2, 100), 512).is_empty());
    assert!(heard((1, 1), 512).is_empty());
    for to in [(1, 100), (1, 0), (0, 0), (0, 100)] {
        assert_eq!(said(&heard(to, 512)), [(77, 512, ACCEPTED), (259, 0, 0)], "{to:?}");
    }
    // Arm, for all components: the autopilot's to answer.
    assert!(heard((1, 0), 400).is_empty());
}

#[test]
fn command_int_is_as_good() {
    let mut payload = vec![0; 35];
    payload[..4].copy_from_slice(&259_f32.to_le_bytes());
    payload[28..30].copy_from_slice(&512_u16.to_le_bytes());
    payload[30..32].copy_from_slice(&[1, 100]);
    let frame = Encoder::new(255, 190).encode_body(&Body::raw(75, &payload).unwrap());
    assert_eq!(said(&camera().frame(&frame, S)), [(77, 512, ACCEPTED), (259, 0, 0)]);
}

#[test]
fn starting_again_does_not_restart_the_timer() {
    let mut camera = camera();
    assert_eq!(camera.frame(&command(2500, &[]), S), [Action::StartVideo { by: STATION }]);
    // The station repeats before the agent has settled it: still confirmation 0.
    assert_eq!(said(&camera.frame(&command(2500, &[]), S + MS)), [(77, 2500, IN_PROGRESS)]);
    let started = camera.video_started(2 * S);
    assert_eq!(said(&started), [(77, 2500, ACCEPTED), (262, 0, 0)]);
    assert_eq!(capture_status(&started).0, 1);

    let again = camera.frame(&command(2500, &[]), 5 * S);
    assert_eq!(said(&again), [(77, 2500, ACCEPTED), (262, 0, 0)]);
    assert_eq!(capture_status(&again).1, 3_000);
    // Nor does the agent saying it twice.
    assert_eq!(capture_status(&camera.video_started(6 * S)).1, 4_000);

    assert_eq!(camera.frame(&command(2501, &[]), 7 * S), [Action::StopVideo { by: STATION }]);
    let stopped = camera.video_stopped(8 * S);
    assert_eq!(said(&stopped), [(77, 2501, ACCEPTED), (262, 0, 0)]);
    assert_eq!((capture_status(&stopped).0, capture_status(&stopped).1), (0, 0));
    assert_eq!(said(&camera.frame(&command(2501, &[]), 9 * S)), [(77, 2501, ACCEPTED), (262, 0, 0)]);
}

#[test]
fn a_start_that_is_refused_or_never_settled_is_told() {
    for (refusal, result) in
        [(Refusal::Denied, DENIED), (Refusal::TemporarilyRejected, REJECTED), (Refusal::Failed, FAILED)]
    {
        let mut camera = camera();
        camera.frame(&command(2500, &[]), S);
        assert_eq!(said(&camera.video_refused(refusal, S))[0], (77, 2500, result));
        assert!(!camera.is_recording());
    }

    let mut camera = camera();
    camera.poll(S);
    camera.frame(&command(2500, &[]), S);
    assert_eq!(said(&camera.poll(S + 500 * MS)), [(77, 2500, IN_PROGRESS)]);
    assert!(camera.poll(S + 600 * MS).is_empty());
    let last = camera.poll(S + GIVE_UP_NS);
    assert!(said(&last).contains(&(77, 2500, FAILED)));
    assert!(!said(&camera.poll(S + 2 * GIVE_UP_NS)).iter().any(|(id, ..)| *id == 77));
}

fn asked(actions: &[Action]) -> ImageRequest {
    match actions {
        [Action::Images(request)] => *request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_still_is_asked_of_the_agent_once_told_of_and_told_again() {
    let mut camera = camera();
    let single = command(2000, &[0.0, 0.0, 1.0, 5.0]);
    let request = asked(&camera.frame(&single, S));
    assert!(request.starts() && request.by == STATION);
    let allowed = camera.images_allowed(request, S);
    assert_eq!(allowed.iter().filter(|action| **action == Action::TakeImage).count(), 1);
    assert_eq!(said(&allowed), [(77, 2000, ACCEPTED), (262, 0, 0)]);
    assert_eq!(said(&camera.frame(&single, S + MS)), [(77, 2000, ACCEPTED)], "repeated: no second picture");

    let image = Image {
        taken: true,
        utc_us: 1_777_636_800_000_000,
        camera: Some(Point { lat_deg: 51.5, lon_deg: -0.125, alt_msl_m: 120.25 }),
        file: "stills/000001.jpg.age".into(),
        ..Image::default()
    };
    let captured = |actions: &[Action]| {
        let found = frames(actions).into_iter().find_map(|frame| match frame.message().unwrap().1 {
            MavMessage::CAMERA_IMAGE_CAPTURED(image) => Some(image),
            _ => None,
        });
        found.map(|image| (image.image_index, image.capture_result.bits(), image.time_utc, image.lat, image.alt))
    };
    let told = Some((0, 1, 1_777_636_800_000_000, 515_000_000, 120_250));
    assert_eq!(captured(&camera.image_ended(image, 2 * S)), told);
    assert_eq!(captured(&camera.frame(&command(512, &[263.0, 0.0]), 3 * S)), told, "a station that lost it");
    assert_eq!(said(&camera.frame(&command(512, &[263.0, 1.0]), 3 * S)), [(77, 512, DENIED)]);
    assert_eq!(said(&camera.frame(&command(512, &[263.0, f32::NAN]), 3 * S)), [(77, 512, DENIED)], "which?");
    assert_eq!(captured(&camera.frame(&command(2002, &[0.0]), 3 * S)), told, "by the older command");
    assert_eq!(said(&camera.frame(&command(2002, &[1.0]), 3 * S)), [(77, 2002, DENIED)]);

    let request = asked(&camera.frame(&command(2000, &[0.0, 0.0, 1.0, 6.0]), 4 * S));
    camera.images_allowed(request, 4 * S);
    let failed = camera.image_ended(Image::default(), 5 * S);
    assert_eq!(captured(&failed).map(|(index, taken, ..)| (index, taken)), Some((-1, 0)), "and one that failed");
    assert_eq!(said(&failed).iter().map(|(id, ..)| *id).collect::<Vec<_>>(), [263, 262, 253]);
    assert_eq!(said(&camera.frame(&command(512, &[263.0, 1.0]), 3 * S)), [(77, 512, DENIED)]);
}

#[test]
fn a_series_goes_on_until_it_is_stopped_and_a_refusal_is_told() {
    let mut camera = camera();
    let request = asked(&camera.frame(&command(2000, &[0.0, 2.0, 0.0]), S));
    assert_eq!(said(&camera.images_refused(request, Refusal::Denied)), [(77, 2000, DENIED)]);
    camera.images_allowed(request, S);
    let takes = |camera: &mut Camera, from: u64| {
        let polls = (0..500).flat_map(|i| camera.poll(from + i * 20 * MS)).collect::<Vec<_>>();
        polls.iter().filter(|action| **action == Action::TakeImage).count()
    };
    assert_eq!(takes(&mut camera, S), 4, "the first was taken at once");
    let another = command_from(Address::new(254, 190), (1, 100), 2000, &[0.0, 0.0, 1.0, 1.0]);
    assert_eq!(frames(&camera.frame(&another, 11 * S))[0].payload().u8(2), REJECTED);
    let stop = asked(&camera.frame(&command(2001, &[]), 11 * S));
    assert!(!stop.starts());
    assert_eq!(said(&camera.images_allowed(stop, 11 * S))[0], (77, 2001, ACCEPTED));
    assert_eq!(takes(&mut camera, 11 * S), 0);
}

#[test]
fn a_camera_without_stills_says_so() {
    let facts = Facts { stills: false, ..facts() };
    let mut camera = Camera::new(CAMERA, facts);
    assert_eq!(said(&camera.frame(&command(2000, &[0.0, 0.0, 1.0]), S)), [(77, 2000, UNSUPPORTED)]);
    assert_eq!(said(&camera.frame(&command(2001, &[]), S)), [(77, 2001, UNSUPPORTED)]);
    assert_eq!(said(&camera.frame(&command(530, &[0.0, 0.0]), S)), [(77, 530, DENIED)]);
    assert_eq!(said(&camera.frame(&command(512, &[263.0]), S)), [(77, 512, UNSUPPORTED)]);
    assert_eq!(said(&camera.frame(&command(2002, &[0.0]), S)), [(77, 2002, UNSUPPORTED)]);
}

#[test]
fn why_nothing_is_formatted_is_said_in_words_that_fit() {
    let actions = camera().frame(&command(526, &[1.0, 1.0]), S);
    let (_, message) = frames(&actions)[1].message().unwrap();
    let MavMessage::STATUSTEXT(said) = message else { panic!("{message:?}") };
    assert_eq!(said.text.to_str().unwrap(), "Format denied: evidence is aboard; hand it over");
}

#[test]
fn many_stations_wait_together_and_not_without_bound() {
    let mut camera = camera();
    let stations = u8::try_from(MAX_WAITING).unwrap() + 1;
    let answers: Vec<_> = (0..stations)
        .map(|i| {
            let from = Address::new(200 + i, 190);
            camera.frame(&command_from(from, (1, 100), 2500, &[]), S)
        })
        .collect();
    assert_eq!(answers[0].len(), 1, "the first asks the agent");
    assert!(answers[1..MAX_WAITING].iter().all(Vec::is_empty), "the others wait with it");
    assert_eq!(frames(&answers[MAX_WAITING])[0].payload().u8(2), REJECTED);
    let settled = frames(&camera.video_started(S));
    assert_eq!(settled.iter().filter(|frame| frame.message_id() == 77).count(), MAX_WAITING);
}

#[test]
fn heartbeat_each_second_and_status_while_recording() {
    let mut camera = camera();
    let count = |camera: &mut Camera, from: u64, id: u32| {
        let polls = (0..500).flat_map(|i| camera.poll(from + i * 20 * MS)).collect::<Vec<_>>();
        frames(&polls).iter().filter(|frame| frame.message_id() == id).count()
    };
    assert_eq!(count(&mut camera, 0, 0), 10);
    assert_eq!(count(&mut camera, 10 * S, 262), 0);
    camera.video_started(20 * S);
    assert_eq!(count(&mut camera, 20 * S, 262), 9);
    camera.frame(&command(511, &[262.0, 100_000.0]), 30 * S);
    assert_eq!(count(&mut camera, 30 * S, 262), 100);
    camera.frame(&command(511, &[262.0, -1.0]), 40 * S);
    assert_eq!(count(&mut camera, 40 * S, 262), 0);
    camera.frame(&command(511, &[262.0, 0.0]), 50 * S);
    assert_eq!(count(&mut camera, 50 * S, 262), 10);
    camera.frame(&command(511, &[271.0, 1.0]), 60 * S);
    assert_eq!(count(&mut camera, 60 * S, 271), 500, "never faster than 50 Hz");
}

#[test]
fn the_heartbeat_is_a_cameras() {
    let frame = frames(&camera().poll(S)).remove(0);
    assert_eq!((frame.system_id(), frame.component_id()), (1, 100));
    let payload = frame.payload();
    assert_eq!((payload.u8(4), payload.u8(5)), (30, 8)); // MAV_TYPE_CAMERA, INVALID
}

#[test]
fn information_says_unknown_where_it_is() {
    let actions = camera().frame(&command(521, &[1.0]), S);
    let (_, message) = frames(&actions)[1].message().unwrap();
    let MavMessage::CAMERA_INFORMATION(information) = message else { panic!("{message:?}") };
    assert!(information.focal_length.is_nan() && information.sensor_size_h.is_nan());
    assert_eq!(&information.model_name, b"a name that is longer than the f");
    assert_eq!(information.flags.bits(), 1 | 2 | 4 | 8 | 16 | 256);
    assert_eq!(information.firmware_version, 0x0003_0201);
}

#[test]
fn streams_are_numbered_from_one_with_their_true_count() {
    let mut camera = camera();
    let actions = camera.frame(&command(2504, &[0.0]), S);
    let streams: Vec<_> = frames(&actions)[1..]
        .iter()
        .map(|frame| match frame.message().unwrap().1 {
            MavMessage::VIDEO_STREAM_INFORMATION(s) => {
                (s.stream_id, s.count, s.flags.bits(), s.uri.to_str().unwrap().to_owned())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(streams[0], (1, 2, 1, "rtsp://127.0.0.1:8554/eo".to_owned()));
    assert_eq!((streams[1].0, streams[1].2), (2, 1 | 2));

    let stop = camera.frame(&command(2503, &[0.0]), S);
    assert_eq!(stop[1..], [Action::StopStreaming(1), Action::StopStreaming(2)]);
    assert_eq!(said(&camera.set_streaming(1, false)), [(270, 0, 0)]);
    assert!(camera.set_streaming(1, false).is_empty() && camera.set_streaming(0, true).is_empty());
    assert_eq!(camera.frame(&command(2502, &[0.0]), S)[1..], [Action::StartStreaming(1)]);
}

#[test]
fn capacity_is_never_zero_and_storage_is_announced_on_change() {
    let mut camera = camera();
    let full = camera.frame(&command(527, &[1.0]), S);
    assert!(capture_status(&full).2 > 0.0);

    let mut storage = Storage { total_mib: 1000.0, used_mib: 0.0, available_mib: 900.0, ready: true };
    assert_eq!(said(&camera.set_storage(storage, S)), [(261, 0, 0)]);
    storage.available_mib = 895.0;
    assert!(camera.set_storage(storage, S).is_empty());
    storage.available_mib = 890.0;
    assert_eq!(said(&camera.set_storage(storage, S)), [(261, 0, 0)]);
    storage.ready = false;
    assert_eq!(said(&camera.set_storage(storage, S)), [(261, 0, 0)]);
    assert!((capture_status(&camera.frame(&command(527, &[1.0]), S)).2 - 890.0).abs() < 1e-3);
}

#[test]
fn the_view_is_given_in_mavlink_units() {
    let mut camera = camera();
    let asked = |camera: &mut Camera| {
        let actions = camera.frame(&command(512, &[271.0]), 1_234 * MS);
        match frames(&actions)[1].message().unwrap().1 {
            MavMessage::CAMERA_FOV_STATUS(status) => status,
            other => panic!("{other:?}"),
        }
    };
    let unknown = asked(&mut camera);
    assert_eq!((unknown.lat_image, unknown.alt_camera), (i32::MAX, i32::MAX));
    assert!(unknown.hfov.is_nan() && unknown.q[0].is_nan());

    camera.set_view(View {
        camera: Some(Point { lat_deg: 51.5, lon_deg: -0.125, alt_msl_m: 120.25 }),
        hfov_deg: Some(60.0),
        ..View::default()
    });
    let known = asked(&mut camera);
    assert_eq!((known.lat_camera, known.lon_camera), (515_000_000, -1_250_000));
    assert_eq!((known.alt_camera, known.time_boot_ms), (120_250, 1_234));
}

#[test]
fn a_command_by_the_dialects_own_encoder_reads_the_same() {
    let data = COMMAND_LONG_DATA {
        param1: 259.0,
        command: vehicle_link::dialect::MavCmd::MAV_CMD_REQUEST_MESSAGE,
        target_system: 1,
        target_component: 100,
        ..Default::default()
    };
    let frame = Encoder::new(255, 190).encode(&MavMessage::COMMAND_LONG(data));
    assert_eq!(said(&camera().frame(&frame, S)), [(77, 512, ACCEPTED), (259, 0, 0)]);
    assert_eq!(frame, command(512, &[259.0]));
}
