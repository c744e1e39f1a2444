//! `live`: agrees the keys of an aircraft's live view with it, and hands the view on to a player, a file or a pipe.

mod player;
mod say;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use flight_record::keys::{DeviceKey, KeyId};
use flight_record::live::{LiveKeys, Step, Viewer};
use flight_record::trust::TrustList;
use flight_record::{Label, Stamp};
use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};
use vehicle_link::endpoint::Endpoint;
use vehicle_link::hub::Received;

use crate::clock;
use crate::link::Links;
use crate::witness::{Air, Trusted, Way, system_of};
use player::{Counts, Media, Out, Player};
use say::{Event, Voice};

/// How often the machine is told the time.
const TICK: Duration = Duration::from_millis(50);
/// How often it is said what has come.
const SAY_NS: u64 = 10_000_000_000;
/// MAVLink system ids 150 to 199, by the key: a witness with the same key is another component.
const SYSTEMS: std::ops::Range<u8> = 150..200;

/// Arguments of `live`.
#[derive(Args)]
#[command(after_help = "\
The aircraft sends its live view encrypted (SRTP) to the address in its onboard.toml, once a station of the unit's trust list
has agreed keys with it. This command does that over the MAVLink link, again for each flight and each start of the aircraft, and
passes on what opens: as plain RTP inside this machine, for which it prints an SDP file, or into files and pipes. What happens
is said on the standard error output.

Examples:
  skyseal-ground live --key station.key --trust trust.json --root 9f86d0… --mavlink udpout:192.168.1.10:14551 > live.sdp
  ffplay -protocol_whitelist file,udp,rtp live.sdp
  skyseal-ground live --key station.key --trust trust.json --root 9f86d0… --pictures - --telemetry live.klv | ffplay -

One station holds the keys at a time: the last that asked. The files are for looking at; the evidence is recorded aboard.

Exit: 0 stopped by a signal; 1 refused, or the view cannot be received; 2 misuse.")]
pub(crate) struct Arguments {
    /// This station's key, as `trust request` made it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The unit's trust list; read again when it changes, and its newest version kept in mind beside it
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// Fingerprint of the unit's root
    #[arg(long, value_name = "FINGERPRINT", value_parser = crate::witness::fingerprint)]
    root: KeyId,
    /// Link to the aircraft; repeat for more
    #[arg(long, value_name = "ENDPOINT", default_value = "udpin:0.0.0.0:14560")]
    mavlink: Vec<Endpoint>,
    /// The unit's name for the aircraft; without it the first that calls
    #[arg(long, value_name = "NAME")]
    aircraft: Option<Label>,
    /// Key of MAVLink signing, from `trust mavlink-key`: what goes out is signed, and nothing else is listened to
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,
    /// MAVLink system id of this command; without it 150 to 199, by its key
    #[arg(long, value_name = "ID", value_parser = clap::value_parser!(u8).range(1..))]
    system: Option<u8>,
    /// UDP port the pictures come to
    #[arg(long, value_name = "PORT", default_value_t = 5600)]
    video_port: u16,
    /// UDP port the telemetry comes to
    #[arg(long, value_name = "PORT", default_value_t = 5601)]
    klv_port: u16,
    /// Where the player listens: pictures go there as plain RTP, telemetry to the next port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5610")]
    to: SocketAddr,
    /// Lets the opened view go to another machine, where whoever is on the way can watch
    #[arg(long)]
    to_the_network: bool,
    /// Writes the pictures (H.264 or H.265, Annex B) to this file instead; - is the standard output
    #[arg(long, value_name = "FILE")]
    pictures: Option<PathBuf>,
    /// Writes the telemetry (ST 0601 packets) to this file instead; - is the standard output
    #[arg(long, value_name = "FILE")]
    telemetry: Option<PathBuf>,
    /// Says what happens as a JSON object a line
    #[arg(long)]
    json: bool,
    /// Ends when its standard input does: with whoever started it, however that died
    #[arg(long)]
    until_input_ends: bool,
}

impl Arguments {
    fn outs(&self) -> Result<(Out, Out)> {
        let to = self.to;
        let sends = self.pictures.is_none() || self.telemetry.is_none();
        if sends && !to.ip().is_loopback() && !self.to_the_network {
            bail!(
                "{to} is another machine: the view would go there unencrypted; add --to-the-network if that is meant"
            );
        }
        let klv_to = SocketAddr::new(
            to.ip(),
            to.port().checked_add(1).context("--to: there is no next port for the telemetry")?,
        );
        let (pictures, telemetry) =
            (Out::new(self.pictures.as_deref(), to), Out::new(self.telemetry.as_deref(), klv_to));
        ensure!((&pictures, &telemetry) != (&Out::Stdout, &Out::Stdout), "--pictures and --telemetry cannot both be -");
        Ok((pictures, telemetry))
    }
}

