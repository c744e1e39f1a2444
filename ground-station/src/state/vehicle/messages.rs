//! What the vehicle says in words, newest last.

use std::collections::{BTreeMap, VecDeque};

use vehicle_link::frames::Frame;

use super::prearm;
use crate::link::texts::Texts;

const STATUSTEXT: u32 = 253;
/// Messages that are kept; beyond it the oldest go.
const MAX_MESSAGES: usize = 200;
/// Components of one vehicle that are listened to.
const MAX_SPEAKERS: usize = 8;
/// MAV_SEVERITY_CRITICAL: it and lower ones call for the pilot.
const CRITICAL: u8 = 2;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// As in syslog: 0 emergency to 7 debug.
    pub(crate) severity: u8,
    /// As said.
    pub(crate) words: String,
    /// Which component.
    pub(crate) component: u8,
    /// When it was said last, ns.
    pub(crate) at_ns: u64,
    /// How often in a row.
    pub(crate) times: u32,
    /// Its number, from 0; a repetition keeps it.
    pub(crate) number: u64,
}

impl Message {
    /// The severity in a word.
    pub(crate) fn severity_name(&self) -> &'static str {
        match self.severity {
            0 => "emergency",
            1 => "alert",
            2 => "critical",
            3 => "error",
            4 => "warning",
            5 => "notice",
            6 => "information",
            _ => "detail",
        }
    }

    /// Calls for the pilot at once.
    pub(crate) fn is_emergency(&self) -> bool {
        self.severity <= CRITICAL
    }
}

/// The history.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    held: VecDeque<Message>,
    speakers: BTreeMap<u8, Texts>,
    said: u64,
}

impl Messages {
    /// Takes a frame; gives the messages that became whole by it.
    pub(super) fn hear(&mut self, frame: &Frame, now_ns: u64) -> Vec<(u8, String)> {
        let component = frame.component_id();
        let mut whole = Vec::new();
        for (speaker, texts) in &mut self.speakers {
            whole.extend(texts.late(now_ns).map(|text| (*speaker, text)));
        }
        let known = self.speakers.contains_key(&component) || self.speakers.len() < MAX_SPEAKERS;
        if frame.message_id() == STATUSTEXT && known {
            let texts = self.speakers.entry(component).or_default().take(frame, now_ns);
            whole.extend(texts.into_iter().map(|text| (component, text)));
        }
        for (component, (severity, words)) in &whole {
            self.note(*component, *severity, words, now_ns);
        }
        whole.into_iter().map(|(_, text)| text).collect()
    }

    fn note(&mut self, component: u8, severity: u8, words: &str, at_ns: u64) {
        let same =
            |last: &&mut Message| (last.component, last.severity, last.words.as_str()) == (component, severity, words);
        if let Some(last) = self.held.back_mut().filter(same) {
            (last.at_ns, last.times) = (at_ns, last.times.saturating_add(1));
            return;
        }
        if self.held.len() >= MAX_MESSAGES {
            self.held.pop_front();
        }
        let number = self.said;
        self.said += 1;
        self.held.push_back(Message { severity, words: words.to_owned(), component, at_ns, times: 1, number });
    }

    /// All that are kept, the oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.held.iter()
    }

    /// The newest that calls for the pilot; why it does not arm is told elsewhere.
    pub(crate) fn last_emergency(&self) -> Option<&Message> {
        self.held.iter().rev().find(|message| message.is_emergency() && !prearm::is_failure(&message.words))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::text;
    use super::*;

    #[test]
    fn repetitions_are_counted_and_the_history_ends() {
        let mut messages = Messages::default();
        for at_ns in 0..3 {
            assert_eq!(messages.hear(&text(4, "Low battery"), at_ns), [(4, "Low battery".to_owned())]);
        }
        let held: Vec<_> = messages.all().collect();
        assert_eq!((held.len(), held[0].times, held[0].at_ns, held[0].severity_name()), (1, 3, 2, "warning"));
        for number in 0..1_000 {
            messages.hear(&text(6, &format!("{number}")), 3);
        }
        assert_eq!(messages.all().count(), MAX_MESSAGES);
        assert_eq!(messages.all().next_back().map(|message| message.number), Some(1_000));
    }

    #[test]
    fn the_last_emergency_is_found() {
        let mut messages = Messages::default();
        messages.hear(&text(3, "error"), 0);
        assert_eq!(messages.last_emergency(), None);
        messages.hear(&text(2, "Crash: Disarming"), 1);
        messages.hear(&text(6, "hello"), 2);
        messages.hear(&text(2, "PreArm: Need 3D Fix"), 2);
        assert_eq!(messages.last_emergency().map(|message| message.words.as_str()), Some("Crash: Disarming"));
    }
}
