//! `fly`: a plan up, read back, compared, flown, followed to the ground.

mod arguments;
mod depart;
mod escort;
mod figures;
mod follow;
mod load;

use anyhow::{Context as _, Result, bail};
use mission_profiles::plan_files;
use serde_json::{Value, json};
use vehicle_link::missions::Item;
use vehicle_link::peers::{Address, Peer};

use crate::link::{Link, Place};
use crate::log;
use crate::papers::{self, Carried};
use crate::signer::Signs;
pub(crate) use arguments::Arguments;
use escort::{Brief, Escort};
use follow::Followed;
pub(crate) use load::{Far, is_unsupported, load};

/// MAV_AUTOPILOT_ARDUPILOTMEGA: keeps home as item 0, and arms in GUIDED.
pub(crate) const ARDUPILOT: u8 = 3;
const WAYPOINT: u16 = 16;
const FRAME_GLOBAL: u8 = 0;

/// Does it; what to print.
pub(crate) fn run(arguments: &Arguments) -> Result<String> {
    let path = &arguments.plan;
    let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let plan = plan_files::Plan::read(&bytes).with_context(|| path.display().to_string())?;
    if plan.mission.is_empty() {
        bail!("{} has no mission items: there is nothing to fly", path.display());
    }
    let brief = Brief::read(arguments, &bytes, &plan)?;
    // Before anything is said on the air: a person without a PIN sends no papers.
    let signer = brief.as_ref().map(|_| arguments.signature.signer()).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(fly(arguments, &plan, brief.as_ref().zip(signer.as_ref())))
}

async fn fly(arguments: &Arguments, plan: &plan_files::Plan, papers: Option<(&Brief, &Signs)>) -> Result<String> {
    let mut link = Link::open(&arguments.link).await?;
    link.log = log::Follower::by_default(&arguments.log)?;
    let say = |words: String| {
        if !arguments.json {
            eprintln!("{words}");
        }
    };
    let vehicle = link.find().await?;
    say(format!("vehicle {}, autopilot {}", vehicle.address, autopilot_name(vehicle.autopilot)));
    if vehicle.is_armed() {
        bail!("the vehicle is armed already; land it and disarm, then load a plan");
    }
    let index = papers.map(|(brief, _)| brief.index());
    let mut escort = match papers.zip(index.as_ref()) {
        Some(((brief, signer), index)) => {
            say(papers::line(&brief.judged));
            brief.warnings().into_iter().for_each(|warning| eprintln!("warning: {warning}"));
            let camera = Address::new(vehicle.address.system, arguments.camera);
            let carried = Carried::new(Some(brief.packed.clone()), camera, signer);
            let mut escort = Escort::new(brief, index, carried, arguments.endurance_min)?;
            escort.hand_over(&mut link).await.context("the papers did not reach the aircraft, so it is not flown")?;
            say("the aircraft has the papers".to_owned());
            Some(escort)
        }
        None => {
            eprintln!("warning: flown without papers: nothing is checked, and the flight's record says nothing of it");
            None
        }
    };
    let judged = papers.map(|(brief, _)| &brief.judged);
    let home = if vehicle.autopilot == ARDUPILOT { Some(home(&mut link, plan).await?) } else { None };
    let loading = |far: Far| match far {
        Far::Said(words) => say(words),
        Far::Items { .. } => {}
    };
    let items = load(&mut link, &vehicle, plan, home, &loading).await?.items;
    let flown = if arguments.upload_only {
        None
    } else {
        figures::ask(&mut link, &vehicle, &say).await?;
        depart::start(&mut link, &vehicle, &say).await?;
        say("armed, mission started".to_owned());
        let followed = follow::to_the_ground(&mut link, &vehicle, items, arguments, escort.as_mut()).await?;
        if let Some(escort) = &mut escort {
            escort.last_words(&mut link).await?;
        }
        Some(followed)
    };
    let papers = escort.as_ref().zip(judged).map(|(escort, judged)| escort.facts(judged));
    report(arguments, &vehicle, items, flown.as_ref(), papers.as_ref())
}

/// ArduPilot's item 0: where the plan was drawn to start, else where the vehicle says it stands.
async fn home(link: &mut Link, plan: &plan_files::Plan) -> Result<Item> {
    if let Some(home) = home_of(plan, None) {
        return Ok(home);
    }
    let until_ns = crate::clock::mono_ns() + crate::link::FIND_NS;
    while crate::clock::mono_ns() < until_ns {
        link.next().await?;
        if let Some(home) = home_of(plan, link.watch.place) {
            return Ok(home);
        }
    }
    bail!("the plan has no planned home and the vehicle does not say where it stands; wait for its position")
}

/// The same, where one of them is known.
pub(crate) fn home_of(plan: &plan_files::Plan, place: Option<Place>) -> Option<Item> {
    let at = |x, y, z| Item { frame: FRAME_GLOBAL, command: WAYPOINT, autocontinue: 1, params: [0.0; 4], x, y, z };
    let stands = |place: Place| at(place.lat_e7, place.lon_e7, metres(f64::from(place.msl_mm) / 1e3));
    let drawn = plan.planned_home.map(|[lat, lon, msl_m]| at(degrees_e7(lat), degrees_e7(lon), metres(msl_m)));
    drawn.or_else(|| place.map(stands))
}

#[expect(clippy::cast_possible_truncation, reason = "degrees of a place, in 1e-7")]
fn degrees_e7(degrees: f64) -> i32 {
    (degrees * 1e7).round() as i32
}

#[expect(clippy::cast_possible_truncation, reason = "MAVLink's heights are f32")]
fn metres(value: f64) -> f32 {
    value as f32
}

fn autopilot_name(autopilot: u8) -> String {
    match autopilot {
        ARDUPILOT => "ArduPilot".to_owned(),
        12 => "PX4".to_owned(),
        other => format!("MAV_AUTOPILOT {other}"),
    }
}

fn report(
    arguments: &Arguments,
    vehicle: &Peer,
    items: usize,
    followed: Option<&Followed>,
    papers: Option<&Value>,
) -> Result<String> {
    if !arguments.json {
        return Ok(match followed {
            None => "uploaded; nothing was started\n".to_owned(),
            Some(done) => format!(
                "landed and disarmed after {:.0} s in the air; {} of {items} items reached\n",
                done.airborne_s,
                done.reached.len()
            ),
        });
    }
    let facts = json!({
        "vehicle": vehicle.address.to_string(),
        "autopilot": autopilot_name(vehicle.autopilot),
        "items": items,
        "flown": followed.is_some(),
        "airborne_s": followed.map(|done| done.airborne_s),
        "reached": followed.map(|done| &done.reached),
        "returned_early": followed.map(|done| done.returned_early),
        "longest_silence_s": followed.map(|done| done.longest_silence_s),
        "papers": papers,
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&facts)?))
}
