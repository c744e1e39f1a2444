//! What is only done where a person sits before the window, not where it is pictured: it opens as it was left, says what is wrong with
//! this machine, and alarms are heard.

use std::collections::BTreeMap;

use super::app::App;
use super::remembered::Left;
use super::sound::Player;
use crate::clock;
use crate::state::station::{Finding, Level, Of};
use crate::ui::tokens::Theme;

/// Who sits there.
#[derive(Default)]
pub(super) struct Seat {
    left: Option<Left>,
    player: Option<Player>,
    said: Said,
}

/// What was said of this machine, and how bad it was then.
#[derive(Debug, Default)]
struct Said(BTreeMap<Of, Level>);

impl Said {
    /// Those that are new, or worse than they were when they were said.
    fn news(&mut self, findings: Vec<Finding>) -> Vec<Finding> {
        self.0.retain(|of, _| findings.iter().any(|finding| finding.of == *of));
        let is_news = |finding: &Finding| self.0.get(&finding.of).is_none_or(|said| *said < finding.level);
        let news: Vec<Finding> = findings.into_iter().filter(is_news).collect();
        self.0.extend(news.iter().map(|finding| (finding.of, finding.level)));
        news
    }
}

impl Seat {
    /// One whose tones are asked for and not played.
    #[cfg(test)]
    pub(super) fn listened() -> (Self, std::sync::mpsc::Receiver<crate::state::alarms::Sound>) {
        let (player, asked) = Player::listened();
        (Self { player: Some(player), ..Self::default() }, asked)
    }
}

impl App {
    /// Somebody sits down; a theme that was given holds for this once.
    pub(super) fn seat(&mut self, ctx: &egui::Context, given: Option<Theme>) {
        let now_ns = clock::mono_ns();
        let mut seat = Seat::default();
        match Left::open(&self.settings.station.state, given) {
            Ok((left, trouble)) => {
                self.as_left(ctx, &left);
                trouble.into_iter().for_each(|trouble| self.notices.fault(trouble, now_ns));
                seat.left = Some(left);
            }
            Err(error) => self.notices.fault(format!("How the window is left is not kept: {error:#}"), now_ns),
        }
        match Player::start() {
            Ok(player) => seat.player = Some(player),
            Err(error) => self.notices.fault(format!("Alarms are only seen, not heard: {error:#}"), now_ns),
        }
        self.seat = Some(seat);
    }

    /// Keeps, says and plays what is to be.
    pub(super) fn look_after_seat(&mut self, now_ns: u64) {
        let Some(mut seat) = self.seat.take() else { return };
        if let Some(left) = &mut seat.left {
            self.keep_left(left, now_ns);
        }
        for finding in seat.said.news(self.station.findings()) {
            let words = format!("{}. {}.", finding.what, finding.cure);
            match finding.level {
                Level::Advisory => self.notices.done(words, None, now_ns),
                Level::Caution | Level::Warning => self.notices.fault(words, now_ns),
            }
        }
        if let Some(player) = &mut seat.player {
            let since_ns = self.alarms.standing().first().map_or(0, |alarm| alarm.since_ns);
            player.want(self.alarms.sound(), since_ns, self.sounds);
            if let Some(trouble) = player.trouble() {
                self.notices.fault(format!("Alarms are only seen, not heard: {trouble}"), now_ns);
                seat.player = None;
            }
        }
        self.seat = Some(seat);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(of: Of, level: Level) -> Finding {
        Finding { of, level, what: format!("{of:?}"), cure: "" }
    }

    #[test]
    fn a_finding_is_said_once_until_it_is_worse_or_comes_again() {
        let mut said = Said::default();
        let low = || finding(Of::Battery, Level::Caution);
        assert_eq!(said.news(vec![low()]), [low()]);
        let other_words = Finding { what: "19 %".to_owned(), ..low() };
        assert_eq!(said.news(vec![other_words]), []);
        let worse = finding(Of::Battery, Level::Warning);
        let disk = finding(Of::Disk, Level::Caution);
        assert_eq!(said.news(vec![worse.clone(), disk.clone()]), [worse, disk.clone()]);
        assert_eq!(said.news(vec![low(), disk]), [], "better is no news");
        assert_eq!(said.news(Vec::new()), []);
        assert_eq!(said.news(vec![low()]), [low()]);
    }
}
