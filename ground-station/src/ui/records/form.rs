//! What a person says when they enter a draft, while it is typed.

use std::path::PathBuf;

use flight_record::Reason;
use mission_profiles::flight_log::Grade;

use crate::state::records::{Draft, Entering};

/// Why a draft is entered, unless somebody says otherwise.
const REASON: &str = "End of duty";

/// The fields of the form; of one draft.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// Whose it is.
    pub(super) draft: Option<PathBuf>,
    pub(super) pilot: String,
    pub(super) serial: String,
    pub(super) battery: String,
    pub(super) activity: String,
    pub(super) remark: String,
    pub(super) defect: String,
    pub(super) grade: Option<Grade>,
    pub(super) incident: String,
    pub(super) although_flown: bool,
    pub(super) reason: String,
}

impl Form {
    /// For this draft; what was typed for another is let go.
    pub(super) fn turn_to(&mut self, draft: &Draft) {
        if self.draft.as_ref() == Some(&draft.file) {
            return;
        }
        let header = &draft.entry.header;
        *self = Self {
            draft: Some(draft.file.clone()),
            pilot: header.pilot.clone(),
            serial: header.serial.clone(),
            battery: header.battery.clone(),
            activity: header.activity.clone(),
            reason: REASON.to_owned(),
            ..Self::default()
        };
    }

    /// What is missing, in words; `None` where nothing is.
    pub(super) fn lacks(&self) -> Option<&'static str> {
        if self.pilot.trim().is_empty() {
            return Some("Say who flew: the entry counts for nobody without");
        }
        if self.serial.trim().is_empty() {
            return Some("Say which aircraft: its serial number");
        }
        if self.grade.is_some() && self.incident.trim().is_empty() {
            return Some("Say what happened, in a few words");
        }
        self.reason
            .trim()
            .parse::<Reason>()
            .is_err()
            .then_some("Say why, in 4 to 200 plain letters and figures, without quotation marks")
    }

    /// What is entered; nothing while something is missing.
    pub(super) fn entering(&self, draft: &Draft) -> Option<Entering> {
        let header = &draft.entry.header;
        let said = |words: &str| Some(words.trim().to_owned()).filter(|words| !words.is_empty());
        let facts = [
            ("pilot", &self.pilot, &header.pilot),
            ("serial", &self.serial, &header.serial),
            ("battery", &self.battery, &header.battery),
            ("activity", &self.activity, &header.activity),
        ];
        let changed = facts.into_iter().filter(|(_, new, old)| new.trim() != old.trim());
        let incident = self.grade.and_then(|grade| Some((grade, said(&self.incident)?)));
        Some(Entering {
            draft: draft.file.clone(),
            facts: changed.map(|(name, new, _)| format!("{name}={}", new.trim())).collect(),
            remark: said(&self.remark),
            defect: said(&self.defect),
            incident,
            although_flown: self.although_flown,
            reason: self.reason.trim().parse().ok().filter(|_| self.lacks().is_none())?,
        })
    }
}
