//! ST 0601 packets against the vectors of the standards, packets made by others, and everything that can be wrong.

use footage::klv::{
    Classification, CoreIdentifier, Corner, FrameRate, Imapb, KlvError, Mapped, Quality, RawItem, Security, Special,
    UNIVERSAL_KEY, Uas, checksum,
};

pub(crate) const VALID: &[u8] = include_bytes!("../data/DynamicOnlyMISMMSPacketData.bin");
const WRONG_CHECKSUM: &[u8] = include_bytes!("../data/DynamicConstantMISMMSPacketData.bin");

pub(crate) fn packet(uas: &Uas) -> Vec<u8> {
    let mut out = Vec::new();
    uas.encode(&mut out);
    out
}

/// Items of a packet, read without the code under test: tags to two octets, lengths to three.
fn items(packet: &[u8]) -> Vec<(u32, Vec<u8>)> {
    fn length(rest: &mut &[u8]) -> usize {
        let first = rest[0];
        *rest = &rest[1..];
        let mut value = usize::from(first);
        if first & 0x80 != 0 {
            value = 0;
            for _ in 0..first & 0x7F {
                value = value << 8 | usize::from(rest[0]);
                *rest = &rest[1..];
            }
        }
        value
    }
    let mut rest = &packet[16..];
    let all = length(&mut rest);
    assert_eq!(all, rest.len(), "the length counts everything after it");
    let mut items = Vec::new();
    while !rest.is_empty() {
        let mut tag = u32::from(rest[0] & 0x7F);
        if rest[0] & 0x80 != 0 {
            tag = tag << 7 | u32::from(rest[1]);
            rest = &rest[1..];
        }
        rest = &rest[1..];
        let octets = length(&mut rest);
        items.push((tag, rest[..octets].to_vec()));
        rest = &rest[octets..];
    }
    items
}

fn item(uas: &Uas, tag: u32) -> Option<Vec<u8>> {
    items(&packet(uas)).into_iter().find(|(found, _)| *found == tag).map(|(_, value)| value)
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}

/// A packet around items given as they are, with a right length and checksum.
pub(crate) fn wrap(body: &[u8]) -> Vec<u8> {
    let mut out = UNIVERSAL_KEY.to_vec();
    out.push(0x88);
    out.extend_from_slice(&(body.len() as u64 + 4).to_be_bytes());
    out.extend_from_slice(body);
    out.extend_from_slice(&[1, 2]);
    let sum = checksum(&out);
    out.extend_from_slice(&sum.to_be_bytes());
    out
}

pub(crate) const TIME: [u8; 10] = [2, 8, 0x00, 0x04, 0x59, 0xF4, 0xA6, 0xAA, 0x4A, 0xA8];

pub(crate) type Field = fn(&mut Uas) -> &mut Option<f64>;

