//! Everything built from the configuration, in the order in which it must exist.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use anyhow::Result;
use flight_record::disk::{Disk as _, LocalDisk};
use flight_record::{ClockSource, StreamName};
use footage::klv::{CoreIdentifier, Quality, Security};
use tokio::sync::mpsc;
use uuid::Uuid;
use vehicle_link::endpoint::Endpoint;
use vehicle_link::hub::{Hub, LinkId, Received, Refusals, Signer};
use vehicle_link::signing::{Key, TimestampFile};

use super::cameras::Cameras;
use super::control::Control;
use super::ending::Ending;
use super::flights::Flights;
use super::inbox::Inbox;
use super::link_loss::LinkLoss;
use super::orders::Orders;
use super::private_view::PrivateView;
use super::radio::Radio;
use super::vehicle::Vehicle;
use super::{Agent, Identity};
use crate::camera::{self, CaptureTime};
use crate::clock::{self, SystemClock};
use crate::config::{Camera, Config, Dock};
use crate::dock;
use crate::dock::gate::Gate;
use crate::dock::holdings::Holdings;
use crate::dock::listed::Listed;
use crate::recorder::notary::Notary;
use crate::recorder::stream::{Equipment, Stream};
use crate::recorder::timebase::{Mapping, TimeBase};
use crate::recorder::tlog::TelemetryLog;
use crate::stills::Stills;
use crate::storage::Reserve;
use crate::telemetry::{History, Lens, Names};
use crate::uplink::Live;
use crate::uplink::outbox::Outbox;

/// Pictures that may wait for a stream's recorder: 10 s at 50 a second.
const QUEUE_PICTURES: usize = 512;
/// Uncertainty of a machine clock that network time keeps.
const NTP_UNCERTAINTY_US: u64 = 100_000;
/// Uncertainty of a machine clock that nobody vouches for.
const RTC_UNCERTAINTY_US: u64 = 5_000_000;
/// systemd-timesyncd touches this when the kernel clock is synchronised.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";

/// What the machine's own clock says at `now_ns`.
pub(super) fn machine_time(now_ns: u64) -> Mapping {
    let since_ns = i64::try_from(clock::mono_ns().saturating_sub(now_ns)).unwrap_or(0);
    let (source, uncertainty_us) = if Path::new(SYNCHRONISED).exists() {
        (ClockSource::Ntp, NTP_UNCERTAINTY_US)
    } else {
        (ClockSource::Rtc, RTC_UNCERTAINTY_US)
    };
    Mapping { mono_ns: now_ns, utc_us: clock::realtime_us() - since_ns / 1_000, source, uncertainty_us }
}

/// Builds the agent and opens its links.
pub(super) async fn assemble(config: Config, config_path: &Path) -> Result<(Agent, mpsc::Receiver<Received>)> {
    let identity = Identity::load(&config, config_path, clock::realtime_us())?;
    if let Err(error) = LocalDisk.create_folder(&config.flights_dir()) {
        // The agent answers and waits: opening a flight tries again.
        tracing::error!(folder = %config.flights_dir().display(), %error, "the folder of the flights cannot be made");
    }
    let now_ns = clock::mono_ns();
    let time = TimeBase::new(machine_time(now_ns));
    let history = Arc::new(Mutex::new(History::default()));
    let storage_used = Arc::new(AtomicU64::new(0));
    let ending = Arc::new(AtomicBool::new(false));
    let outbox = Outbox::default();
    let listed = Arc::new(Listed::default());
    let (notary, notary_thread) = Notary::start(time.clone(), outbox.clone(), Arc::clone(&listed))?;
    let telemetry = TelemetryLog::start(notary.clone(), time.clone())?;
    let (stills, ended, stills_thread) = Stills::start(notary.clone())?;
    let live = config.live.as_ref().map(Live::start).transpose()?;
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    let mut streams = Vec::new();
    for camera in &config.cameras {
        let stream: StreamName = camera.stream.get_ref().parse()?;
        let kit = Equipment {
            stream: stream.clone(),
            segment_s: config.record.segment_s,
            capture: CaptureTime::new(camera.clock, camera.delay_ms),
            lens: lens(&config, camera),
            names: names(&config, camera, &identity)?,
            history: Arc::clone(&history),
            time: time.clone(),
            notary: notary.clone(),
            telemetry: telemetry.clone(),
            // One live view: the first camera's.
            live: live.clone().filter(|_| streams.is_empty()),
            stills: stills.clone(),
            storage_used: Arc::clone(&storage_used),
        };
        let (sink, pictures) = sync_channel(QUEUE_PICTURES);
        let (handle, thread) = Stream::start(kit, pictures)?;
        threads.push(camera::spawn(camera.clone(), sink, Arc::clone(&ending))?);
        threads.push(thread);
        streams.push((stream, handle));
    }
    threads.extend([stills_thread, notary_thread]);
    let hub = open_links(&config).await?;
    let heard = hub.subscribe();
    let at = time.mapping().stamp(now_ns);
    let private_view = PrivateView::new(live.as_ref(), &identity.device)?;
    let cameras = Cameras::new(&config, live, ended);
    let radio = Radio::new(&config, &identity, outbox);
    let orders = Orders::new(identity.device.public().id(), config.record.authorise);
    let inbox = Inbox::load(identity.device.public().id(), &config.keys.run_dir);
    let certified_utc_us = identity.certificate()?.valid_from_utc_us;
    let flights = Flights::new(&config, identity, notary, telemetry, (stills, streams), at)?;
    let (dock, dock_thread) = start_dock(&config, &flights, listed, &time, &ending)?;
    threads.push(dock_thread);
    let agent = Agent {
        control: Control::new(config.record.clone()),
        link_loss: LinkLoss::new(config.record.on_link_loss),
        vehicle: Vehicle::new(config.mavlink.system_id, history, certified_utc_us),
        reserve: Reserve::new(config.storage.reserve_bytes()),
        config,
        flights,
        hub,
        refusals: Refusals::default(),
        cameras,
        radio,
        orders,
        inbox,
        private_view,
        time,
        storage_used,
        dock,
        telemetry_paused: false,
        disk_read_only: false,
        last_slow_ns: 0,
        last_clock_record_ns: 0,
        ending,
        threads,
        ending_at: Ending::default(),
        over: false,
    };
    Ok((agent, heard))
}

