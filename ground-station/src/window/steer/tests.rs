//! The whole window against a vehicle on a loopback link: what goes out for what is clicked, and what then stands on the screen.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use egui::{Event, Key, Modifiers, PointerButton, Role, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use mission_profiles::place::inverse;
use vehicle_link::frames::{Body, Encoder, Frame};
use vehicle_link::hub::{Hub, LinkId, To};

use super::*;
use crate::clock;
use crate::state::plan::document::FenceArea;
use crate::ui::theme;
use crate::ui::tokens::Theme;
use crate::window::settings::Settings;

const COMMAND_INT: u32 = 75;
const COMMAND_LONG: u32 = 76;
const REPOSITION: u16 = 192;
const ORBIT: u16 = 34;
const POINT_GIMBAL: u16 = 1000;
/// Longest wait for anything.
const PATIENCE_NS: u64 = 40_000_000_000;
/// Far from zones that are closed.
const HOME_E7: [i32; 2] = [523_000_000, -37_500_000];
const GUIDED: u8 = 4;
const LOITER: u8 = 5;

/// An ArduCopter 40 m above its home that takes every command but circles.
struct Vehicle {
    port: u16,
    came: Arc<Mutex<Vec<Frame>>>,
    mode: Arc<Mutex<u8>>,
    _runtime: tokio::runtime::Runtime,
}

impl Vehicle {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let endpoints = ["udpin:127.0.0.1:0".parse().unwrap()];
        let hub = runtime.block_on(Hub::open(&endpoints, Arc::new(clock::SystemClock))).unwrap();
        let port = hub.local_addr(LinkId(0)).unwrap().port();
        let (came, mode) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(LOITER)));
        runtime.spawn(fly(hub, Arc::clone(&came), Arc::clone(&mode)));
        Self { port, came, mode, _runtime: runtime }
    }

    /// The newest command of this number, as it came.
    fn heard(&self, number: u16) -> Option<Frame> {
        self.came.lock().unwrap().iter().rev().find(|frame| frame.payload().u16(28) == number).cloned()
    }
}

async fn fly(hub: Hub, came: Arc<Mutex<Vec<Frame>>>, mode: Arc<Mutex<u8>>) {
    let mut encoder = Encoder::new(1, 1);
    let mut heard = hub.subscribe();
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    loop {
        let bodies = tokio::select! {
            _ = ticks.tick() => says(*mode.lock().unwrap()),
            received = heard.recv() => match received {
                Some(received) => answers(&received.frame, &came, &mode),
                None => return,
            },
        };
        for body in bodies {
            hub.send(&encoder.encode_body(&body), To::All);
        }
    }
}

/// HEARTBEAT, EXTENDED_SYS_STATE, GLOBAL_POSITION_INT, HOME_POSITION, GIMBAL_MANAGER_STATUS.
fn says(mode: u8) -> Vec<Body> {
    let mut place = vec![0; 4];
    [HOME_E7[0], HOME_E7[1], 106_000, 40_000].iter().for_each(|field| place.extend(field.to_le_bytes()));
    place.resize(28, 0);
    let mut home: Vec<u8> = [HOME_E7[0], HOME_E7[1], 66_000].iter().flat_map(|field| field.to_le_bytes()).collect();
    home.resize(52, 0);
    let all = [
        (0, vec![mode, 0, 0, 0, 2, 3, 0x81, 4, 3]),
        (245, vec![0, 2]),
        (33, place),
        (242, home),
        (281, vec![0, 0, 0, 0, 0, 0, 0, 0, 1, 255, 190, 0, 0]),
    ];
    all.iter().map(|(id, payload)| Body::raw(*id, payload).unwrap()).collect()
}

fn answers(frame: &Frame, came: &Mutex<Vec<Frame>>, mode: &Mutex<u8>) -> Vec<Body> {
    if !matches!(frame.message_id(), COMMAND_INT | COMMAND_LONG) {
        return Vec::new();
    }
    let number = frame.payload().u16(28);
    came.lock().unwrap().push(frame.clone());
    match number {
        REPOSITION => *mode.lock().unwrap() = GUIDED,
        176 => *mode.lock().unwrap() = LOITER,
        _ => {}
    }
    let result = if number == ORBIT { 3 } else { 0 };
    let [low, high] = number.to_le_bytes();
    vec![Body::raw(77, &[low, high, result, 0, 0, 0, 0, 0, 255, 190]).unwrap()]
}

struct Window {
    harness: Harness<'static, App>,
    woken: Receiver<()>,
    _temp: tempfile::TempDir,
}