/// Tag, value, word, and where the value lives: the examples of ST 0601.
pub(crate) fn number_vectors() -> Vec<(u32, f64, &'static str, Field)> {
    vec![
        (5, 159.974_365, "71C2", |u| &mut u.platform_heading_deg),
        (6, -0.431_525_1, "FD3D", |u| &mut u.platform_pitch_deg),
        (90, -0.431_525_1, "FF62E2F2", |u| &mut u.platform_pitch_deg),
        (7, 3.405_814, "08B8", |u| &mut u.platform_roll_deg),
        (91, 3.405_814, "04D804DF", |u| &mut u.platform_roll_deg),
        (13, 60.176_822_966_978_3, "5595B66D", |u| &mut u.sensor_latitude_deg),
        (14, 128.426_759_042_045, "5B5360C4", |u| &mut u.sensor_longitude_deg),
        (15, 14_190.72, "C221", |u| &mut u.sensor_altitude_msl_m),
        (75, 14_190.72, "C221", |u| &mut u.sensor_height_ellipsoid_m),
        (104, 23_456.24, "2F921E", |u| &mut u.sensor_height_ellipsoid_m),
        (16, 144.5713, "CD9C", |u| &mut u.sensor_fov_horizontal_deg),
        (17, 152.6436, "D917", |u| &mut u.sensor_fov_vertical_deg),
        (18, 160.719_211_474, "724A0A20", |u| &mut u.sensor_relative_azimuth_deg),
        (19, -168.792_324_834, "87F84B86", |u| &mut u.sensor_relative_elevation_deg),
        (20, 176.865_437_691, "7DC55ECE", |u| &mut u.sensor_relative_roll_deg),
        (21, 68_590.983_3, "03830926", |u| &mut u.slant_range_m),
        (22, 722.8199, "1281", |u| &mut u.target_width_m),
        (96, 13_898.546_3, "00D92A", |u| &mut u.target_width_m),
        (23, -10.542_388_633_146_1, "F101A229", |u| &mut u.frame_centre_latitude_deg),
        (24, 29.157_890_122_923, "14BC082B", |u| &mut u.frame_centre_longitude_deg),
        (25, 3_216.037, "34F3", |u| &mut u.frame_centre_elevation_msl_m),
        (35, 235.924, "A7C4", |u| &mut u.wind_direction_deg),
        (36, 69.803_92, "B2", |u| &mut u.wind_speed_mps),
        (51, -61.887_875, "D3FE", |u| &mut u.vertical_speed_mps),
        (56, 140.0, "8C", |u| &mut u.ground_speed_mps),
        (79, 25.497_756_9, "09FB", |u| &mut u.north_velocity_mps),
        (80, 25.497_756_9, "09FB", |u| &mut u.east_velocity_mps),
        (112, 125.0, "1F40", |u| &mut u.course_deg),
        (113, 2_150.0, "05F500", |u| &mut u.height_agl_m),
        (120, 72.0, "4800", |u| &mut u.storage_used_percent),
    ]
}

#[test]
fn every_number_of_the_standard_has_its_word() {
    for (tag, value, word, field) in number_vectors() {
        let mut uas = Uas::default();
        *field(&mut uas) = Some(value);
        assert_eq!(item(&uas, tag).map(|value| hex(&value)).as_deref(), Some(word), "tag {tag}");
        let mut decoded = Uas::decode(&packet(&uas)).unwrap().uas;
        let back = field(&mut decoded).unwrap();
        assert!((back - value).abs() < value.abs().max(1.0) * 1e-2, "tag {tag}: {back} for {value}");
    }
}

#[test]
fn texts_times_and_packs_of_the_standard() {
    let uas = Uas {
        timestamp_us: 1_224_807_209_913_000,
        platform_designation: Some("MQ1-B".into()),
        satellites: Some(7),
        frame_rate: Some(FrameRate { numerator: 30, denominator: 1 }),
        ..Uas::default()
    };
    assert_eq!(hex(&item(&uas, 2).unwrap()), "000459F4A6AA4AA8");
    assert_eq!(hex(&item(&uas, 10).unwrap()), "4D51312D42");
    assert_eq!(hex(&item(&uas, 123).unwrap()), "07");
    assert_eq!(hex(&item(&uas, 127).unwrap()), "1E");
    assert_eq!(hex(&item(&uas, 65).unwrap()), "13");
    let ntsc = Uas { frame_rate: Some(FrameRate { numerator: 30_000, denominator: 1001 }), ..uas };
    assert_eq!(hex(&item(&ntsc, 127).unwrap()), "81EA308769");
    assert_eq!(Uas::decode(&packet(&ntsc)).unwrap().uas, ntsc);
}

#[test]
fn leap_seconds_take_as_few_octets_as_hold_them() {
    for (seconds, word) in [(0, "00"), (37, "25"), (-1, "FF"), (128, "0080"), (-129, "FF7F"), (i32::MIN, "80000000")] {
        let uas = Uas { leap_seconds: Some(seconds), ..Uas::default() };
        assert_eq!(hex(&item(&uas, 136).unwrap()), word);
        assert_eq!(Uas::decode(&packet(&uas)).unwrap().uas.leap_seconds, Some(seconds));
    }
}

