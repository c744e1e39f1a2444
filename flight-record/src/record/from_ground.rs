//! Records of what somebody on the ground signed: nonces, orders, sessions.

use crate::digest::Sha256;
use crate::keys::{KeyId, Signature};
use crate::names::FlightId;
use crate::radio;
use crate::statement::{Action, Moment, Session, Subject};
use serde::{Deserialize, Serialize};

/// `nonce`: a ground station's random number, signed by it, as the radio brought it. The flight's records after this one
/// were made after `time_s`. Each station's stands once in a flight; at most [`MAX_NONCES`] do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nonce {
    /// Key id of the station.
    pub station: KeyId,
    /// The 32 random bytes.
    pub nonce: Sha256,
    /// The station's time, POSIX seconds.
    pub time_s: u64,
    /// By the station, over the radio's bytes: [`Nonce::signed`].
    pub sig: Signature,
}

/// Most nonces in a flight.
pub const MAX_NONCES: usize = 16;

impl Nonce {
    /// The record of a nonce that `station` is known to have signed.
    pub fn of(station: KeyId, nonce: &radio::Nonce) -> Self {
        Self { station, nonce: nonce.nonce, time_s: nonce.time_s, sig: Signature(nonce.signature) }
    }

    /// The body as it came by radio to the aircraft of `flight`: what the signature is over.
    pub fn signed(&self, flight: FlightId) -> radio::Nonce {
        let station = radio::SigningKeyHint::of(self.station);
        radio::Nonce { flight, station, nonce: self.nonce, time_s: self.time_s, signature: self.sig.0 }
    }
}

/// `statement`: an order to start or to stop recording, signed by an officer or a station, as the radio brought it. Each
/// signer's rise in a flight; at most [`MAX_STATEMENTS`] stand in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Key id of who signed.
    pub signer: KeyId,
    /// What is ordered.
    pub action: Action,
    /// What it is for.
    pub subject: Subject,
    /// The signer's time, POSIX seconds.
    pub time_s: u32,
    /// Tells orders of one second apart.
    pub counter: u32,
    /// Commits to the reason: [`crate::statement::GivenReason::commitment`].
    pub reason: Sha256,
    /// By the signer, over the radio's bytes: [`Statement::signed`].
    pub sig: Signature,
}

/// Most statements in a flight.
pub const MAX_STATEMENTS: usize = 1000;

impl Statement {
    /// The record of an order that `signer` is known to have signed.
    pub fn of(signer: KeyId, subject: Subject, statement: &radio::Statement) -> Self {
        let radio::Statement { action, made, reason, signature, .. } = *statement;
        let Moment { time_s, counter } = made;
        Self { signer, action, subject, time_s, counter, reason, sig: Signature(signature) }
    }

    /// When it was made, by the signer's clock.
    pub fn made(&self) -> Moment {
        Moment { time_s: self.time_s, counter: self.counter }
    }

    /// The body as it came by radio to `device` for `flight`: what the signature is over.
    pub fn signed(&self, flight: FlightId, device: KeyId) -> radio::Statement {
        radio::Statement {
            action: self.action,
            about: radio::Statement::about(self.subject, flight, device),
            made: self.made(),
            signer: radio::SigningKeyHint::of(self.signer),
            reason: self.reason,
            signature: self.sig.0,
        }
    }
}

/// Whether a session begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionAction {
    /// It begins.
    Begin,
    /// It ends.
    End,
}

/// `authorisation`: an officer's word that the buttons of any station work for a while, or no longer, as the radio brought it.
/// It rises by signer and is counted together with statements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorisation {
    /// Key id of who signed.
    pub signer: KeyId,
    /// Whether it begins or ends.
    pub action: SessionAction,
    /// What it is for.
    pub subject: Subject,
    /// The signer's time, POSIX seconds.
    pub time_s: u32,
    /// Tells words of one second apart.
    pub counter: u32,
    /// For how long from `time_s` on; 0 in an end.
    pub minutes: u16,
    /// Commits to the reason.
    pub reason: Sha256,
    /// By the signer, over the radio's bytes: [`Authorisation::signed`].
    pub sig: Signature,
}

impl Authorisation {
    /// The record of a word that `signer` is known to have signed.
    pub fn of(signer: KeyId, subject: Subject, word: &radio::Authorisation) -> Self {
        let radio::Authorisation { session, made, reason, signature, .. } = *word;
        let (action, minutes) = match session {
            Session::Begin { minutes } => (SessionAction::Begin, minutes),
            Session::End => (SessionAction::End, 0),
        };
        let Moment { time_s, counter } = made;
        Self { signer, action, subject, time_s, counter, minutes, reason, sig: Signature(signature) }
    }

    /// When it was made, by the signer's clock.
    pub fn made(&self) -> Moment {
        Moment { time_s: self.time_s, counter: self.counter }
    }

    /// What it says, if it is of a length that may be.
    pub fn session(&self) -> Option<Session> {
        let action = match self.action {
            SessionAction::Begin => 1,
            SessionAction::End => 2,
        };
        Session::from_numbers(action, self.minutes)
    }

    /// The body as it came by radio to `device` for `flight`: what the signature is over.
    pub fn signed(&self, flight: FlightId, device: KeyId) -> Option<radio::Authorisation> {
        Some(radio::Authorisation {
            about: radio::Statement::about(self.subject, flight, device),
            made: self.made(),
            signer: radio::SigningKeyHint::of(self.signer),
            session: self.session()?,
            reason: self.reason,
            signature: self.sig.0,
        })
    }
}
