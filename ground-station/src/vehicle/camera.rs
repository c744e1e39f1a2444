//! `vehicle camera`: how the cameras are, a photo, the mode, the zoom.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use vehicle_link::ask::Wanted;
use vehicle_link::camera_client::orders::{self, Mode, Zoom};
use vehicle_link::camera_client::told::{CaptureStatus, Image, Information, Settings, Storage, Stream};
use vehicle_link::camera_client::{CAPTURE_STATUS, INFORMATION, SETTINGS, image, is_camera, storage, stream};
use vehicle_link::command::Command as Order;
use vehicle_link::frames::Frame;
use vehicle_link::peers::Address;

use super::To;
use crate::clock;
use crate::link::{Converse as _, Link};

/// How long a photo may take after it was acknowledged.
const PHOTO_NS: u64 = 20_000_000_000;
/// Storages and streams of one camera that are asked about.
const MAX_PARTS: u8 = 16;

const EXAMPLES: &str = "\
Any camera of the camera protocol, version 2, is understood. Videos are started and stopped by
`skyseal-ground record`, which says who ordered them and why.

Examples:
  skyseal-ground vehicle camera status --mavlink udpin:0.0.0.0:14550
  skyseal-ground vehicle camera photo --camera 100
  skyseal-ground vehicle camera zoom --percent 40";

/// What to do with cameras.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Says which cameras there are, what they can do, and how they are.
    #[command(after_help = EXAMPLES)]
    Status(To),
    /// Takes a photo, and says where it lies.
    #[command(after_help = EXAMPLES)]
    Photo(One),
    /// Sets a camera to photos or to video.
    #[command(after_help = EXAMPLES)]
    Mode(SetMode),
    /// Moves the zoom.
    #[command(after_help = EXAMPLES)]
    Zoom(Move),
}

/// One camera.
#[derive(Args)]
#[group(id = "one")]
pub(crate) struct One {
    /// The camera's component id; without it the vehicle's only camera
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u8).range(1..))]
    camera: Option<u8>,
    #[command(flatten)]
    to: To,
}

/// Arguments of `mode`.
#[derive(Args)]
pub(crate) struct SetMode {
    /// What it is set to
    mode: ModeWord,
    #[command(flatten)]
    one: One,
}

/// A mode as a word.
#[derive(Clone, Copy, ValueEnum)]
enum ModeWord {
    Image,
    Video,
}

/// Arguments of `zoom`.
#[derive(Args)]
#[command(group(clap::ArgGroup::new("how").required(true).args(["percent", "steps", "focal_length"])))]
pub(crate) struct Move {
    /// To a place in its range, 0 to 100
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    percent: Option<f32>,
    /// By steps; positive is closer
    #[arg(long, value_name = "STEPS", allow_negative_numbers = true)]
    steps: Option<i8>,
    /// To a focal length, in millimetres
    #[arg(long, value_name = "MM")]
    focal_length: Option<u16>,
    #[command(flatten)]
    one: One,
}

fn percent(text: &str) -> Result<f32, String> {
    let percent: f32 = text.parse().map_err(|_| "no number")?;
    (0.0..=100.0).contains(&percent).then_some(percent).ok_or_else(|| "0 to 100".to_owned())
}

pub(super) fn run(command: &Command) -> Result<String> {
    match command {
        Command::Status(to) => super::wait(status(to)),
        Command::Photo(one) => super::wait(photo(one)),
        Command::Mode(arguments) => {
            let mode = match arguments.mode {
                ModeWord::Image => Mode::Image,
                ModeWord::Video => Mode::Video,
            };
            super::wait(order(&arguments.one, orders::set_mode(mode), "change its mode"))
        }
        Command::Zoom(arguments) => {
            let Move { percent, steps, focal_length, one } = arguments;
            let zoom = match (percent, steps, focal_length) {
                (Some(percent), ..) => Zoom::Percent(*percent),
                (_, Some(steps), _) => Zoom::Steps((*steps).into()),
                (_, _, Some(mm)) => Zoom::FocalLengthMm((*mm).into()),
                (None, None, None) => bail!("name how far: --percent, --steps or --focal-length"),
            };
            super::wait(order(one, orders::zoom(zoom), "zoom"))
        }
    }
}

/// All that a camera says of itself; what it does not say is absent.
struct Camera {
    address: Address,
    information: Information,
    settings: Option<Settings>,
    capture: Option<CaptureStatus>,
    storages: Vec<Storage>,
    streams: Vec<Stream>,
}

