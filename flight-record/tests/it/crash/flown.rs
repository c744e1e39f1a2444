//! A whole small flight on a recorded disk, what its heads have told the world, and taking it up again as the agent does.

use super::cut::{Crash, Image, after};
use super::disk::{Keys, Recorded, Step};
use crate::ground::{enrol, station_key, time_s};
use crate::support::{Camera, Film, START_UTC_US, Unit, at, boot, code, segment_record, tlog_entry};
use flight_record::flight::{self, Flight, FlightError, Head, Open};
use flight_record::keys::DeviceKey;
use flight_record::layout::SealedName;
use flight_record::note::Checkpoint;
use flight_record::radio;
use flight_record::record::{Kind, Nonce, Prefix, Statement, Telemetry};
use flight_record::seal::{SealError, Sealed, SealedFile};
use flight_record::statement::{Action, GivenReason, Moment, Subject};
use flight_record::trust::{Class, Duty, Grant};
use flight_record::{Extent, FlightId, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Fits one sector and a bit each, and fills chunks of age.
const PICTURE_BYTES: usize = 5_000;

/// A unit with a station and a pilot.
pub(crate) struct Sky {
    pub(crate) unit: Unit,
    pilot: DeviceKey,
}

/// What could have left the aircraft once so many steps were done.
#[derive(Clone, Default)]
pub(crate) struct Told {
    pub(crate) heads: Vec<(usize, FlightId, u64, Sha256)>,
    /// Files that those heads vouch for.
    pub(crate) files: Vec<(usize, FlightId, SealedName, Extent)>,
    pub(crate) closed: Vec<(usize, FlightId)>,
}

impl Told {
    /// What had been told when so many steps were done.
    pub(crate) fn by(&self, at: usize) -> Self {
        let mut told = self.clone();
        told.heads.retain(|(step, ..)| *step <= at);
        told.files.retain(|(step, ..)| *step <= at);
        told.closed.retain(|(step, _)| *step <= at);
        told
    }

    /// The same on a machine that counts its steps anew.
    fn anew(mut self) -> Self {
        self.heads.iter_mut().for_each(|(step, ..)| *step = 0);
        self.files.iter_mut().for_each(|(step, ..)| *step = 0);
        self.closed.iter_mut().for_each(|(step, _)| *step = 0);
        self
    }
}

/// A disk in a folder of memory, with its folder of keys.
pub(crate) struct Machine {
    _temp: tempfile::TempDir,
    pub(crate) base: Image,
    pub(crate) disk: Arc<Recorded>,
}

impl Machine {
    /// A machine on whose disk lies `image`; `base` and `steps` say how it came there.
    pub(crate) fn with(image: &Image, keys: &Keys, base: Image, steps: &[(Step, Keys)]) -> Self {
        let memory = Path::new("/dev/shm");
        let temp = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let (root, key_dir) = (temp.path().join("disk"), temp.path().join("keys"));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&key_dir).unwrap();
        image.lay_out(&root);
        for (path, bytes) in keys {
            fs::write(key_dir.join(path.file_name().unwrap()), bytes).unwrap();
        }
        let disk = Recorded::new(&root, &key_dir, &base, steps);
        Self { _temp: temp, base, disk }
    }

    pub(crate) fn new() -> Self {
        Self::with(&Image::default(), &Keys::new(), Image::default(), &[])
    }

    /// The machine that comes back after a crash at step `at` of this one, what it had told by then, and `keys` in its
    /// memory where that lives on.
    pub(crate) fn crashed(&self, told: &Told, at: usize, crash: Crash, keys: &Keys) -> (Self, Told) {
        let steps = &self.disk.steps()[..at];
        let image = after(&self.base, steps.iter().map(|(step, _)| step), crash);
        match crash {
            // What a failed sync left is read past the cache: it stays as it is read.
            Crash::Killed if steps.iter().any(|(step, _)| matches!(step, Step::Lost(_))) => {
                (Self::with(&image, keys, image.clone(), &[]), told.by(at).anew())
            }
            // What the system still holds may be lost later.
            Crash::Killed => (Self::with(&image, keys, self.base.clone(), steps), told.by(at)),
            Crash::Bare | Crash::Torn(_) => (Self::with(&image, &Keys::new(), image.clone(), &[]), told.by(at).anew()),
        }
    }

    pub(crate) fn flights(&self) -> PathBuf {
        self.disk.root.join("flights")
    }
}

