//! Which messages go out by themselves, and how often.

use super::personality::Personality;

/// A message's id on the wire.
pub type MessageId = u32;

/// Rates a vehicle starts with: message id and interval in milliseconds, all multiples of the physics step so that a sample is taken
/// exactly at the boot time it carries.
const DEFAULTS_MS: &[(MessageId, u64)] = &[
    (0, 1000),   // HEARTBEAT
    (1, 500),    // SYS_STATUS
    (2, 500),    // SYSTEM_TIME
    (24, 200),   // GPS_RAW_INT
    (30, 20),    // ATTITUDE
    (31, 20),    // ATTITUDE_QUATERNION
    (33, 40),    // GLOBAL_POSITION_INT
    (32, 200),   // LOCAL_POSITION_NED
    (42, 1000),  // MISSION_CURRENT
    (62, 500),   // NAV_CONTROLLER_OUTPUT
    (74, 200),   // VFR_HUD
    (141, 200),  // ALTITUDE
    (147, 1000), // BATTERY_STATUS
    (162, 1000), // FENCE_STATUS
    (242, 1000), // HOME_POSITION
    (245, 500),  // EXTENDED_SYS_STATE
    (281, 1000), // GIMBAL_MANAGER_STATUS
    (360, 500),  // ORBIT_EXECUTION_STATUS, while it is flown
    (436, 2000), // CURRENT_MODE
    (285, 20),   // GIMBAL_DEVICE_ATTITUDE_STATUS
];

/// What only PX4 sends.
const PX4_MS: &[(MessageId, u64)] = &[
    (230, 1000), // ESTIMATOR_STATUS
    (231, 1000), // WIND_COV
];

/// What only ArduPilot sends, as often as its own simulation does.
const ARDUPILOT_MS: &[(MessageId, u64)] = &[
    (168, 1000), // WIND
    (193, 1000), // EKF_STATUS_REPORT
];

/// Shortest interval a peer may ask for.
const SHORTEST_NS: u64 = 4_000_000;

#[derive(Clone, Copy, Debug)]
struct Stream {
    id: MessageId,
    interval_ns: u64,
    due_ns: u64,
}

/// The schedule. At most one entry for each message the vehicle can send.
#[derive(Clone, Debug)]
pub struct Streams {
    personality: Personality,
    streams: Vec<Stream>,
}

fn defaults_ms(personality: Personality) -> impl Iterator<Item = (MessageId, u64)> {
    let own = match personality {
        Personality::Px4 => PX4_MS,
        Personality::Ardupilot => ARDUPILOT_MS,
    };
    DEFAULTS_MS.iter().chain(own).copied()
}

impl Streams {
    /// What an autopilot of this kind sends from boot on.
    #[must_use]
    pub fn new(personality: Personality) -> Self {
        let stream = |(id, ms)| Stream { id, interval_ns: ms * 1_000_000, due_ns: 0 };
        Self { personality, streams: defaults_ms(personality).map(stream).collect() }
    }

    /// Messages due at `now_ns`.
    pub fn due(&mut self, now_ns: u64) -> impl Iterator<Item = MessageId> {
        self.streams.iter_mut().filter(move |s| s.interval_ns > 0 && now_ns >= s.due_ns).map(move |s| {
            s.due_ns = (now_ns / s.interval_ns + 1) * s.interval_ns;
            s.id
        })
    }

    /// Interval of a message, µs as MAVLink's MESSAGE_INTERVAL has it: −1 not sent.
    #[must_use]
    pub fn interval_us(&self, id: MessageId) -> i32 {
        let found = self.streams.iter().find(|s| s.id == id && s.interval_ns > 0);
        found.map_or(-1, |s| i32::try_from(s.interval_ns / 1000).unwrap_or(i32::MAX))
    }

    /// Sets a message's interval: 0 the default, negative never.
    pub fn set(&mut self, id: MessageId, interval_us: f64, now_ns: u64) {
        let default_ns = defaults_ms(self.personality).find(|d| d.0 == id).map_or(0, |d| d.1 * 1_000_000);
        let interval_ns = if interval_us == 0.0 {
            default_ns
        } else if interval_us < 0.0 {
            0
        } else {
            let asked = u64::from(super::fixed_point::u32_of(interval_us)) * 1000;
            // On the physics grid, in whole milliseconds.
            (asked.max(SHORTEST_NS) / crate::vehicle::STEP_NS) * crate::vehicle::STEP_NS
        };
        match self.streams.iter_mut().find(|s| s.id == id) {
            Some(stream) => (stream.interval_ns, stream.due_ns) = (interval_ns, now_ns),
            None => self.streams.push(Stream { id, interval_ns, due_ns: now_ns }),
        }
    }
}
