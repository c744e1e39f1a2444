//! Zones that the flight may enter, and the permissions that open them.

use jiff::Timestamp;

use super::{Finding, Severity, Situation};
use crate::authorisation::{Ask, Authorisation, Lack, State};
use crate::place::{direct, inverse};
use crate::route::{Phase, Stretch};
use crate::zones::{Applies, Digest, Near, Reach, Reference, Restriction, Source, Spans, Volume, Zone};

/// Climbing legs are looked at in steps of this height, metres.
const STEP_M: f64 = 10.0;

/// What the flight does in a zone.
struct Entry<'a> {
    zone: &'a Zone,
    source: &'a Source,
    near: Near<'a>,
    reaches: Vec<(Reach, Spans)>,
    parts: Vec<Part>,
}

/// A part of the flight that may enter a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Flown(Phase),
    /// The climb to the height of a return, anywhere.
    Climb,
    /// A return from anywhere.
    Homeward,
}

/// A finding for each zone that the flight may enter; permissions counted on are named in `counted_on`.
pub(super) fn zones(situation: &Situation<'_>, counted_on: &mut Vec<(String, Digest)>) -> Vec<Finding> {
    let entries = entries(situation);
    entries.iter().filter_map(|entry| judge(situation, entry, counted_on)).collect()
}

/// What is swept: each stretch, and from each but the landing every way home from it.
fn entries<'a>(situation: &'a Situation<'_>) -> Vec<Entry<'a>> {
    let limits = &situation.profile.content.limits;
    let mut entries: Vec<Entry<'a>> = Vec::new();
    for stretch in situation.route.stretches.iter().flat_map(steps) {
        let reach =
            Reach { from: stretch.from, to: stretch.to, home: None, within_m: limits.beside_m + stretch.round_m };
        if matches!(stretch.phase, Phase::Landing | Phase::Return) {
            sweep(situation, reach, &[(stretch, Part::Flown(stretch.phase))], &mut entries);
            continue;
        }
        let (climb, back) = returning(&stretch, limits.return_height_m);
        let flown = [(stretch, Part::Flown(stretch.phase)), (climb, Part::Climb)];
        sweep(situation, reach, &flown, &mut entries);
        let home = Reach { home: Some(situation.route.home), ..reach };
        sweep(situation, home, &[(back, Part::Homeward)], &mut entries);
    }
    entries
}

/// A leg that climbs, in steps: over its far end the aircraft is not as low as at its beginning.
fn steps(stretch: &Stretch) -> Vec<Stretch> {
    let [(from_m, reference), (to_m, other)] = stretch.heights;
    let way = inverse(stretch.from, stretch.to);
    // 1 to 20.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let count = ((to_m - from_m).abs() / STEP_M).ceil().clamp(1.0, 20.0) as u32;
    if count == 1 || reference != other || way.distance_m < 1.0 {
        return vec![*stretch];
    }
    let place = |i: u32| match i {
        0 => stretch.from,
        i if i == count => stretch.to,
        i => direct(stretch.from, way.azimuth_deg, way.distance_m * f64::from(i) / f64::from(count)),
    };
    let height = |i: u32| (from_m + (to_m - from_m) * f64::from(i) / f64::from(count), reference);
    (0..count)
        .map(|i| Stretch { from: place(i), to: place(i + 1), heights: [height(i), height(i + 1)], ..*stretch })
        .collect()
}

/// A return from anywhere on a stretch: the climb there to the return's height, and the way home at it, or at the stretch's own where that
/// is higher.
fn returning(stretch: &Stretch, return_height_m: f64) -> (Stretch, Stretch) {
    let back = (return_height_m, Reference::Home);
    let [from, to] = stretch.heights;
    let high = |(height_m, reference): (f64, Reference)| match reference {
        Reference::Home => (height_m.max(return_height_m), Reference::Home),
        // By another datum nobody can say here which is higher: all between counts.
        Reference::Datum(_) => (height_m, reference),
    };
    let lowest = if from.1 == to.1 && to.0 < from.0 { to } else { from };
    let top = if lowest.1 == Reference::Home { high(lowest) } else { back };
    let homeward = if from.1 == Reference::Home && to.1 == Reference::Home {
        [high(from), high(to)]
    } else {
        [back, if from.1 == Reference::Home { to } else { from }]
    };
    (Stretch { heights: [lowest, top], ..*stretch }, Stretch { heights: homeward, ..*stretch })
}

