//! One simulated vehicle: physics, autopilot and operator, stepped together. Pure: the caller says how far to go.

use vehicle_link::dialect::MavMessage;

use crate::autopilot::commands::CommandFaults;
use crate::autopilot::flight::Settings;
use crate::autopilot::transfer::Address;
use crate::autopilot::{Autopilot, Identity, Outgoing};
use crate::director::{Director, mission_items};
use crate::faults::{Fault, Troubles};
use crate::geodesy::Map;
use crate::scenario::Scenario;
use crate::vehicle::{Airframe, Battery, Demand, Gimbal, Gnss, Pose, STEP_NS, Vehicle, Wind};

/// The vehicle and everything that moves it.
#[derive(Clone, Debug)]
pub struct World {
    map: Map,
    vehicle: Vehicle,
    autopilot: Autopilot,
    director: Option<Director>,
    demand: Demand,
    now_ns: u64,
    before: Pose,
    faults: Vec<Fault>,
    troubles: Troubles,
    /// The weather of the scenario, while a fault makes another.
    weather: Option<Wind>,
    seed: u64,
}

impl World {
    /// The scenario's world at boot.
    #[must_use]
    pub fn new(scenario: &Scenario, boot_utc_us: i64) -> Self {
        let home = &scenario.home;
        let map = home.map();
        let vehicle = new_vehicle(scenario);
        let identity = Identity {
            personality: scenario.personality,
            system_id: scenario.system_id,
            boot_utc_us,
            home_msl_m: home.alt_msl_m,
            undulation_m: home.undulation_m,
        };
        let settings = Settings { return_height_m: scenario.flight.return_height_m, ..Settings::default() };
        let mut autopilot = Autopilot::new(identity, map, settings);
        autopilot.load_mission(mission_items(&scenario.flight, &map));
        let before = vehicle.pose();
        let director = Director::new(&scenario.flight);
        Self {
            map,
            vehicle,
            autopilot,
            director,
            demand: Demand::Off,
            now_ns: 0,
            before,
            faults: scenario.faults.clone(),
            troubles: Troubles::default(),
            weather: None,
            seed: scenario.seed,
        }
    }

    /// What is wrong now.
    #[must_use]
    pub fn troubles(&self) -> &Troubles {
        &self.troubles
    }

    /// One more fault; its times are on the boot clock.
    pub fn add_fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Ends every fault. What a reboot or a failed battery has done stays done.
    pub fn clear_faults(&mut self) {
        self.faults.retain(|fault| matches!(fault, Fault::Reboot { .. } | Fault::BatteryFailure { .. }));
    }

    /// Boot time of the vehicle's state.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        self.now_ns
    }

    /// The map.
    #[must_use]
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// The vehicle.
    #[must_use]
    pub fn vehicle(&self) -> &Vehicle {
        &self.vehicle
    }

    /// The autopilot.
    #[must_use]
    pub fn autopilot(&self) -> &Autopilot {
        &self.autopilot
    }

    /// It flies without being told.
    #[must_use]
    pub fn flies_itself(&self) -> bool {
        self.director.is_some()
    }

    /// The scripted flight is over: landed and disarmed.
    #[must_use]
    pub fn landed(&self) -> bool {
        self.director.as_ref().is_some_and(Director::done)
    }

    /// Moves on by one step and returns what there is to send.
    pub fn step(&mut self) -> Vec<Outgoing> {
        self.before = self.vehicle.pose();
        self.go_wrong();
        self.vehicle.step(&self.demand);
        self.now_ns += STEP_NS;
        if let Some(director) = &mut self.director {
            #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a flight")]
            director.step(self.now_ns as f64 * 1e-9, &mut self.autopilot, &self.vehicle);
        }
        self.demand = self.autopilot.step(self.now_ns, &mut self.vehicle);
        self.autopilot.take_outbox()
    }

    /// Brings the vehicle to the faults of this moment.
    fn go_wrong(&mut self) {
        if self.faults.is_empty() && self.troubles == Troubles::default() {
            return;
        }
        let troubles = Troubles::at(&self.faults, self.now_ns);
        if troubles == self.troubles {
            return;
        }
        let before = std::mem::replace(&mut self.troubles, troubles);
        let now = &self.troubles;
        self.vehicle.gnss.interfere(now.gnss_jammed, now.gnss_jump_m, now.gnss_drift_mps);
        if (before.clock_ppm.to_bits(), before.clock_step_us) != (now.clock_ppm.to_bits(), now.clock_step_us) {
            self.autopilot.disturb_clock(now.clock_ppm, now.clock_step_us);
        }
        if now.reboots > before.reboots {
            self.autopilot.reboot();
        }
        if now.battery.0 > before.battery.0 {
            self.vehicle.battery.fail_to(now.battery.1);
        }
        if before.commands != now.commands {
            self.autopilot.set_command_faults(CommandFaults::new(now.commands.clone()));
        }
        if before.wind != now.wind {
            let scenario = self.weather.take().unwrap_or_else(|| self.vehicle.wind.clone());
            self.vehicle.wind = match now.wind {
                Some((speed, from, gust)) => {
                    self.weather = Some(scenario);
                    Wind::new(speed, from, gust, self.seed.wrapping_add(1))
                }
                None => scenario,
            };
        }
    }

    /// Gives the autopilot a message that arrived at `at_ns` on the boot clock, and returns its answers.
    pub fn receive(&mut self, at_ns: u64, from: Address, message: &MavMessage) -> Vec<Outgoing> {
        self.autopilot.handle(at_ns, from, message, &mut self.vehicle);
        self.autopilot.take_outbox()
    }

    /// The true pose at an instant of the last step.
    #[must_use]
    pub fn pose_at(&self, at_ns: u64) -> Pose {
        let into = STEP_NS.saturating_sub(self.now_ns.saturating_sub(at_ns));
        #[expect(clippy::cast_precision_loss, reason = "nanoseconds of one step")]
        self.before.between(&self.vehicle.pose(), into as f64 / STEP_NS as f64)
    }
}

fn new_vehicle(scenario: &Scenario) -> Vehicle {
    let Scenario { seed, home, wind, gnss, airframe, battery, camera, .. } = scenario;
    Vehicle {
        airframe: Airframe::new(
            airframe.mass_kg,
            airframe.drag_area_m2,
            airframe.tilt_limit_deg.to_radians(),
            home.heading_deg.to_radians(),
        ),
        gimbal: Gimbal::new(camera.pitch_deg.to_radians()),
        battery: Battery::new(battery.cells, battery.capacity_wh, battery.charge),
        wind: Wind::new(wind.speed_mps, wind.from_deg, wind.gust_mps, *seed),
        gnss: Gnss::new(gnss.horizontal_sigma_m, gnss.vertical_sigma_m, gnss.correlation_s, *seed),
    }
}
