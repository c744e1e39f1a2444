//! The satellite receiver.

use vehicle_link::frames::Frame;

use super::said::Said;

const GPS_RAW_INT: u32 = 24;

/// GPS_RAW_INT.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gnss {
    /// GPS_FIX_TYPE.
    pub(crate) fix: u8,
    /// Satellites used; `None` unknown.
    pub(crate) satellites: Option<u8>,
    /// Half-width of the horizontal position, metres, as the receiver claims.
    pub(crate) accuracy_m: Option<f64>,
    /// Dilution of the horizontal position.
    pub(crate) hdop: Option<f64>,
}

impl Gnss {
    /// A position with a height.
    pub(crate) fn is_good(self) -> bool {
        self.fix >= 3
    }

    /// The fix in words.
    pub(crate) fn fix_name(self) -> &'static str {
        match self.fix {
            0 => "no receiver",
            1 => "no fix",
            2 => "2D fix",
            3 => "3D fix",
            4 => "3D, corrected",
            5 => "RTK float",
            6 => "RTK fixed",
            7 => "fixed base",
            8 => "PPP",
            _ => "fix of a new kind",
        }
    }
}

/// What the vehicle says of its receiver.
#[derive(Debug)]
pub(crate) struct Receiver(Said<Gnss>);

impl Default for Receiver {
    fn default() -> Self {
        Self(Said::for_seconds(5))
    }
}

impl Receiver {
    pub(super) fn hear(&mut self, frame: &Frame, now_ns: u64) {
        if frame.message_id() != GPS_RAW_INT {
            return;
        }
        let payload = frame.payload();
        let (eph, satellites, accuracy_mm) = (payload.u16(20), payload.u8(29), payload.u32(34));
        let gnss = Gnss {
            fix: payload.u8(28),
            satellites: (satellites != u8::MAX).then_some(satellites),
            // An extension: 0 where the message is older than it.
            accuracy_m: (accuracy_mm > 0 && accuracy_mm != u32::MAX).then(|| f64::from(accuracy_mm) / 1e3),
            hdop: (eph != u16::MAX).then(|| f64::from(eph) / 100.0),
        };
        self.0.say(gnss, now_ns);
    }

    /// The receiver now.
    pub(crate) fn now(&self, now_ns: u64) -> Option<Gnss> {
        self.0.now(now_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::frame;
    use super::*;

    #[test]
    fn unknown_fields_are_unknown() {
        let mut receiver = Receiver::default();
        let mut payload = [0; 52];
        payload[20..22].copy_from_slice(&u16::MAX.to_le_bytes());
        (payload[28], payload[29]) = (1, 255);
        receiver.hear(&frame(GPS_RAW_INT, &payload), 0);
        let none = Gnss { fix: 1, satellites: None, accuracy_m: None, hdop: None };
        assert_eq!((receiver.now(0), none.is_good(), none.fix_name()), (Some(none), false, "no fix"));
        payload[20..22].copy_from_slice(&85_u16.to_le_bytes());
        (payload[28], payload[29]) = (6, 21);
        payload[34..38].copy_from_slice(&14_u32.to_le_bytes());
        receiver.hear(&frame(GPS_RAW_INT, &payload), 1);
        let good = receiver.now(1).unwrap();
        assert_eq!(good, Gnss { fix: 6, satellites: Some(21), accuracy_m: Some(0.014), hdop: Some(0.85) });
        assert!(good.is_good());
        assert_eq!(receiver.now(5_000_000_002), None);
    }
}
