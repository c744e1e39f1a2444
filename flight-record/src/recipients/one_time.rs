//! Recipients made on the ground beforehand, of which each seals one flight only.

use super::{FlightRecipients, Recipient, RecipientsError, read_list, write_new};
use crate::durable;
use age::secrecy::ExposeSecret as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use zeroize::Zeroizing;

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
        durable::sync_parent(used_file).map_err(io())?;
        Ok(next)
    }

    /// Makes `count` identities: each secret in `secrets_dir/<age1…>.identity` (mode 600), every recipient on a line of
    /// `public_file`, which must not exist yet.
    ///
    /// # Errors
    /// When a file exists or cannot be written.
    pub fn make(count: u32, secrets_dir: &Path, public_file: &Path) -> Result<Vec<Recipient>, RecipientsError> {
        fs::create_dir_all(secrets_dir).map_err(RecipientsError::io("cannot create", secrets_dir))?;
        list_of(count, public_file, || {
            let identity = age::x25519::Identity::generate();
            let recipient = Recipient(identity.to_public().to_string());
            let path = secrets_dir.join(format!("{recipient}.identity"));
            let text = Zeroizing::new(format!("{}\n", identity.to_string().expose_secret()));
            write_new(&path, text.as_bytes(), "cannot write the identity")?;
            Ok(recipient)
        })
    }

    /// Makes `count` identities of which no secret is ever on a disk in clear: each is wrapped to all of `entitled` in
    /// `wraps_dir/<age1…>.age` ([`FlightRecipients::make`]), every recipient on a line of `public_file`, which must not
    /// exist yet.
    ///
    /// # Errors
    /// When nobody is entitled, or a file exists or cannot be written.
    pub fn make_wrapped(
        count: u32,
        wraps_dir: &Path,
        entitled: &[Recipient],
        public_file: &Path,
    ) -> Result<Vec<Recipient>, RecipientsError> {
        list_of(count, public_file, || FlightRecipients::make(wraps_dir, entitled))
    }
}

/// A new list of what `make` gives, each on its line once its secret is durable.
fn list_of(
    count: u32,
    public_file: &Path,
    mut make: impl FnMut() -> Result<Recipient, RecipientsError>,
) -> Result<Vec<Recipient>, RecipientsError> {
    let io = || RecipientsError::io("cannot write the list of recipients", public_file);
    let mut list = OpenOptions::new().write(true).create_new(true).open(public_file).map_err(io())?;
    let mut made = Vec::new();
    for _ in 0..count {
        let recipient = make()?;
        list.write_all(format!("{recipient}\n").as_bytes()).map_err(io())?;
        made.push(recipient);
    }
    list.sync_all().and_then(|()| durable::sync_parent(public_file)).map_err(io())?;
    Ok(made)
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
