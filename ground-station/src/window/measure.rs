//! A flight staged before the real window, for measures: what a frame costs, and when the next one is asked for.
//!
//! Nothing of the product calls this: `benches/window.rs` and the tests do.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use egui::{Context, Event, RawInput, Rect, Vec2};
use flight_record::FlightId;
use footage::access_unit::Codec;
use footage::klv::{Decoded, Uas};
use mission_profiles::place::{Position, direct};
use mission_profiles::zones::read;
use rustix::time::{ClockId, clock_gettime};
use vehicle_link::frames::{Body, Encoder};

use super::app::App;
use super::settings::Settings;
use crate::clock;
use crate::command::Workspace;
use crate::state::seal::{Fact, What};
use crate::tasks::meter::{Meter, Stop};
use crate::ui::theme;
use crate::ui::tokens::Theme;
use crate::video::Picture;
use crate::zones::{Taking, Terms};

/// Where it flies.
const HOME: Position = Position { lat_deg: 52.9, lon_deg: -1.6 };
/// Where a map looks that shows all of Britain, and its zoom.
const BRITAIN: (Position, f64) = (Position { lat_deg: 54.6, lon_deg: -3.4 }, 6.2);
/// Longest wait for the zones to be read and judged.
const PATIENCE: Duration = Duration::from_secs(120);
/// Of the staged picture.
const PIXELS: [u32; 2] = [1_280, 720];

/// The names of the workspaces, in the order of their numbers.
pub const WORKSPACES: [&str; 6] = ["Fly", "Plan", "Airspace", "Handover", "Evidence", "Records"];

/// What one frame cost: time that this thread worked, whatever else the machine had to do.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Everything before the painter's work: events taken, state judged, widgets laid out, shapes made.
    pub ui: Duration,
    /// From shapes to triangles.
    pub tessellate: Duration,
    /// Corners of the triangles.
    pub vertices: usize,
    /// How long the window may rest after it.
    pub rest: Duration,
}

/// The window with a flight before it.
pub struct Stage {
    pub(super) app: App,
    pub(super) ctx: Context,
    size: Vec2,
    begun_ns: u64,
    woken: Receiver<()>,
    encoder: Encoder,
    pictures: u32,
    events: Vec<Event>,
}

impl Stage {
    /// A window of this size in points, listening to nobody, its files in `folder`. Its zones are those that come with the program: the whole
    /// of the United Kingdom; or so many made up all over it.
    ///
    /// # Errors
    /// When it cannot be set up, or the zones are not judged in time.
    pub fn new(folder: &Path, made_up_zones: Option<u32>, [width, height]: [f32; 2]) -> Result<Self> {
        let mut settings = Settings::default();
        settings.links.mavlink = vec!["udpin:127.0.0.1:0".to_owned()];
        settings.live.view = super::settings::View::None;
        settings.map.home = Some([HOME.lat_deg, HOME.lon_deg]);
        settings.station.state = folder.join("state");
        if let Some(count) = made_up_zones {
            let zones = folder.join("zones");
            make_up(&zones, count)?;
            settings.airspace.zones = Some(zones);
        }
        let (wake, woken) = sync_channel(1);
        let repaint = Arc::new(move || {
            // Full: it is awake already.
            let _ = wake.try_send(());
        });
        let ctx = Context::default();
        theme::install(&ctx, Theme::Night);
        let app = App::new(settings, None, None, repaint)?;
        let (encoder, begun_ns) = (Encoder::new(1, 1), clock::mono_ns());
        let size = Vec2::new(width, height);
        let mut stage = Self { app, ctx, size, begun_ns, woken, encoder, pictures: 0, events: Vec::new() };
        stage.wait_until(|app| !app.skies.stands.is_empty()).context("the zones are not judged")?;
        Ok(stage)
    }

    /// Draws frames until something is so.
    fn wait_until(&mut self, is: impl Fn(&App) -> bool) -> Result<()> {
        let begun_ns = clock::mono_ns();
        while !is(&self.app) {
            let waited = Duration::from_nanos(clock::mono_ns() - begun_ns);
            ensure!(waited < PATIENCE, "waited for {} s", waited.as_secs());
            self.frame();
            // Woken or not: time passes for the window too.
            let _ = self.woken.recv_timeout(Duration::from_millis(100));
        }
        Ok(())
    }

    /// How many volumes of zones are held against the flight.
    #[must_use]
    pub fn zones(&self) -> usize {
        self.app.skies.stands.len()
    }

