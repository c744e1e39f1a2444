//! Which records were seen by when, and what that makes of the flight.

use super::super::records::Records;
use super::super::report::{Items, NotCounted, Silence, StationFacts, Subject, WitnessFacts};
use super::super::time::TOLERANCE_US;
use super::super::words::{Time, Witness};
use super::{Gathered, Heard, Statement};
use crate::keys::KeyId;
use crate::layout::SealedName;
use crate::trust::{Refusal, Role, TrustList};
use std::collections::{BTreeMap, BTreeSet};

/// What the cosignatures come to.
pub(in crate::verify) struct Judged {
    pub(in crate::verify) witness: Witness,
    pub(in crate::verify) facts: WitnessFacts,
    pub(in crate::verify) time: Time,
    /// When a station that is not revoked first vouched for the closed flight, POSIX µs.
    pub(in crate::verify) close_seen_utc_us: Option<i64>,
}

/// A cosignature that shows records for the first time.
struct Step {
    /// Records up to this size.
    size: u64,
    seen_utc_us: i64,
    /// The ground had seen nothing for longer than the bound before.
    after_silence: bool,
}

/// Judges what was gathered and writes the delays to the items.
pub(in crate::verify) fn judge(
    gathered: &Gathered<'_>,
    records: &mut Records,
    late_after_s: u32,
    items: &mut Items,
) -> Judged {
    let bound_us = i64::from(late_after_s) * 1_000_000;
    let mut tally = Tally::new(late_after_s);
    let opened_utc_us = records.flight.as_ref().map(|flight| flight.opened_utc_us);
    let (Some(trust), Some(opened_utc_us), false) = (gathered.trust, opened_utc_us, records.is_device_log) else {
        return tally.judged(Witness::None);
    };
    let (mut steps, mut last_seen_utc_us) = (Vec::<Step>::new(), opened_utc_us);
    for (statement, Heard { uncertainty_us, .. }) in &gathered.statements {
        let seen_utc_us = in_us(statement.time_s);
        if let Err(why) = counts(statement, seen_utc_us, trust, records, bound_us) {
            tally.leave_out(trust, statement, why);
            continue;
        }
        tally.count(trust, statement, seen_utc_us, records.ends_under(statement.size));
        tally.compare_clocks(records, statement, seen_utc_us, *uncertainty_us);
        tally.doubt_clock(statement.station, *uncertainty_us);
        // A station that sees again what was seen before breaks no silence: records behind it may have been made anew.
        if steps.last().is_some_and(|step| step.size >= statement.size) {
            continue;
        }
        let after_silence = seen_utc_us.saturating_sub(last_seen_utc_us) > bound_us;
        if after_silence {
            tally.facts.silences.push(Silence { from_utc_us: last_seen_utc_us, to_utc_us: seen_utc_us });
        }
        last_seen_utc_us = last_seen_utc_us.max(seen_utc_us);
        steps.push(Step { size: statement.size, seen_utc_us, after_silence });
    }
    let any = !steps.is_empty();
    let all = steps.last().is_some_and(|step| step.size == records.roots.len() as u64);
    if any && !all && records.last_utc_us.saturating_sub(last_seen_utc_us) > bound_us {
        tally.facts.silences.push(Silence { from_utc_us: last_seen_utc_us, to_utc_us: records.last_utc_us });
    }
    if records.is_part() {
        // Between the few heads that an extract carries others were seen.
        tally.facts.silences.clear();
    }
    records.notices.append(&mut tally.notices);
    tally.mark(&steps, records, bound_us, items);
    let to_the_end = records.is_part() || (all && records.closed);
    let witness = match (any, to_the_end && tally.facts.unwitnessed_items == 0, tally.facts.late_items) {
        (false, _, _) => Witness::None,
        (true, false, _) => Witness::Partial,
        (true, true, 0) => Witness::Full,
        (true, true, _) => Witness::Late,
    };
    tally.judged(witness)
}

fn in_us(time_s: u64) -> i64 {
    i64::try_from(time_s).unwrap_or(i64::MAX).saturating_mul(1_000_000)
}

/// Sizes of the heads whose cosignatures count and show records for the first time, in the order of their times.
pub(in crate::verify) fn shown(gathered: &Gathered<'_>, records: &Records, late_after_s: u32) -> Vec<u64> {
    let mut sizes: Vec<u64> = Vec::new();
    let Some(trust) = gathered.trust else { return sizes };
    for statement in gathered.statements.keys() {
        let is_new = sizes.last().is_none_or(|last| *last < statement.size);
        let bound_us = i64::from(late_after_s) * 1_000_000;
        if is_new && counts(statement, in_us(statement.time_s), trust, records, bound_us).is_ok() {
            sizes.push(statement.size);
        }
    }
    sizes
}

/// Why a cosignature does not count.
enum LeftOut {
    Refused(Refusal),
    AfterLanding,
}

fn counts(
    statement: &Statement,
    seen_utc_us: i64,
    trust: &TrustList,
    records: &Records,
    bound_us: i64,
) -> Result<(), LeftOut> {
    trust.vouches(statement.station, Role::Station, seen_utc_us).map_err(LeftOut::Refused)?;
    let in_flight = !records.closed || seen_utc_us <= records.last_utc_us.saturating_add(bound_us);
    if in_flight { Ok(()) } else { Err(LeftOut::AfterLanding) }
}

/// What is counted on the way.
struct Tally {
    facts: WitnessFacts,
    stations: BTreeMap<KeyId, StationFacts>,
    left_out: BTreeMap<(KeyId, String), u64>,
    names: BTreeMap<KeyId, String>,
    vague_clocks: BTreeSet<KeyId>,
    time: Time,
    notices: Vec<String>,
    close_seen_utc_us: Option<i64>,
}

