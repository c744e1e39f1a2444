//! What the profile allows, the aircraft can, and the weather lets it.

use super::{Finding, Severity, Situation};
use crate::authorisation::{Kind, State};
use crate::place::{TERRAIN_ERROR_M, inverse};
use crate::zones::Spans;

/// Over the height that the profile allows; the ground's height counts, as far as it is known.
pub(super) fn heights(situation: &Situation<'_>) -> Vec<Finding> {
    let limits = &situation.profile.content.limits;
    let most_m = limits.height_agl_m;
    let mut highest: Option<(f64, bool, crate::place::Position)> = None;
    let mut unknown = false;
    for stretch in &situation.route.stretches {
        let (ground, modelled) =
            situation.surroundings.ground(&[stretch.from, stretch.to], limits.beside_m + stretch.round_m);
        unknown |= !modelled;
        let spans: Spans = stretch.spans(&situation.surroundings, ground, 0.0);
        // The limit is one on the ground as it is mapped, and without a model on level ground: what it may be is said beside.
        let level_m = spans.amsl.high_m - situation.surroundings.home_amsl.low_m;
        let height_m = if modelled { spans.agl.high_m - TERRAIN_ERROR_M } else { level_m };
        if highest.is_none_or(|(known_m, ..)| height_m > known_m) {
            highest = Some((height_m, modelled, stretch.to));
        }
    }
    let over = highest.filter(|(height_m, ..)| *height_m > most_m).map(|(height_m, modelled, place)| {
        let ground = if modelled { "over the highest ground below it" } else { "over level ground" };
        Finding::new(
            Severity::Blocks,
            "height",
            format!("the flight reaches {height_m:.0} m {ground}; {most_m:.0} m are allowed"),
        )
        .at(place)
        .why(format!("profile {}, limits.height_agl_m", situation.profile.content.id))
        .cure("lower the items, or follow the terrain")
    });
    let no_model = (unknown && !situation.route.stretches.is_empty()).then(|| {
        Finding::new(
            Severity::Warns,
            "no-terrain",
            "no terrain model covers the whole flight: the ground is taken to lie within 100 m of home's height",
        )
        .cure("load the SRTM tiles of the region")
    });
    over.into_iter().chain(no_model).collect()
}

/// Beyond the range that the profile allows, from the take-off.
pub(super) fn range(situation: &Situation<'_>) -> Vec<Finding> {
    let limits = &situation.profile.content.limits;
    let reach = |stretch: &crate::route::Stretch| {
        (inverse(situation.route.home, stretch.to).distance_m + stretch.round_m, stretch.to)
    };
    let farthest = situation.route.stretches.iter().map(reach).max_by(|a, b| a.0.total_cmp(&b.0));
    let over = farthest.filter(|(range_m, _)| *range_m > limits.range_m).map(|(range_m, place)| {
        Finding::new(
            Severity::Blocks,
            "range",
            format!("the flight goes {range_m:.0} m from the take-off; {:.0} m are allowed", limits.range_m),
        )
        .at(place)
        .why(format!("profile {}, limits.range_m", situation.profile.content.id))
        .cure("take off nearer, or split the mission")
    });
    let bvlos = limits.sight == crate::profile::Sight::Bvlos;
    let operational = |authorisation: &&crate::authorisation::Authorisation| {
        authorisation.kind == Kind::Operational && authorisation.state() == State::Activated
    };
    let unpermitted = bvlos
        && !situation
            .authorisations
            .iter()
            .any(|authorisation| operational(&authorisation) && !authorisation.limits.vlos);
    let sight = unpermitted.then(|| {
        Finding::new(
            Severity::Blocks,
            "sight",
            "beyond visual line of sight needs an operational authorisation, and none is in force",
        )
        .why("UK Regulation (EU) 2019/947, art. 4 and 5")
        .cure("record the authorisation, or fly within sight")
    });
    over.into_iter().chain(sight).collect()
}

