//! What went wrong, how badly, and who must be told by when.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Entry, in_london};

/// How long a report to the CAA may take (UK Regulation (EU) 376/2014, article 4(7)).
const REPORT: SignedDuration = SignedDuration::from_hours(72);

/// How grave it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Nothing that must be reported.
    Minor,
    /// A reportable occurrence (376/2014, article 4).
    Occurrence,
    /// A serious incident (UK Regulation (EU) 996/2010, article 2(16)): nearly an accident.
    Serious,
    /// An accident (996/2010, article 2(1)): somebody was killed or badly hurt, or the aircraft is lost or badly damaged.
    Accident,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// How grave.
    pub grade: Grade,
    /// What.
    pub what: String,
    /// To whom it was reported, when, under which reference; empty while it was not.
    #[serde(default)]
    pub reported: String,
}

/// Somebody who must be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Of which incident.
    pub what: String,
    /// Whom to tell, and how.
    pub tell: &'static str,
    /// Until when; `None` is at once.
    pub until: Option<Timestamp>,
}

/// Who must still be told of what happened on this flight, the most urgent first. The 72 hours count from the landing: nobody on the crew
/// knew of it before, and hardly anybody later.
#[must_use]
pub fn prompts(entry: &Entry) -> Vec<Prompt> {
    let mut prompts = Vec::new();
    for incident in entry.incidents.iter().filter(|incident| incident.reported.trim().is_empty()) {
        let prompt = |tell, until| Prompt { what: format!("{}: {}", incident.grade, incident.what), tell, until };
        if incident.grade >= Grade::Serious {
            prompts.push(prompt(
                "the AAIB, on 01252 512299 at any hour (996/2010, article 9); leave the wreckage and the record as they are",
                None,
            ));
        }
        if incident.grade >= Grade::Occurrence {
            let until = entry.landing.at.checked_add(REPORT).unwrap_or(Timestamp::MAX);
            prompts
                .push(prompt("the CAA, by an occurrence report through ECCAIRS 2 (376/2014, article 4)", Some(until)));
        }
    }
    prompts.sort_by_key(|prompt| prompt.until);
    prompts
}

impl Prompt {
    /// For people, as it stands at `now`.
    #[must_use]
    pub fn said(&self, now: Timestamp) -> String {
        let when = match self.until {
            None => "at once".to_owned(),
            Some(until) => {
                let by = in_london(until, "%a %-d %b %Y %H:%M %Z");
                if until < now { format!("it was due by {by}") } else { format!("by {by}") }
            }
        };
        format!("{}: {when}, tell {}", self.what, self.tell)
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Minor => "minor incident",
            Self::Occurrence => "occurrence",
            Self::Serious => "serious incident",
            Self::Accident => "accident",
        })
    }
}