    /// The vehicle is in the air over its home, with 600 cells of its seal and alarms that stand.
    pub fn fly(&mut self) {
        let now_us = clock::now_utc_us();
        let flight = FlightId::new(now_us - 600_000_000, [7; 10]);
        let mut take = |at_us: i64, what: What| self.app.ribbon.take(Fact { flight, utc_us: at_us, what });
        take(now_us - 600_000_000, What::Begun);
        for nth in 1..=600_u64 {
            let at_us = now_us - 600_000_000 + i64::try_from(nth).unwrap_or(0) * 1_000_000;
            take(at_us, What::Heard { size: nth * 3 });
            take(at_us + 300_000, What::Cosigned { size: nth * 3 });
        }
        self.app.flight.track =
            (0..2_000_u32).map(|nth| direct(HOME, f64::from(nth) * 3.1, 60.0 + f64::from(nth) / 8.0)).collect();
        self.app.unexplained_step = Some(5_000_000);
        self.app.witness_runs = Some(false);
        self.telemetry();
    }

    /// A tenth of a second of an autopilot's messages: what moves, and what it says of itself.
    pub fn telemetry(&mut self) {
        let turn_deg = f64::from(self.pictures) * 0.4;
        let at = direct(HOME, turn_deg, 180.0);
        #[expect(clippy::cast_possible_truncation, reason = "degrees in 1e-7")]
        let [lat, lon] = [at.lat_deg, at.lon_deg].map(|deg| (deg * 1e7) as i32);
        let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let mut position = vec![0; 4];
        [lat, lon, 120_000, 60_000].iter().for_each(|field| position.extend(field.to_le_bytes()));
        [420_i16, -300, 10].iter().for_each(|field| position.extend(field.to_le_bytes()));
        position.extend(9_000_u16.to_le_bytes());
        let mut home = vec![0; 52];
        #[expect(clippy::cast_possible_truncation, reason = "degrees in 1e-7")]
        let [home_lat, home_lon] = [HOME.lat_deg, HOME.lon_deg].map(|deg| (deg * 1e7) as i32);
        home[..4].copy_from_slice(&home_lat.to_le_bytes());
        home[4..8].copy_from_slice(&home_lon.to_le_bytes());
        home[8..12].copy_from_slice(&60_000_i32.to_le_bytes());
        let mut gnss = vec![0; 30];
        (gnss[28], gnss[29]) = (3, 14);
        let mut power = vec![0; 31];
        power[14..16].copy_from_slice(&15_400_u16.to_le_bytes());
        power[30] = 71;
        let attitude = [vec![0; 4], floats(&[0.05, -0.04, 1.6, 0.0, 0.0, 0.0])].concat();
        let messages: [(u32, Vec<u8>); 8] = [
            (0, vec![4, 0, 0, 0, 2, 3, 0x81, 4, 3]),
            (1, power),
            (24, gnss),
            (30, attitude),
            (33, position),
            (74, [floats(&[5.2, 5.2, 120.0, 0.1]), vec![90, 0, 40, 0]].concat()),
            (242, home),
            (245, vec![0, 2]),
        ];
        let now_ns = clock::mono_ns();
        for body in messages.iter().filter_map(|(id, payload)| Body::raw(*id, payload).ok()) {
            let frame = self.encoder.encode_body(&body);
            self.app.flight.hear(&frame, now_ns);
        }
    }

    /// A new picture of 1280 × 720 with the telemetry of its instant is there.
    pub fn picture(&mut self) {
        self.pictures += 1;
        let at = direct(HOME, f64::from(self.pictures) * 0.4, 180.0);
        let utc_us = clock::now_utc_us();
        let uas = Uas {
            timestamp_us: u64::try_from(utc_us).unwrap_or(0),
            image_source_sensor: Some("EO".into()),
            platform_heading_deg: Some(f64::from(self.pictures % 360)),
            platform_pitch_deg: Some(-3.0),
            platform_roll_deg: Some(4.0),
            sensor_latitude_deg: Some(at.lat_deg),
            sensor_longitude_deg: Some(at.lon_deg),
            sensor_altitude_msl_m: Some(127.0),
            sensor_fov_horizontal_deg: Some(70.0),
            sensor_relative_azimuth_deg: Some(0.0),
            sensor_relative_elevation_deg: Some(-14.0),
            sensor_relative_roll_deg: Some(356.0),
            frame_centre_elevation_msl_m: Some(66.0),
            height_agl_m: Some(61.0),
            north_velocity_mps: Some(3.0),
            east_velocity_mps: Some(-2.9),
            vertical_speed_mps: Some(0.1),
            ..Uas::default()
        };
        let bytes = 4 * usize::try_from(PIXELS[0] * PIXELS[1]).unwrap_or(0);
        let shade = u8::try_from(self.pictures % 200).unwrap_or(0);
        let picture = Picture {
            width: PIXELS[0],
            height: PIXELS[1],
            rgba: vec![shade; bytes].into(),
            taken_utc_us: Some(utc_us),
            time_locked: true,
            klv: Some(Arc::new(Decoded { uas, version: Some(19), others: Vec::new(), length: 0 })),
            arrived_ns: clock::mono_ns(),
            codec: Codec::H264,
            damaged: false,
            frame_number: u64::from(self.pictures),
        };
        let beside = self.app.beside_hud();
        self.app.flight.show(Some(Arc::new(picture)), &beside);
    }

