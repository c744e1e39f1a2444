//! Latitudes and longitudes as aeronautical texts write them.

use crate::place::Position;

/// A position that is written `52:22:39 N 013:08:15 E`, `29:58.917 N 081:59.533 W`, `572153N 0015835W`, `265644.00N 0500434.00E`,
/// `52.1 N 1.5 E` or `N52:22:39 E013:08:15`, and whether 60 minutes or seconds stood in it. Words after it say nothing of it.
pub(super) fn position(text: &str) -> Option<(Position, bool)> {
    let text = text.trim().to_ascii_uppercase();
    if text.starts_with(['N', 'S']) {
        let split = text.find(['E', 'W'])?;
        let turned = |angle: &str| format!("{}{}", &angle[1..], &angle[..1]);
        return from_angles(&turned(text[..split].trim_end_matches([' ', ','])), &turned(&text[split..]));
    }
    let split = text.find(['N', 'S'])? + 1;
    let end = split + text[split..].find(['E', 'W'])? + 1;
    // A second position is no word.
    if text[end..].contains(':') {
        return None;
    }
    from_angles(&text[..split], text[split..end].trim_start_matches([' ', ',', ';']))
}

fn from_angles(lat: &str, lon: &str) -> Option<(Position, bool)> {
    let (lat, sixty_lat) = angle(lat, 2)?;
    let (lon, sixty_lon) = angle(lon, 3)?;
    Position::new(lat, lon).map(|position| (position, sixty_lat || sixty_lon))
}

/// Degrees of an angle with its hemisphere last; compact forms have `digits` digits of degrees.
fn angle(text: &str, digits: usize) -> Option<(f64, bool)> {
    let text = text.trim();
    let (number, hemisphere) = text.split_at(text.char_indices().next_back()?.0);
    let sign = match (hemisphere, digits) {
        ("N", 2) | ("E", 3) => 1.0,
        ("S", 2) | ("W", 3) => -1.0,
        _ => return None,
    };
    let number = number.trim();
    let whole = number.find('.').unwrap_or(number.len());
    let parts: Vec<&str> = if number.contains([':', '°', '\'', ' ']) {
        number.split([':', '°', '\'', '"', ' ']).filter(|part| !part.is_empty()).collect()
    } else if whole >= digits + 4 && number.is_ascii() {
        vec![&number[..digits], &number[digits..digits + 2], &number[digits + 2..]]
    } else {
        vec![number]
    };
    let mut degrees = 0.0;
    let mut sixty = false;
    for (part, unit) in parts.iter().zip([1.0, 60.0, 3600.0]) {
        let value: f64 =
            part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))?;
        sixty |= unit > 1.0 && value >= 60.0;
        if unit > 1.0 && value > 60.999 {
            return None;
        }
        degrees += value / unit;
    }
    (!parts.is_empty() && parts.len() <= 3).then_some((sign * degrees, sixty))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(f64, f64)> {
        position(text)
            .map(|(position, _)| ((position.lat_deg * 1e6).round() / 1e6, (position.lon_deg * 1e6).round() / 1e6))
    }

    #[test]
    fn positions_as_files_write_them() {
        assert_eq!(read("52:22:39 N 013:08:15 E"), Some((52.3775, 13.1375)));
        assert_eq!(read("29:58.917 N 081:59.533 W"), Some((29.98195, -81.992_217)));
        assert_eq!(read("572153N 0015835W"), Some((57.364_722, -1.976_389)));
        assert_eq!(read("265644.00N 0500434.00E"), Some((26.945_556, 50.076_111)));
        assert_eq!(read("39:37:52 S  004:13:50 W"), Some((-39.631_111, -4.230_556)));
        assert_eq!(read("52.5 N 1.25 E"), Some((52.5, 1.25)));
        assert_eq!(read("N52:22:39 E013:08:15"), Some((52.3775, 13.1375)));
        assert_eq!(read("52:22.65N,013:08.25E"), Some((52.3775, 13.1375)));
        assert_eq!(read("36:41:00 N 115:56:10 W    c29"), Some((36.683_333, -115.936_111)));
        assert!(position("42:60:57 N 000:60:00 W").is_some_and(|(_, sixty)| sixty));
        for wrong in [
            "45:49:51 N 008:42:",
            "",
            "N E",
            "91:00:00 N 000:00:00 E",
            "10 N 181 E",
            "5é N 1 E",
            "1:2:3:4 N 1 E",
            "52:99:00 N 001:00:00 E",
            "-5 N 3 E",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
