//! One line an event on the standard error output: for people, or as JSON.

use std::io::Write as _;

use flight_record::live::Note;
use serde_json::{Value, json};

use super::player::Counts;

/// Writes what happens; nobody reading it is no reason to stop.
pub(super) struct Voice {
    json: bool,
}

/// What happened.
pub(super) enum Event<'a> {
    /// The ports and links are open.
    Listening { links: Vec<String>, station: String },
    /// The machine says so.
    Note(&'a Note),
    /// What has come so far.
    Received(Counts),
    /// It was stopped.
    Ended(Counts),
    /// Something is wrong on this side.
    Trouble { what: String },
}

impl Voice {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Says it, with the time.
    pub(super) fn say(&mut self, event: &Event<'_>, utc_us: i64) {
        let time = jiff::Timestamp::from_microsecond(utc_us).map_or_else(|_| utc_us.to_string(), |at| at.to_string());
        let (words, mut facts) = describe(event);
        let line = if self.json {
            facts["at"] = json!(time);
            format!("{facts}\n")
        } else {
            format!("{}  {words}\n", time.get(11..19).unwrap_or(&time))
        };
        let mut out = std::io::stderr();
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}

fn describe(event: &Event<'_>) -> (String, Value) {
    match event {
        Event::Listening { links, station } => (
            format!("listening on {} as station {station}", links.join(", ")),
            json!({ "event": "listening", "links": links, "station": station }),
        ),
        Event::Note(note) => describe_note(note),
        Event::Received(counts) => (received(counts), facts("received", counts)),
        Event::Ended(counts) => (format!("stopped: {}", received(counts)), facts("ended", counts)),
        Event::Trouble { what } => (what.clone(), json!({ "event": "trouble", "what": what })),
    }
}

fn received(counts: &Counts) -> String {
    let Counts { pictures, packets, unreadable, .. } = counts;
    format!("{pictures} pictures, {packets} packets of telemetry, {unreadable} RTP packets that did not open")
}

fn facts(event: &str, counts: &Counts) -> Value {
    let Counts { pictures, packets, opened, unreadable } = counts;
    json!({ "event": event, "pictures": pictures, "telemetry": packets, "opened": opened, "unreadable": unreadable })
}

fn describe_note(note: &Note) -> (String, Value) {
    match note {
        Note::Called { aircraft } => {
            (format!("{aircraft} has a live view; offering keys"), json!({ "event": "called", "aircraft": aircraft }))
        }
        Note::Agreed { aircraft } => {
            (format!("keys agreed with {aircraft}"), json!({ "event": "agreed", "aircraft": aircraft }))
        }
        Note::Taken { by } => (
            format!("{by} has taken the view; this station waits until it lets go, or for the next flight. Start again to take it back"),
            json!({ "event": "taken", "by": by }),
        ),
        Note::Unanswered { aircraft } => (
            format!(
                "{aircraft} does not answer: has it the trust list that names this station? Are both clocks right to two minutes? \
                 Does the link carry both ways? Offers go on, ever more rarely"
            ),
            json!({ "event": "unanswered", "aircraft": aircraft }),
        ),
        Note::Uncalled => (
            "no aircraft of the unit calls: check --mavlink, the aircraft's [live] (with protection = \"none\" it sends plain RTP and \
             needs no keys), --aircraft, and whether the trust list names it"
                .to_owned(),
            json!({ "event": "uncalled" }),
        ),
        Note::Unreadable => (
            "packets come that the keys do not open; agreeing new ones".to_owned(),
            json!({ "event": "unreadable" }),
        ),
        Note::Silent => (
            "keys are agreed, but nothing comes: check the camera, the addresses in the aircraft's [live], and the firewall here".to_owned(),
            json!({ "event": "silent" }),
        ),
    }
}
