//! What an officer may do.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A duty of an officer; one person may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// Flies.
    Pilot,
    /// Observes.
    Observer,
    /// Countersigns, nothing else.
    Witness,
    /// Sees the unit's footage, decides on retention.
    Supervisor,
    /// Keeps the evidence: handover, disclosure, disposal.
    Custodian,
    /// Data-protection officer.
    DataProtection,
    /// Reads the ledger, not the footage.
    Auditor,
    /// Accounts and settings, no footage.
    Administrator,
}

impl Duty {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Pilot,
        Self::Observer,
        Self::Witness,
        Self::Supervisor,
        Self::Custodian,
        Self::DataProtection,
        Self::Auditor,
        Self::Administrator,
    ];
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pilot => "pilot",
            Self::Observer => "observer",
            Self::Witness => "witness",
            Self::Supervisor => "supervisor",
            Self::Custodian => "custodian",
            Self::DataProtection => "data-protection",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        })
    }
}

/// Text that is no duty.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a duty is pilot, observer, witness, supervisor, custodian, data-protection, auditor or administrator")]
pub struct BadDuty;

impl std::str::FromStr for Duty {
    type Err = BadDuty;

    fn from_str(text: &str) -> Result<Self, BadDuty> {
        Self::ALL.into_iter().find(|duty| duty.to_string() == text).ok_or(BadDuty)
    }
}
