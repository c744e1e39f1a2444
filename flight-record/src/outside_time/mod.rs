//! Outside time: what a time-stamping authority (RFC 3161) says of the head over `close`, asked for and verified without
//! any network here.
//!
//! Stamped is SHA-256 over the note of that head as the device signed it, without cosignatures: [`imprint`]. A token is
//! kept as the `TimeStampResp` in which it came, cut down to its status and the token, so that
//! `openssl ts -verify -in` takes the file as it is. [`Token::open`] checks everything that the token can show by itself,
//! [`Token::root`] whether an authority that the reader trusts vouches for its signer.

mod asn1;
mod authority;
mod closing;
mod instant;
mod request;
mod signed;

pub use authority::{Roots, RootsError};
pub use closing::Closing;
pub use request::{Refused, Request};

use crate::digest::Sha256;
use crate::note::SignedNote;
use asn1::{Accuracy, MessageImprint, TimeStampResp, TstInfo};
use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use signed::Signed;
use x509_cert::Certificate;

/// Longest response read, in bytes.
pub const MAX_TOKEN_BYTES: u64 = 64 * 1024;
/// Most tokens of one flight.
pub const MAX_TOKENS: usize = 16;
/// PKIStatus `granted` (RFC 3161 §2.4.2).
const GRANTED: u32 = 0;
/// id-sha256 (RFC 5754 §2.2).
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// What is stamped: SHA-256 over a note without cosignatures.
pub fn imprint(note: &SignedNote) -> Sha256 {
    let bare = SignedNote::new(note.claimed().clone(), note.key_hash(), *note.signature());
    Sha256::of(bare.to_string().as_bytes())
}

/// What a token says, and who signed it.
#[derive(Clone, Debug)]
pub struct Token {
    /// SHA-256 of what was stamped.
    pub imprint: Sha256,
    /// When, by the authority's clock, POSIX µs.
    pub gen_time_utc_us: i64,
    /// How far from the true time that may be, in µs; none where the authority does not say.
    pub accuracy_us: Option<u64>,
    /// The authority's number for it, hexadecimal.
    pub serial: String,
    /// The policy under which it was made: an object identifier.
    pub policy: String,
    /// Subject of the certificate that signed it (RFC 4514).
    pub authority: String,
    /// Nonce of the request, a DER INTEGER; none where none was asked for.
    nonce: Option<Vec<u8>>,
    /// Certificate of the signer, then the others that came with it, DER.
    certificates: Vec<Vec<u8>>,
}

/// Why a token is no proof of anything.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("longer than any token")]
    TooLong,
    /// It is not what RFC 3161 and RFC 5652 write.
    #[error("not a response with a time-stamp token: {0}")]
    Form(&'static str),
    /// The bytes are not DER of that.
    #[error("not a response with a time-stamp token")]
    Der(#[from] der::Error),
    /// The authority did not grant it.
    #[error("the authority refused: status {status}{why}")]
    NotGranted {
        /// PKIStatus.
        status: u32,
        /// What it says besides.
        why: String,
    },
    /// A rule of RFC 3161, 5652 or 5816 is broken.
    #[error("{0}")]
    Rule(&'static str),
    /// The signature is not the signer's over this.
    #[error("its signature does not verify")]
    Signature,
    /// Signed in a way that is not known here: it may be good.
    #[error("signed by an algorithm that is not checked here ({0})")]
    Unsupported(String),
}

impl Token {
    /// Reads a response and checks all that can be seen without knowing whom to trust: its form, that it was granted, the
    /// signature, that the signed attributes name content and certificate, and that the certificate is one for
    /// time-stamping, valid when it signed.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn open(response: &[u8]) -> Result<Self, TokenError> {
        if response.len() as u64 > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let response = TimeStampResp::from_der(response)?;
        if response.status.status != GRANTED {
            return Err(not_granted(&response));
        }
        if response.status.status_string.is_some() || response.status.fail_info.is_some() {
            return Err(TokenError::Form("a token is kept without the words of the answer it came in"));
        }
        let token = response.token.ok_or(TokenError::Form("it has no token"))?;
        let Signed { content, signer, others } = signed::open(&token.to_der()?)?;
        let token = Self::from_info(&TstInfo::from_der(&content)?, &signer, others)?;
        authority::check(&signer, token.gen_time_utc_us)?;
        Ok(token)
    }

    fn from_info(info: &TstInfo, signer: &Certificate, others: Vec<Vec<u8>>) -> Result<Self, TokenError> {
        if info.version != 1 {
            return Err(TokenError::Rule("the time-stamp is not of version 1"));
        }
        if info.extensions.iter().flatten().any(|extension| extension.critical) {
            return Err(TokenError::Rule("the time-stamp has a critical extension that nobody knows"));
        }
        Ok(Self {
            imprint: sha256_of(&info.message_imprint)?,
            gen_time_utc_us: instant::read(&info.gen_time).ok_or(TokenError::Form("its time is not in DER"))?,
            accuracy_us: info.accuracy.as_ref().map(in_us).transpose()?,
            serial: info.serial_number.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
            policy: info.policy.to_string(),
            authority: printable(&signer.tbs_certificate.subject.to_string()),
            nonce: info.nonce.as_ref().map(der::Encode::to_der).transpose()?,
            certificates: std::iter::once(signer.to_der()?).chain(others).collect(),
        })
    }

    /// The root among `roots` that vouches for the signer, by SHA-256 of its certificate, for the time of the token.
    ///
    /// # Errors
    /// Why none does, for people.
    pub fn root(&self, roots: &Roots) -> Result<Sha256, String> {
        authority::root(&self.certificates, self.gen_time_utc_us, roots)
    }

    /// The latest instant at which it can have been made, POSIX µs.
    pub fn latest_utc_us(&self) -> i64 {
        self.gen_time_utc_us.saturating_add_unsigned(self.accuracy_us.unwrap_or(0))
    }
}

fn not_granted(response: &TimeStampResp) -> TokenError {
    let words = response.status.status_string.iter().flatten().map(|word| printable(word));
    let why: Vec<String> = words.collect();
    let why = if why.is_empty() { String::new() } else { format!(", “{}”", why.join(" ")) };
    TokenError::NotGranted { status: response.status.status, why }
}

/// RFC 3161 §2.4.2: seconds, 1 to 999 ms, 1 to 999 µs.
fn in_us(accuracy: &Accuracy) -> Result<u64, TokenError> {
    let mut fine = [accuracy.millis, accuracy.micros].into_iter().flatten();
    if fine.any(|part| !(1..=999).contains(&part)) {
        return Err(TokenError::Form("an accuracy has 1 to 999 ms and µs"));
    }
    let part = |part: Option<u16>, us: u64| u64::from(part.unwrap_or(0)) * us;
    Ok(u64::from(accuracy.seconds.unwrap_or(0)) * 1_000_000 + part(accuracy.millis, 1000) + part(accuracy.micros, 1))
}

fn sha256_of(imprint: &MessageImprint) -> Result<Sha256, TokenError> {
    let rule = TokenError::Rule("its imprint is not a SHA-256");
    if imprint.hash_algorithm.oid != SHA_256 {
        return Err(rule);
    }
    imprint.hashed_message.as_bytes().try_into().map(Sha256).map_err(|_| rule)
}

/// Words of a stranger, for a terminal and a report.
fn printable(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_control() { '?' } else { c }).collect()
}
