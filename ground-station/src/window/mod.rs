//! The window: ties what is known, what is drawn and what does the work together.

mod aboard;
mod act;
mod app;
mod asked;
mod chips;
mod desks;
mod facts;
mod flight;
mod fly;
mod guard;
mod hear;
mod mark;
pub mod measure;
mod outside;
mod over;
mod record;
mod remembered;
mod replay;
mod rest;
mod seat;
pub(crate) mod settings;
mod shell;
mod shots;
mod sound;
mod steer;
#[cfg(test)]
mod tests;
pub(crate) mod words;
mod work;

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::Args;
use flight_record::Label;
use mission_profiles::profile::Limits;

use crate::command::{Command, Workspace};
use crate::ui::shell::keys;
use crate::ui::tokens::Theme;
pub use outside::Window;
use settings::Settings;

/// Arguments of `window`.
#[derive(Args)]
#[group(id = "window")]
#[command(after_help = "\
Without --config the window listens for a vehicle on UDP port 14550 and shows what it hears: no keys, no live view, no stores.
Recording and witness are processes of their own: they go on when the window is closed or dies, and a window that is started
again is back in the same flight.

Examples:
  skyseal-ground window --example > station.toml
  skyseal-ground window --config station.toml
  skyseal-ground window --config station.toml --theme red
  skyseal-ground window --config station.toml --shots pictures --size 1920x1080
  skyseal-ground window --replay opened/segments/eo

Keys: 1 to 6 workspaces, R record, E reason and officer, M marker, N notice given, F1 hold, F2 return, A acknowledge, H order at a
place, O mode, arrows turn the camera, Ctrl-K everything else. In a replay: Space plays, comma and full stop step, brackets change
the speed, Home and End, B goes back to live.")]
pub(crate) struct Arguments {
    /// The station's settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A plan that Plan begins with: .plan, KML, KMZ, GPX or GeoJSON
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// A recorded flight that Fly begins with: a segment (.ts), a folder of them, or what `skyseal-verify --extract` left
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Opens in this theme instead of the settings'
    #[arg(long)]
    theme: Option<Theme>,
    /// Writes a picture of each workspace into this folder, and ends; needs no display
    #[arg(long, value_name = "DIR")]
    shots: Option<PathBuf>,
    /// Size of the pictures, or of the window at first
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1440x900", value_parser = size)]
    size: (u16, u16),
    /// With --shots: so long the window listens before it is pictured, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(0..=600))]
    after: u32,
    /// With --shots: only this workspace; repeat for more
    #[arg(long, value_name = "WORKSPACE", requires = "shots")]
    only: Vec<Workspace>,
    /// With --shots: this person is signed in, by the name of their account
    #[arg(long = "as", value_name = "NAME", requires_all = ["shots", "pin_file"])]
    name: Option<Label>,
    /// With --shots: file whose first line is their PIN
    #[arg(long, value_name = "FILE", requires = "name")]
    pin_file: Option<PathBuf>,
    /// With --shots: they look at the newest flight, for this reason; it stands on the ledger
    #[arg(long, value_name = "REASON", requires = "name")]
    viewing: Option<String>,
    /// Prints a settings file in which every key is explained, and ends
    #[arg(long)]
    example: bool,
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let parts = text.split_once('x').and_then(|(wide, high)| Some((wide.parse().ok()?, high.parse().ok()?)));
    parts
        .filter(|(wide, high): &(u16, u16)| (1_000..=8_000).contains(wide) && (640..=8_000).contains(high))
        .ok_or_else(|| format!("{text}: write WIDTHxHEIGHT in points, at least 1000x640, e.g. 1280x800"))
}

/// Opens the window, or pictures it.
///
/// # Errors
/// When the settings are not understood, or there is no display to open it on.
pub(crate) fn run(arguments: &Arguments) -> Result<String> {
    if arguments.example {
        return Ok(settings::EXAMPLE.to_owned());
    }
    let settings = match &arguments.config {
        Some(path) => Settings::load(path)?,
        None => Settings::default(),
    };
    let size = [f32::from(arguments.size.0), f32::from(arguments.size.1)];
    if let Some(dir) = &arguments.shots {
        return shots::take(settings, arguments, dir, size);
    }
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Skyseal")
            .with_app_id("skyseal-ground")
            .with_inner_size(size)
            .with_min_inner_size([1_000.0, 640.0]),
        ..Default::default()
    };
    let (theme, config, plan) = (arguments.theme, arguments.config.clone(), arguments.plan.clone());
    let replay = arguments.replay.clone();
    let open = move |context: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, Box<dyn std::error::Error + Send + Sync>> {
        let mut window = Window::seated(context, settings, theme, config)?;
        plan.iter().for_each(|plan| window.open_plan(plan));
        replay.iter().for_each(|place| window.replay(place));
        Ok(Box::new(window))
    };
    let opened = eframe::run_native("skyseal-ground", options, Box::new(open));
    opened.map(|()| String::new()).map_err(|error| {
        anyhow!("the window does not open: {error}. It needs a display and OpenGL; `tests/prepare window` installs what it needs, --shots works without")
    })
}

/// What a flight keeps to where no plan says otherwise: the limits of the first profile that comes with the program.
fn limits() -> Option<Limits> {
    static LIMITS: std::sync::OnceLock<Option<Limits>> = std::sync::OnceLock::new();
    *LIMITS.get_or_init(|| crate::plan::rules::profile("missing-person").ok().map(|profile| profile.content.limits))
}

/// What the keys ask for, before anything is drawn.
fn keys_first(ctx: &egui::Context, locked: bool, palette_open: bool) -> Vec<Command> {
    keys::commands(ctx, locked, palette_open)
}
