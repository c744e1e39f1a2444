//! What signing refused, and when that is told. Pure.

use std::fmt;

use super::{LinkId, LinkStatistics};

/// One link is told of once in this time, ns.
const TELL_NS: u64 = 10_000_000_000;

/// What one link refused for its signature, for people to read; nothing when nothing was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refused {
    /// Not signed.
    pub unsigned: u64,
    /// With a wrong signature.
    pub signatures: u64,
    /// Replayed, beginning a stream in the past, or in too many streams.
    pub replays: u64,
    /// Of ours, not sent because they could not be signed.
    pub not_signed: u64,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unsigned, signatures, replays, not_signed } = *self;
        let told = [
            (unsigned, "not signed"),
            (signatures, "with a wrong signature"),
            (replays, "replayed or out of date"),
            (not_signed, "of ours not sent for want of a signature"),
        ];
        let mut between = "";
        for (count, what) in told.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "{between}{count} {what}")?;
            between = ", ";
        }
        Ok(())
    }
}

/// Tells of refusals as they rise, however many there are: of each link once in ten seconds.
#[derive(Debug, Default)]
pub struct Refusals(Vec<(Refused, Option<u64>)>);

impl Refusals {
    /// The links that have refused more since they were last told of, with all that they refused.
    pub fn news(&mut self, statistics: &[LinkStatistics], now_ns: u64) -> Vec<(LinkId, Refused)> {
        self.0.resize(statistics.len(), (Refused::default(), None));
        let mut news = Vec::new();
        for (link, (told, statistics)) in self.0.iter_mut().zip(statistics).enumerate() {
            let refused = statistics.refused();
            let waits = told.1.is_some_and(|then_ns| now_ns.saturating_sub(then_ns) < TELL_NS);
            if refused != told.0 && !waits {
                *told = (refused, Some(now_ns));
                news.push((LinkId(link), refused));
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    #[test]
    fn what_rises_is_told_once_in_ten_seconds() {
        let mut refusals = Refusals::default();
        let mut links = [LinkStatistics::default(); 2];
        assert_eq!(refusals.news(&links, 0), []);
        links[1].refused_unsigned = 1;
        let told = refusals.news(&links, S);
        assert_eq!(told, [(LinkId(1), Refused { unsigned: 1, ..Refused::default() })]);
        links[1].refused_unsigned = 9000;
        links[0].refused_streams = 1;
        assert_eq!(refusals.news(&links, 2 * S).len(), 1, "the other link");
        assert_eq!(refusals.news(&links, 10 * S), []);
        assert_eq!(refusals.news(&links, 11 * S), [(LinkId(1), Refused { unsigned: 9000, ..Refused::default() })]);
        assert_eq!(refusals.news(&links, 99 * S), []);
    }

    #[test]
    fn it_is_said_in_words() {
        let refused = Refused { unsigned: 3, signatures: 0, replays: 2, not_signed: 0 };
        assert_eq!(refused.to_string(), "3 not signed, 2 replayed or out of date");
    }
}
