//! age recipients: whom a flight is sealed to, and the one-time ones loaded when an aircraft is booked out.

use age::secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Largest list of recipients read, in bytes.
const MAX_LIST_BYTES: u64 = 1 << 20;

/// An age X25519 recipient, `age1…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient(String);

impl Recipient {
    /// The key to encrypt to.
    pub(crate) fn key(&self) -> Result<age::x25519::Recipient, BadRecipient> {
        self.0.parse().map_err(|_| BadRecipient)
    }
}

/// Text that is no age X25519 recipient.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an age X25519 recipient (age1…)")]
pub struct BadRecipient;

impl std::str::FromStr for Recipient {
    type Err = BadRecipient;

    fn from_str(text: &str) -> Result<Self, BadRecipient> {
        let key: age::x25519::Recipient = text.parse().map_err(|_| BadRecipient)?;
        if key.to_string() == text { Ok(Self(text.to_owned())) } else { Err(BadRecipient) }
    }
}

impl TryFrom<String> for Recipient {
    type Error = BadRecipient;

    fn try_from(text: String) -> Result<Self, BadRecipient> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What can go wrong with lists of recipients.
#[derive(Debug, thiserror::Error)]
pub enum RecipientsError {
    /// A file cannot be read or written.
    #[error("{doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A line is no recipient.
    #[error(
        "{path}, line {line}: not an age X25519 recipient (age1…); make the list again with `skyseal-ground recipients make`"
    )]
    BadLine {
        /// The list.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Every recipient has been used.
    #[error("every recipient of {path} has been used; load a new list with `skyseal-ground recipients make`")]
    Exhausted {
        /// The list.
        path: PathBuf,
    },
}

impl RecipientsError {
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

/// Recipients of which each seals one flight only.
pub struct OneTime;

impl OneTime {
    /// The first recipient of `public_file` that `used_file` does not hold; it is noted there, durably, before it is
    /// returned, so that a crash may waste one but never uses one twice.
    ///
    /// # Errors
    /// When a file cannot be read or written, a line is no recipient, or none is left.
    pub fn take(public_file: &Path, used_file: &Path) -> Result<Recipient, RecipientsError> {
        let used = match read_list(used_file) {
            Err(RecipientsError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        let next = read_list(public_file)?
            .into_iter()
            .find(|recipient| !used.contains(recipient))
            .ok_or_else(|| RecipientsError::Exhausted { path: public_file.to_owned() })?;
        let io = || RecipientsError::io("cannot note a used recipient in", used_file);
        let mut file = OpenOptions::new().append(true).create(true).open(used_file).map_err(io())?;
        file.write_all(format!("{next}\n").as_bytes()).and_then(|()| file.sync_all()).map_err(io())?;
        crate::durable::sync_parent(used_file).map_err(io())?;
        Ok(next)
    }

    /// Makes `count` identities: each secret in `secrets_dir/<age1…>.identity` (mode 600), every recipient on a line of
    /// `public_file`, which must not exist yet.
    ///
    /// # Errors
    /// When a file exists or cannot be written.
    pub fn make(count: u32, secrets_dir: &Path, public_file: &Path) -> Result<Vec<Recipient>, RecipientsError> {
        fs::create_dir_all(secrets_dir).map_err(RecipientsError::io("cannot create", secrets_dir))?;
        let io = || RecipientsError::io("cannot write the list of recipients", public_file);
        let mut list = OpenOptions::new().write(true).create_new(true).open(public_file).map_err(io())?;
        let mut made = Vec::new();
        for _ in 0..count {
            let identity = age::x25519::Identity::generate();
            let recipient = Recipient(identity.to_public().to_string());
            let path = secrets_dir.join(format!("{recipient}.identity"));
            write_secret(&path, identity.to_string().expose_secret())?;
            list.write_all(format!("{recipient}\n").as_bytes()).map_err(io())?;
            made.push(recipient);
        }
        list.sync_all().map_err(io())?;
        Ok(made)
    }
}

fn write_secret(path: &Path, secret: &str) -> Result<(), RecipientsError> {
    let io = || RecipientsError::io("cannot write the identity", path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io())?;
    file.write_all(secret.as_bytes()).and_then(|()| file.write_all(b"\n")).and_then(|()| file.sync_all()).map_err(io())
}

/// The recipients of a list, one a line; empty lines and lines that begin with `#` are skipped.
fn read_list(path: &Path) -> Result<Vec<Recipient>, RecipientsError> {
    let io = || RecipientsError::io("cannot read the list of recipients", path);
    let mut text = String::new();
    fs::File::open(path).and_then(|file| file.take(MAX_LIST_BYTES).read_to_string(&mut text)).map_err(io())?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(at, line)| line.parse().map_err(|_| RecipientsError::BadLine { path: path.to_owned(), line: at + 1 }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_recipient_is_taken_once_and_then_there_are_none() {
        let dir = tempfile::tempdir().unwrap();
        let (public, used) = (dir.path().join("public"), dir.path().join("used"));
        let made = OneTime::make(3, &dir.path().join("secrets"), &public).unwrap();
        for expected in &made {
            assert_eq!(OneTime::take(&public, &used).unwrap(), *expected);
        }
        assert!(matches!(OneTime::take(&public, &used), Err(RecipientsError::Exhausted { .. })));
        let secret = fs::read_to_string(dir.path().join(format!("secrets/{}.identity", made[0]))).unwrap();
        let identity: age::x25519::Identity = secret.trim().parse().unwrap();
        assert_eq!(identity.to_public().to_string(), made[0].to_string());
    }

    #[test]
    fn a_bad_line_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let public = dir.path().join("public");
        fs::write(&public, "# list\nage1nonsense\n").unwrap();
        let error = OneTime::take(&public, &dir.path().join("used")).unwrap_err();
        assert!(matches!(error, RecipientsError::BadLine { line: 2, .. }), "{error}");
    }
}
