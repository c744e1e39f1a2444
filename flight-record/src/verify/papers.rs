//! The papers that a flight holds, where they opened: whose they are, and whether by them it might be flown. No verdict hangs on them.

use super::Options;
use super::opened::{self, Opened, Plain};
use super::records::Records;
use super::report::{Frozen, Item, Subject};
use super::words::Integrity;
use crate::digest::Sha256;
use crate::layout::SealedName;
use crate::papers::{MAX_FILE_BYTES, Papers, Standing};
use crate::record::Document;
use crate::trust::TrustList;
use std::fs::File;
use std::io;
use std::path::Path;

/// What `open` calls them.
pub(super) const PAPERS: &str = "papers";
/// What an event is called that holds those which came in flight.
pub(super) const MISSION_CHANGED: &str = "mission-changed";
/// Bytes of salt before a document.
const SALT_BYTES: usize = 32;
/// Papers that are looked into.
const MAX_PAPERS: usize = 64;

/// Plain bytes, as many as papers have.
#[derive(Default)]
struct Held(Vec<u8>);

impl Plain for Held {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = (SALT_BYTES + MAX_FILE_BYTES + 1).saturating_sub(self.0.len());
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(())
    }
}

/// Looks into the papers whose files are as their records say.
pub(super) fn look(
    dir: &Path,
    records: &Records,
    trust: Option<&TrustList>,
    options: &Options,
    items: &[Item],
) -> io::Result<Vec<Frozen>> {
    let Some(identities) = &options.identities else { return Ok(Vec::new()) };
    let mut frozen = Vec::new();
    for (record, document) in records.papers.iter().take(MAX_PAPERS) {
        let name = SealedName::Document(document.sealed.sha256);
        let subject = Subject::File(name.to_string());
        if !items.iter().any(|item| item.item == subject && item.word == Some(Integrity::Intact)) {
            continue;
        }
        let mut held = Held::default();
        if let Opened::Whole(_) = opened::open(File::open(name.under(dir))?, identities, &mut held)? {
            frozen.push(judge(*record, document, &held.0, trust));
        }
    }
    Ok(frozen)
}

fn judge(record: u64, document: &Document, plain: &[u8], trust: Option<&TrustList>) -> Frozen {
    let bytes = plain.get(SALT_BYTES..).unwrap_or_default();
    let sha256 = Sha256::of(bytes);
    let judged = match (Papers::read(bytes), trust) {
        (Ok(papers), Some(trust)) => papers.judge(trust).map_err(|error| error.to_string()),
        (Ok(_), None) => Err("without a trust list nobody can say whose they are".to_owned()),
        (Err(error), _) => Err(format!("no papers: {error}")),
    };
    let (judged, why_not) = match judged {
        Ok(judged) => (Some(judged), None),
        Err(why) => (None, Some(why)),
    };
    Frozen { record, document: document.sealed.sha256, sha256, judged, why_not }
}

/// What a reader should know of them, a sentence each.
pub(super) fn notices(frozen: &[Frozen]) -> impl Iterator<Item = String> {
    frozen.iter().map(|one| {
        let record = one.record;
        let Some(judged) = &one.judged else {
            return format!("Papers in record {record}: {}.", one.why_not.as_deref().unwrap_or("not judged"));
        };
        let standing = match judged.standing {
            Standing::Clear => "clear".to_owned(),
            Standing::Overridden => {
                let said = |word: &crate::papers::Overridden| format!("{} by {} ({})", word.rule, word.by, word.reason);
                format!("overridden: {}", judged.overridden.iter().map(said).collect::<Vec<_>>().join(", "))
            }
            Standing::Blocked => "NOT TO BE FLOWN by them".to_owned(),
        };
        let facts = &judged.facts;
        let rapid = facts.rapid_launch.as_ref().filter(|_| facts.checked("skipped") > 0);
        let rapid = rapid.map(|why| format!("; rapid launch, {} checks skipped ({why})", facts.checked("skipped")));
        let names: Vec<_> = facts.authorisations.iter().map(|of| format!("{} ({})", of.id, of.state)).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        format!(
            "Papers in record {record}, signed by {}: {standing}{}; profile {} version {}; pilot {}; authorisations in force: {names}; plan {}.",
            judged.by,
            rapid.unwrap_or_default(),
            facts.profile.id,
            facts.profile.version,
            facts.crew.pilot,
            facts.mission.sha256,
        )
    })
}
