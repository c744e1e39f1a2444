//! A flight as the window hears it, second by second, in a time of its own: the vehicle's frames, the witness's file, this machine.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use egui::accesskit::Role;
use egui::vec2;
use egui_kittest::Harness;
use flight_record::keys::DeviceKey;
use flight_record::note::Checkpoint;
use flight_record::witness::file::{Begin, EntryWriter, Equivocation, Head, Kind};
use flight_record::{ClockSource, FlightId, Sha256, Stamp, tree};
use mission_profiles::authorisation::State;
use vehicle_link::frames::{Body, Encoder};

use crate::airspace::tests::{Unit, now};
use crate::clock;
use crate::state::alarms::Sound;
use crate::state::hud::Beside;
use crate::state::station::{Battery, Clocks, Reading, Sleep};
use crate::state::vehicle::testing::floats;
use crate::tasks::radio::Event;
use crate::ui::theme;
use crate::ui::tokens::Theme;
use crate::video::Picture;
use crate::video::tests::plain;
use crate::window::app::App;
use crate::window::seat::Seat;
use crate::window::settings::Settings;

const SECOND_NS: u64 = 1_000_000_000;
const PATIENCE_NS: u64 = 60_000_000_000;
/// Home; the aircraft hovers 1 km to the north of it.
const HOME_E7: [i32; 2] = [528_550_000, -16_000_000];
const AT_E7: [i32; 2] = [528_640_000, -16_000_000];
/// MAV_SYS_STATUS_SENSOR: the radio receiver, the fence.
const RADIO: u32 = 1 << 16;
const FENCE: u32 = 1 << 20;

/// What the aircraft says of itself in each second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aircraft {
    pub(super) speaks: bool,
    pub(super) flies: bool,
    /// The radio of the sticks: received, and how strong, percent.
    pub(super) radio: (bool, u8),
    pub(super) battery_percent: f64,
    pub(super) battery_falls_percent_s: f64,
    pub(super) beyond_fence: bool,
    pub(super) storage_mib: f32,
    /// Recorded for so long, while it records.
    pub(super) records_ms: Option<u32>,
    /// Its pictures come.
    pub(super) shows: bool,
    /// Another aircraft so far to the north of it, 1e-7 degrees.
    pub(super) traffic_e7: Option<i32>,
}

impl Default for Aircraft {
    fn default() -> Self {
        Self {
            speaks: true,
            flies: true,
            radio: (true, 90),
            battery_percent: 80.0,
            battery_falls_percent_s: 0.02,
            beyond_fence: false,
            storage_mib: 30_000.0,
            records_ms: None,
            shows: true,
            traffic_e7: None,
        }
    }
}

/// The witness's file of a flight.
pub(super) struct Witnessed {
    path: PathBuf,
    writer: EntryWriter,
    tree: tree::Tree,
    flight: FlightId,
}

/// What a screen reader says of a node.
pub(super) fn words_of(node: &egui_kittest::kittest::AccessKitNode<'_>) -> String {
    let words = if node.role() == Role::Label { node.value() } else { node.label() };
    words.unwrap_or_default()
}

/// A window before the sky.
pub(super) struct World {
    pub(super) harness: Harness<'static, App>,
    pub(super) aircraft: Aircraft,
    pub(super) now_ns: u64,
    pub(super) utc_us: i64,
    /// The tones that were asked for.
    pub(super) heard: Receiver<Sound>,
    pub(super) unit: Unit,
    woken: Receiver<()>,
    autopilot: Encoder,
    camera: Encoder,
    receiver: Encoder,
    flights: u8,
}

fn device() -> DeviceKey {
    DeviceKey::from_seed([1; 32])
}

fn station() -> DeviceKey {
    DeviceKey::from_seed([2; 32])
}

