//! Crew, and the papers that a flight needs whatever its airspace.

use jiff::tz::TimeZone;

use super::{Finding, Severity, Situation};
use crate::authorisation::{Authorisation, Kind, State};
use crate::profile::Authority;
use crate::zones::{Applies, Digest};

/// Roles that nobody fills, and a pilot out of practice.
pub(super) fn crew(situation: &Situation<'_>) -> Vec<Finding> {
    let (crew, wanted) = (situation.crew, &situation.profile.content.crew);
    let why = format!("profile {}, crew", situation.profile.content.id);
    let missing = wanted.roles.iter().filter(|role| !crew.roles.contains(role)).map(|role| {
        Finding::new(Severity::Blocks, "crew", format!("nobody is {role}"))
            .why(why.clone())
            .cure("name who it is, or choose another profile")
    });
    let practice = match crew.recent_h {
        Some(hours) if hours >= wanted.currency_h => None,
        Some(hours) => {
            let what =
                format!("the pilot has {hours:.1} h in the last three months; {:.0} h are needed", wanted.currency_h);
            Some(
                Finding::new(Severity::Blocks, "currency", what)
                    .why(why.clone())
                    .cure("fly a training flight with an instructor first"),
            )
        }
        None => {
            let what = "nobody knows the pilot's hours in the last three months";
            Some(
                Finding::new(Severity::Warns, "currency-unknown", what)
                    .why(why.clone())
                    .cure("import the pilot's flight log"),
            )
        }
    };
    missing.chain(practice).collect()
}

/// The assessment that is due, and the authorisation of a covert flight.
pub(super) fn papers(situation: &Situation<'_>, counted_on: &mut Vec<(String, Digest)>) -> Vec<Finding> {
    let content = &situation.profile.content;
    let today = situation.now.to_zoned(TimeZone::UTC).date();
    let review = (today > content.privacy.dpia_review).then(|| {
        let what = format!("{} was to be reviewed by {}", content.privacy.dpia, content.privacy.dpia_review);
        Finding::new(Severity::Warns, "dpia", what)
            .why("DPA 2018 s. 64")
            .cure("have the assessment reviewed, and the profile's date changed")
    });
    let covert =
        (content.purpose.authority == Authority::AuthorisedCovert).then(|| covert(situation, counted_on)).flatten();
    review.into_iter().chain(covert).collect()
}

/// A covert flight needs an authorisation that is in force all the while.
fn covert(situation: &Situation<'_>, counted_on: &mut Vec<(String, Digest)>) -> Option<Finding> {
    let (from, to) = situation.aloft();
    let in_force = |authorisation: &&Authorisation| {
        let holds = match crate::zones::applies(&authorisation.windows, from, to, situation.route.home) {
            Applies::During(parts) => parts == [(from, to)],
            Applies::Never => false,
        };
        authorisation.kind == Kind::Covert
            && authorisation.state() == State::Activated
            && !authorisation.windows.is_empty()
            && holds
    };
    match situation.authorisations.iter().find(in_force) {
        Some(authorisation) => {
            counted_on.push((authorisation.id.clone(), authorisation.digest()));
            None
        }
        None => Some(
            Finding::new(
                Severity::Blocks,
                "covert",
                "a covert flight, and no authorisation for it is in force all the while",
            )
            .why("RIPA 2000 s. 28, 43")
            .cure("record the authorisation with its reference and expiry, or fly overtly"),
        ),
    }
}