/// What is met on one way over the ground, at the heights of each of these.
fn sweep<'a>(situation: &'a Situation<'_>, reach: Reach, flown: &[(Stretch, Part)], entries: &mut Vec<Entry<'a>>) {
    let places: Vec<_> = [reach.from, reach.to].into_iter().chain(reach.home).collect();
    let (ground, _) = situation.surroundings.ground(&places, reach.within_m);
    let above_m = situation.profile.content.limits.above_m;
    let heights: Vec<_> =
        flown.iter().map(|(stretch, _)| stretch.spans(&situation.surroundings, ground, above_m)).collect();
    let meets = |heights: &Spans, volume: &Volume| heights.may_be_within(volume.lower, volume.upper);
    let wanted = |zone: &Zone, volume: &Volume| {
        zone.restriction != Restriction::None && heights.iter().any(|heights| meets(heights, volume))
    };
    for near in situation.zones.beside_of(reach, wanted) {
        let met = flown.iter().zip(&heights).filter(|(_, heights)| meets(heights, near.volume));
        for ((_, part), heights) in met {
            enter(near, (reach, *heights), *part, entries);
        }
    }
}

fn enter<'a>(near: Near<'a>, reach: (Reach, Spans), part: Part, entries: &mut Vec<Entry<'a>>) {
    match entries.iter_mut().find(|entry| std::ptr::eq(entry.zone, near.zone)) {
        Some(entry) => {
            entry.reaches.push(reach);
            if !entry.parts.contains(&part) {
                entry.parts.push(part);
            }
            if near.distance_m < entry.near.distance_m {
                entry.near = near;
            }
        }
        None => entries.push(Entry {
            zone: near.zone,
            source: &near.dataset.source,
            near,
            reaches: vec![reach],
            parts: vec![part],
        }),
    }
}

/// The parts in words, runs of items as one: `the climb-out, items 0, 2–6, the landing`.
fn said(parts: &[Part]) -> String {
    let mut words: Vec<String> = Vec::new();
    let flies = |phase: Phase| parts.contains(&Part::Flown(phase));
    if flies(Phase::TakeOff) {
        words.push("the climb-out".into());
    }
    let mut items: Vec<usize> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Flown(Phase::Item(item)) => Some(*item),
            Part::Flown(Phase::TakeOff | Phase::Return | Phase::Landing) | Part::Climb | Part::Homeward => None,
        })
        .collect();
    items.sort_unstable();
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for item in items {
        match runs.last_mut() {
            Some((_, last)) if item <= *last + 1 => *last = item,
            _ => runs.push((item, item)),
        }
    }
    let run = |(from, to): &(usize, usize)| if from == to { from.to_string() } else { format!("{from}–{to}") };
    if let [(from, to)] = runs[..]
        && from == to
    {
        words.push(format!("item {from}"));
    } else if !runs.is_empty() {
        words.push(format!("items {}", runs.iter().map(run).collect::<Vec<_>>().join(", ")));
    }
    let rest = [
        (flies(Phase::Return), "the return"),
        (flies(Phase::Landing), "the landing"),
        (parts.contains(&Part::Climb), "a climb to return"),
        (parts.contains(&Part::Homeward), "a return from under way"),
    ];
    words.extend(rest.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned()));
    words.join(", ")
}

fn judge(situation: &Situation<'_>, entry: &Entry<'_>, counted_on: &mut Vec<(String, Digest)>) -> Option<Finding> {
    let (from, to) = situation.aloft();
    let zone = entry.zone;
    let when = match zone.applies(from, to, entry.near.at) {
        Applies::Never => {
            let what = format!("{} is not active between {from} and {to}", zone.name);
            return Some(Finding::new(Severity::Notes, "zone-idle", what).at(entry.near.at).why(source(entry)));
        }
        Applies::During(parts) => parts.first().zip(parts.last()).map(|(first, last)| (first.0, last.1))?,
    };
    let verdicts = verdicts(situation, entry, when);
    if let Some((authorisation, _)) = verdicts.iter().find(|(_, lacks)| lacks.is_empty()) {
        counted_on.push((authorisation.id.clone(), authorisation.digest()));
        let what = format!("{} is entered by {} ({})", zone.name, authorisation.id, authorisation.issuer.name);
        return Some(Finding {
            when: Some(when),
            ..Finding::new(Severity::Notes, "zone-permitted", what).at(entry.near.at)
        });
    }
    let severity = match zone.restriction {
        Restriction::Conditional => Severity::Warns,
        Restriction::None | Restriction::AskFirst | Restriction::Prohibited => Severity::Blocks,
    };
    let (rule, uncertain) = match zone.is_uncertain() {
        true => ("zone-uncertain", " (parts of it could not be read: it may be smaller)"),
        false => ("zone", ""),
    };
    let what = format!("{} may be entered{uncertain}, by {}", zone.name, said(&entry.parts));
    let finding = Finding::new(severity, rule, what).at(entry.near.at).why(source(entry)).cure(cure(zone, &verdicts));
    Some(Finding { when: Some(when), ask: zone.authorities.clone(), ..finding })
}