async fn status(to: &To) -> Result<String> {
    let (mut link, vehicle) = to.open().await?;
    let found = link.survey(vehicle.address.system, INFORMATION, is_camera).await?;
    let mut cameras = Vec::new();
    for frame in &found {
        let Some(information) = Information::read(frame) else { continue };
        let address = Address::of(frame);
        cameras.push(Camera {
            address,
            information,
            settings: one(&mut link, address, SETTINGS, Settings::read).await?,
            capture: one(&mut link, address, CAPTURE_STATUS, CaptureStatus::read).await?,
            storages: all(&mut link, address, storage, |frame| Storage::read(frame).map(|told| (told.count, told)))
                .await?,
            streams: all(&mut link, address, stream, |frame| Stream::read(frame).map(|told| (told.count, told)))
                .await?,
        });
    }
    if to.json {
        return Ok(format!("{:#}\n", json!(cameras.iter().map(facts).collect::<Vec<_>>())));
    }
    if cameras.is_empty() {
        return Ok("no camera is heard\n".to_owned());
    }
    let mut out = String::new();
    cameras.iter().try_for_each(|camera| describe(camera, &mut out))?;
    Ok(out)
}

async fn one<T>(link: &mut Link, of: Address, wanted: Wanted, read: fn(&Frame) -> Option<T>) -> Result<Option<T>> {
    Ok(link.ask(of, wanted).await?.ok().as_ref().and_then(read))
}

/// As many as the first says that there are.
async fn all<T>(
    link: &mut Link,
    of: Address,
    wanted: fn(u8) -> Wanted,
    read: fn(&Frame) -> Option<(u8, T)>,
) -> Result<Vec<T>> {
    let (mut told, mut id, mut count) = (Vec::new(), 1, 1);
    while id <= count {
        let Some((of_all, part)) = one(link, of, wanted(id), read).await? else { break };
        count = of_all.min(MAX_PARTS);
        told.push(part);
        id += 1;
    }
    Ok(told)
}

fn facts(camera: &Camera) -> Value {
    let Camera { address, information, settings, capture, storages, streams } = camera;
    let [major, minor, patch, _] = information.firmware;
    json!({
        "camera": address.to_string(),
        "vendor": information.vendor,
        "model": information.model,
        "firmware": format!("{major}.{minor}.{patch}"),
        "resolution": information.resolution,
        "can": information.abilities(),
        "mode": settings.map(|settings| settings.mode_name()),
        "zoom_percent": settings.and_then(|settings| settings.zoom_percent),
        "recording": capture.map(|capture| capture.recording),
        "recorded_ms": capture.map(|capture| capture.recorded_ms),
        "images": capture.map(|capture| capture.images),
        "storages": storages.iter().map(|storage| json!({
            "id": storage.id, "status": storage.status_name(), "total_mib": storage.total_mib,
            "used_mib": storage.used_mib, "available_mib": storage.available_mib,
        })).collect::<Vec<_>>(),
        "streams": streams.iter().map(|stream| json!({
            "id": stream.id, "name": stream.name, "address": stream.address, "transport": stream.transport_name(),
            "resolution": stream.resolution, "frame_rate_hz": stream.frame_rate_hz, "bitrate_bps": stream.bitrate_bps,
            "running": stream.running, "thermal": stream.thermal,
        })).collect::<Vec<_>>(),
    })
}

fn describe(camera: &Camera, out: &mut String) -> std::fmt::Result {
    let Camera { address, information, settings, capture, storages, streams } = camera;
    let (width, height) = information.resolution;
    writeln!(out, "camera {address}  {} {}, {width}×{height}", information.vendor, information.model)?;
    writeln!(out, "  can       {}", information.abilities().join(", "))?;
    if let Some(settings) = settings {
        let zoom = settings.zoom_percent.map_or_else(String::new, |percent| format!(", zoom {percent:.0} %"));
        writeln!(out, "  mode      {}{zoom}", settings.mode_name())?;
    }
    match capture {
        Some(capture) if capture.recording => {
            writeln!(out, "  video     says that it records, {:.1} s", f64::from(capture.recorded_ms) / 1e3)?;
        }
        Some(_) => writeln!(out, "  video     does not record")?,
        None => writeln!(out, "  video     does not say whether it records")?,
    }
    if let Some(capture) = capture {
        writeln!(out, "  stills    {}{}", capture.images, if capture.taking_stills { ", taking more" } else { "" })?;
    }
    for storage in storages {
        let mib = |mib: Option<f32>| mib.map_or_else(|| "?".to_owned(), |mib| format!("{mib:.0}"));
        let (left, total) = (mib(storage.available_mib), mib(storage.total_mib));
        writeln!(out, "  storage {} {}, {left} of {total} MiB left", storage.id, storage.status_name())?;
    }
    for stream in streams {
        let (width, height) = stream.resolution;
        let state = if stream.running { "runs" } else { "stopped" };
        let (name, address, by) = (&stream.name, &stream.address, stream.transport_name());
        writeln!(out, "  stream  {} {name}: {address} ({by}, {width}×{height}, {state})", stream.id)?;
    }
    Ok(())
}

