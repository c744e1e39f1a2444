//! The papers of a flight: what was checked before it, by whom, and who said that it may be flown all the same.
//!
//! A file of lines, each an envelope: first the papers (`skyseal-papers/1`, which [`facts`] reads as far as a verdict tells of them),
//! then overrides, each about one finding of exactly these papers. One byte changed in the first line voids every other. The
//! aircraft gets the file [packed](pack), and its record holds it as it was.

mod facts;
mod judged;
mod pack;

pub use facts::{CheckItem, Facts, NamedAuthorisation, NamedFinding};
pub use judged::{Judged, Overridden, Standing};
pub use pack::PackError;

use crate::canonical;
use crate::digest::Sha256;
use crate::dsse::{self, Envelope, EnvelopeError};
use crate::keys::{KeyId, Signer};
use crate::names::{Code, Reason};
use serde::{Deserialize, Serialize};

/// Payload type of the first line.
pub const PAPERS_TYPE: &str = "application/vnd.skyseal.papers.v1+json";
/// Payload type of the others.
pub const OVERRIDE_TYPE: &str = "application/vnd.skyseal.papers-override.v1+json";
/// Longest file, bytes.
pub const MAX_FILE_BYTES: usize = 1 << 17;
/// Longest payload of a line, bytes.
pub const MAX_PAYLOAD_BYTES: usize = 48 << 10;
/// Most overrides.
pub const MAX_OVERRIDES: usize = 8;

/// `schema` of an override: this version, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    /// Version 1.
    #[serde(rename = "skyseal-override/1")]
    V1,
}

/// One finding of these papers is to hold nobody back, because somebody other than the pilot says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    schema: Schema,
    /// SHA-256 of the papers' payload.
    pub papers: Sha256,
    /// The finding's number in them, from 1.
    pub finding: u32,
    /// Its rule.
    pub rule: Code,
    /// Why.
    pub reason: Reason,
    /// When, by the signer's clock, POSIX µs.
    pub at_utc_us: i64,
}

impl Override {
    /// An override of finding `finding` (from 1), of this rule, of the papers with this digest.
    pub fn new(papers: Sha256, (finding, rule): (u32, Code), reason: Reason, at_utc_us: i64) -> Self {
        Self { schema: Schema::V1, papers, finding, rule, reason, at_utc_us }
    }
}

/// A line: bytes that somebody signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    payload: Vec<u8>,
    key: KeyId,
    signature: [u8; 64],
}

/// A file of papers that parsed; nothing in it is to be believed before [`Papers::judge`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Papers {
    papers: Line,
    overrides: Vec<Line>,
}

/// Why bytes are no papers.
#[derive(Debug, thiserror::Error)]
pub enum PapersError {
    /// Longer than any papers.
    #[error("longer than {MAX_FILE_BYTES} bytes, or a line longer than {MAX_PAYLOAD_BYTES}")]
    Long,
    /// No line, or too many, or one that does not end.
    #[error("not one to {} lines, each with its newline", MAX_OVERRIDES + 1)]
    Lines,
    /// A line is no envelope of its type.
    #[error("line {line}")]
    Envelope {
        /// From 1.
        line: usize,
        /// Why.
        source: EnvelopeError,
    },
    /// There are as many overrides as there may be.
    #[error("papers hold at most {MAX_OVERRIDES} overrides: clear some of the findings")]
    Full,
}

impl Line {
    fn sign(payload: &[u8], kind: &'static str, signer: &impl Signer) -> Result<Self, PapersError> {
        let bytes = dsse::seal(kind, payload, signer);
        Self::read(&bytes, kind).map_err(|source| PapersError::Envelope { line: 1, source })
    }

    fn read(bytes: &[u8], kind: &'static str) -> Result<Self, EnvelopeError> {
        let envelope = Envelope::parse(bytes, kind)?;
        let (key, signature) = (envelope.key_id(), *envelope.signature());
        Ok(Self { payload: envelope.claimed_payload().to_vec(), key, signature })
    }

    fn write(&self, kind: &'static str) -> Vec<u8> {
        let mut line = self.envelope(kind).write();
        line.push(b'\n');
        line
    }

    fn envelope(&self, kind: &'static str) -> Envelope {
        Envelope::of(kind, self.payload.clone(), self.key, self.signature)
    }
}

impl Papers {
    /// Papers with this payload, signed, without overrides.
    ///
    /// # Errors
    /// When the payload is too long.
    pub fn sign(payload: &[u8], signer: &impl Signer) -> Result<Self, PapersError> {
        if payload.len() > MAX_PAYLOAD_BYTES {
            return Err(PapersError::Long);
        }
        Ok(Self { papers: Line::sign(payload, PAPERS_TYPE, signer)?, overrides: Vec::new() })
    }

    /// Reads a file. No signature is checked yet.
    ///
    /// # Errors
    /// Any departure from its one spelling.
    pub fn read(bytes: &[u8]) -> Result<Self, PapersError> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(PapersError::Long);
        }
        let text = bytes.strip_suffix(b"\n").ok_or(PapersError::Lines)?;
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').take(MAX_OVERRIDES + 2).collect();
        if lines.len() > MAX_OVERRIDES + 1 {
            return Err(PapersError::Lines);
        }
        let read = |(at, line): (usize, &&[u8])| {
            let kind = if at == 0 { PAPERS_TYPE } else { OVERRIDE_TYPE };
            Line::read(line, kind).map_err(|source| PapersError::Envelope { line: at + 1, source })
        };
        let lines = lines.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        Self::of(lines)
    }

    fn of(lines: Vec<Line>) -> Result<Self, PapersError> {
        if lines.iter().any(|line| line.payload.len() > MAX_PAYLOAD_BYTES) {
            return Err(PapersError::Long);
        }
        let mut lines = lines.into_iter();
        let papers = lines.next().ok_or(PapersError::Lines)?;
        Ok(Self { papers, overrides: lines.collect() })
    }

    /// The file.
    pub fn write(&self) -> Vec<u8> {
        let overrides = self.overrides.iter().map(|line| line.write(OVERRIDE_TYPE));
        std::iter::once(self.papers.write(PAPERS_TYPE)).chain(overrides).flatten().collect()
    }

    /// What is in the first line, although nobody vouches for it yet.
    pub fn payload(&self) -> &[u8] {
        &self.papers.payload
    }

    /// What overrides are bound to: SHA-256 of [`Papers::payload`].
    pub fn digest(&self) -> Sha256 {
        Sha256::of(&self.papers.payload)
    }

    /// Who signed the first line, as it says.
    pub fn signer(&self) -> KeyId {
        self.papers.key
    }

    /// These papers with one more override. Whether it counts is [`Papers::judge`]'s to say.
    ///
    /// # Errors
    /// When there is no room.
    pub fn overridden(mut self, word: &Override, signer: &impl Signer) -> Result<Self, PapersError> {
        if self.overrides.len() >= MAX_OVERRIDES {
            return Err(PapersError::Full);
        }
        self.overrides.push(Line::sign(&canonical::write(word), OVERRIDE_TYPE, signer)?);
        Ok(self)
    }

    fn lines(&self) -> impl Iterator<Item = &Line> {
        std::iter::once(&self.papers).chain(&self.overrides)
    }
}

#[cfg(test)]
mod tests;