/// What each of the permissions that are about the zone, or its place, lacks.
fn verdicts<'a>(
    situation: &Situation<'a>,
    entry: &Entry<'_>,
    (from, to): (Timestamp, Timestamp),
) -> Vec<(&'a Authorisation, Vec<Lack>)> {
    let ask = Ask {
        zone: entry.zone,
        reaches: entry.reaches.clone(),
        from,
        to,
        now: situation.now,
        pilot: &situation.crew.pilot,
        aircraft: &situation.aircraft.serial,
        vlos: situation.profile.content.limits.sight == crate::profile::Sight::Vlos,
        range_m: situation.profile.content.limits.range_m,
    };
    let judged = situation.authorisations.iter().map(|authorisation| (authorisation, authorisation.lacks(&ask)));
    let mut about: Vec<_> =
        judged.filter(|(authorisation, lacks)| is_about(authorisation, entry.zone, lacks)).collect();
    about.sort_by_key(|(_, lacks)| lacks.len());
    about
}

/// Whether a permission is worth a word: it names the zone, or lacks nothing but what can be mended.
fn is_about(authorisation: &Authorisation, zone: &Zone, lacks: &[Lack]) -> bool {
    let elsewhere = |lack: &Lack| {
        matches!(lack, Lack::Zone | Lack::Kind(_))
            || matches!(lack, Lack::Area(_)) && !authorisation.zones.contains(&zone.identifier)
    };
    !lacks.iter().any(elsewhere)
}

fn cure(zone: &Zone, verdicts: &[(&Authorisation, Vec<Lack>)]) -> String {
    let whom = zone
        .authorities
        .first()
        .map(|authority| [authority.name.as_str(), &authority.service, &authority.phone, &authority.email]);
    let whom = whom.map(|parts| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "));
    let ask = match whom.filter(|whom| !whom.is_empty()) {
        Some(whom) => format!("ask {whom}"),
        None => "the dataset names nobody to ask: look the authority up".into(),
    };
    match verdicts.first() {
        Some((authorisation, lacks)) => {
            let lacks: Vec<_> = lacks.iter().map(ToString::to_string).collect();
            let call = match authorisation.state() {
                State::InPrinciple => format!("; activate it on the day: call {}", authorisation.issuer.phone),
                _ => String::new(),
            };
            format!("{} {}{call}; or {ask}, or fly elsewhere", authorisation.id, lacks.join(", and "))
        }
        None => format!("{ask}, record the permission, or fly elsewhere, lower or later"),
    }
}

fn source(entry: &Entry<'_>) -> String {
    let zone = entry.zone;
    let volume = entry.near.volume;
    let edition = if entry.source.edition.is_empty() {
        "of unknown edition".into()
    } else {
        format!("edition {}", entry.source.edition)
    };
    let conditions = zone.conditions.first().map(|condition| format!(": {condition}")).unwrap_or_default();
    format!(
        "{} ({}) from {} to {}{conditions}; {} {edition}",
        zone.identifier,
        zone.restriction.word(),
        volume.lower,
        volume.upper,
        entry.source.name,
    )
}

/// Datasets that may be out of date, or are not for operational use.
pub(super) fn datasets(situation: &Situation<'_>) -> Vec<Finding> {
    if situation.zones.is_empty() {
        let none =
            Finding::new(Severity::Blocks, "no-zones", "no zones are loaded: nobody knows what is restricted here");
        return vec![none.cure("import the current datasets: `skyseal-ground zones import`")];
    }
    let stale = situation.sources.iter().filter(|source| source.is_stale(situation.now)).map(|source| {
        let age = match source.age(situation.now) {
            Some(age) => format!("is {} days old", age.as_hours() / 24),
            None => "does not say how old it is".into(),
        };
        Finding::new(Severity::Warns, "dataset-age", format!("the dataset {} {age}", source.name))
            .why("aeronautical data change every 28 days (AIRAC)")
            .cure("import the current edition, and look at the NOTAMs")
    });
    let illustrative = situation.sources.iter().filter(|source| source.illustrative).map(|source| {
        Finding::new(
            Severity::Warns,
            "dataset-illustrative",
            format!("the dataset {} is not for operational use", source.name),
        )
        .cure("import the national dataset of geographical zones")
    });
    stale.chain(illustrative).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_said_shortly() {
        let items = |list: &[usize]| list.iter().map(|item| Part::Flown(Phase::Item(*item))).collect::<Vec<_>>();
        assert_eq!(said(&items(&[3])), "item 3");
        let mut parts = items(&[0, 2, 4, 3, 9]);
        parts.extend([Part::Homeward, Part::Flown(Phase::TakeOff)]);
        assert_eq!(said(&parts), "the climb-out, items 0, 2–4, 9, a return from under way");
    }
}
