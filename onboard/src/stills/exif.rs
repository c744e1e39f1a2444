//! EXIF 2.32 (CIPA DC-008) in a JPEG: where it was taken, when, looking where, and by what. Positions are WGS 84, altitudes above mean
//! sea level, directions from true north.

use std::io::Cursor;

use anyhow::{Context, Result, ensure};
use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Shot;

/// JPEG's start of image.
const SOI: [u8; 2] = [0xFF, 0xD8];
const APP1: [u8; 2] = [0xFF, 0xE1];
const SIGNATURE: &[u8] = b"Exif\0\0";

/// What is written.
pub(super) struct Facts<'a> {
    pub(super) shot: &'a Shot,
    pub(super) sensor: &'a str,
    pub(super) platform: &'a str,
}

/// The JPEG with the facts behind its first marker.
///
/// # Errors
/// When it is no JPEG.
pub(super) fn into_jpeg(jpeg: &[u8], facts: &Facts<'_>) -> Result<Vec<u8>> {
    let rest = jpeg.strip_prefix(&SOI).context("not a JPEG")?;
    let fields = fields(facts)?;
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false)?;
    let tiff = tiff.into_inner();
    let length = u16::try_from(2 + SIGNATURE.len() + tiff.len()).context("EXIF longer than 64 KiB")?;
    Ok([&SOI[..], &APP1, &length.to_be_bytes(), SIGNATURE, &tiff, rest].concat())
}

fn fields(Facts { shot, sensor, platform }: &Facts<'_>) -> Result<Vec<Field>> {
    let at = Timestamp::from_microsecond(shot.utc_us)?.to_zoned(TimeZone::UTC);
    ensure!((1..=9999).contains(&at.year()), "no time that EXIF can say");
    let (date, time) = (at.strftime("%Y:%m:%d").to_string(), at.strftime("%H:%M:%S").to_string());
    let subsec = format!("{:06}", shot.utc_us.rem_euclid(1_000_000));
    let mut fields = vec![
        text(Tag::Make, "Skyseal"),
        text(Tag::Model, &format!("{platform} {sensor}")),
        text(Tag::Software, concat!("skyseal-onboard ", env!("CARGO_PKG_VERSION"))),
        text(Tag::DateTimeOriginal, &format!("{date} {time}")),
        text(Tag::SubSecTimeOriginal, &subsec),
        text(Tag::OffsetTimeOriginal, "+00:00"),
        field(Tag::ExifVersion, Value::Undefined(b"0232".to_vec(), 0)),
        field(Tag::GPSVersionID, Value::Byte(vec![2, 3, 0, 0])),
        text(Tag::GPSDateStamp, &date),
        field(Tag::GPSTimeStamp, Value::Rational(time_of_day(shot.utc_us))),
    ];
    if let Some(camera) = shot.place.camera {
        fields.extend([
            text(Tag::GPSMapDatum, "WGS-84"),
            text(Tag::GPSLatitudeRef, if camera.lat_deg < 0.0 { "S" } else { "N" }),
            field(Tag::GPSLatitude, Value::Rational(degrees(camera.lat_deg))),
            text(Tag::GPSLongitudeRef, if camera.lon_deg < 0.0 { "W" } else { "E" }),
            field(Tag::GPSLongitude, Value::Rational(degrees(camera.lon_deg))),
            // 0: above sea level, 1: below.
            field(Tag::GPSAltitudeRef, Value::Byte(vec![u8::from(camera.alt_msl_m < 0.0)])),
            field(Tag::GPSAltitude, Value::Rational(vec![scaled(camera.alt_msl_m, 1_000)])),
        ]);
    }
    if let Some(attitude) = shot.place.attitude {
        fields.extend([
            text(Tag::GPSImgDirectionRef, "T"),
            field(Tag::GPSImgDirection, Value::Rational(vec![scaled(attitude.yaw_deg.rem_euclid(360.0), 100)])),
        ]);
    }
    Ok(fields)
}

fn field(tag: Tag, value: Value) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value }
}

/// Printable ASCII only, as EXIF wants it.
fn text(tag: Tag, text: &str) -> Field {
    let ascii = text.bytes().filter(|byte| (0x20..0x7F).contains(byte)).collect();
    field(tag, Value::Ascii(vec![ascii]))
}

/// The size of a value as parts of `denom`.
fn scaled(value: f64, denom: u32) -> Rational {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and `as` saturates")]
    let num = (value.abs() * f64::from(denom)).round() as u32;
    Rational { num, denom }
}

