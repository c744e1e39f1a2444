//! What the `trust` commands say.

use flight_record::keys::KeyId;
use flight_record::trust::{Entry, TrustList, in_groups};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// The list as it is now, and which key it was about.
pub(super) struct Answer {
    list: TrustList,
    about: Option<(&'static str, KeyId)>,
}

impl Answer {
    pub(super) fn of(list: TrustList) -> Self {
        Self { list, about: None }
    }

    /// What was done to which key.
    pub(super) fn about(self, done: &'static str, key: KeyId) -> Self {
        Self { about: Some((done, key)), ..self }
    }

    pub(super) fn print(&self, as_json: bool) -> anyhow::Result<String> {
        let list = &self.list;
        if as_json {
            let mut facts = json!({ "fingerprint": list.fingerprint().to_string(), "list": list });
            if let Some((done, key)) = self.about {
                facts[done] = json!(key.to_string());
            }
            return Ok(format!("{}\n", serde_json::to_string_pretty(&facts)?));
        }
        let mut out = String::new();
        if let Some((done, key)) = self.about {
            writeln!(out, "{done}  {}\n", in_groups(&key))?;
        }
        writeln!(out, "{}", list.unit)?;
        writeln!(out, "  root     {}", in_groups(&list.fingerprint()))?;
        writeln!(out, "           {}", list.fingerprint())?;
        let (issued, expires) = (date(list.issued_utc_us)?, date(list.expires_utc_us)?);
        writeln!(out, "  version  {}, issued {issued}, expires {expires}", list.version)?;
        let enrolment = match &list.enrolment {
            Some(key) => format!("{}, until {}", key.public_key().id(), date(key.valid_until_utc_us())?),
            None => "none: only the root signs".to_owned(),
        };
        writeln!(out, "  enrolment key  {enrolment}")?;
        list.keys.iter().try_for_each(|entry| describe(entry, &mut out))?;
        Ok(out)
    }
}

fn describe(entry: &Entry, out: &mut String) -> anyhow::Result<()> {
    let mut granted = entry.class.map_or(String::new(), |class| format!(" {class}"));
    if !entry.duties.is_empty() {
        let duties: Vec<String> = entry.duties.iter().map(ToString::to_string).collect();
        granted = format!(" ({})", duties.join(", "));
    }
    let (from, until) = (date(entry.valid_from_utc_us)?, date(entry.valid_until_utc_us)?);
    let revoked = match &entry.revoked {
        Some(why) => format!(", REVOKED from {}: {}", date(why.at_utc_us)?, why.reason),
        None => String::new(),
    };
    writeln!(out, "  {:<8} {}{granted}, {from} to {until}{revoked}\n           {}", entry.role, entry.name, entry.id)?;
    Ok(())
}

/// A request was written.
pub(super) fn requested(key: &KeyId, path: &Path, as_json: bool) -> anyhow::Result<String> {
    if as_json {
        let facts = json!({ "key": key.to_string(), "request": path });
        return Ok(format!("{}\n", serde_json::to_string_pretty(&facts)?));
    }
    Ok(format!(
        "key  {}\nNext: take {} to the unit's root; there, compare the key by eye, then\n  skyseal-ground trust enrol --role station --request {} …\n",
        in_groups(key),
        path.display(),
        path.display()
    ))
}

fn date(utc_us: i64) -> anyhow::Result<String> {
    Ok(jiff::Timestamp::from_microsecond(utc_us)?.strftime("%Y-%m-%d").to_string())
}