#[test]
fn security_set_of_unclassified_footage() {
    let uas = Uas { security: Some(Security::unclassified("GBR")), ..Uas::default() };
    assert_eq!(hex(&item(&uas, 48).unwrap()), "01010102010E03052F2F4742520C010E0D060047004200521602000C");
    assert_eq!(Uas::decode(&packet(&uas)).unwrap().uas.security, uas.security);
}

#[test]
fn core_identifier_has_usage_and_both_uuids() {
    let core = CoreIdentifier {
        sensor: [0x11; 16],
        sensor_quality: Quality::Physical,
        platform: [0x22; 16],
        platform_quality: Quality::Virtual,
    };
    let uas = Uas { core_identifier: Some(core), ..Uas::default() };
    let value = item(&uas, 94).unwrap();
    assert_eq!(value[..2], [0x01, 0x70]);
    assert_eq!(value.len(), 34);
    assert_eq!(Uas::decode(&packet(&uas)).unwrap().uas.core_identifier, Some(core));
}

#[test]
fn corners_are_written_as_offsets_and_in_full() {
    let corner = |latitude_deg, longitude_deg| Corner { latitude_deg, longitude_deg };
    let uas = Uas {
        frame_centre_latitude_deg: Some(10.0),
        frame_centre_longitude_deg: Some(20.0),
        corners: Some([corner(10.013_660_254, 20.003), corner(9.0, 20.0), corner(9.99, 19.99), Corner::OFF_EARTH]),
        ..Uas::default()
    };
    // One degree from the centre is beyond the offsets' reach, but not beyond the full corner's.
    assert_eq!(item(&uas, 26), None);
    let near = Uas { corners: Some([corner(10.013_660_254, 20.003); 4]), ..uas.clone() };
    assert_eq!(hex(&item(&near, 26).unwrap()), "1750");
    assert_eq!(hex(&item(&near, 32).unwrap()), "1750");
    assert_eq!(hex(&item(&uas, 84).unwrap()), "0CCCCCCD");
    assert_eq!(hex(&item(&uas, 88).unwrap()), "80000000");
    let corners = Uas::decode(&packet(&uas)).unwrap().uas.corners.unwrap();
    assert!((corners[0].latitude_deg - 10.013_660_254).abs() < 1e-7);
    assert!((corners[1].latitude_deg - 9.0).abs() < 1e-7);
    assert!(corners[3].latitude_deg.is_nan() && corners[3].longitude_deg.is_nan());
}

#[test]
fn corners_given_as_offsets_only_are_placed_around_the_centre() {
    let mut body = TIME.to_vec();
    for tag in 26..34 {
        body.extend_from_slice(&[tag, 2, 0x17, 0x50]);
    }
    // The centre may come after them.
    body.extend_from_slice(&[23, 4, 0, 0, 0, 0, 24, 4, 0, 0, 0, 0]);
    let corners = Uas::decode(&wrap(&body)).unwrap().uas.corners.unwrap();
    assert!(corners.iter().all(|corner| (corner.latitude_deg - 0.013_660_2).abs() < 1e-5));
}

#[test]
fn unknown_values_take_the_error_value_or_are_left_out() {
    let uas = Uas {
        platform_heading_deg: Some(f64::NAN),
        platform_pitch_deg: Some(-35.0),
        sensor_latitude_deg: Some(f64::NAN),
        sensor_altitude_msl_m: Some(30_000.0),
        height_agl_m: Some(f64::NAN),
        storage_used_percent: Some(101.0),
        course_deg: Some(f64::INFINITY),
        target_width_m: Some(20_000.0),
        ..Uas::default()
    };
    assert_eq!(item(&uas, 5), None);
    assert_eq!(item(&uas, 6), None);
    assert_eq!(hex(&item(&uas, 90).unwrap()), "CE38E38F");
    assert_eq!(hex(&item(&uas, 13).unwrap()), "80000000");
    assert_eq!(item(&uas, 15), None);
    assert_eq!(hex(&item(&uas, 113).unwrap()), "D00000");
    assert_eq!(hex(&item(&uas, 120).unwrap()), "E100");
    assert_eq!(item(&uas, 22), None);
    let back = Uas::decode(&packet(&uas)).unwrap().uas;
    assert!((back.platform_pitch_deg.unwrap() + 35.0).abs() < 1e-6);
    assert!(back.sensor_latitude_deg.unwrap().is_nan());
    assert!(back.height_agl_m.unwrap().is_nan());
    assert_eq!(back.storage_used_percent, Some(100.0));
}

