//! `trust`: makes the unit's root, enrols and revokes keys, shows who is trusted.

mod arguments;
mod compare;
mod mavlink_key;
mod print;

pub(crate) use arguments::Command;

use crate::clock;
use anyhow::{Context as _, bail};
use arguments::{Enrol, EnrolmentKey, Export, Home, Init, Request, Revoke, Signer};
use compare::Compared;
use flight_record::keys::DeviceKey;
use flight_record::trust::{Authority, EnrolmentRequest, Grant, Passphrase, Revocation, TrustList, Validity};
use print::Answer;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Does it; what to print.
pub(crate) fn run(command: Command) -> anyhow::Result<String> {
    match command {
        Command::Init(args) => init(args),
        Command::Request(args) => request(&args),
        Command::Enrol(args) => enrol(args),
        Command::EnrolmentKey(args) => enrolment_key(&args),
        Command::Revoke(args) => revoke(args),
        Command::Show(Home { dir, json }) => Answer::of(Authority::new(&dir).list()?).print(json),
        Command::Export(args) => export(&args),
        Command::MavlinkKey(args) => mavlink_key::make(&args),
    }
}

fn init(args: Init) -> anyhow::Result<String> {
    let passphrase = passphrase(&args.passphrase_file)?;
    let list = Authority::new(&args.dir).init(args.unit, &passphrase, clock::now_utc_us())?;
    Answer::of(list).print(args.json)
}

/// A key of this machine, made or taken up again, and its request.
fn request(args: &Request) -> anyhow::Result<String> {
    let key = if args.key.exists() { DeviceKey::load(&args.key)? } else { DeviceKey::create(&args.key)? };
    let bytes = EnrolmentRequest::write(&key, args.name.clone(), clock::now_utc_us());
    write_new(&args.request, &bytes)?;
    print::requested(&key.public().id(), &args.request, args.json)
}

fn enrol(args: Enrol) -> anyhow::Result<String> {
    let grant = Grant { role: args.role, class: args.class, duties: args.duty };
    let path = &args.request;
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the request {}", path.display()))?;
    let request = EnrolmentRequest::read(&bytes).with_context(|| {
        format!(
            "{} is no enrolment request; make it with `skyseal-onboard enrol` or `skyseal-ground trust request`",
            path.display()
        )
    })?;
    let (authority, passphrase) = signing(&args.home, &args.signer)?;
    let validity = Validity { from_utc_us: clock::now_utc_us(), days: args.valid_days };
    let id = request.public_key.id();
    match compare::with_the_device(&request, grant.role, args.expect, args.yes)? {
        Compared::Same => {}
        Compared::Other => bail!("nothing was enrolled; find out whose request {} is", path.display()),
    }
    let list = authority.enrol(&request, grant, validity, &passphrase)?;
    Answer::of(list).about("enrolled", id).print(args.home.json)
}

/// The keys in the unit's folder, and what opens the one that is to sign.
fn signing(home: &Home, signer: &Signer) -> anyhow::Result<(Authority, Passphrase)> {
    let authority = Authority::new(&home.dir);
    let authority = signer.signing.iter().fold(authority, |authority, with| authority.signing(with.0));
    Ok((authority, passphrase(&signer.passphrase_file)?))
}

fn enrolment_key(args: &EnrolmentKey) -> anyhow::Result<String> {
    let authority = Authority::new(&args.dir);
    let root = passphrase(&args.passphrase_file)?;
    let now_utc_us = clock::now_utc_us();
    let list = match (&args.enrolment_passphrase_file, args.valid_days) {
        (Some(file), Some(days)) => {
            authority.make_enrolment_key(&root, &passphrase(file)?, Validity { from_utc_us: now_utc_us, days })?
        }
        _ => authority.revoke_enrolment_key(&root, now_utc_us)?,
    };
    Answer::of(list).print(args.json)
}

fn revoke(args: Revoke) -> anyhow::Result<String> {
    let (authority, passphrase) = signing(&args.home, &args.signer)?;
    let now_utc_us = clock::now_utc_us();
    let at_utc_us = args.since.map_or(now_utc_us, |since| since.as_microsecond());
    if at_utc_us > now_utc_us {
        bail!("--since lies in the future; a key is revoked as from now, or from when it was lost");
    }
    let revocation = Revocation { at_utc_us, reason: args.reason };
    let list = authority.revoke_since(args.key, revocation, now_utc_us, &passphrase)?;
    Answer::of(list).about("revoked", args.key).print(args.home.json)
}

/// A copy of the list for those who hold it. It is checked first, and never written over anything.
fn export(args: &Export) -> anyhow::Result<String> {
    let authority = Authority::new(&args.home.dir);
    let fingerprint = authority.list()?.fingerprint();
    let bytes = authority.list_bytes()?;
    let list = TrustList::open(&bytes, fingerprint)?;
    if clock::now_utc_us() > list.expires_utc_us {
        bail!("version {} has expired; enrol or revoke a key to issue a new one", list.version);
    }
    write_new(&args.out, &bytes)?;
    Answer::of(list).print(args.home.json)
}

fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .with_context(|| format!("cannot create {}; a file that exists is not written over", path.display()))
}

fn passphrase(path: &Path) -> anyhow::Result<Passphrase> {
    Ok(Passphrase::from(first_line(path)?.to_string()))
}

/// The first line of a file; nothing else is trimmed.
fn first_line(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .with_context(|| format!("cannot read the passphrase from {}", path.display()))?;
    let Some(line) = text.lines().next().filter(|line| !line.is_empty()) else {
        bail!("{} is empty; its first line must be the passphrase", path.display());
    };
    Ok(Zeroizing::new(line.to_owned()))
}