impl Window {
    fn open(vehicle: &Vehicle) -> Self {
        let mut window = Self::linked(&format!("udpout:127.0.0.1:{}", vehicle.port));
        window.until("the vehicle flies", |harness| {
            harness.state().flight.in_air() && harness.state().bounds(clock::mono_ns()).home.is_some()
        });
        window
    }

    fn linked(link: &str) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("station.toml");
        let settings = format!("[links]\nmavlink = [\"{link}\"]\n[live]\nview = \"none\"\n");
        std::fs::write(&path, settings).unwrap();
        let (wake, woken) = sync_channel(1);
        let repaint = Arc::new(move || {
            // A wake that waits already is enough.
            let _ = wake.try_send(());
        });
        let app = App::new(Settings::load(&path).unwrap(), None, Some(path), repaint).unwrap();
        let draw = |ui: &mut Ui, app: &mut App| {
            app.update(ui.ctx());
            app.draw(ui);
        };
        let harness = Harness::builder()
            .with_size(vec2(1280.0, 800.0))
            .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
            .build_ui_state(draw, app);
        Self { harness, woken, _temp: temp }
    }

    fn until(&mut self, what: &str, so: impl Fn(&Harness<'static, App>) -> bool) {
        let until_ns = clock::mono_ns() + PATIENCE_NS;
        self.harness.run_steps(1);
        while !so(&self.harness) {
            assert!(clock::mono_ns() < until_ns, "never: {what}");
            let _ = self.woken.recv_timeout(Duration::from_millis(100));
            self.harness.run_steps(1);
        }
    }

    fn press(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.harness.run_steps(2);
    }

    fn button(&mut self, pos: egui::Pos2, pressed: bool) {
        let button = PointerButton::Primary;
        self.harness.event(Event::PointerMoved(pos));
        self.harness.event(Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE });
        self.harness.run_steps(1);
    }

    /// Clicks the map beside the aircraft, which is in its middle.
    fn click_map(&mut self) {
        let at = self.harness.get_by_label("Map").rect().center() + vec2(40.0, 30.0);
        self.button(at, true);
        self.button(at, false);
        self.harness.run_steps(2);
    }

    fn slide(&mut self, verb: &str) {
        let rect = self.harness.get_by_role_and_label(Role::Slider, verb).rect();
        let (from, to) = (pos2(rect.left() + 20.0, rect.center().y), pos2(rect.right() + 40.0, rect.center().y));
        self.button(from, true);
        self.harness.event(Event::PointerMoved(to));
        self.harness.run_steps(2);
        self.button(to, false);
        self.harness.run_steps(2);
    }

    fn keep(&mut self, name: &str) {
        let Some(dir) = std::env::var_os("SKYSEAL_SHOTS") else { return };
        let app = self.harness.state_mut();
        app.forget_textures();
        let image = crate::ui::shot::Shot::new(1280.0, 800.0, Theme::Night).take(|ui| {
            app.update(ui.ctx());
            app.draw(ui);
        });
        crate::ui::shot::write(&image, &std::path::Path::new(&dir).join(format!("{name}.png"))).unwrap();
        self.harness.state_mut().forget_textures();
    }
}