impl Sky {
    pub(crate) fn new() -> Self {
        let mut unit = Unit::new(Class::Operational);
        let pilot = DeviceKey::from_seed([0x71; 32]);
        enrol(&mut unit, &station_key(1), "van 3", Grant::station());
        enrol(&mut unit, &pilot, "officer 9", Grant::officer(&[Duty::Pilot]));
        Self { unit, pilot }
    }

    fn nonce(&self, flight: FlightId) -> Kind {
        let key = station_key(1);
        let body = radio::Nonce::sign(flight, Sha256::of(b"nonce"), time_s(1), &key);
        Kind::Nonce(Nonce::of(key.public().id(), &body))
    }

    fn order(&self, flight: FlightId) -> Kind {
        let about = radio::Statement::about(Subject::Flight, flight, self.unit.device.public().id());
        let made = Moment::from(START_UTC_US + 1_000_000);
        let reason = GivenReason::new("missing person, log 1234".parse().unwrap()).unwrap();
        let said = radio::Statement::sign(Action::Start, about, made, reason.commitment(), &self.pilot);
        Kind::Statement(Statement::of(self.pilot.public().id(), Subject::Flight, &said))
    }
}

/// Flies, and goes on like the agent whatever the disk refuses.
pub(crate) struct Aircraft<'a> {
    sky: &'a Sky,
    machine: &'a Machine,
    camera: Camera,
    flight: Option<Flight<Open>>,
    pub(crate) told: Told,
    /// What was refused, with the words.
    pub(crate) refused: Vec<String>,
}

type Done<T> = Result<T, FlightError>;

impl<'a> Aircraft<'a> {
    pub(crate) fn new(sky: &'a Sky, machine: &'a Machine, told: Told) -> Self {
        Self { sky, machine, camera: Camera::new(PICTURE_BYTES), flight: None, told, refused: Vec::new() }
    }

    /// Opened, filmed, closed.
    pub(crate) fn fly(&mut self) {
        self.open();
        self.say(|sky, flight| flight.append(sky.nonce(flight.id()), at(1)));
        let ordered = self.say(|sky, flight| flight.append(sky.order(flight.id()), at(1)));
        self.say(|sky, flight| {
            let pilot = ordered.then(|| sky.pilot.public().id());
            flight.event_by(code("recording-started"), pilot, Some(b"by order"), at(2))
        });
        for index in 1..=2 {
            self.film(index, 2 * index);
            self.log(index, 2 * index);
        }
        self.cosign();
        self.say(|_, flight| flight.event(code("recording-stopped"), None, at(8)));
        self.close(9);
    }

    pub(crate) fn open(&mut self) {
        let Sky { unit, .. } = self.sky;
        let disk = &self.machine.disk;
        let made =
            Flight::create_on(&disk.handle(), &self.machine.flights(), &unit.device, &disk.keys, unit.facts(), at(0));
        match made {
            Ok(flight) => {
                self.told(&flight, flight.head().unwrap());
                self.flight = Some(flight);
            }
            Err(error) => self.refuse(&error),
        }
    }

    /// Takes up what lies there unclosed, as the agent does at its start; whether anything was.
    pub(crate) fn take_up(&mut self, boot_n: u8, at_s: u32) -> bool {
        for dir in flight::unclosed(&self.machine.flights()).unwrap() {
            let (unit, disk) = (&self.sky.unit, &self.machine.disk);
            let resumed = Flight::resume_on(&disk.handle(), &dir, &unit.device, &disk.keys, boot(boot_n), at(at_s));
            match resumed {
                Ok((flight, _)) => {
                    self.told(&flight, flight.head().unwrap());
                    self.flight = Some(flight);
                }
                Err(error) => self.refuse(&error),
            }
        }
        self.flight.is_some()
    }

    pub(crate) fn close(&mut self, at_s: u32) {
        let Some(flight) = self.flight.take() else { return };
        let id = flight.id();
        match flight.close(code("landed"), at(at_s)) {
            Ok(closed) => {
                let Head { size, root, .. } = *closed.head();
                let step = self.machine.disk.len();
                self.told.heads.push((step, id, size, root));
                self.told.closed.push((step, id));
            }
            Err(error) => self.refuse(&error),
        }
    }

