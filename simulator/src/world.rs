//! One simulated vehicle: physics, autopilot and operator, stepped together. Pure: the caller says how far to go.

use vehicle_link::dialect::MavMessage;

use crate::autopilot::flight::Settings;
use crate::autopilot::transfer::Address;
use crate::autopilot::{Autopilot, Identity, Outgoing};
use crate::director::{Director, mission_items};
use crate::geodesy::Map;
use crate::scenario::Scenario;
use crate::vehicle::{Airframe, Battery, Demand, Gimbal, Gnss, Pose, STEP_NS, Vehicle, Wind};

/// MAVLink system id of the vehicle.
pub const SYSTEM_ID: u8 = 1;

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
}

impl World {
    /// The scenario's world at boot.
    #[must_use]
    pub fn new(scenario: &Scenario, boot_utc_us: i64) -> Self {
        let home = &scenario.home;
        let map = home.map();
        let vehicle = new_vehicle(scenario);
        let identity =
            Identity { system_id: SYSTEM_ID, boot_utc_us, home_msl_m: home.alt_msl_m, undulation_m: home.undulation_m };
        let settings = Settings { return_height_m: scenario.flight.return_height_m, ..Settings::default() };
        let mut autopilot = Autopilot::new(identity, map, settings);
        autopilot.load_mission(mission_items(&scenario.flight, &map));
        let before = vehicle.pose();
        let director = Director::new(&scenario.flight);
        Self { map, vehicle, autopilot, director, demand: Demand::Off, now_ns: 0, before }
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

    /// The scripted flight is over: landed and disarmed.
    #[must_use]
    pub fn landed(&self) -> bool {
        self.director.as_ref().is_some_and(Director::done)
    }

    /// Moves on by one step and returns what there is to send.
    pub fn step(&mut self) -> Vec<Outgoing> {
        self.before = self.vehicle.pose();
        self.vehicle.step(&self.demand);
        self.now_ns += STEP_NS;
        if let Some(director) = &mut self.director {
            #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a flight")]
            director.step(self.now_ns as f64 * 1e-9, &mut self.autopilot, &self.vehicle);
        }
        self.demand = self.autopilot.step(self.now_ns, &mut self.vehicle);
        self.autopilot.take_outbox()
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
