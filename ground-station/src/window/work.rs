//! Everything that works for the window on threads and in processes of its own.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use flight_record::keys::DeviceKey;

use super::settings::{Settings, View};
use crate::signer::Signs;
use crate::tasks::follow::{self, Follow};
use crate::tasks::health::Health;
use crate::tasks::radio::{self, Radio};
use crate::tasks::skies::{self, Skies};
use crate::tasks::{Repaint, live, witness};
use crate::video;

/// The workers. One that could not be started is missing, and why was said.
pub(crate) struct Work {
    /// MAVLink.
    pub(crate) radio: Option<Radio>,
    /// The picture.
    pub(crate) picture: Option<video::Live>,
    /// Who agrees its keys.
    pub(crate) keys: Option<live::Live>,
    /// The witness, in a process of its own.
    pub(crate) witness: Option<witness::Witness>,
    /// Who reads the witness's files.
    pub(crate) follow: Option<Follow>,
    /// The machine itself.
    pub(crate) health: Option<Health>,
    /// The zones.
    pub(crate) skies: Option<Skies>,
    /// Who signs for this station.
    pub(crate) station: Option<Arc<Signs>>,
}

impl Work {
    /// Starts what the settings name; why what is missing is missing.
    pub(crate) fn start(settings: &Settings, repaint: &Repaint) -> (Self, Vec<String>) {
        let mut troubles = Vec::new();
        let mut tried = |what: &str, error: anyhow::Error| troubles.push(format!("{what}: {error:#}"));
        let radio = start_radio(settings, repaint).map_err(|error| tried("No radio", error)).ok();
        let (keys, picture) = start_picture(settings, repaint).unwrap_or_else(|error| {
            tried("No live view", error);
            (None, None)
        });
        let witness = start_witness(settings, repaint).unwrap_or_else(|error| {
            tried("No witness", error);
            None
        });
        let key = settings.keys.station.as_deref().map(DeviceKey::load).transpose();
        let key = key.context("the station's key").unwrap_or_else(|error| {
            tried("Nothing is signed here", error);
            None
        });
        let follow = key.as_ref().and_then(|key| {
            let setup = follow::Setup {
                witness: settings.witness.dir.clone(),
                marks: settings.station.state.join("marks"),
                station: key.public(),
            };
            Follow::start(setup, Arc::clone(repaint)).map_err(|error| tried("The seal cannot be followed", error)).ok()
        });
        let health = Health::start(disk(settings), Arc::clone(repaint));
        let health = health.map_err(|error| tried("This machine is not looked after", error)).ok();
        let rules = skies::Setup { zones: settings.airspace.zones.clone(), register: settings.stores.first.clone() };
        let skies = Skies::start(rules, Arc::clone(repaint)).map_err(|error| tried("No zones", error)).ok();
        let station = key.map(|key| Arc::new(Signs::Station(key)));
        (Self { radio, picture, keys, witness, follow, health, skies, station }, troubles)
    }
}

/// A folder that exists on the disk that takes the flights.
fn disk(settings: &Settings) -> PathBuf {
    let wanted = settings.stores.first.clone().unwrap_or_else(|| settings.witness.dir.clone());
    wanted.ancestors().find(|folder| folder.is_dir()).map_or_else(|| PathBuf::from("."), PathBuf::from)
}

fn start_radio(settings: &Settings, repaint: &Repaint) -> Result<Radio> {
    let setup = radio::Setup { endpoints: settings.endpoints()?, signing_key: settings.links.signing_key.clone() };
    Radio::start(setup, Arc::clone(repaint))
}

fn start_picture(settings: &Settings, repaint: &Repaint) -> Result<(Option<live::Live>, Option<video::Live>)> {
    let live = &settings.live;
    let source = match live.view {
        View::None => return Ok((None, None)),
        View::Plain => {
            let listen = Ipv4Addr::UNSPECIFIED;
            video::Source::Rtp { listen, video_port: live.video_port, klv_port: live.klv_port }
        }
        View::Rtsp => video::Source::Rtsp(live.url.clone().context("[live] url is missing")?),
        View::Keys => {
            let keys = &settings.keys;
            let (Some(key), Some(trust), Some(root)) = (keys.station.clone(), keys.trust.clone(), settings.root()?)
            else {
                return Ok((None, None));
            };
            let to = live::free_pair()?;
            let setup = live::Setup {
                program: settings.program.clone(),
                key,
                trust,
                root,
                mavlink: settings.endpoints()?,
                signing_key: settings.links.signing_key.clone(),
                aircraft: settings.aircraft()?,
                ports: (live.video_port, live.klv_port),
                to,
            };
            // What comes here in clear was opened on this machine; from the network anybody could put pictures in.
            let (listen, klv_port) = (Ipv4Addr::LOCALHOST, to.port().saturating_add(1));
            let source = video::Source::Rtp { listen, video_port: to.port(), klv_port };
            let picture = video::Live::start(source, Arc::clone(repaint))?;
            return Ok((Some(live::Live::start(&setup, Arc::clone(repaint))?), Some(picture)));
        }
    };
    Ok((None, Some(video::Live::start(source, Arc::clone(repaint))?)))
}

fn start_witness(settings: &Settings, repaint: &Repaint) -> Result<Option<witness::Witness>> {
    let keys = &settings.keys;
    let (Some(key), Some(trust), Some(root)) = (keys.station.clone(), keys.trust.clone(), settings.root()?) else {
        return Ok(None);
    };
    if !settings.witness.start {
        return Ok(None);
    }
    let setup = witness::Setup {
        program: settings.program.clone(),
        dir: settings.witness.dir.clone(),
        key,
        trust,
        root,
        mavlink: settings.endpoints()?,
        signing_key: settings.links.signing_key.clone(),
        recipients: settings.witness.entitled.clone().zip(settings.witness.wraps.clone()),
        log: settings.log.drafts.clone().map(|drafts| (drafts, None)),
    };
    witness::Witness::start(&setup, Arc::clone(repaint)).map(Some)
}