    /// One more segment of a flight that goes on.
    pub(crate) fn go_on(&mut self, at_s: u32) {
        let Some(flight) = &self.flight else { return };
        let index = flight.first_free_segment(&"eo".parse().unwrap());
        self.camera = Camera::new(PICTURE_BYTES);
        (0..at_s).for_each(|_| self.camera.skip_second());
        self.say(|_, flight| flight.event(code("recording-started"), None, at(at_s)));
        self.film(index, at_s);
    }

    /// An event with a sealed explanation.
    pub(crate) fn say_with(&mut self, words: &[u8], at_s: u32) {
        self.say(|_, flight| flight.event(code("light"), Some(words), at(at_s)));
    }

    fn say(&mut self, what: impl FnOnce(&Sky, &mut Flight<Open>) -> Done<Head>) -> bool {
        let Some(mut flight) = self.flight.take() else { return false };
        let said = what(self.sky, &mut flight);
        match &said {
            Ok(head) => self.told(&flight, head),
            Err(error) => self.refuse(error),
        }
        self.flight = Some(flight);
        said.is_ok()
    }

    fn told(&mut self, flight: &Flight<Open>, head: &Head) {
        self.told.heads.push((self.machine.disk.len(), flight.id(), head.size, head.root));
    }

    fn refuse(&mut self, error: &dyn std::error::Error) {
        let mut words = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            words = format!("{words}: {cause}");
            source = cause.source();
        }
        self.refused.push(words);
    }

    fn sealed(
        &mut self,
        write: impl FnOnce(&mut Self, SealedFile) -> Result<(Sealed, Kind), SealError>,
        file: Done<SealedFile>,
        at_s: u32,
    ) {
        let written = match file {
            Ok(file) => write(self, file),
            Err(error) => return self.refuse(&error),
        };
        match written {
            Ok((sealed, kind)) => {
                if self.say(|_, flight| flight.append(kind, at(at_s))) {
                    let id = self.flight.as_ref().unwrap().id();
                    self.told.files.push((self.machine.disk.len(), id, sealed.file, sealed.sealed));
                }
            }
            Err(error) => self.refuse(&error),
        }
    }

    /// Two syncs, one of them attested, and the rest.
    fn film(&mut self, index: u32, at_s: u32) {
        let Some(flight) = &self.flight else { return };
        let file = flight.segment_file(&"eo".parse().unwrap(), index);
        let write = |aircraft: &mut Self, mut file: SealedFile| {
            let mut film: Option<Film> = None;
            for part in 0..3 {
                let shot = aircraft.camera.try_film(&mut file, 15)?;
                film = Some(match film {
                    None => shot,
                    Some(so_far) => {
                        Film { frames: so_far.frames + shot.frames, last_pts_90k: shot.last_pts_90k, ..so_far }
                    }
                });
                if part < 2 {
                    let prefix = file.progress();
                    file.syncer().unwrap().sync()?;
                    if part == 0 {
                        aircraft.attest(prefix, at_s);
                    }
                }
            }
            let sealed = file.finish()?;
            Ok((sealed.clone(), segment_record(sealed, index, &film.unwrap())))
        };
        self.sealed(write, file, at_s);
    }

    fn attest(&mut self, prefix: Prefix, at_s: u32) {
        self.say(|_, flight| flight.append(Kind::Prefix(prefix), at(at_s)));
    }

    fn log(&mut self, index: u32, at_s: u32) {
        let Some(flight) = &self.flight else { return };
        let file = flight.telemetry_file(index);
        let time = at(at_s).utc_us;
        let write = |_: &mut Self, mut file: SealedFile| {
            file.write(&tlog_entry(time, 9))?;
            let sealed = file.finish()?;
            let Sealed { file, sealed: extent, plain } = sealed.clone();
            let kind = Kind::Telemetry(Telemetry {
                index,
                file,
                sealed: extent,
                plain,
                messages: 1,
                first_utc_us: Some(time),
                last_utc_us: Some(time),
                links: 1,
            });
            Ok((sealed, kind))
        };
        self.sealed(write, file, at_s);
    }

    /// A station has its say about the newest head.
    fn cosign(&mut self) {
        let Some(flight) = &mut self.flight else { return };
        let Some(Head { size, root, .. }) = flight.head().cloned() else { return };
        let key = station_key(1);
        let word = Checkpoint { flight: flight.id(), size, root }.cosign(&key, time_s(7));
        if let Err(error) = flight.store_cosignature(&key.public(), &word, size) {
            self.refuse(&error);
        }
    }
}