/// Whether the battery lasts, with its reserve.
pub(super) fn energy(situation: &Situation<'_>) -> Vec<Finding> {
    let needed_s = situation.route.duration_s();
    let reserve = situation.profile.content.limits.battery_reserve_percent / 100.0;
    let (Some(endurance_s), charged) =
        (situation.aircraft.endurance_s, situation.aircraft.battery_percent.unwrap_or(100.0) / 100.0)
    else {
        let unknown =
            Finding::new(Severity::Warns, "endurance-unknown", "nobody has said how long the aircraft's battery lasts");
        return vec![unknown.cure("enter the aircraft's endurance")];
    };
    let usable_s = endurance_s * (charged - reserve);
    if needed_s <= usable_s {
        return Vec::new();
    }
    let batteries = (needed_s / (endurance_s * (1.0 - reserve)).max(1.0)).ceil();
    let what = format!(
        "the flight takes {:.1} min; the battery gives {:.1} min before its reserve",
        needed_s / 60.0,
        usable_s.max(0.0) / 60.0
    );
    let why =
        format!("profile {}, limits.battery_reserve_percent = {:.0}", situation.profile.content.id, reserve * 100.0);
    vec![
        Finding::new(Severity::Blocks, "battery", what)
            .why(why)
            .cure(format!("split it over {batteries:.0} batteries, charge, or fly faster")),
    ]
}

/// Whether the footage has room.
pub(super) fn room(situation: &Situation<'_>) -> Vec<Finding> {
    let bytes = situation.profile.content.recording.bytes(situation.route.duration_s());
    // Sizes of disks are far below 2⁵³.
    #[allow(clippy::cast_precision_loss)]
    let short = situation.aircraft.free_bytes.filter(|free| (*free as f64) < bytes);
    let finding = |free: u64| {
        let what = format!("the footage takes {:.0} MiB; {} MiB are free aboard", bytes / 1_048_576.0, free >> 20);
        Finding::new(Severity::Blocks, "room", what)
            .why("a lost frame may be a lost case")
            .cure("dock the aircraft and have it erased, or change the medium")
    };
    short.map(finding).into_iter().collect()
}

/// Wind and visibility.
pub(super) fn weather(situation: &Situation<'_>) -> Vec<Finding> {
    let limits = &situation.profile.content.limits;
    let Some(weather) = situation.weather else {
        let unknown = Finding::new(Severity::Warns, "weather-unknown", "nobody has looked at the weather");
        return vec![unknown.cure("enter gusts at flying height, and visibility")];
    };
    let why = format!("profile {}", situation.profile.content.id);
    // What is no number allows nothing.
    let calm = weather.gust_ms <= limits.wind_ms;
    let wind = (!calm).then(|| {
        Finding::new(
            Severity::Blocks,
            "wind",
            format!("gusts of {:.0} m/s; {:.0} m/s are allowed", weather.gust_ms, limits.wind_ms),
        )
    });
    let clear = weather.visibility_m >= limits.visibility_m;
    let mist = (!clear).then(|| {
        Finding::new(
            Severity::Blocks,
            "visibility",
            format!("visibility {:.0} m; {:.0} m are needed", weather.visibility_m, limits.visibility_m),
        )
    });
    wind.into_iter().chain(mist).map(|finding| finding.why(why.clone()).cure("wait, or fly lower")).collect()
}

/// A plan that does not say how the flight ends.
pub(super) fn end(situation: &Situation<'_>) -> Vec<Finding> {
    if situation.route.stretches.is_empty() {
        return vec![
            Finding::new(Severity::Blocks, "empty", "the plan flies nowhere").cure("draw it, or load another"),
        ];
    }
    let endless = situation.route.endless.map(|item| {
        Finding::new(
            Severity::Warns,
            "endless",
            format!("after item {item} the aircraft stays in the air until somebody brings it home"),
        )
        .cure("end the plan with a return or a landing")
    });
    endless.into_iter().collect()
}
