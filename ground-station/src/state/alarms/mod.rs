//! What a person must know now: one table of conditions ([`table`]), each with its words, its sound, and what ends it.

pub(crate) mod facts;
mod log;
mod table;

pub(crate) use facts::Facts;
pub(crate) use log::{Entry, What};
pub(crate) use table::Id;

use log::Log;
use table::{ROWS, Row, subject};

/// How much an alarm asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// To be known.
    Advisory,
    /// To be acted on soon.
    Caution,
    /// To be acted on now.
    Warning,
}

/// What is heard, by name; the player knows the tones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sound {
    /// Nothing.
    Silent,
    /// Once.
    Chime,
    /// Until it is acknowledged.
    Caution,
    /// Until it is acknowledged, louder.
    Warning,
    /// Rising, until it is acknowledged: traffic.
    Traffic,
}

/// Who acknowledged an alarm, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    /// The person signed in.
    pub(crate) by: String,
    /// UTC, µs.
    pub(crate) at_utc_us: i64,
}

/// An alarm that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Which condition.
    pub(crate) id: Id,
    /// How much it asks.
    pub(crate) level: Level,
    /// What happened.
    pub(crate) happened: String,
    /// What is safe all the same.
    pub(crate) safe: &'static str,
    /// What the pilot does.
    pub(crate) act: &'static str,
    /// What ends it, in words.
    pub(crate) until: &'static str,
    /// What is heard now: nothing once it is acknowledged.
    pub(crate) sound: Sound,
    /// Since when it stands, ns.
    pub(crate) since_ns: u64,
    /// Grey from then on, while it stays true.
    pub(crate) acknowledged: Option<Acknowledged>,
    subject: Option<String>,
}

/// One condition as it goes on.
#[derive(Debug, Clone, Default)]
struct Watch {
    true_since_ns: Option<u64>,
    false_since_ns: Option<u64>,
    standing: Option<Standing>,
}

/// All conditions.
#[derive(Debug)]
pub(crate) struct Alarms {
    watches: Vec<Watch>,
    log: Log,
}

impl Default for Alarms {
    fn default() -> Self {
        Self { watches: vec![Watch::default(); ROWS.len()], log: Log::default() }
    }
}

impl Alarms {
    /// Judges the facts. Call it several times a second; whether anything that is shown changed.
    pub(crate) fn look(&mut self, facts: &Facts, now_ns: u64) -> bool {
        let mut changed = false;
        for (row, watch) in ROWS.iter().zip(&mut self.watches) {
            let stands = watch.standing.is_some();
            let found = (row.found)(facts, stands);
            match (found, stands) {
                (Some(happened), false) => {
                    watch.false_since_ns = None;
                    let since_ns = *watch.true_since_ns.get_or_insert(now_ns);
                    if now_ns.saturating_sub(since_ns) >= row.after_ns {
                        self.log.note(row.id, What::Raised, &happened, facts.utc_us);
                        watch.standing = Some(standing(row, facts, happened, now_ns));
                        changed = true;
                    }
                }
                (Some(happened), true) => {
                    watch.false_since_ns = None;
                    if let Some(standing) = &mut watch.standing {
                        let (news, again) = renew(standing, row, facts, happened);
                        changed |= news;
                        if again {
                            self.log.note(row.id, What::Raised, &standing.happened, facts.utc_us);
                        }
                    }
                }
                (None, false) => watch.true_since_ns = None,
                (None, true) => {
                    watch.true_since_ns = None;
                    let since_ns = *watch.false_since_ns.get_or_insert(now_ns);
                    if now_ns.saturating_sub(since_ns) >= row.over_after_ns {
                        if let Some(standing) = watch.standing.take() {
                            self.log.note(row.id, What::Over, &standing.happened, facts.utc_us);
                        }
                        changed = true;
                    }
                }
            }
        }
        changed
    }

    /// Alarms that stand: those nobody acknowledged first, the highest first, then the newest.
    pub(crate) fn standing(&self) -> Vec<&Standing> {
        let mut standing: Vec<_> = self.watches.iter().filter_map(|watch| watch.standing.as_ref()).collect();
        standing.sort_by(|a, b| {
            let open = |alarm: &Standing| alarm.acknowledged.is_none();
            let rank = |alarm: &Standing| (open(alarm), alarm.level, alarm.since_ns);
            rank(b).cmp(&rank(a))
        });
        standing
    }

    /// When one is raised, or over, if what was found stays as it is, ns.
    pub(crate) fn next_ns(&self) -> Option<u64> {
        let next = |(row, watch): (&Row, &Watch)| match (&watch.standing, watch.true_since_ns, watch.false_since_ns) {
            (None, Some(since_ns), _) => Some(since_ns.saturating_add(row.after_ns)),
            (Some(_), _, Some(since_ns)) => Some(since_ns.saturating_add(row.over_after_ns)),
            _ => None,
        };
        ROWS.iter().zip(&self.watches).filter_map(next).min()
    }

    /// What is to be heard: the sound of the highest that nobody acknowledged.
    pub(crate) fn sound(&self) -> Sound {
        self.standing().first().map_or(Sound::Silent, |alarm| alarm.sound)
    }

    /// Somebody has seen it: it is grey and silent while it stays true. Nothing for one that does not stand or was seen before.
    pub(crate) fn acknowledge(&mut self, id: Id, by: &str, at_utc_us: i64) -> bool {
        let open = |alarm: &&mut Standing| alarm.id == id && alarm.acknowledged.is_none();
        let Some(alarm) = self.watches.iter_mut().filter_map(|watch| watch.standing.as_mut()).find(open) else {
            return false;
        };
        alarm.acknowledged = Some(Acknowledged { by: by.to_owned(), at_utc_us });
        alarm.sound = Sound::Silent;
        self.log.note(id, What::Acknowledged { by: by.to_owned() }, &alarm.happened, at_utc_us);
        true
    }

    /// Every condition of the table, and what the pilot does then.
    #[cfg(test)]
    pub(crate) fn all() -> impl Iterator<Item = (Id, &'static str)> {
        ROWS.iter().map(|row| (row.id, row.act))
    }

    /// What was raised, acknowledged and over, the newest first.
    pub(crate) fn log(&self) -> impl Iterator<Item = &Entry> {
        self.log.newest_first()
    }
}

fn standing(row: &Row, facts: &Facts, happened: String, since_ns: u64) -> Standing {
    Standing {
        id: row.id,
        level: (row.level)(facts),
        happened,
        safe: row.safe,
        act: row.act,
        until: row.until,
        sound: row.sound,
        since_ns,
        acknowledged: None,
        subject: subject(row.id, facts),
    }
}

/// The figures change in place; when it gets worse, or is about another thing, it asks again. Whether anything changed, and whether it
/// asks again.
fn renew(standing: &mut Standing, row: &Row, facts: &Facts, happened: String) -> (bool, bool) {
    let (level, subject) = ((row.level)(facts), subject(row.id, facts));
    let again = level > standing.level || subject != standing.subject;
    let changed = again || standing.happened != happened || standing.level != level;
    if again {
        (standing.acknowledged, standing.sound) = (None, row.sound);
    }
    (standing.happened, standing.level, standing.subject) = (happened, level, subject);
    (changed, again)
}

#[cfg(test)]
mod tests;
