//! A `.plan` as a file: its text as it was written, in which only what is changed is written anew. Patterns, cameras, keys that
//! nobody here knows, the order of all, and the spelling of each number stay as they are.

use std::ops::Range;

use super::items::{self, Part, same};
use super::scan::{Member, elements, members};
use super::write::{self, Fences};
use super::{Item, Plan, PlanError};

/// A `.plan` as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    text: String,
}

/// What is to be put into a plan; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// Where it is drawn to start: degrees, degrees, metres above mean sea level.
    pub planned_home: Option<[f64; 3]>,
    /// Waypoints and actions. Items that are the same at the beginning and at the end keep what they were made of, patterns too.
    pub mission: Option<&'a [Item]>,
    /// Geofence.
    pub fence: Option<&'a [Item]>,
    /// Rally points.
    pub rally: Option<&'a [Item]>,
}

impl PlanFile {
    /// Reads a `.plan`, patterns that carry no items included.
    ///
    /// # Errors
    /// [`PlanError`] names the place in the file.
    pub fn read(bytes: &[u8]) -> Result<Self, PlanError> {
        super::plan::head(bytes)?;
        // JSON was read from it: it is UTF-8.
        Ok(Self { text: String::from_utf8_lossy(bytes).into_owned() })
    }

    /// What a vehicle is sent of it.
    ///
    /// # Errors
    /// When something in it cannot be flown.
    pub fn plan(&self) -> Result<Plan, PlanError> {
        Plan::read(self.text.as_bytes())
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same plan with a change put in.
    ///
    /// # Errors
    /// When the mission is changed and cannot be flown as it stands; or what results is no plan.
    pub fn changed(&self, change: &Change<'_>) -> Result<Self, PlanError> {
        let mut file = self.clone();
        if let Some(mission) = change.mission {
            file = file.with_mission(mission)?;
        }
        if let Some(home) = change.planned_home {
            file.put("mission", "plannedHomePosition", &serde_json::json!(home).to_string());
        }
        if let Some(fence) = change.fence {
            let Fences { circles, polygons, back } = write::fences(fence);
            file.own("geoFence", "circles");
            file.put("geoFence", "circles", &pretty(&circles));
            file.put("geoFence", "polygons", &pretty(&polygons));
            file.put("geoFence", "breachReturn", &pretty(&back));
        }
        if let Some(rally) = change.rally {
            file.own("rallyPoints", "points");
            file.put("rallyPoints", "points", &pretty(&write::rally(rally)));
        }
        Self::read(file.text.as_bytes())
    }

    fn with_mission(&self, mission: &[Item]) -> Result<Self, PlanError> {
        let made = super::plan::parts(self.text.as_bytes())?;
        let whole = self.member(&self.all(), "mission").unwrap_or_default();
        let list = self.member(&whole, "items").unwrap_or_default();
        let texts = elements(&self.text, list.clone());
        let parts: Vec<_> =
            made.into_iter().zip(texts).map(|(items, span)| Part { items, text: &self.text[span] }).collect();
        let kept = items::list(&parts, mission);
        let put = |items: &str| {
            let mut file = self.clone();
            file.text.replace_range(list.clone(), items);
            file
        };
        let file = put(&kept);
        // Numbers of jumps may be given twice, or not at all: then all are numbered anew.
        if file.plan().is_ok_and(|plan| same(&plan.mission, mission)) {
            Ok(file)
        } else {
            Ok(put(&items::list(&[], mission)))
        }
    }

    fn all(&self) -> Range<usize> {
        let begin = self.text.find('{').unwrap_or_default();
        begin..self.text.len()
    }

    /// Where the value of a member stands; the last, where there are several of its name, as JSON's readers take it.
    fn member(&self, object: &Range<usize>, name: &str) -> Option<Range<usize>> {
        members(&self.text, object.clone())
            .into_iter()
            .rev()
            .find(|member| member.name == name)
            .map(|member| member.value)
    }

    /// Sees to it that a part is there in version 2, and not of before: then it has no list of this name.
    fn own(&mut self, part: &str, list: &str) {
        let known = self.member(&self.all(), part).filter(|span| self.member(span, list).is_some());
        if known.is_none() {
            let all = self.all();
            self.put_into(&all, part, &format!("{{\"{list}\": [], \"version\": 2}}"));
        }
    }

    fn put(&mut self, part: &str, name: &str, value: &str) {
        if let Some(object) = self.member(&self.all(), part) {
            self.put_into(&object, name, value);
        }
    }

    fn put_into(&mut self, object: &Range<usize>, name: &str, value: &str) {
        let known = members(&self.text, object.clone());
        let at = known.iter().rposition(|member| member.name == name);
        match (at, value) {
            (None, "null") => {}
            (None, value) => {
                let comma = if known.is_empty() { "" } else { "," };
                self.text.insert_str(object.start + 1, &format!("\n\"{name}\": {value}{comma}"));
            }
            // QGroundControl takes a place that is null for a damaged one.
            (Some(at), "null") => self.text.replace_range(with_its_comma(&known, at), ""),
            (Some(at), value) => self.text.replace_range(known[at].value.clone(), value),
        }
    }
}

/// A member, and the comma that is one too many without it.
fn with_its_comma(members: &[Member], at: usize) -> Range<usize> {
    let own = &members[at].whole;
    match (members.get(at + 1), at.checked_sub(1)) {
        (Some(next), _) => own.start..next.whole.start,
        (None, Some(before)) => members[before].whole.end..own.end,
        (None, None) => own.clone(),
    }
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