/// Degrees, minutes and seconds, these to 0.1 mm on the ground.
fn degrees(deg: f64) -> Vec<Rational> {
    const PER_SECOND: u32 = 100_000;
    const PER_MINUTE: u64 = 60 * PER_SECOND as u64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 180 degrees")]
    let parts = (deg.abs() * 3_600.0 * f64::from(PER_SECOND)).round() as u64;
    let whole = |num: u64, denom| Rational { num: u32::try_from(num).unwrap_or(u32::MAX), denom };
    vec![whole(parts / (60 * PER_MINUTE), 1), whole(parts / PER_MINUTE % 60, 1), whole(parts % PER_MINUTE, PER_SECOND)]
}

/// UTC hours, minutes and seconds.
fn time_of_day(utc_us: i64) -> Vec<Rational> {
    const MINUTE_US: i64 = 60_000_000;
    let whole = |num: i64, denom| Rational { num: u32::try_from(num).unwrap_or(0), denom };
    let day_us = utc_us.rem_euclid(24 * 60 * MINUTE_US);
    vec![whole(day_us / (60 * MINUTE_US), 1), whole(day_us / MINUTE_US % 60, 1), whole(day_us % MINUTE_US, 1_000_000)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stills::Place;
    use mission_profiles::place::Attitude;
    use vehicle_link::camera::Point;

    fn shot(lat_deg: f64, lon_deg: f64, alt_msl_m: f64) -> Shot {
        let attitude = Attitude { yaw_deg: -90.0, pitch_deg: -30.0, roll_deg: 0.0 };
        let camera = Some(Point { lat_deg, lon_deg, alt_msl_m });
        let place = Place { camera, agl_m: Some(30.0), attitude: Some(attitude) };
        Shot { picture: Vec::new().into(), utc_us: 1_777_636_800_123_456, place }
    }

    fn read(shot: &Shot) -> exif::Exif {
        let facts = Facts { shot, sensor: "EO", platform: "SKY-1" };
        let jpeg = into_jpeg(&[0xFF, 0xD8, 0xFF, 0xD9], &facts).unwrap();
        exif::Reader::new().read_from_container(&mut Cursor::new(jpeg)).unwrap()
    }

    fn shown(exif: &exif::Exif, tag: Tag) -> String {
        exif.get_field(tag, In::PRIMARY).unwrap().display_value().to_string()
    }

    #[test]
    fn it_says_where_when_whither_and_by_what() {
        let read = read(&shot(51.477_811, -0.001_475, 45.6));
        for (tag, value) in [
            (Tag::GPSLatitude, "51 deg 28 min 40.1196 sec"),
            (Tag::GPSLongitudeRef, "W"),
            (Tag::GPSLongitude, "0 deg 0 min 5.31 sec"),
            (Tag::GPSAltitude, "45.6"),
            (Tag::GPSAltitudeRef, "above sea level"),
            (Tag::GPSImgDirection, "270"),
            (Tag::GPSImgDirectionRef, "true direction"),
            (Tag::GPSTimeStamp, "12:00:00.123456"),
            (Tag::GPSDateStamp, "2026-05-01"),
            (Tag::DateTimeOriginal, "2026-05-01 12:00:00"),
            (Tag::SubSecTimeOriginal, "\"123456\""),
            (Tag::GPSMapDatum, "\"WGS-84\""),
            (Tag::Model, "\"SKY-1 EO\""),
        ] {
            assert_eq!(shown(&read, tag), value, "{tag}");
        }
    }

    #[test]
    fn the_south_the_sea_and_the_unknown() {
        let read_south = read(&shot(-33.999_999_999_9, 151.0, -3.0));
        assert_eq!(shown(&read_south, Tag::GPSLatitude), "34 deg 0 min 0 sec", "no 60 seconds");
        assert_eq!(shown(&read_south, Tag::GPSLatitudeRef), "S");
        assert_eq!(shown(&read_south, Tag::GPSAltitudeRef), "below sea level");
        let nowhere = read(&Shot { place: Place::default(), ..shot(0.0, 0.0, 0.0) });
        assert!(nowhere.get_field(Tag::GPSLatitude, In::PRIMARY).is_none(), "unknown is not zero");
        assert!(nowhere.get_field(Tag::GPSImgDirection, In::PRIMARY).is_none());
        let facts = Facts { shot: &shot(0.0, 0.0, 0.0), sensor: "EO", platform: "SKY-1" };
        assert!(into_jpeg(b"PNG", &facts).is_err());
    }
}