/// The camera that is meant.
async fn choose(link: &mut Link, system: u8, camera: Option<u8>) -> Result<Address> {
    if let Some(component) = camera {
        return Ok(Address::new(system, component));
    }
    let found = link.survey(system, INFORMATION, is_camera).await?;
    let addresses: Vec<Address> = found.iter().map(Address::of).collect();
    match addresses[..] {
        [only] => Ok(only),
        [] => bail!("no camera is heard; `vehicle camera status` shows those that are"),
        _ => {
            let ids: Vec<String> = addresses.iter().map(|address| address.component.to_string()).collect();
            bail!("the vehicle has cameras {}: name one with --camera", ids.join(", "))
        }
    }
}

async fn order(one: &One, order: Order, what: &str) -> Result<String> {
    let (mut link, vehicle) = one.to.open().await?;
    let camera = choose(&mut link, vehicle.address.system, one.camera).await?;
    link.command(camera, order).await?.with_context(|| format!("camera {camera} did not {what}"))?;
    let settings = self::one(&mut link, camera, SETTINGS, Settings::read).await?;
    let mode = settings.map(|settings| settings.mode_name());
    let zoom = settings.and_then(|settings| settings.zoom_percent);
    if one.to.json {
        return Ok(format!("{:#}\n", json!({ "camera": camera.to_string(), "mode": mode, "zoom_percent": zoom })));
    }
    let zoom = zoom.map_or_else(String::new, |percent| format!(", zoom {percent:.0} %"));
    Ok(format!("camera {camera}: {}{zoom}\n", mode.map_or_else(|| "done".to_owned(), |mode| format!("{mode} mode"))))
}

async fn photo(arguments: &One) -> Result<String> {
    let (mut link, vehicle) = arguments.to.open().await?;
    let camera = choose(&mut link, vehicle.address.system, arguments.camera).await?;
    let capture = one(&mut link, camera, CAPTURE_STATUS, CaptureStatus::read).await?;
    let before = capture.map_or(0, |capture| capture.images);
    // A number of its own for each photo: the seconds of the day serve where several stations count.
    let sequence = u32::try_from(clock::now_utc_us().div_euclid(1_000_000).rem_euclid(86_400)).unwrap_or(0) + 1;
    link.command(camera, orders::take_still(sequence))
        .await?
        .with_context(|| format!("camera {camera} took no photo"))?;
    let until_ns = clock::mono_ns() + PHOTO_NS;
    let mut ask_ns = clock::mono_ns() + PHOTO_NS / 4;
    while clock::mono_ns() < until_ns {
        let frame = link.next().await?.filter(|frame| Address::of(frame) == camera);
        if let Some(photo) = frame.as_ref().and_then(Image::read).filter(|photo| photo.index >= before) {
            return told(&photo, camera, arguments.to.json);
        }
        if clock::mono_ns() >= ask_ns {
            // The message may be lost: it is asked for by its number.
            ask_ns = clock::mono_ns() + PHOTO_NS / 4;
            let Ok(index) = u16::try_from(before) else { continue };
            let again = link.ask(camera, image(index)).await?.ok();
            if let Some(photo) = again.as_ref().and_then(Image::read).filter(|photo| photo.index >= before) {
                return told(&photo, camera, arguments.to.json);
            }
        }
    }
    bail!("camera {camera} acknowledged, and told of no photo for {} s", PHOTO_NS / 1_000_000_000)
}

fn told(image: &Image, camera: Address, as_json: bool) -> Result<String> {
    if !image.taken {
        bail!("camera {camera} tried, and took no photo");
    }
    let at = i64::try_from(image.utc_us).ok().filter(|us| *us > 0);
    let at = at.and_then(|us| jiff::Timestamp::from_microsecond(us).ok()).map(|at| at.to_string());
    if as_json {
        let facts = json!({ "camera": camera.to_string(), "image": image.index, "at": at, "file": image.file });
        return Ok(format!("{facts:#}\n"));
    }
    let at = at.unwrap_or_else(|| "at an unknown time".to_owned());
    Ok(format!("camera {camera}: photo {}, {at}, {}\n", image.index, image.file))
}
