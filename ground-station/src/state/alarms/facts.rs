//! The values that the table judges. Whoever gathers them says `None` for what is not known: nothing is alarmed of it.

use super::table::{PERMISSION_S, PERMISSION_SOON_S, SILENT_S, STALE_S, TEXT_S, TURN_S, UNWITNESSED_S};

/// The nearest of the other aircraft, by its place and where it goes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Near {
    /// Callsign or address.
    pub(crate) name: String,
    /// Along the ground.
    pub(crate) distance_m: f64,
    /// Above ours; `None` unknown, which counts as the same height.
    pub(crate) above_m: Option<f64>,
    /// From ours, from true north.
    pub(crate) bearing_deg: f64,
}

/// The permission that ends first of those that this flight needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authorisation {
    /// Its name.
    pub(crate) name: String,
    /// Until it ends; less than 0 when it has ended.
    pub(crate) left_s: i64,
}

/// What is known now.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Facts {
    /// UTC, µs: the time that the log gets.
    pub(crate) utc_us: i64,
    /// A vehicle was heard in this session, and since then seconds of silence.
    pub(crate) vehicle_silent_s: Option<f64>,
    /// It is in the air, or was when it was last heard.
    pub(crate) in_air: bool,
    /// The pilot's radio is received by the vehicle.
    pub(crate) radio_received: Option<bool>,
    /// Its strength, percent.
    pub(crate) radio_percent: Option<f64>,
    /// Since the newest picture, seconds; `None` when no view was ever there.
    pub(crate) picture_age_s: Option<f64>,
    /// REC stopped, or cannot be seen, and nobody ordered it.
    pub(crate) rec_stopped: bool,
    /// It records.
    pub(crate) recording: bool,
    /// Free bytes aboard.
    pub(crate) storage_free_bytes: Option<f64>,
    /// Hours until the storage aboard is full.
    pub(crate) storage_hours: Option<f64>,
    /// The step of this station's clock against its monotonic one that nobody explained, seconds.
    pub(crate) clock_step_s: Option<f64>,
    /// The witness saw the aircraft's key sign two histories: at which head.
    pub(crate) equivocation: Option<u64>,
    /// Since the last segment was cosigned while it records, seconds.
    pub(crate) unwitnessed_s: Option<f64>,
    /// The witness process runs; `None` when it was never wanted.
    pub(crate) witness_runs: Option<bool>,
    /// Another aircraft.
    pub(crate) traffic: Option<Near>,
    /// Until it must turn home to land with the reserve, seconds; less than 0 is late.
    pub(crate) turn_within_s: Option<f64>,
    /// It is on its way home by itself.
    pub(crate) returning: bool,
    /// It does not get home against this wind.
    pub(crate) wind_too_strong: bool,
    /// It is beyond its fence.
    pub(crate) fence_breached: Option<bool>,
    /// What permits this flight.
    pub(crate) authorisation: Option<Authorisation>,
    /// The vehicle's newest text that calls for the pilot (severity 0 to 2): its number, how old it is in seconds, its words.
    pub(crate) emergency_text: Option<(u64, f64, String)>,
    /// This machine's battery, percent; `None` without one.
    pub(crate) station_percent: Option<f64>,
    /// It is being charged.
    pub(crate) station_charging: bool,
}

impl Facts {
    /// Until one of them passes a bound of the table by time alone, seconds; nothing while none does.
    pub(crate) fn until_bound_s(&self) -> Option<f64> {
        let grows = |age_s: Option<f64>, bound_s: f64| age_s.map(|age_s| bound_s - age_s);
        let falls = |left_s: Option<f64>, bound_s: f64| left_s.map(|left_s| left_s - bound_s);
        #[expect(clippy::cast_precision_loss, reason = "seconds of a permission")]
        let [soon, later] = [PERMISSION_SOON_S, PERMISSION_S].map(|seconds| seconds as f64);
        #[expect(clippy::cast_precision_loss, reason = "seconds of a permission")]
        let permission = self.authorisation.as_ref().map(|paper| paper.left_s as f64);
        let times = [
            grows(self.vehicle_silent_s, SILENT_S),
            grows(self.picture_age_s, STALE_S),
            grows(self.unwitnessed_s, UNWITNESSED_S),
            grows(self.emergency_text.as_ref().map(|(_, age_s, _)| *age_s), TEXT_S),
            falls(self.turn_within_s, TURN_S.0),
            falls(self.turn_within_s, 0.0),
            falls(permission, later),
            falls(permission, soon),
            falls(permission, 0.0),
        ];
        // 136 years are no time to wait for, and Duration has its end too.
        times.into_iter().flatten().filter(|s| (0.0..4.3e9).contains(s)).min_by(f64::total_cmp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_bound_is_the_one_that_comes_first_and_is_not_behind() {
        assert_eq!(Facts::default().until_bound_s(), None);
        let facts = Facts {
            vehicle_silent_s: Some(10.0),
            picture_age_s: Some(1.0),
            turn_within_s: Some(130.0),
            authorisation: Some(Authorisation { name: "A".to_owned(), left_s: 301 }),
            ..Facts::default()
        };
        assert_eq!(facts.until_bound_s(), Some(1.0), "the permission is soon over");
        let facts = Facts { authorisation: None, ..facts };
        assert_eq!(facts.until_bound_s(), Some(2.0), "the picture is old");
        assert_eq!(Facts { picture_age_s: Some(4.0), ..facts }.until_bound_s(), Some(10.0));
    }
}
