//! What kinds of airspace are to a drone, by the words of OpenAir and openAIP.

use super::super::{Kind, Restriction};
use super::cursor::At;

/// openAIP's numbers of the kinds, from 0.
const NUMBERED: [&str; 37] = [
    "OTHER",
    "RESTRICTED",
    "DANGER",
    "PROHIBITED",
    "CTR",
    "TMZ",
    "RMZ",
    "TMA",
    "TRA",
    "TSA",
    "FIR",
    "UIR",
    "ADIZ",
    "ATZ",
    "MATZ",
    "AWY",
    "MTR",
    "ALERT",
    "WARNING",
    "PROTECTED",
    "HTZ",
    "GLIDING_SECTOR",
    "TRP",
    "TIZ",
    "TIA",
    "MTA",
    "CTA",
    "ACC_SECTOR",
    "AERIAL_SPORTING_RECREATIONAL",
    "OVERFLIGHT_RESTRICTION",
    "MRT",
    "TFR",
    "VFR_SECTOR",
    "FIS_SECTOR",
    "LTA",
    "UTA",
    "MCTR",
];

/// Of a member of anybody's GeoJSON: openAIP's number, or a word; letters of classes say nothing there, since `D` may be danger.
pub(super) fn of(at: &At<'_>) -> Option<(Kind, Restriction)> {
    let said = at.code();
    match said.parse::<usize>() {
        Ok(number) => word(NUMBERED.get(number)?),
        Err(_) if said.len() > 1 || matches!(said.as_str(), "P" | "R" | "Q") => word(&said),
        Err(_) => None,
    }
}

/// Of a word for a kind of airspace.
pub(super) fn word(said: &str) -> Option<(Kind, Restriction)> {
    Some(match said {
        "P" | "PROHIBITED" => (Kind::Prohibited, Restriction::Prohibited),
        "R" | "RESTRICTED" => (Kind::Restricted, Restriction::Prohibited),
        "Q" | "DANGER" | "ALERT" | "WARNING" | "MTA" | "ASRA" | "AERIAL_SPORTING_RECREATIONAL" => {
            (Kind::Danger, Restriction::Conditional)
        }
        "TRA" | "TSA" | "TFR" => (Kind::Temporary, Restriction::AskFirst),
        "CTR" | "MCTR" | "ATZ" | "TIZ" => (Kind::Aerodrome, Restriction::AskFirst),
        "CTA" | "TMA" | "UTA" | "LTA" => (Kind::Controlled, Restriction::None),
        // Nobody says what these ask.
        "UNC" | "UKN" | "UNCLASSIFIED" | "OTHER" | "PROTECTED" | "HTZ" | "OVERFLIGHT_RESTRICTION" | "LOW_FLYING" => {
            (Kind::Information, Restriction::AskFirst)
        }
        "E" | "F" | "G" | "W" | "GP" | "GS" | "GSEC" | "GLIDING_SECTOR" | "GLIDER" | "RMZ" | "TMZ" | "FIR" | "UIR"
        | "AWY" | "MATZ" | "MTR" | "MRT" | "ADIZ" | "TIA" | "TRP" | "ACC_SECTOR" | "FIS_SECTOR" | "VFR_SECTOR" => {
            (Kind::Information, Restriction::None)
        }
        _ => return None,
    })
}