impl Tally {
    fn new(late_after_s: u32) -> Self {
        Self {
            facts: WitnessFacts { late_after_s, ..WitnessFacts::default() },
            stations: BTreeMap::new(),
            left_out: BTreeMap::new(),
            names: BTreeMap::new(),
            vague_clocks: BTreeSet::new(),
            time: Time::Ok,
            notices: Vec::new(),
            close_seen_utc_us: None,
        }
    }

    fn leave_out(&mut self, trust: &TrustList, statement: &Statement, why: LeftOut) {
        let name = trust.entry(statement.station).map(|entry| entry.name.to_string());
        self.names.entry(statement.station).or_insert_with(|| name.unwrap_or_default());
        let reason = match why {
            LeftOut::Refused(refusal) => refusal.to_string(),
            LeftOut::AfterLanding => "made after the flight was over, not in flight".to_owned(),
        };
        *self.left_out.entry((statement.station, reason)).or_default() += 1;
    }

    fn count(&mut self, trust: &TrustList, statement: &Statement, seen_utc_us: i64, over_close: bool) {
        let Some(entry) = trust.entry(statement.station) else {
            return;
        };
        if entry.revoked.is_none() && over_close {
            self.close_seen_utc_us.get_or_insert(seen_utc_us);
        }
        let station = self.stations.entry(entry.id).or_insert_with(|| {
            if let Some(revoked) = &entry.revoked {
                self.notices.push(format!(
                    "Station {} was revoked later ({}). Its cosignatures from before count, unless whoever has its key dated them back.",
                    entry.name, revoked.reason
                ));
            }
            StationFacts {
                id: entry.id,
                name: entry.name.clone(),
                heads: 0,
                first_utc_us: seen_utc_us,
                last_utc_us: seen_utc_us,
            }
        });
        station.heads += 1;
        station.last_utc_us = seen_utc_us;
        self.facts.cosigned_heads += 1;
    }

    /// Nobody sees a record before it is made.
    fn compare_clocks(&mut self, records: &Records, statement: &Statement, seen_utc_us: i64, uncertainty_us: u64) {
        let Some(record) = records.last_under(statement.size) else { return };
        let early_us = i128::from(record.utc_us) - i128::from(seen_utc_us);
        let allowed_us = i128::from(record.uncertainty_us) + i128::from(uncertainty_us) + TOLERANCE_US;
        if early_us > allowed_us && self.time == Time::Ok {
            self.time = Time::Suspect;
            self.notices.push(format!(
                "Clock at record {}: a station had seen it {} ms before the time it states.",
                record.seq,
                early_us / 1000
            ));
        }
    }

    /// Delays are only as good as the clock they were taken by.
    fn doubt_clock(&mut self, station: KeyId, uncertainty_us: u64) {
        if i128::from(uncertainty_us) <= TOLERANCE_US || !self.vague_clocks.insert(station) {
            return;
        }
        if let Some(facts) = self.stations.get(&station) {
            let seconds = uncertainty_us / 1_000_000;
            self.notices.push(format!(
                "Station {} states that its clock may be {seconds} s off: so may each delay that it attests.",
                facts.name
            ));
        }
    }

    /// Writes to each record and file when it was seen.
    fn mark(&mut self, steps: &[Step], records: &Records, bound_us: i64, items: &mut Items) {
        for item in &mut items.0 {
            let Some((size, made_utc_us)) = made(&item.item, records) else {
                continue;
            };
            let first = steps.partition_point(|step| step.size < size);
            let Some(step) = steps.get(first) else {
                self.facts.unwitnessed_items += 1;
                continue;
            };
            let delay_us = step.seen_utc_us.saturating_sub(made_utc_us).max(0);
            let delay_ms = delay_us / 1000;
            item.witness_delay_ms = Some(delay_ms);
            item.late = delay_us > bound_us || step.after_silence;
            self.facts.late_items += u64::from(item.late);
            self.facts.longest_delay_ms = self.facts.longest_delay_ms.max(Some(delay_ms));
        }
    }

    fn judged(mut self, witness: Witness) -> Judged {
        self.facts.stations = self.stations.into_values().collect();
        let names = self.names;
        let named = |id: &KeyId| names.get(id).cloned().unwrap_or_default();
        self.facts.not_counted = self
            .left_out
            .into_iter()
            .map(|((id, reason), cosignatures)| NotCounted { station: named(&id), id, cosignatures, reason })
            .collect();
        Judged { witness, facts: self.facts, time: self.time, close_seen_utc_us: self.close_seen_utc_us }
    }
}

/// The head that shows an item, and when the item was made, POSIX µs: for a file the earlier of its record's time and that
/// of its last content. None for what no record states.
fn made(item: &Subject, records: &Records) -> Option<(u64, i64)> {
    let time_of = |line: u64| records.times.get(usize::try_from(line).ok()?.checked_sub(1)?).copied().flatten();
    match item {
        Subject::Record { line, .. } => Some((*line, time_of(*line)?.utc_us)),
        Subject::File(path) => {
            let name: SealedName = path.parse().ok()?;
            let named = records.files.sealed.get(&name).filter(|named| named.believed)?;
            let recorded_utc_us = time_of(named.line)?.utc_us;
            let content = named.content_utc_us(records.pts_epoch_utc_us, recorded_utc_us);
            Some((named.line, content.map_or(recorded_utc_us, |(_, last_utc_us)| last_utc_us.min(recorded_utc_us))))
        }
        Subject::Trust
        | Subject::Checkpoint { .. }
        | Subject::WitnessFile { .. }
        | Subject::Token { .. }
        | Subject::Carried { .. }
        | Subject::Head { .. } => None,
    }
}