#[test]
fn directions_are_turned_into_the_circle() {
    let uas = Uas { platform_heading_deg: Some(-90.0), course_deg: Some(725.0), ..Uas::default() };
    let back = Uas::decode(&packet(&uas)).unwrap().uas;
    assert!((back.platform_heading_deg.unwrap() - 270.0).abs() < 0.01);
    assert!((back.course_deg.unwrap() - 5.0).abs() < 0.02);
}

#[test]
fn long_texts_are_cut_at_a_character() {
    let uas = Uas { mission_id: Some("ü".repeat(100).into()), image_source_sensor: Some("".into()), ..Uas::default() };
    assert_eq!(item(&uas, 3).unwrap(), "ü".repeat(63).as_bytes());
    assert_eq!(item(&uas, 11), None);
}

#[test]
fn time_comes_first_version_and_checksum_last_and_lengths_are_minimal() {
    let small = packet(&Uas::default());
    assert_eq!(hex(&small[16..18]), "1102");
    let tags: Vec<u32> = items(&packet(&full())).iter().map(|(tag, _)| *tag).collect();
    assert_eq!((tags[0], tags[tags.len() - 2], tags[tags.len() - 1]), (2, 65, 1));
    let long = packet(&full());
    assert_eq!(long[16], 0x82);
    assert_eq!(usize::from(u16::from_be_bytes([long[17], long[18]])), long.len() - 19);
}

#[test]
fn imapb_specials() {
    let map = Imapb::new(2, -1000.0, 1000.0);
    for (value, word, meaning) in [
        (f64::INFINITY, 0xC800, Special::PositiveInfinity),
        (f64::NEG_INFINITY, 0xE800, Special::NegativeInfinity),
        (f64::NAN, 0xD000, Special::NotANumber),
        (-1000.1, 0xE000, Special::BelowMinimum),
        (1000.1, 0xE100, Special::AboveMaximum),
    ] {
        assert_eq!(map.encode(value), word);
        assert_eq!(map.decode(&word.to_be_bytes()[6..]), Some(Mapped::Special(meaning)));
    }
    for reserved in [[0xE0, 0x01], [0x80, 0x01], [0xC0, 0x00]] {
        assert_eq!(map.decode(&reserved), Some(Mapped::Special(Special::Reserved)));
    }
    assert_eq!(map.decode(&map.encode(0.0).to_be_bytes()[6..]), Some(Mapped::Value(0.0)), "zero is exact");
    assert_eq!(map.decode(&[]), None);
    assert_eq!(map.decode(&[0; 9]), None);
}

#[test]
fn a_packet_made_by_others_is_read() {
    let decoded = Uas::decode(VALID).unwrap();
    assert_eq!(decoded.length, VALID.len());
    assert_eq!(decoded.version, Some(6));
    assert!(decoded.others.is_empty());
    let uas = decoded.uas;
    assert_eq!(uas.timestamp_us, 1_231_798_102_000_000);
    assert!((uas.platform_heading_deg.unwrap() - 159.974_365).abs() < 1e-6);
    assert!((uas.sensor_latitude_deg.unwrap() - 60.176_822_967).abs() < 1e-9);
    assert!((uas.target_width_m.unwrap() - 722.819_867).abs() < 1e-6);
    assert_eq!(uas.missing_minimum_set(), [3, 10, 11, 12, 48, 94]);
}

