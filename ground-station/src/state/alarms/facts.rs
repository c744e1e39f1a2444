//! The values that the table judges. Whoever gathers them says `None` for what is not known: nothing is alarmed of it.

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
