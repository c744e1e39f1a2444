//! The secret of a flight: made on the ground, in memory only, and wrapped to the people who may open the flight and to
//! escrow. Destroying every wrap destroys the flight.

use super::{Recipient, RecipientsError, write_new};
use crate::verify::Identities;
use age::secrecy::{ExposeSecret as _, SecretString};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Most people a flight is wrapped to, escrow among them.
pub const MAX_ENTITLED: usize = 64;
/// Largest wrap read, in bytes: a stanza of about 100 bytes for each of those entitled, and the identity.
const MAX_WRAP_BYTES: u64 = 64 * 1024;
/// Longest identity read out of a wrap, in bytes.
const MAX_IDENTITY_BYTES: usize = 1024;

/// Makes the recipient of a flight.
pub struct FlightRecipients;

impl FlightRecipients {
    /// Where the wrap of a flight's identity lies: `<wraps_dir>/<age1…>.age`.
    pub fn wrap_path(wraps_dir: &Path, recipient: &Recipient) -> PathBuf {
        wraps_dir.join(format!("{recipient}.age"))
    }

    /// Makes an identity and wraps it to all of `entitled`, as a plain age file that holds it in the form of
    /// `age-keygen`. The wrap is durable before the recipient is returned; the secret itself is on no disk and is wiped.
    ///
    /// # Errors
    /// When there are none or too many entitled, or the wrap cannot be written.
    pub fn make(wraps_dir: &Path, entitled: &[Recipient]) -> Result<Recipient, RecipientsError> {
        if !(1..=MAX_ENTITLED).contains(&entitled.len()) {
            return Err(RecipientsError::Entitled { count: entitled.len() });
        }
        let keys: Vec<age::x25519::Recipient> = entitled
            .iter()
            .map(|recipient| recipient.key().map_err(|error| RecipientsError::Wrap(io::Error::other(error))))
            .collect::<Result<_, _>>()?;
        crate::durable::create_folder_of(&wraps_dir.join("wrap"))
            .map_err(RecipientsError::io("cannot create", wraps_dir))?;
        let (recipient, text) = identity();
        let wrap = seal_to(&keys, text.as_bytes()).map_err(RecipientsError::Wrap)?;
        write_new(&Self::wrap_path(wraps_dir, &recipient), &wrap, "cannot write the wrap")?;
        Ok(recipient)
    }
}

/// Makes the identity of an entitled person, or of escrow, in a new file of mode 600; what to write into the list of
/// those entitled.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn make_person(path: &Path) -> Result<Recipient, RecipientsError> {
    let (recipient, text) = identity();
    write_new(path, text.as_bytes(), "cannot write the identity")?;
    Ok(recipient)
}

/// A flight's identity, out of its wrap; wiped when dropped.
pub struct FlightIdentity {
    /// Its public half.
    pub recipient: Recipient,
    text: SecretString,
}

impl FlightIdentity {
    /// The identity in the form of `age-keygen`: whoever prints it is to be entitled.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Writes it to a new file of mode 600.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), RecipientsError> {
        write_new(path, self.expose().as_bytes(), "cannot write the identity")
    }
}

/// Opens a wrap with a person's identities.
///
/// # Errors
/// When a file cannot be read, nobody of these is entitled, or the wrap holds something else than its name says.
pub fn unwrap(identities: &Identities, wrap: &Path) -> Result<FlightIdentity, RecipientsError> {
    let io = || RecipientsError::io("cannot read the wrap", wrap);
    let mut sealed = Vec::new();
    fs::File::open(wrap).and_then(|file| file.take(MAX_WRAP_BYTES).read_to_end(&mut sealed)).map_err(io())?;
    let refused = |source| RecipientsError::NotEntitled { path: wrap.to_owned(), source };
    let decryptor = age::Decryptor::new_buffered(&sealed[..]).map_err(refused)?;
    let reader = decryptor.decrypt(identities.iter()).map_err(refused)?;
    let mut text = Zeroizing::new(String::with_capacity(MAX_IDENTITY_BYTES));
    let other = || RecipientsError::NotAnIdentity { path: wrap.to_owned() };
    reader.take(MAX_IDENTITY_BYTES as u64).read_to_string(&mut text).map_err(|_| other())?;
    let identity: age::x25519::Identity = text
        .lines()
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .and_then(|line| line.parse().ok())
        .ok_or_else(other)?;
    let recipient = Recipient(identity.to_public().to_string());
    let named = wrap.file_stem().and_then(|stem| stem.to_str()).filter(|stem| stem.starts_with("age1"));
    if named.is_some_and(|named| named != recipient.0) {
        return Err(other());
    }
    Ok(FlightIdentity { recipient, text: SecretString::from(std::mem::take(&mut *text)) })
}

/// A new identity as `age-keygen` writes one, and its public half.
fn identity() -> (Recipient, Zeroizing<String>) {
    let identity = age::x25519::Identity::generate();
    let recipient = Recipient(identity.to_public().to_string());
    let text = Zeroizing::new(format!("# public key: {recipient}\n{}\n", identity.to_string().expose_secret()));
    (recipient, text)
}