/// Shows the live view until it is stopped.
pub(crate) fn run(arguments: &Arguments) -> Result<String> {
    let key = DeviceKey::load(&arguments.key).context("the station's key; `skyseal-ground trust request` makes one")?;
    if arguments.until_input_ends {
        end_with_input()?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(show(arguments, key))
}

/// Ends this process, as SIGTERM does, when its standard input ends.
fn end_with_input() -> Result<()> {
    let run = || {
        // What cannot be read has ended too.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = kill_process(getpid(), Signal::TERM);
    };
    std::thread::Builder::new().name("input".to_owned()).spawn(run).context("no thread for the input")?;
    Ok(())
}

async fn show(arguments: &Arguments, key: DeviceKey) -> Result<String> {
    let mut term = signal(SignalKind::terminate()).context("SIGTERM cannot be listened for")?;
    let mut int = signal(SignalKind::interrupt()).context("SIGINT cannot be listened for")?;
    let station = key.public().id();
    let held = arguments.trust.parent().unwrap_or(Path::new("."));
    let mut trusted = Trusted::new(&arguments.trust, held, arguments.root);
    let trust = trusted.read(station, clock::now_utc_us())?;
    let (pictures, telemetry) = arguments.outs()?;
    if let Some(sdp) = player::sdp(&pictures, &telemetry) {
        print!("{sdp}");
        std::io::Write::flush(&mut std::io::stdout())?;
    }
    let players = Players {
        video: Player::start(Media::Video, arguments.video_port, &pictures)?,
        klv: Player::start(Media::Klv, arguments.klv_port, &telemetry)?,
    };
    let system = arguments.system.unwrap_or_else(|| system_of(station, SYSTEMS));
    let links = Links::open(&arguments.mavlink, arguments.signing_key.as_deref()).await?;
    let mut heard = links.hub.subscribe();
    let air = Air::new(links, system);
    let mut voice = Voice::new(arguments.json);
    voice.say(
        &Event::Listening { links: air.links(&arguments.mavlink), station: station.to_string() },
        clock::now_utc_us(),
    );
    let viewer = Viewer::new(key, arguments.aircraft.clone());
    let mut desk =
        Desk { trust, trusted, station, viewer, players, air, voice, way: None, said: (Counts::default(), 0) };
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = term.recv() => break,
            _ = int.recv() => break,
            _ = ticks.tick() => {
                desk.tick()?;
            }
            received = heard.recv() => match received {
                Some(received) => desk.hear(&received),
                None => break,
            },
        }
    }
    desk.voice.say(&Event::Ended(desk.players.counts()), clock::now_utc_us());
    Ok(String::new())
}

struct Players {
    video: Player,
    klv: Player,
}

impl Players {
    fn counts(&self) -> Counts {
        let (video, klv) = (self.video.counts(), self.klv.counts());
        Counts {
            pictures: video.whole,
            packets: klv.whole,
            opened: video.opened + klv.opened,
            unreadable: video.unreadable() + klv.unreadable(),
        }
    }

    fn agree(&self, LiveKeys { video, klv }: LiveKeys) {
        self.video.agree(video);
        self.klv.agree(klv);
    }
}

/// The actor around [`Viewer`].
struct Desk {
    trust: TrustList,
    trusted: Trusted,
    station: KeyId,
    viewer: Viewer,
    players: Players,
    air: Air,
    voice: Voice,
    /// Where the aircraft's last call came from.
    way: Option<Way>,
    /// Counts said, and when.
    said: (Counts, u64),
}

impl Desk {
    fn hear(&mut self, received: &Received) {
        let Some((body, way)) = self.air.body(received) else { return };
        let at = clock::stamp();
        let steps = self.viewer.hear(&body, &self.trust, at);
        self.carry_out(steps, Some(way), at);
    }

    fn tick(&mut self) -> Result<()> {
        let at = clock::stamp();
        for what in self.air.tick(at.mono_ns) {
            self.voice.say(&Event::Trouble { what }, at.utc_us);
        }
        if self.trusted.has_changed(at.mono_ns) {
            match self.trusted.read(self.station, at.utc_us) {
                Ok(trust) => self.trust = trust,
                Err(error) => {
                    let what = format!("{error:#}; the list read before stays in force");
                    self.voice.say(&Event::Trouble { what }, at.utc_us);
                }
            }
        }
        let counts = self.players.counts();
        let note = self.viewer.received(counts.opened, counts.unreadable, at.mono_ns);
        let mut steps: Vec<Step> = note.map(Step::Note).into_iter().collect();
        steps.extend(self.viewer.tick(at)?);
        self.carry_out(steps, None, at);
        if counts != self.said.0 && at.mono_ns.saturating_sub(self.said.1) >= SAY_NS {
            self.said = (counts, at.mono_ns);
            self.voice.say(&Event::Received(counts), at.utc_us);
        }
        match self.players.video.broken().or_else(|| self.players.klv.broken()) {
            Some(why) => bail!("the live view cannot be passed on: {why}"),
            None => Ok(()),
        }
    }

    fn carry_out(&mut self, steps: Vec<Step>, from: Option<Way>, at: Stamp) {
        for step in steps {
            match step {
                Step::Called => self.way = from.or(self.way),
                Step::Send(body) => {
                    if let Some(way) = self.way {
                        self.air.answer(way, &body);
                    }
                }
                Step::Keys(keys) => self.players.agree(keys),
                Step::Note(note) => self.voice.say(&Event::Note(&note), at.utc_us),
            }
        }
    }
}
