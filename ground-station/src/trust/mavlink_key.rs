//! `trust mavlink-key`: the secret that the ends of signed MAVLink links share.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use rand::TryRngCore as _;
use serde_json::json;
use vehicle_link::signing::Key;
use zeroize::Zeroizing;

/// Fewer characters are tried out in no time by whoever recorded one frame.
const LEAST_CHARACTERS: usize = 20;

pub(super) const EXAMPLES: &str = "\
With this key an aircraft and its stations take no order from anybody else: onboard.toml names the file as
`signing_key`, and each command with a link takes --signing-key. Copy it by hand, never by radio; every end
needs the same. Where one is lost, make a new one for all.

MAVProxy, QGroundControl and Mission Planner take no file but a passphrase, and sign with its SHA-256. Where one
of them is to be heard too, make the key of that passphrase and type it there (in MAVProxy: signing setup WORDS).
One of them also gives the key to an autopilot that shall sign by itself.

Examples:
  skyseal-ground trust mavlink-key --out mavlink.key
  openssl rand -base64 24 > words && skyseal-ground trust mavlink-key --out mavlink.key --passphrase-file words
  skyseal-ground record start --signing-key mavlink.key --reason …";

/// Arguments of `trust mavlink-key`.
#[derive(Args)]
pub(crate) struct MavlinkKey {
    /// The key to make, readable by its owner only; it must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// File whose first line is the passphrase of the key, at least 20 characters; without it the key is random.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Prints the facts as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn make(args: &MavlinkKey) -> anyhow::Result<String> {
    let key = match &args.passphrase_file {
        Some(path) => {
            let passphrase = super::first_line(path)?;
            if passphrase.chars().count() < LEAST_CHARACTERS {
                bail!(
                    "the passphrase in {} has fewer than {LEAST_CHARACTERS} characters; `openssl rand -base64 24` gives a good one",
                    path.display()
                );
            }
            Key::of_passphrase(&passphrase)
        }
        None => {
            let mut bytes = Zeroizing::new([0; 32]);
            rand::rngs::OsRng.try_fill_bytes(&mut bytes[..]).context("the operating system gives no random bytes")?;
            Key::new(bytes)
        }
    };
    key.create(&args.out)?;
    let made_of = if args.passphrase_file.is_some() { "passphrase" } else { "random" };
    Ok(if args.json {
        format!("{:#}\n", json!({ "key": args.out, "made_of": made_of }))
    } else {
        format!(
            "{}: a key for signing MAVLink; name it in onboard.toml (signing_key) and give it as --signing-key\n",
            args.out.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_random_key_is_another_and_a_passphrase_always_gives_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let words = folder.path().join("words");
        let made = |name: &str, of: Option<&str>| {
            of.inspect(|text| std::fs::write(&words, text).unwrap());
            let out = folder.path().join(name);
            let passphrase_file = of.map(|_| words.clone());
            make(&MavlinkKey { out: out.clone(), passphrase_file, json: false })?;
            anyhow::Ok(std::fs::read(out)?)
        };
        assert_ne!(made("a", None).unwrap(), made("b", None).unwrap());
        let same = Some("a search in the dales\nand more");
        assert_eq!(made("c", same).unwrap(), made("d", same).unwrap());
        assert!(made("e", Some("too short")).unwrap_err().to_string().contains("openssl rand"));
        assert!(made("a", None).is_err(), "nothing is written over");
    }
}
