//! The running simulator: links, clock, camera and world brought together.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use vehicle_link::Clock;
use vehicle_link::endpoint::Endpoint;
use vehicle_link::hub::{Hub, LinkId, Received, SUBSCRIBER_QUEUE};

use crate::camera::picture::Painter;
use crate::camera::pipeline::Outlets;
use crate::camera::{Camera, Job, Ticks};
use crate::cli::RunArgs;
use crate::clock::SimClock;
use crate::control::{self, Asked, Order};
use crate::craft::Craft;
use crate::faults::{Fault, Troubles};
use crate::scenario::Scenario;
use crate::vehicle::STEP_NS;

/// How long clients stay connected after the last picture.
const LAST_PICTURES_LEAVE: Duration = Duration::from_millis(200);
const PROGRESS_EVERY_NS: u64 = 5_000_000_000;

impl Clock for SimClock {
    fn mono_ns(&self) -> u64 {
        self.now_ns()
    }
}

/// Runs until a signal, or until the flight's end where that was asked.
///
/// # Errors
/// A link, the camera or the truth file can not be opened.
pub async fn run(args: &RunArgs, scenario: &Scenario, painter: Option<Painter>, clock: SimClock) -> anyhow::Result<()> {
    let (mut simulation, mut received) = Simulation::open(args, scenario, painter, clock).await?;
    let mut orders = open_control(args).await?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let stop_after_ns = args.exit_after_landing.map(|s| Duration::from_secs_f64(s.clamp(0.0, 1e6)));
    let mut landed_ns = None;
    loop {
        let next_step = clock.instant_of(simulation.now_ns() + STEP_NS);
        tokio::select! {
            biased;
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            Some((order, answer)) = orders.recv() => drop(answer.send(simulation.obey(order))),
            frame = received.recv() => {
                let Some((hub, frame)) = frame else { break };
                simulation.receive(hub, &frame);
            }
            () = tokio::time::sleep_until(next_step.into()) => simulation.advance(),
        }
        if simulation.landed() {
            let since = *landed_ns.get_or_insert(simulation.now_ns());
            let elapsed = Duration::from_nanos(simulation.now_ns() - since);
            if stop_after_ns.is_some_and(|wait| elapsed >= wait) {
                break;
            }
        }
    }
    simulation.close().await;
    Ok(())
}

/// The control port's orders; without one a channel in which nothing comes.
async fn open_control(args: &RunArgs) -> anyhow::Result<mpsc::Receiver<Asked>> {
    let Some(at) = args.control else { return Ok(mpsc::channel(1).1) };
    let (bound, orders) = control::listen(at).await?;
    tracing::info!(%bound, "control");
    Ok(orders)
}

struct Simulation {
    clock: SimClock,
    /// The first has the camera. Each with the number of its hub.
    crafts: Vec<(usize, Craft)>,
    camera: Option<Camera>,
    ticks: Ticks,
    scenario: Scenario,
    troubles: Troubles,
    progress_due_ns: u64,
}

/// A frame and the number of the hub it came through.
type Heard = mpsc::Receiver<(usize, Received)>;

impl Simulation {
    async fn open(
        args: &RunArgs,
        scenario: &Scenario,
        painter: Option<Painter>,
        clock: SimClock,
    ) -> anyhow::Result<(Self, Heard)> {
        let (sender, heard) = mpsc::channel(SUBSCRIBER_QUEUE);
        let shared = open_hub(&args.mavlink, clock, 0, sender.clone()).await?;
        let mut crafts = Vec::new();
        for (number, one) in scenario.fleet().iter().enumerate() {
            let links: Result<Vec<Endpoint>, _> = one.mavlink.iter().map(|text| text.parse()).collect();
            let links = links.with_context(|| format!("the links of vehicle {}", one.system_id))?;
            let (hub, number) = if links.is_empty() {
                (shared.clone(), 0)
            } else {
                (open_hub(&links, clock, number + 1, sender.clone()).await?, number + 1)
            };
            crafts.push((number, Craft::new(one, hub, clock.boot_utc_us())));
        }
        let address = args.rtsp_address.to_string();
        let outlets = Outlets { address: &address, port: args.rtsp_port, truth: args.truth.as_deref() };
        let map = scenario.home.map();
        let camera = painter.map(|painter| Camera::start(scenario, painter, &map, clock, outlets));
        let camera = camera.transpose()?;
        if let Some(camera) = &camera {
            tracing::info!(
                port = camera.port(),
                "camera at rtsp://{address}:{}{}",
                camera.port(),
                crate::camera::server::PATH
            );
        }
        let mut ticks = Ticks::new(scenario.camera.fps);
        // Pictures begin now, not at a boot that getting ready has left behind.
        while ticks.due(clock.now_ns()).is_some() {}
        let scenario = scenario.clone();
        let troubles = Troubles::default();
        let progress_due_ns = PROGRESS_EVERY_NS;
        Ok((Self { clock, crafts, camera, ticks, scenario, troubles, progress_due_ns }, heard))
    }

    /// Time of the vehicles' state.
    fn now_ns(&self) -> u64 {
        self.crafts.first().map_or(0, |(_, craft)| craft.world.now_ns())
    }

    /// Every flight that flies itself is over.
    fn landed(&self) -> bool {
        let mut flights =
            self.crafts.iter().map(|(_, craft)| &craft.world).filter(|world| world.flies_itself()).peekable();
        flights.peek().is_some() && flights.all(|world| world.landed())
    }