    /// Shows a workspace by its number in [`WORKSPACES`].
    pub fn go(&mut self, number: usize) {
        if let Some(workspace) = Workspace::ALL.get(number) {
            self.app.go(*workspace);
        }
    }

    /// The maps look at all of Britain, or come nearer by so many zooms.
    pub fn look(&mut self, nearer: f64) {
        let (middle, zoom) = if nearer > 0.0 { (HOME, BRITAIN.1 + nearer) } else { BRITAIN };
        self.app.view.map.follow = false;
        self.app.view.map.look_at(middle, zoom);
        self.app.desks.look_at(middle, zoom);
    }

    /// The map is large and the picture small.
    pub fn swap(&mut self) {
        self.app.view.wish.swapped = !self.app.view.wish.swapped;
    }

    /// Something that a hand does, in the next frame.
    pub fn hand(&mut self, event: Event) {
        self.events.push(event);
    }

    /// A frame: everything that the window does for one but the painting.
    pub fn frame(&mut self) -> Cost {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, self.size)),
            max_texture_side: Some(8_192),
            time: Some(Duration::from_nanos(clock::mono_ns() - self.begun_ns).as_secs_f64()),
            events: std::mem::take(&mut self.events),
            ..RawInput::default()
        };
        input.viewports.entry(egui::ViewportId::ROOT).or_default().native_pixels_per_point = Some(1.0);
        let (app, begun) = (&mut self.app, worked());
        let mut output = self.ctx.run_ui(input, |ui| {
            app.update(ui.ctx());
            app.draw(ui);
        });
        let drawn = worked();
        let primitives = self.ctx.tessellate(std::mem::take(&mut output.shapes), 1.0);
        let tessellate = worked() - drawn;
        output.textures_delta.clear();
        let vertices = primitives.iter().map(|primitive| match &primitive.primitive {
            egui::epaint::Primitive::Mesh(mesh) => mesh.vertices.len(),
            egui::epaint::Primitive::Callback(_) => 0,
        });
        let rest = output.viewport_output.values().map(|viewport| viewport.repaint_delay).min();
        Cost { ui: drawn - begun, tessellate, vertices: vertices.sum(), rest: rest.unwrap_or(Duration::MAX) }
    }
}

/// How long this thread has worked.
fn worked() -> Duration {
    let at = clock_gettime(ClockId::ThreadCPUTime);
    Duration::from_secs(u64::try_from(at.tv_sec).unwrap_or(0))
        + Duration::from_nanos(u64::try_from(at.tv_nsec).unwrap_or(0))
}

/// Circles and polygons all over Britain, of all classes, as a dataset in a station's folder.
fn make_up(dir: &Path, count: u32) -> Result<()> {
    let degrees = |place: Position| {
        let part = |value: f64, plus: char, minus: char| {
            let seconds = (value.abs() * 3_600.0).round();
            let (whole, rest) = ((seconds / 3_600.0).floor(), seconds % 3_600.0);
            let sign = if value < 0.0 { minus } else { plus };
            format!("{whole:02.0}:{:02.0}:{:02.0} {sign}", (rest / 60.0).floor(), rest % 60.0)
        };
        format!("{} {}", part(place.lat_deg, 'N', 'S'), part(place.lon_deg, 'E', 'W'))
    };
    let mut text = String::from("* ILLUSTRATIVE\n");
    for nth in 0..count {
        // Neighbours of the golden angle lie evenly.
        let turn_deg = f64::from(nth) * 137.507_764;
        let far_m = 480_000.0 * (f64::from(nth) / f64::from(count)).sqrt();
        let centre = direct(BRITAIN.0, turn_deg, far_m);
        let class = ["P", "R", "D", "CTR", "D"][usize::try_from(nth % 5).unwrap_or(0)];
        writeln!(text, "AC {class}\nAN Made up {nth}\nAL SFC\nAH {}ft", 500 + nth % 4_000)?;
        if nth % 2 == 0 {
            writeln!(text, "V X={}\nDC {:.1}\n", degrees(centre), 0.5 + f64::from(nth % 30) / 10.0)?;
        } else {
            let corners = 5 + nth % 30;
            for corner in 0..corners {
                let way_m = 1_500.0 + 4_000.0 * f64::from((nth * 7 + corner * 13) % 10) / 10.0;
                let at = direct(centre, 360.0 * f64::from(corner) / f64::from(corners), way_m);
                writeln!(text, "DP {}", degrees(at))?;
            }
            writeln!(text)?;
        }
    }
    let file = Path::new("made-up.txt");
    let mut dataset = read::dataset("made-up.txt", text.as_bytes())?;
    let terms = Terms { name: Some("Made up"), illustrative: true };
    let now = jiff::Timestamp::now();
    let taking = Taking { dataset: &mut dataset, file, bytes: text.as_bytes(), terms, now };
    crate::zones::take(dir, taking, &Meter::new(Stop::default(), 0, |_, _| {}))
}
