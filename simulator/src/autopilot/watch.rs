//! What the autopilot watches by itself: the ground, the battery, the link, the position, the fence.

use vehicle_link::dialect::FenceBreach;

use super::Autopilot;
use super::mode::Mode;
use super::notice::Notice;
use super::policy::Action;
use crate::vehicle::Vehicle;

/// A receiver may be without a fix for this long before the position counts as lost.
const FIX_GRACE_NS: u64 = 2_000_000_000;
/// How often the fence is looked at.
const FENCE_EVERY_NS: u64 = 100_000_000;

/// What was seen last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watch {
    /// Since when it stands on the ground, s.
    pub(super) on_ground_s: f64,
    /// It has left the ground since it was armed.
    pub(super) has_flown: bool,
    /// How many battery thresholds are passed.
    pub(super) battery_step: usize,
    /// When a ground station was heard last; none while there was no station.
    pub(super) station_ns: Option<u64>,
    /// The station is lost.
    pub(super) station_lost: bool,
    /// When there was a fix last.
    pub(super) fix_ns: u64,
    /// The position is lost.
    pub(super) position_lost: bool,
    /// How the fence is breached.
    pub(super) breach: Option<FenceBreach>,
    /// How often it was, in this flight.
    pub(super) breaches: u16,
    /// When it was last, boot ms.
    pub(super) breached_ms: u32,
    pub(super) fence_due_ns: u64,
}

impl Autopilot {
    pub(super) fn look_around(&mut self, dt_s: f64, vehicle: &Vehicle) {
        self.watch_ground(dt_s, vehicle);
        self.watch_battery(vehicle);
        self.watch_link(vehicle);
        self.watch_position(vehicle);
        self.watch_fence(vehicle);
    }

    /// Disarms after landing, or when nothing came of arming.
    fn watch_ground(&mut self, dt_s: f64, vehicle: &Vehicle) {
        let watch = &mut self.watch;
        if !self.armed || !vehicle.airframe.on_ground() {
            watch.has_flown |= self.armed && -vehicle.airframe.position.z > 0.5;
            watch.on_ground_s = 0.0;
            return;
        }
        watch.on_ground_s += dt_s;
        let (landed, idle) = (self.policy.disarm_landed_s, self.policy.disarm_idle_s);
        let landing = matches!(self.mode, Mode::Land | Mode::Return);
        if watch.has_flown && landing && landed >= 0.0 && watch.on_ground_s > landed {
            self.tell(Notice::LandingDetected);
            self.disarm(Notice::DisarmedLanded);
        } else if idle > 0.0 && watch.on_ground_s > idle {
            self.disarm(Notice::DisarmedIdle);
        }
    }

    fn watch_battery(&mut self, vehicle: &Vehicle) {
        let left = vehicle.battery.remaining();
        let step = self.policy.battery.iter().rposition(|threshold| left < threshold.below).map_or(0, |at| at + 1);
        if step <= self.watch.battery_step || !self.armed {
            return;
        }
        self.watch.battery_step = step;
        self.tell([Notice::BatteryLow, Notice::BatteryCritical, Notice::BatteryEmergency][step - 1]);
        self.act(self.policy.battery[step - 1].action, vehicle);
    }

    fn watch_link(&mut self, vehicle: &Vehicle) {
        let Some(heard_ns) = self.watch.station_ns else { return };
        #[expect(clippy::cast_precision_loss, reason = "seconds of a flight")]
        let silent_s = self.now_ns.saturating_sub(heard_ns) as f64 * 1e-9;
        let lost = silent_s > self.policy.link_timeout_s;
        if lost == self.watch.station_lost || self.policy.link == Action::None {
            return;
        }
        self.watch.station_lost = lost;
        if !lost {
            self.tell(Notice::LinkRegained);
        } else if self.armed {
            self.tell(Notice::LinkLost);
            self.act(self.policy.link, vehicle);
        }
    }

    fn watch_position(&mut self, vehicle: &Vehicle) {
        if vehicle.gnss.has_fix() {
            self.watch.fix_ns = self.now_ns;
            if std::mem::take(&mut self.watch.position_lost) {
                self.tell(Notice::GnssRegained);
            }
        } else if !self.watch.position_lost && self.now_ns > self.watch.fix_ns + FIX_GRACE_NS {
            self.watch.position_lost = true;
            self.tell(Notice::GnssLost);
            self.act(self.policy.gnss, vehicle);
        }
    }

    fn watch_fence(&mut self, vehicle: &Vehicle) {
        if self.now_ns < self.watch.fence_due_ns {
            return;
        }
        self.watch.fence_due_ns = self.now_ns + FENCE_EVERY_NS;
        let breach = self.fence_breach(vehicle).filter(|_| self.armed);
        let before = std::mem::replace(&mut self.watch.breach, breach);
        match (before, breach) {
            (None, Some(_)) => {
                self.watch.breaches = self.watch.breaches.saturating_add(1);
                self.watch.breached_ms = self.boot_ms();
                if self.policy.fence.action != Action::None {
                    self.tell(Notice::FenceBreached);
                    self.act(self.policy.fence.action, vehicle);
                }
            }
            (Some(_), None) if self.armed => self.tell(Notice::FenceCleared),
            _ => {}
        }
    }

    /// How the place where it believes to be is beyond the fence.
    pub(super) fn fence_breach(&self, vehicle: &Vehicle) -> Option<FenceBreach> {
        let policy = &self.policy.fence;
        policy.enabled.then(|| self.fence.breach(Self::believed(vehicle), self.flight.home, policy)).flatten()
    }

    /// Carries out a failsafe's action, unless what is flown is already safer.
    fn act(&mut self, action: Action, vehicle: &Vehicle) {
        let flying = self.armed && !vehicle.airframe.on_ground();
        if !flying {
            return;
        }
        match action {
            Action::None | Action::Warn => {}
            Action::Hold if matches!(self.mode, Mode::Land | Mode::Return | Mode::Hold | Mode::Brake) => {}
            Action::Hold => self.set_mode(self.stop_mode(), vehicle),
            // A return needs a position.
            Action::Return if self.watch.position_lost => self.act(Action::Land, vehicle),
            Action::Return if matches!(self.mode, Mode::Land | Mode::Return) => {}
            Action::Return => self.set_mode(Mode::Return, vehicle),
            Action::Land if self.mode == Mode::Land => {}
            Action::Land => self.set_mode(Mode::Land, vehicle),
            Action::Terminate | Action::Disarm => self.disarm(Notice::Disarmed),
        }
    }
}