#[test]
fn the_widely_quoted_packet_has_a_wrong_checksum() {
    let found = u16::from_be_bytes([WRONG_CHECKSUM[226], WRONG_CHECKSUM[227]]);
    let computed = checksum(&WRONG_CHECKSUM[..226]);
    assert_ne!(found, computed);
    assert_eq!(Uas::decode(WRONG_CHECKSUM), Err(KlvError::Checksum { found, computed }));
    let mut mended = WRONG_CHECKSUM.to_vec();
    mended[226..].copy_from_slice(&computed.to_be_bytes());
    let uas = Uas::decode(&mended).unwrap().uas;
    assert_eq!(uas.mission_id.as_deref(), Some("Mission 12"));
    assert_eq!(uas.image_coordinate_system.as_deref(), Some("Geodetic WGS84"));
    let security = uas.security.as_ref().unwrap();
    assert_eq!(security.classification, Classification::Unclassified);
    assert_eq!((&*security.classifying_country, &*security.object_countries), ("USA", "USA"));
    assert_eq!(uas.core_identifier.unwrap().sensor_quality, Quality::Physical);
    assert_eq!(uas.missing_minimum_set(), [0_u8; 0]);
}

#[test]
fn what_is_wrong_is_said() {
    let whole = packet(&full());
    assert_eq!(Uas::decode(&[]), Err(KlvError::Truncated { at: 0, missing: 16 }));
    for end in 16..whole.len() {
        assert!(matches!(Uas::decode(&whole[..end]), Err(KlvError::Truncated { .. })), "cut at {end}");
    }
    let mut other = whole;
    other[13] = 1;
    assert_eq!(Uas::decode(&other), Err(KlvError::Key));
    assert_eq!(Uas::decode(&wrap(&[3, 1, 65])), Err(KlvError::Timestamp));
    assert_eq!(Uas::decode(&wrap(&[])), Err(KlvError::Timestamp));
    assert_eq!(Uas::decode(&wrap(&[2, 4, 0, 0, 0, 0])), Err(KlvError::Timestamp));
    let no_checksum = [&UNIVERSAL_KEY[..], &[10], &TIME].concat();
    assert_eq!(Uas::decode(&no_checksum), Err(KlvError::ChecksumMissing));
    // An item that claims more than the packet holds.
    let body = [&TIME[..], &[5, 40, 0, 0]].concat();
    assert!(matches!(Uas::decode(&wrap(&body)), Err(KlvError::Truncated { .. })));
}

#[test]
fn what_we_do_not_know_is_kept() {
    let body = [&TIME[..], &[5, 3, 1, 2, 3], &[0x81, 0x03, 1, 9], &[13, 0]].concat();
    let decoded = Uas::decode(&wrap(&body)).unwrap();
    let raw = |tag, value: &[u8]| RawItem { tag, value: value.to_vec() };
    assert_eq!(decoded.others, [raw(5, &[1, 2, 3]), raw(131, &[9])]);
    assert_eq!(decoded.uas.sensor_latitude_deg, None, "no length: not known");
}

#[test]
fn the_minimum_set_is_whole_when_everything_is_known() {
    assert_eq!(full().missing_minimum_set(), [0_u8; 0]);
    assert_eq!(
        Uas::default().missing_minimum_set(),
        [3, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 48, 94]
    );
    let unknown = Uas { sensor_latitude_deg: Some(f64::NAN), slant_range_m: Some(f64::NAN), ..full() };
    assert_eq!(unknown.missing_minimum_set(), [21], "latitude has an error value, slant range has none");
}

/// A state in which everything is known.
pub(crate) fn full() -> Uas {
    let mut uas = Uas {
        timestamp_us: 1_780_315_200_000_000,
        mission_id: Some("EXERCISE 1".into()),
        platform_designation: Some("Multirotor".into()),
        image_source_sensor: Some("EO".into()),
        image_coordinate_system: Some("Geodetic WGS84".into()),
        security: Some(Security::unclassified("GBR")),
        core_identifier: Some(CoreIdentifier {
            sensor: [0x11; 16],
            sensor_quality: Quality::Physical,
            platform: [0x22; 16],
            platform_quality: Quality::Virtual,
        }),
        corners: Some([Corner { latitude_deg: -10.5, longitude_deg: 29.1 }; 4]),
        satellites: Some(12),
        frame_rate: Some(FrameRate { numerator: 25, denominator: 1 }),
        ..Uas::default()
    };
    for (_, value, _, field) in number_vectors() {
        *field(&mut uas) = Some(value);
    }
    uas
}
