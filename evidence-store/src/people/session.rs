//! A session: proof that a person gave their PIN, good until the account changes or the shift is over.

use super::{Account, People, PeopleError};
use crate::ids::PersonId;
use crate::ledger::Signatory;
use flight_record::Label;
use flight_record::keys::DeviceKey;
use flight_record::trust::Duty;

/// Longest session: one shift.
const LONGEST_US: i64 = 12 * 3_600_000_000;

/// A clock that is set right may go back so far without ending sessions.
const CLOCK_STEP_US: i64 = 60_000_000;

/// Somebody who gave their PIN. The secret lives here only, and is wiped with it.
pub struct Session {
    people: People,
    account: Account,
    key: DeviceKey,
    since_utc_us: i64,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({})", self.account.label)
    }
}

impl Session {
    pub(super) fn new(people: People, account: Account, key: DeviceKey, since_utc_us: i64) -> Self {
        Self { people, account, key, since_utc_us }
    }

    /// The person.
    pub fn person(&self) -> PersonId {
        self.account.person
    }

    /// Their pseudonym.
    pub fn label(&self) -> &Label {
        &self.account.label
    }

    /// What they may do.
    pub fn duties(&self) -> &[Duty] {
        &self.account.duties
    }

    /// Their key, once the account's row says that it still stands.
    ///
    /// # Errors
    /// [`PeopleError::Suspended`] or [`PeopleError::SessionOver`].
    pub fn key(&self, now_utc_us: i64) -> Result<&DeviceKey, PeopleError> {
        let label = self.label();
        let over = || PeopleError::SessionOver(label.clone());
        let account = self.people.account(label)?;
        if account.suspended {
            return Err(PeopleError::Suspended(label.clone()));
        }
        let age_us = now_utc_us.saturating_sub(self.since_utc_us);
        let same = account.generation == self.account.generation
            && account.person == self.account.person
            && account.public_key == Some(self.key.public());
        if same && (-CLOCK_STEP_US..=LONGEST_US).contains(&age_us) { Ok(&self.key) } else { Err(over()) }
    }

    /// Signs in this duty.
    ///
    /// # Errors
    /// [`PeopleError::NotTheirDuty`], and as [`Session::key`].
    pub fn signatory(&self, duty: Duty, now_utc_us: i64) -> Result<Signatory<'_>, PeopleError> {
        let key = self.key(now_utc_us)?;
        if !self.account.duties.contains(&duty) {
            return Err(PeopleError::NotTheirDuty { label: self.label().clone(), duty });
        }
        Ok(Signatory { person: self.account.person, name: self.label(), duty, key })
    }

    /// Signs in the first of these duties that is theirs.
    ///
    /// # Errors
    /// [`PeopleError::NotTheirDuty`] with the first one, and as [`Session::key`].
    pub fn signatory_as(&self, duties: &[Duty], now_utc_us: i64) -> Result<Signatory<'_>, PeopleError> {
        let first = duties.first().copied().unwrap_or(Duty::Witness);
        let duty = duties.iter().copied().find(|duty| self.account.duties.contains(duty)).unwrap_or(first);
        self.signatory(duty, now_utc_us)
    }
}