fn shows(harness: &Harness<'static, App>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

#[test]
fn a_click_on_the_map_a_slide_and_it_goes_there_until_another_order() {
    let vehicle = Vehicle::start();
    let mut window = Window::open(&vehicle);
    window.click_map();
    let at = window.harness.state().steer.menu.expect("the menu is open").at;
    window.keep("fly-menu");
    window.press("Go here…");
    assert!(shows(&window.harness, "Go here, not ordered yet"), "it is seen before it is ordered");
    window.press("Height: more");
    window.keep("fly-pending");
    assert!(vehicle.heard(REPOSITION).is_none(), "nothing goes out before the slide");
    window.slide("Go here");
    window.until("it is on its way", |harness| shows(harness, "Go here, on its way"));
    let frame = vehicle.heard(REPOSITION).unwrap();
    let (payload, id) = (frame.payload(), frame.message_id());
    let there = Position { lat_deg: f64::from(payload.i32(16)) / 1e7, lon_deg: f64::from(payload.i32(20)) / 1e7 };
    assert_eq!((id, payload.f32(24), payload.u8(32)), (COMMAND_INT, 45.0, 3), "45 m above home");
    assert!(inverse(there, at).distance_m < 0.1, "{there:?} {at:?}");
    window.keep("fly-on-its-way");
    window.harness.key_press(Key::F1);
    window.until("Hold takes its place", |harness| harness.state().steer.target.is_none());
    assert!(!shows(&window.harness, "Go here, on its way"));
}

#[test]
fn what_the_fence_or_the_limit_forbids_is_said_and_cannot_be_slid() {
    let vehicle = Vehicle::start();
    let mut window = Window::open(&vehicle);
    let home = Position { lat_deg: 52.3, lon_deg: -3.75 };
    let corner = |azimuth_deg: f64| mission_profiles::place::direct(home, azimuth_deg, 15.0);
    let corners = [45.0, 135.0, 225.0, 315.0].map(corner).to_vec();
    window.harness.state_mut().flight.aboard.fence = vec![FenceArea { corners, inside: true }];
    window.click_map();
    window.press("Go here…");
    assert!(shows(&window.harness, "It lies outside the geofence aboard. Choose a place inside."));
    window.keep("fly-refused");
    window.slide("Go here");
    assert!(window.harness.state().view.guarded.is_some() && vehicle.heard(REPOSITION).is_none());
    window.press("Cancel");
    window.harness.state_mut().flight.aboard.fence.clear();
    window.harness.state_mut().offer_from_map(Wish::Height { height_m: 125.0 });
    window.harness.run_steps(2);
    assert!(shows(&window.harness, "125 m is above the flight’s limit, 120 m. Choose less."));
}

#[test]
fn a_circle_that_the_vehicle_does_not_know_is_said_and_not_offered_again() {
    let vehicle = Vehicle::start();
    let mut window = Window::open(&vehicle);
    window.click_map();
    window.press("Orbit here…");
    window.slide("Orbit here");
    window.until("the refusal is said", |harness| shows(harness, "Not done: this vehicle does not take it"));
    assert!(vehicle.heard(ORBIT).is_some() && window.harness.state().steer.target.is_none());
    window.press("Close");
    assert!(!shows(&window.harness, "Not done"), "read and gone");
    window.click_map();
    assert!(shows(&window.harness, "Orbit here…: This vehicle does not take it"));
}

#[test]
fn looking_is_one_press_and_modes_and_disarming_go_by_slides() {
    let vehicle = Vehicle::start();
    let mut window = Window::open(&vehicle);
    window.click_map();
    window.press("Look here");
    window.until("the camera stays on it", |harness| shows(harness, "Look here, camera stays on it"));
    let place = vehicle.heard(195).unwrap();
    assert_eq!((place.message_id(), place.payload().f32(24)), (COMMAND_INT, 66.0), "at the height of the take-off");
    window.harness.key_press(Key::G);
    window.until("it lets go", |harness| harness.state().steer.looks_at.is_none());
    window.harness.key_press(Key::O);
    window.harness.run_steps(3);
    window.press("Altitude hold");
    window.slide("Altitude hold");
    window.until("the mode is ordered", |_| {
        vehicle.heard(176).is_some_and(|frame| [frame.payload().f32(0), frame.payload().f32(4)] == [1.0, 2.0])
    });
    window.until("it is answered", |harness| !harness.state().asked.guarded_waits());
    window.harness.state_mut().offer(Guarded::Disarm);
    window.harness.run_steps(2);
    let why = window.harness.state().slide(clock::mono_ns()).1;
    assert_eq!(why.as_deref(), Some("It flies: land first"), "only on the ground");
}

#[test]
fn an_arrow_key_turns_the_camera_until_it_is_let_go() {
    let vehicle = Vehicle::start();
    let mut window = Window::open(&vehicle);
    let rates = |vehicle: &Vehicle| {
        let frame = vehicle.heard(POINT_GIMBAL)?;
        Some([8, 12].map(|at| frame.payload().f32(at)))
    };
    window.until("the gimbal is heard", |harness| harness.state().can_turn(clock::mono_ns()));
    window.harness.key_down(Key::ArrowRight);
    window.until("it turns right", |_| rates(&vehicle).is_some_and(|[up, right]| up == 0.0 && right > 1.0));
    window.harness.key_up(Key::ArrowRight);
    window.until("it stands", |_| rates(&vehicle) == Some([0.0, 0.0]));
    assert_eq!(*vehicle.mode.lock().unwrap(), LOITER, "the flight goes on as it was");
}

#[test]
fn the_menu_opens_by_its_key_in_the_middle_and_goes_by_escape() {
    let vehicle = Vehicle::start();
    let mut window = Window::open(&vehicle);
    window.harness.key_press(Key::H);
    window.harness.run_steps(3);
    assert!(window.harness.state().steer.menu.is_some(), "by its key, in the middle of the map");
    window.harness.key_press(Key::Escape);
    window.harness.run_steps(2);
    assert!(window.harness.state().steer.menu.is_none());
}