fn seal_to(keys: &[age::x25519::Recipient], text: &[u8]) -> io::Result<Vec<u8>> {
    let encryptor =
        age::Encryptor::with_recipients(keys.iter().map(|key| key as &dyn age::Recipient)).map_err(io::Error::other)?;
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed)?;
    writer.write_all(text)?;
    writer.finish()?;
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipients::OneTime;
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    /// Files made by `make_person`, and what they are entitled by.
    fn people(dir: &Path, names: &[&str]) -> Vec<Recipient> {
        names.iter().map(|name| make_person(&dir.join(name)).unwrap()).collect()
    }

    fn all_bytes_below(dir: &Path) -> Vec<u8> {
        let mut bytes = Vec::new();
        for entry in fs::read_dir(dir).unwrap() {
            bytes.extend(fs::read(entry.unwrap().path()).unwrap());
        }
        bytes
    }

    #[test]
    fn those_entitled_open_the_wrap_and_nobody_else() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        let entitled = people(dir, &["pilot", "escrow", "stranger"]);
        let wraps = dir.join("wraps");
        let recipient = FlightRecipients::make(&wraps, &entitled[..2]).unwrap();
        let wrap = FlightRecipients::wrap_path(&wraps, &recipient);
        let open = |who: &str| unwrap(&Identities::read(&dir.join(who)).unwrap(), &wrap);
        for who in ["pilot", "escrow"] {
            let identity = open(who).unwrap();
            assert_eq!(identity.recipient, recipient);
            assert!(identity.expose().contains("AGE-SECRET-KEY-1"));
        }
        assert!(matches!(open("stranger"), Err(RecipientsError::NotEntitled { .. })));
        assert!(!all_bytes_below(&wraps).windows(14).any(|found| found == b"AGE-SECRET-KEY"), "nothing in clear");
        let out = dir.join("flight.identity");
        open("pilot").unwrap().write(&out).unwrap();
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(open("pilot").unwrap().write(&out).is_err(), "nothing is written over");
        // The identity opens what is sealed to the recipient.
        let sealed = seal_to(&[recipient.key().unwrap()], b"footage").unwrap();
        let identity: age::x25519::Identity = open("escrow").unwrap().expose().lines().last().unwrap().parse().unwrap();
        assert_eq!(age::decrypt(&identity, &sealed).unwrap(), b"footage");
    }

    #[test]
    fn stock_age_opens_a_wrap_and_the_flight() {
        if Command::new("age").arg("--version").output().is_err() {
            eprintln!("age is not installed: not compared with it");
            return;
        }
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        let entitled = people(dir, &["pilot", "escrow"]);
        let recipient = FlightRecipients::make(dir, &entitled).unwrap();
        let wrap = FlightRecipients::wrap_path(dir, &recipient);
        let age = |identity: &Path, file: &Path| {
            let opened = Command::new("age").arg("-d").arg("-i").arg(identity).arg(file).output().unwrap();
            assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
            opened.stdout
        };
        for who in ["pilot", "escrow"] {
            let identity = dir.join(format!("{who}.flight"));
            fs::write(&identity, age(&dir.join(who), &wrap)).unwrap();
            let sealed = dir.join("sealed");
            fs::write(&sealed, seal_to(&[recipient.key().unwrap()], b"footage").unwrap()).unwrap();
            assert_eq!(age(&identity, &sealed), b"footage");
        }
    }

    #[test]
    fn nobody_too_many_or_a_wrap_of_another_name_are_refused() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        assert!(matches!(FlightRecipients::make(dir, &[]), Err(RecipientsError::Entitled { count: 0 })));
        let entitled = people(dir, &["pilot"]);
        let crowd = vec![entitled[0].clone(); MAX_ENTITLED + 1];
        assert!(matches!(FlightRecipients::make(dir, &crowd), Err(RecipientsError::Entitled { .. })));
        let pair = [0, 1].map(|_| FlightRecipients::make(dir, &entitled).unwrap());
        let [first, second] = pair.map(|recipient| FlightRecipients::wrap_path(dir, &recipient));
        fs::rename(&first, &second).unwrap();
        let pilot = Identities::read(&dir.join("pilot")).unwrap();
        assert!(matches!(unwrap(&pilot, &second), Err(RecipientsError::NotAnIdentity { .. })));
        fs::write(dir.join("noise.age"), b"age-encryption.org/v1\n").unwrap();
        assert!(unwrap(&pilot, &dir.join("noise.age")).is_err());
    }

    #[test]
    fn one_time_recipients_are_wrapped_and_listed() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path();
        let entitled = people(dir, &["pilot", "escrow"]);
        let (wraps, public) = (dir.join("wraps"), dir.join("public"));
        let made = OneTime::make_wrapped(3, &wraps, &entitled, &public).unwrap();
        assert_eq!(OneTime::take(&public, &dir.join("used")).unwrap(), made[0]);
        let pilot = Identities::read(&dir.join("pilot")).unwrap();
        for recipient in &made {
            let wrap = FlightRecipients::wrap_path(&wraps, recipient);
            assert_eq!(unwrap(&pilot, &wrap).unwrap().recipient, *recipient);
        }
        assert!(OneTime::make_wrapped(1, &wraps, &entitled, &public).is_err(), "a list is never written over");
        assert!(OneTime::make_wrapped(1, &wraps, &[], &dir.join("other")).is_err());
    }
}
