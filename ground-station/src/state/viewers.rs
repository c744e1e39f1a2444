//! Who can open the live view: whom the aircraft agreed keys with, since when, until when. Pure.
//!
//! One station holds the keys at a time. They end with the flight, with the next station that asks, or with the recorder's run; so
//! whoever held them before cannot open what is sent now.

/// Holders that are kept.
const MOST: usize = 8;

/// A station that held keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    /// As the trust list calls it.
    pub(crate) who: String,
    /// Since when, POSIX µs.
    pub(crate) from_utc_us: i64,
    /// Until when; nothing while they are in force.
    pub(crate) until_utc_us: Option<i64>,
}

/// All of them, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Holders(Vec<Holder>);

impl Holders {
    /// The aircraft agreed keys with somebody: those before are of no use any more.
    pub(crate) fn agreed(&mut self, who: &str, now_utc_us: i64) {
        if self.0.first().is_some_and(|holder| holder.who == who && holder.until_utc_us.is_none()) {
            // Keys were agreed anew, with whom they were agreed before.
            return;
        }
        self.ended(now_utc_us);
        self.0.insert(0, Holder { who: who.to_owned(), from_utc_us: now_utc_us, until_utc_us: None });
        self.0.truncate(MOST);
    }

    /// The keys in force are dropped.
    pub(crate) fn ended(&mut self, now_utc_us: i64) {
        for holder in &mut self.0 {
            holder.until_utc_us = holder.until_utc_us.or(Some(now_utc_us));
        }
    }

    /// The newest first.
    pub(crate) fn all(&self) -> &[Holder] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_the_keys_at_a_time_and_who_did_is_kept() {
        let mut holders = Holders::default();
        holders.agreed("This station", 10);
        holders.agreed("van", 20);
        let said: Vec<_> =
            holders.all().iter().map(|one| (one.who.as_str(), one.from_utc_us, one.until_utc_us)).collect();
        assert_eq!(said, [("van", 20, None), ("This station", 10, Some(20))]);
        holders.ended(30);
        holders.ended(40);
        assert_eq!(holders.all()[0].until_utc_us, Some(30));
        for at in 0..100 {
            holders.agreed("van", at);
        }
        assert_eq!((holders.all().len(), holders.all()[0].from_utc_us), (3, 0), "the same one still");
        for at in 0..100 {
            holders.agreed(&format!("station {at}"), at);
        }
        assert_eq!(holders.all().len(), MOST);
    }
}