/// The file of the key of this seed.
fn write_key(path: &Path, seed: [u8; 32]) {
    let text = format!("{}\n", Sha256(seed));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

impl World {
    /// A unit's station, with its key and its register; nothing is heard yet.
    pub(super) fn new() -> Self {
        let unit = Unit::new();
        let path = unit.path("station.toml");
        write_key(&unit.path("station.key"), [2; 32]);
        let text = "[station]\nplace = \"van 3\"\n[links]\nmavlink = [\"udpin:127.0.0.1:0\"]\naircraft = \"SKY-1\"\n\
             [keys]\nstation = \"station.key\"\n[live]\nview = \"none\"\n[witness]\nstart = false\n\
             [airspace]\nzones = \"zones\"\n[stores]\nfirst = \"first\"\nsecond = \"second\"\n";
        std::fs::write(&path, text).unwrap();
        let (wake, woken) = sync_channel(1);
        let repaint = Arc::new(move || {
            let _ = wake.try_send(());
        });
        let mut app = App::new(Settings::load(&path).unwrap(), None, Some(path), repaint).unwrap();
        // This machine's own battery and clock are not those of the test.
        app.work.health = None;
        let (seat, heard) = Seat::listened();
        app.seat = Some(seat);
        let harness = Harness::builder()
            .with_size(vec2(1440.0, 900.0))
            .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
            .build_ui_state(|ui, app: &mut App| app.draw(ui), app);
        let [autopilot, camera, receiver] = [1, 100, 156].map(|component| Encoder::new(1, component));
        let (now_ns, utc_us) = (clock::mono_ns(), clock::now_utc_us());
        let aircraft = Aircraft::default();
        Self { harness, aircraft, now_ns, utc_us, heard, unit, woken, autopilot, camera, receiver, flights: 0 }
    }

    /// As if it had begun so much earlier.
    pub(super) fn since(mut self, seconds: u32) -> Self {
        self.now_ns -= u64::from(seconds) * SECOND_NS;
        self.utc_us -= i64::from(seconds) * 1_000_000;
        self
    }

    /// In the air for five seconds, with nothing wrong.
    pub(super) fn flying() -> Self {
        let mut world = Self::new();
        world.pass(5);
        assert!(world.app().alarms.standing().is_empty(), "{:?}", world.app().alarms.standing());
        world
    }

    pub(super) fn app(&mut self) -> &mut App {
        self.harness.state_mut()
    }

    /// So many seconds go by.
    pub(super) fn pass(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.speak();
            for _ in 0..4 {
                self.now_ns += SECOND_NS / 4;
                self.utc_us += 250_000;
                self.look();
            }
        }
        self.harness.run_steps(2);
    }

    /// Until it is so, while the aircraft goes on to speak in real time and the window is drawn.
    pub(super) fn live_until(&mut self, what: &str, so: impl Fn(&Harness<'static, App>) -> bool) {
        let until_ns = clock::mono_ns() + PATIENCE_NS;
        while !so(&self.harness) {
            assert!(clock::mono_ns() < until_ns, "{what} never came");
            self.now_ns = self.now_ns.max(clock::mono_ns());
            self.speak();
            self.look();
            self.harness.run_steps(1);
            let _ = self.woken.recv_timeout(Duration::from_millis(20));
        }
    }

    fn look(&mut self) {
        let (now_ns, utc_us) = (self.now_ns, self.utc_us);
        self.app().look(now_ns, utc_us);
    }

    /// Until it is so by what threads have done, or never.
    pub(super) fn until(&mut self, what: &str, so: impl Fn(&App) -> bool) {
        let until_ns = clock::mono_ns() + PATIENCE_NS;
        self.look();
        while !so(self.harness.state()) {
            assert!(clock::mono_ns() < until_ns, "{what} never came");
            let _ = self.woken.recv_timeout(Duration::from_millis(50));
            self.look();
        }
    }

    /// A frame comes over the radio.
    fn say(&mut self, from: fn(&mut Self) -> &mut Encoder, id: u32, payload: &[u8]) {
        let frame = from(self).encode_body(&Body::raw(id, payload).unwrap());
        let (at_ns, utc_us) = (self.now_ns, self.utc_us);
        self.app().hear_event(Event::Frame { frame, at_ns }, at_ns, utc_us);
    }

    /// A text of the autopilot.
    pub(super) fn text(&mut self, severity: u8, words: &str) {
        let mut payload = vec![severity];
        payload.extend(words.bytes());
        payload.resize(51, 0);
        self.say(|world| &mut world.autopilot, 253, &payload);
    }

    /// What the aircraft says in a second.
    fn speak(&mut self) {
        let craft = &mut self.aircraft;
        craft.battery_percent -= craft.battery_falls_percent_s;
        if let Some(ms) = &mut craft.records_ms {
            *ms += 1_000;
        }
        let craft = *craft;
        if craft.speaks {
            self.autopilot(&craft);
            self.camera(&craft);
        }
        if craft.shows {
            let picture = Picture {
                taken_utc_us: Some(self.utc_us),
                time_locked: true,
                arrived_ns: self.now_ns,
                ..plain([90; 4], [2, 2])
            };
            self.app().flight.show(Some(Arc::new(picture)), &Beside::default());
        }
        if let Some(away_e7) = craft.traffic_e7 {
            let mut payload = 0x40_1234_u32.to_le_bytes().to_vec();
            [AT_E7[0] + away_e7, AT_E7[1], 210_000].iter().for_each(|field| payload.extend(field.to_le_bytes()));
            payload.extend([0; 6]);
            // It has a place, a height and a callsign.
            payload.extend((1_u16 | 2 | 16).to_le_bytes());
            payload.extend([0, 0, 1]);
            payload.extend(b"NPAS21\0\0\0");
            payload.extend([0, 0]);
            self.say(|world| &mut world.receiver, 246, &payload);
        }
    }

    fn autopilot(&mut self, craft: &Aircraft) {
        fn autopilot(world: &mut World) -> &mut Encoder {
            &mut world.autopilot
        }
        let armed = if craft.flies { 0x81 } else { 0x01 };
        self.say(autopilot, 0, &[4, 0, 0, 0, 2, 3, armed, 4, 3]);
        self.say(autopilot, 245, &[0, if craft.flies { 2 } else { 1 }]);
        let mut home = [0; 52];
        home[..4].copy_from_slice(&HOME_E7[0].to_le_bytes());
        home[4..8].copy_from_slice(&HOME_E7[1].to_le_bytes());
        home[8..12].copy_from_slice(&60_000_i32.to_le_bytes());
        self.say(autopilot, 242, &home);
        let mut place = vec![0; 4];
        [AT_E7[0], AT_E7[1], 110_000, 50_000].iter().for_each(|field| place.extend(field.to_le_bytes()));
        place.extend([0; 6]);
        place.extend(9_000_u16.to_le_bytes());
        self.say(autopilot, 33, &place);
        let mut status = [0; 31];
        status[..4].copy_from_slice(&(RADIO | FENCE).to_le_bytes());
        status[4..8].copy_from_slice(&(RADIO | FENCE).to_le_bytes());
        status[8..12].copy_from_slice(&(if craft.radio.0 { RADIO | FENCE } else { FENCE }).to_le_bytes());
        status[14..16].copy_from_slice(&22_400_u16.to_le_bytes());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "percent")]
        let percent = craft.battery_percent.max(0.0) as u8;
        status[30] = percent;
        self.say(autopilot, 1, &status);
        let mut sticks = [0; 42];
        (sticks[40], sticks[41]) = (16, u8::try_from(u16::from(craft.radio.1) * 254 / 100).unwrap());
        self.say(autopilot, 65, &sticks);
        self.say(autopilot, 162, &[0, 0, 0, 0, 0, 0, u8::from(craft.beyond_fence), 0]);
    }

    fn camera(&mut self, craft: &Aircraft) {
        fn camera(world: &mut World) -> &mut Encoder {
            &mut world.camera
        }
        self.say(camera, 0, &[0, 0, 0, 0, 30, 8, 0, 4, 3]);
        let mut capture = [0; 22];
        capture[8..12].copy_from_slice(&craft.records_ms.unwrap_or(0).to_le_bytes());
        capture[17] = u8::from(craft.records_ms.is_some());
        self.say(camera, 262, &capture);
        let mut storage = vec![0; 4];
        // As much is used all the while: how long it lasts is not known.
        let used_mib = 1_000.0;
        storage.extend(floats(&[used_mib + craft.storage_mib, used_mib, craft.storage_mib, f32::NAN, f32::NAN]));
        storage.extend([1, 1, 2]);
        self.say(camera, 261, &storage);
    }

    /// How this machine is: its battery, and its clock against the monotonic one.
    pub(super) fn machine(&mut self, battery_percent: u8, on_mains: bool, clock_ahead_s: i64) {
        let reading = Reading {
            battery: Some(Battery { percent: battery_percent, on_mains, minutes_left: None }),
            disk_free_bytes: Some(100 << 30),
            sleep: Sleep::Inhibited,
            clocks: Clocks {
                utc_us: self.utc_us + clock_ahead_s * 1_000_000,
                mono_us: i64::try_from(self.now_ns / 1_000).unwrap(),
                source: ClockSource::Ntp,
                uncertainty_us: 100_000,
            },
        };
        self.app().hear_reading(reading);
    }

    /// The witness begins the file of a flight.
    pub(super) fn begin_witnessing(&mut self) -> Witnessed {
        self.flights += 1;
        let flight = FlightId::new(self.utc_us, [self.flights; 10]);
        let dir = self.unit.path("witness");
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join(format!("{flight}.jsonl"));
        let mut file = Witnessed { path, writer: EntryWriter::new(flight), tree: tree::Tree::default(), flight };
        let begin = Begin { device: device().public().id(), device_key: device().public(), trust_version: 1 };
        file.write(Kind::Begin(begin), self);
        self.until("the flight of the witness", |app| app.ribbon.newest().is_some_and(|(id, _)| id == flight));
        file
    }

    /// A permission of two hours for the zone that the aircraft hovers in comes into force.
    pub(super) fn permit(&mut self, id: &str) {
        self.unit.imports();
        self.unit.drafts(id, &now()).unwrap();
        for to in [State::Applied, State::InPrinciple, State::Activated] {
            self.unit.steps(id, to, &now()).unwrap();
        }
        self.until_asked("the permission", |app| app.skies.ends.is_some());
    }

    /// [`Self::until`], while zones and permissions are read again, and asked about.
    pub(super) fn until_asked(&mut self, what: &str, so: impl Fn(&App) -> bool) {
        let until_ns = clock::mono_ns() + PATIENCE_NS;
        for look in 0_u64.. {
            if so(self.harness.state()) {
                return;
            }
            assert!(clock::mono_ns() < until_ns, "{what} never came");
            // A wish to read again is dropped while a question is under way.
            if look.is_multiple_of(10) {
                self.app().work.skies.as_ref().unwrap().read_again();
            }
            self.app().skies.asked = None;
            self.look();
            let _ = self.woken.recv_timeout(Duration::from_millis(50));
        }
    }
}

