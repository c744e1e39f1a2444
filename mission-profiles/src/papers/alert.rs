//! What the monitor says in flight, as the flight's record keeps it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{PapersError, Weight, is_text, text};
use crate::monitor::Alert;
use crate::preflight::Severity;

/// Longest document read, bytes.
const MAX_BYTES: usize = 1_024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "skyseal-alert/1")]
    V1,
}

/// Whether something begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotedAs {
    /// It begins.
    Began,
    /// It is over.
    Ended,
}

/// An alert of the monitor that begins or ends: the detail of an event in the flight's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noted {
    schema: Schema,
    /// When, by the station's clock, POSIX µs.
    pub at_utc_us: i64,
    /// Whether it begins or ends.
    pub state: NotedAs,
    /// How grave.
    pub severity: Weight,
    /// The rule.
    pub rule: String,
    /// Of what: a zone's identifier, a permission's; empty where the rule says all.
    pub of: String,
    /// In a sentence.
    pub what: String,
}

impl Noted {
    /// What the record keeps of an alert.
    #[must_use]
    pub fn of(alert: &Alert, state: NotedAs, at: Timestamp) -> Self {
        let severity = match alert.severity {
            Severity::Blocks => Weight::Blocks,
            Severity::Warns => Weight::Warns,
            Severity::Notes => Weight::Notes,
        };
        let (of, what) = (text(&alert.of), text(&alert.what));
        let (schema, at_utc_us) = (Schema::V1, at.as_microsecond());
        Self { schema, at_utc_us, state, severity, rule: alert.rule.to_owned(), of, what }
    }

    /// Whether it is about a permission, and not about a limit.
    #[must_use]
    pub fn is_about_authorisation(&self) -> bool {
        self.rule.starts_with("authorisation")
    }

    /// Its one spelling.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        // Strings, integers and objects with named members always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads one.
    ///
    /// # Errors
    /// Whatever else it says, or however else it spells it.
    pub fn read(bytes: &[u8]) -> Result<Self, PapersError> {
        if bytes.len() > MAX_BYTES {
            return Err(PapersError::Long);
        }
        let noted: Self = serde_json::from_slice(bytes).map_err(|error| PapersError::Json(error.to_string()))?;
        if noted.write() != bytes {
            return Err(PapersError::Spelling);
        }
        let good = [&noted.rule, &noted.of, &noted.what].into_iter().all(|words| is_text(words));
        if good {
            Ok(noted)
        } else {
            Err(PapersError::Rule("a text is printable ASCII without quotes and backslashes"))
        }
    }
}
