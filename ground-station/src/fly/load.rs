//! A plan up: mission, fence and rally points sent, read back, compared. What the plan has none of is cleared aboard, so that no fence of
//! an earlier flight holds this one.

use std::cell::Cell;

use anyhow::{Context as _, Result, bail};
use mission_profiles::plan_files;
use vehicle_link::missions::{Failure, Item, Kind, differences};
use vehicle_link::peers::Peer;

use crate::link::Converse;

/// MAV_MISSION_UNSUPPORTED.
const UNSUPPORTED: u8 = 3;

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Far {
    /// In words.
    Said(String),
    /// Of what, and so many of so many items: each goes up and comes back.
    Items {
        /// What is done.
        what: String,
        /// Sent or read back, of all kinds.
        done: usize,
        /// All of them.
        of: usize,
    },
}

/// What is aboard after an upload.
pub(crate) struct Loaded {
    /// Items of the mission, home included where the vehicle keeps it there.
    pub(crate) items: usize,
    /// What was read back, kind by kind.
    pub(crate) held: Vec<(Kind, Vec<Item>)>,
    /// In words, what was aboard, is not in the plan, and was cleared.
    pub(crate) cleared: Vec<String>,
}

/// Uploads mission, fence and rally, reads each back and compares; clears what the plan has none of. `home` is the item that ArduPilot
/// keeps before the first.
///
/// # Errors
/// When the vehicle does not take one, keeps another than was sent, or does not let go of an old one.
pub(crate) async fn load(
    link: &mut impl Converse,
    vehicle: &Peer,
    plan: &plan_files::Plan,
    home: Option<Item>,
    say: &impl Fn(Far),
) -> Result<Loaded> {
    let mut mission = wire(&plan.mission);
    let home_items = usize::from(home.is_some());
    mission.splice(0..0, home);
    let kinds = [
        (Kind::Mission, mission, home_items),
        (Kind::Fence, wire(&plan.fence), 0),
        (Kind::Rally, wire(&plan.rally), 0),
    ];
    let mut loaded = Loaded { items: kinds[0].1.len(), held: Vec::new(), cleared: Vec::new() };
    let count = Count { done: Cell::new(0), of: kinds.iter().map(|(_, items, _)| 2 * items.len()).sum(), say };
    for (kind, items, skip) in kinds {
        if items.is_empty() {
            // A plan without a mission is for its fence: the mission aboard stays.
            if kind != Kind::Mission {
                loaded.cleared.extend(clear(link, vehicle, kind, say).await?);
            }
            continue;
        }
        let held = put(link, vehicle, (kind, &items, skip), &count).await?;
        say(Far::Said(format!("{}: {} items up, read back, the same", name(kind), items.len())));
        loaded.held.push((kind, held));
    }
    Ok(loaded)
}

/// Counts items up and back, over all kinds.
struct Count<'a, S: Fn(Far)> {
    done: Cell<usize>,
    of: usize,
    say: &'a S,
}

impl<S: Fn(Far)> Count<'_, S> {
    /// Those of one step, of which there are `most`.
    fn step(&self, what: String, most: usize) -> impl FnMut(usize) {
        let before = self.done.get();
        self.done.set(before + most);
        let mut last = None;
        move |now: usize| {
            // What came is not gone when the last step ends.
            if last.is_none_or(|last| now > last) {
                last = Some(now);
                (self.say)(Far::Items { what: what.clone(), done: before + now.min(most), of: self.of });
            }
        }
    }
}

async fn put<S: Fn(Far)>(
    link: &mut impl Converse,
    vehicle: &Peer,
    (kind, items, skip): (Kind, &[Item], usize),
    count: &Count<'_, S>,
) -> Result<Vec<Item>> {
    let name = name(kind);
    let up = count.step(format!("Sending the {name}"), items.len());
    link.upload(vehicle.address, kind, items.to_vec(), up)
        .await
        .with_context(|| format!("the {name} was not taken; read what is aboard before it is flown"))?;
    let back = count.step(format!("Reading the {name} back"), items.len());
    let held =
        link.download(vehicle.address, kind, back).await.with_context(|| format!("the {name} cannot be read back"))?;
    // ArduPilot puts its own home in item 0.
    let unlike = differences(items.get(skip..).unwrap_or_default(), held.get(skip..).unwrap_or_default());
    if let [first, ..] = &unlike[..] {
        bail!(
            "the {name} aboard is not the one that was sent, in {} places; {first}. It was not flown: upload again, or take another format",
            unlike.len()
        );
    }
    Ok(held)
}

/// Sees to it that nothing of a kind is aboard; in words, what was.
async fn clear(link: &mut impl Converse, vehicle: &Peer, kind: Kind, say: &impl Fn(Far)) -> Result<Option<String>> {
    let name = name(kind);
    let aboard = match link.download(vehicle.address, kind, |_| {}).await {
        // A vehicle that knows none has none.
        Err(error) if is_unsupported(&error) => return Ok(None),
        other => other.with_context(|| format!("it cannot be read whether an old {name} is aboard"))?,
    };
    if aboard.is_empty() {
        return Ok(None);
    }
    let cannot = || format!("the plan has no {name}, and the old one aboard was not cleared");
    link.clear(vehicle.address, kind).await.with_context(cannot)?;
    let left = link.download(vehicle.address, kind, |_| {}).await.with_context(cannot)?;
    if !left.is_empty() {
        bail!("{}: {} of its items are still there", cannot(), left.len());
    }
    let words = format!("the old {name} aboard ({} items) was cleared, read back: none", aboard.len());
    say(Far::Said(words.clone()));
    Ok(Some(words))
}

/// Whether the vehicle knows nothing of this kind.
pub(crate) fn is_unsupported(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<Failure>(), Some(Failure::Refused { result: UNSUPPORTED, .. }))
}

fn wire(items: &[plan_files::Item]) -> Vec<Item> {
    let wire = |item: &plan_files::Item| Item {
        frame: item.frame,
        command: item.command,
        autocontinue: u8::from(item.autocontinue),
        params: item.params,
        x: item.x,
        y: item.y,
        z: item.z,
    };
    items.iter().map(wire).collect()
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Mission => "mission",
        Kind::Fence => "geofence",
        Kind::Rally => "list of rally points",
    }
}
