//! The running simulator: links, clock, camera and world brought together.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use vehicle_link::Clock;
use vehicle_link::frames::Encoder;
use vehicle_link::hub::{Hub, LinkId, PeerId, Received, To};

use crate::autopilot::{AUTOPILOT_COMPONENT, Audience, GIMBAL_COMPONENT, Outgoing};
use crate::camera::picture::Painter;
use crate::camera::pipeline::Outlets;
use crate::camera::{Camera, Job, Ticks};
use crate::cli::RunArgs;
use crate::clock::SimClock;
use crate::faults::Troubles;
use crate::scenario::Scenario;
use crate::vehicle::STEP_NS;
use crate::world::{SYSTEM_ID, World};

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
    let mut simulation = Simulation::open(args, scenario, painter, clock).await?;
    let mut received = simulation.hub.subscribe();
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let stop_after_ns = args.exit_after_landing.map(|s| Duration::from_secs_f64(s.clamp(0.0, 1e6)));
    let mut landed_ns = None;
    loop {
        let next_step = clock.instant_of(simulation.world.now_ns() + STEP_NS);
        tokio::select! {
            biased;
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            frame = received.recv() => {
                let Some(frame) = frame else { break };
                simulation.receive(&frame);
            }
            () = tokio::time::sleep_until(next_step.into()) => simulation.advance(),
        }
        if simulation.world.landed() {
            let since = *landed_ns.get_or_insert(simulation.world.now_ns());
            let elapsed = Duration::from_nanos(simulation.world.now_ns() - since);
            if stop_after_ns.is_some_and(|wait| elapsed >= wait) {
                break;
            }
        }
    }
    simulation.close().await;
    Ok(())
}

struct Simulation {
    clock: SimClock,
    world: World,
    hub: Hub,
    autopilot: Encoder,
    gimbal: Encoder,
    camera: Option<Camera>,
    ticks: Ticks,
    scenario: Scenario,
    troubles: Troubles,
    progress_due_ns: u64,
}

impl Simulation {
    async fn open(
        args: &RunArgs,
        scenario: &Scenario,
        painter: Option<Painter>,
        clock: SimClock,
    ) -> anyhow::Result<Self> {
        let world = World::new(scenario, clock.boot_utc_us());
        let hub = Hub::open(&args.mavlink, Arc::new(clock)).await?;
        let address = args.rtsp_address.to_string();
        let outlets = Outlets { address: &address, port: args.rtsp_port, truth: args.truth.as_deref() };
        let camera = painter.map(|painter| Camera::start(scenario, painter, world.map(), clock, outlets));
        let camera = camera.transpose()?;
        for (index, endpoint) in args.mavlink.iter().enumerate() {
            let bound = hub.local_addr(LinkId(index)).map(|a| a.to_string()).unwrap_or_default();
            tracing::info!(%endpoint, bound, "MAVLink");
        }
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
        Ok(Self {
            clock,
            world,
            hub,
            autopilot: Encoder::new(SYSTEM_ID, AUTOPILOT_COMPONENT),
            gimbal: Encoder::new(SYSTEM_ID, GIMBAL_COMPONENT),
            camera,
            ticks,
            scenario: scenario.clone(),
            troubles: Troubles::default(),
            progress_due_ns: PROGRESS_EVERY_NS,
        })
    }

    /// Steps the world up to the clock.
    fn advance(&mut self) {
        let now_ns = self.clock.now_ns();
        while self.world.now_ns() + STEP_NS <= now_ns {
            let outgoing = self.world.step();
            self.update_troubles();
            self.take_pictures();
            self.send(outgoing, None);
        }
        if self.world.now_ns() >= self.progress_due_ns {
            self.progress_due_ns += PROGRESS_EVERY_NS;
            self.report();
        }
    }

    fn update_troubles(&mut self) {
        if self.scenario.faults.is_empty() {
            return;
        }
        let troubles = Troubles::at(&self.scenario.faults, self.world.now_ns());
        if troubles == self.troubles {
            return;
        }
        tracing::warn!(?troubles, "faults");
        if let Some(camera) = &self.camera {
            camera.set_open(!troubles.camera_disconnected);
        }
        self.troubles = troubles;
    }

    fn take_pictures(&mut self) {
        let Some(camera) = &self.camera else { return };
        let spec = &self.scenario.camera;
        while let Some((frame, capture_ns)) = self.ticks.due(self.world.now_ns()) {
            if !self.troubles.camera_stalled {
                let size = self.troubles.camera_size.unwrap_or((spec.width, spec.height));
                camera.take(Job { frame, capture_ns, pose: self.world.pose_at(capture_ns), size });
            }
        }
    }

    fn receive(&mut self, received: &Received) {
        if self.troubles.link_silent {
            return;
        }
        // What does not parse is not for this vehicle.
        if let Ok((_, message)) = received.frame.message() {
            let from = (received.frame.system_id(), received.frame.component_id());
            let outgoing = self.world.receive(received.at_mono_ns, from, &message);
            self.send(outgoing, Some(received.peer));
        }
    }

    fn send(&mut self, outgoing: Vec<Outgoing>, asker: Option<PeerId>) {
        for message in outgoing {
            let encoder = if message.component == GIMBAL_COMPONENT { &mut self.gimbal } else { &mut self.autopilot };
            let frame = encoder.encode(&message.message);
            if self.troubles.link_silent {
                continue;
            }
            let to = match (message.audience, asker) {
                (Audience::Asker, Some(peer)) => To::Peer(peer),
                (Audience::Asker | Audience::All, _) => To::All,
            };
            self.hub.send(&frame, to);
        }
    }

    fn report(&self) {
        let (autopilot, vehicle) = (self.world.autopilot(), self.world.vehicle());
        let pictures = self.camera.as_ref().map(Camera::statistics).unwrap_or_default();
        tracing::info!(
            "{:>4.0} s  {}{}  {:.1} m up, {:.0} m out, {:.1} m/s  battery {:.0} %  pictures {} (late {}, missed {}), {} watching, {} MAVLink peers",
            Duration::from_nanos(self.world.now_ns()).as_secs_f64(),
            autopilot.mode().name(),
            if autopilot.armed() { ", armed" } else { "" },
            -vehicle.airframe.position.z,
            vehicle.airframe.position.horizontal_norm(),
            vehicle.airframe.velocity.norm(),
            vehicle.battery.remaining() * 100.0,
            pictures.sent,
            pictures.late,
            pictures.missed,
            pictures.clients,
            self.hub.peers().len(),
        );
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
