//! How old a dataset is, in words: the same wherever zones are used.

use jiff::Timestamp;

use super::Source;

impl Source {
    /// Edition and age at `now`, what is wrong with them, and what the dataset is not for: "edition 2026-05-14, 12 days old".
    #[must_use]
    pub fn said(&self, now: Timestamp) -> String {
        let edition =
            if self.edition.is_empty() { "edition not stated".into() } else { format!("edition {}", self.edition) };
        let age = match self.age_days(now) {
            Some(days) => format!("{days} days old"),
            None => "of unknown age".into(),
        };
        let illustrative = if self.illustrative { "; illustrative, not for operational use" } else { "" };
        let stale = self.staleness(now).map(|why| format!(": OUT OF DATE, {why}")).unwrap_or_default();
        format!("{edition}, {age}{stale}{illustrative}")
    }

    /// Whole days since it was issued, or is valid; `None` when it does not say, 0 when that is still to come.
    #[must_use]
    pub fn age_days(&self, now: Timestamp) -> Option<i64> {
        self.age(now).map(|age| age.as_hours().max(0) / 24)
    }

    /// Why it may be out of date at `now`; `None` when it is not.
    #[must_use]
    pub fn staleness(&self, now: Timestamp) -> Option<&'static str> {
        if !self.is_stale(now) {
            return None;
        }
        Some(match self.age(now) {
            _ if self.valid_to.is_some_and(|end| now > end) => "no longer valid",
            None => "for all anybody knows: it may be older than one AIRAC cycle (28 days)",
            Some(_) => "older than one AIRAC cycle (28 days)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_age_is_said_and_whether_that_is_too_old() {
        let day = |day: &str| format!("{day}T00:00:00Z").parse::<Timestamp>().ok();
        let at = |day: &str| format!("{day}T12:00:00Z").parse::<Timestamp>().unwrap_or_default();
        let source = Source { edition: "2026-05-14".into(), issued: day("2026-05-14"), ..Source::default() };
        assert_eq!(source.said(at("2026-05-20")), "edition 2026-05-14, 6 days old");
        assert_eq!(source.said(at("2026-06-10")), "edition 2026-05-14, 27 days old");
        let old = "edition 2026-05-14, 28 days old: OUT OF DATE, older than one AIRAC cycle (28 days)";
        assert_eq!(source.said(at("2026-06-11")), old);
        assert_eq!(source.said(at("2026-05-01")), "edition 2026-05-14, 0 days old");
        let ended = Source { valid_to: day("2026-05-16"), ..source };
        assert!(ended.said(at("2026-05-20")).ends_with("OUT OF DATE, no longer valid"));
        let nameless = Source { illustrative: true, ..Source::default() }.said(at("2026-05-20"));
        assert!(nameless.starts_with("edition not stated, of unknown age: OUT OF DATE, for all anybody knows"));
        assert!(nameless.ends_with("; illustrative, not for operational use"));
    }
}