/// Starts the dock, which waits until the agent tells it that the aircraft is at rest.
fn start_dock(
    config: &Config,
    flights: &Flights,
    listed: Arc<Listed>,
    time: &TimeBase,
    ending: &Arc<AtomicBool>,
) -> Result<(Arc<Holdings>, JoinHandle<()>)> {
    let holdings = Arc::new(Holdings {
        storage_dir: config.storage.dir.clone(),
        device: flights.identity.device.clone(),
        name: flights.identity.certificate()?.name,
        trust: Arc::clone(&flights.identity.trust),
        gate: Arc::new(Gate::default()),
        listed,
        log: flights.device_log(),
        time: time.clone(),
    });
    let listen = config.dock.as_ref().and_then(Dock::address);
    let (_, thread) = dock::start(Arc::clone(&holdings), listen, Arc::clone(ending))?;
    Ok((holdings, thread))
}

async fn open_links(config: &Config) -> Result<Hub> {
    let endpoints: Vec<Endpoint> =
        config.mavlink.endpoints.iter().map(|text| text.get_ref().parse()).collect::<Result<_, _>>()?;
    let clock = Arc::new(SystemClock);
    let hub = match signer(config, &endpoints)? {
        Some(signer) => Hub::open_signed(&endpoints, clock, signer).await?,
        None => Hub::open(&endpoints, clock).await?,
    };
    for (index, endpoint) in endpoints.iter().enumerate() {
        let bound = hub.local_addr(LinkId(index)).map(|address| address.to_string());
        tracing::info!(%endpoint, bound, "link open");
    }
    Ok(hub)
}

/// What signs, on the links that are to; nothing without a key.
fn signer(config: &Config, endpoints: &[Endpoint]) -> Result<Option<Signer>> {
    let Some(key) = &config.mavlink.signing_key else {
        return Ok(None);
    };
    let key = Key::load(key.get_ref())?;
    let file = TimestampFile::new(config.signing_timestamps());
    let utc_us = u64::try_from(clock::realtime_us()).unwrap_or(0);
    let mut signer = Signer::new(key, file, &SystemClock, utc_us);
    if let Err(error) = signer.reserve() {
        // The agent listens and waits: the hub tries again until the disk takes it.
        tracing::error!(%error, source = %error.source, "nothing can be signed, so nothing is said on links that sign");
    }
    let numbered = config.mavlink.endpoints.iter().zip(0..endpoints.len());
    let signed = numbered.filter(|(text, _)| config.mavlink.signs(text.get_ref())).map(|(_, index)| LinkId(index));
    let signed: Vec<LinkId> = signed.collect();
    tracing::info!(links = ?signed, "frames are signed");
    Ok(Some(signer.on(signed)))
}

fn lens(config: &Config, camera: &Camera) -> Lens {
    Lens {
        hfov_deg: camera.hfov_deg,
        vfov_deg: camera.vfov_deg,
        mount_pitch_deg: camera.mount_pitch_deg,
        ground_msl_m: config.aircraft.ground_elevation_m,
        frame_rate: None,
    }
}

/// Tag 94 wants UUIDs of sensor and platform: made from the device key, so that they last as long as it does.
fn names(config: &Config, camera: &Camera, identity: &Identity) -> Result<Names> {
    let platform = Uuid::new_v5(&Uuid::NAMESPACE_OID, identity.device.public().as_bytes());
    let sensor = Uuid::new_v5(&platform, camera.stream.get_ref().as_bytes());
    let core_identifier = CoreIdentifier {
        sensor: *sensor.as_bytes(),
        sensor_quality: Quality::Physical,
        platform: *platform.as_bytes(),
        platform_quality: Quality::Physical,
    };
    Ok(Names {
        mission: config.aircraft.mission.as_str().into(),
        platform: config.aircraft.name.get_ref().as_str().into(),
        sensor: camera.sensor.as_str().into(),
        core_identifier: Some(core_identifier),
        security: Security::unclassified("GBR"),
    })
}