    /// Steps the worlds up to the clock.
    fn advance(&mut self) {
        let now_ns = self.clock.now_ns();
        while self.now_ns() + STEP_NS <= now_ns {
            for (_, craft) in &mut self.crafts {
                craft.step();
            }
            self.update_troubles();
            self.take_pictures();
        }
        if self.now_ns() >= self.progress_due_ns {
            self.progress_due_ns += PROGRESS_EVERY_NS;
            self.report();
        }
    }

    /// Notes a change of the first vehicle's faults, and lets its camera go wrong.
    fn update_troubles(&mut self) {
        let Some((_, craft)) = self.crafts.first() else { return };
        if *craft.world.troubles() == self.troubles {
            return;
        }
        let troubles = craft.world.troubles().clone();
        tracing::warn!(?troubles, "faults");
        if let Some(camera) = &self.camera {
            camera.set_open(!troubles.camera_disconnected);
        }
        self.troubles = troubles;
    }

    fn take_pictures(&mut self) {
        let (Some(camera), Some((_, craft))) = (&self.camera, self.crafts.first()) else { return };
        let spec = &self.scenario.camera;
        while let Some((frame, capture_ns)) = self.ticks.due(craft.world.now_ns()) {
            if !self.troubles.camera_stalled {
                let size = self.troubles.camera_size.unwrap_or((spec.width, spec.height));
                camera.take(Job { frame, capture_ns, pose: craft.world.pose_at(capture_ns), size });
            }
        }
    }

    fn receive(&mut self, hub: usize, received: &Received) {
        for (_, craft) in self.crafts.iter_mut().filter(|(number, _)| *number == hub) {
            craft.receive(received.clone());
        }
    }

    /// Carries out a live command.
    fn obey(&mut self, order: Order) -> Result<String, String> {
        match order {
            Order::Status => {
                let crafts: Vec<_> = self.crafts.iter().map(|(_, craft)| craft.status()).collect();
                let now_s = Duration::from_nanos(self.now_ns()).as_secs_f64();
                Ok(serde_json::json!({ "now_s": now_s, "vehicles": crafts }).to_string())
            }
            Order::Clear(id) => {
                self.named(id)?.world.clear_faults();
                Ok("cleared".to_owned())
            }
            Order::Fault(id, text) => {
                let craft = self.named(id)?;
                let now_s = Duration::from_nanos(craft.world.now_ns()).as_secs_f64();
                let fault = Fault::live(&text, now_s)?;
                craft.world.add_fault(fault);
                Ok(format!("{now_s:.3} {fault:?}"))
            }
        }
    }

    fn named(&mut self, id: Option<u8>) -> Result<&mut Craft, String> {
        let found = self.crafts.iter_mut().find(|(_, craft)| id.is_none_or(|id| craft.system_id() == id));
        found.map(|(_, craft)| craft).ok_or_else(|| "no vehicle has this system id".to_owned())
    }

    fn report(&self) {
        let pictures = self.camera.as_ref().map(Camera::statistics).unwrap_or_default();
        for (_, craft) in &self.crafts {
            let (autopilot, vehicle) = (craft.world.autopilot(), craft.world.vehicle());
            tracing::info!(
                "{:>4.0} s  {}{}{}  {:.1} m up, {:.0} m out, {:.1} m/s  battery {:.0} %  pictures {} (late {}, missed {}), {} watching, {} MAVLink peers",
                Duration::from_nanos(craft.world.now_ns()).as_secs_f64(),
                if self.crafts.len() > 1 { format!("vehicle {}: ", craft.system_id()) } else { String::new() },
                autopilot.mode().name(autopilot.personality()),
                if autopilot.armed() { ", armed" } else { "" },
                -vehicle.airframe.position.z,
                vehicle.airframe.position.horizontal_norm(),
                vehicle.airframe.velocity.norm(),
                vehicle.battery.remaining() * 100.0,
                pictures.sent,
                pictures.late,
                pictures.missed,
                pictures.clients,
                craft.peers(),
            );
        }
    }

    async fn close(mut self) {
        let Some(mut camera) = self.camera.take() else {
            return;
        };
        let end = camera.finish();
        tokio::time::sleep(LAST_PICTURES_LEAVE).await;
        tracing::info!(
            taken = end.taken,
            sent = end.sent,
            missed = end.missed,
            late = end.late,
            latest_us = end.latest_us,
            skipped = end.skipped,
            "camera stopped"
        );
    }
}

/// Opens links; what they bring goes on with the hub's number.
async fn open_hub(
    links: &[Endpoint],
    clock: SimClock,
    number: usize,
    sender: mpsc::Sender<(usize, Received)>,
) -> anyhow::Result<Hub> {
    let hub = Hub::open(links, Arc::new(clock)).await?;
    for (index, endpoint) in links.iter().enumerate() {
        let bound = hub.local_addr(LinkId(index)).map(|a| a.to_string()).unwrap_or_default();
        tracing::info!(%endpoint, bound, "MAVLink");
    }
    let mut received = hub.subscribe();
    tokio::spawn(async move {
        while let Some(frame) = received.recv().await {
            if sender.send((number, frame)).await.is_err() {
                return;
            }
        }
    });
    Ok(hub)
}

/// An error with its sources, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