impl Witnessed {
    fn write(&mut self, kind: Kind, world: &World) {
        let at =
            Stamp { mono_ns: world.now_ns, utc_us: world.utc_us, source: ClockSource::Rtc, uncertainty_us: 100_000 };
        let line = self.writer.line(kind, at, &station());
        let file = OpenOptions::new().create(true).append(true).open(&self.path);
        file.unwrap().write_all(&line).unwrap();
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint { flight: self.flight, size: self.tree.size(), root: self.tree.root() }
    }

    /// A head comes, and is cosigned at once.
    pub(super) fn cosign(&mut self, world: &mut World) {
        let leaf = Sha256::of(&world.utc_us.to_le_bytes());
        self.tree.push(leaf);
        let head = self.checkpoint();
        let time_s = u64::try_from(world.utc_us / 1_000_000).unwrap();
        let cosignature = Some((&head.cosign(&station(), time_s)).into());
        let note = head.sign(&device());
        let head = Head { leaves: vec![leaf], note, cosignature, received_utc_us: world.utc_us };
        self.write(Kind::Head(head), world);
        let (flight, size) = (self.flight, self.tree.size());
        world.until("the cosigned head", |app| {
            let newest = app.ribbon.newest().filter(|(id, _)| *id == flight);
            newest.and_then(|(_, flight)| flight.last_witnessed()).is_some_and(|(newest, _)| newest == size)
        });
    }

    /// The aircraft's key signs another history of the size of the last one.
    pub(super) fn contradict(&mut self, world: &mut World) {
        let held = self.checkpoint();
        let other = Checkpoint { root: Sha256::of(b"another history"), ..held };
        let [held, note] = [held, other].map(|head| head.sign(&device()));
        self.write(Kind::Equivocation(Equivocation { note, held: Some(held) }), world);
        world.until("the contradiction", |app| !app.alarms.standing().is_empty());
    }
}
