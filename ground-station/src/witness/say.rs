//! One line an event: for people, or as JSON.

use std::io::{IsTerminal as _, Write as _};

use flight_record::FlightId;
use flight_record::witness::{Alarm, Note};
use serde_json::{Value, json};

/// Writes what happens to standard output; nobody reading it is no reason to stop witnessing.
pub(super) struct Voice {
    json: bool,
    colour: bool,
    /// Alarms that put a flight in doubt.
    pub(super) doubts: u64,
}

/// What happened, beside the machine's own words.
pub(super) enum Event<'a> {
    /// The machine says so.
    Note(&'a Note),
    /// Somebody must be told now.
    Alarm(&'a Alarm),
    /// The witness listens.
    Listening { links: Vec<String>, station: String },
    /// Frames came that were not signed as they must be.
    Refused { links: String },
    /// A newer trust list is in force.
    Trust { version: u64 },
    /// Something is wrong on this side.
    Trouble { what: String },
    /// Something of the flight log.
    Log { words: String },
    /// An aircraft was offered a recipient for its next flight.
    Offered { device: String, recipient: String },
    /// It has taken it.
    Taken { device: String, recipient: String },
}

impl Voice {
    pub(super) fn new(json: bool) -> Self {
        Self { json, colour: !json && std::io::stdout().is_terminal(), doubts: 0 }
    }

    /// Says it, with the time.
    pub(super) fn say(&mut self, event: &Event<'_>, utc_us: i64) {
        if let Event::Alarm(Alarm::Equivocation { .. } | Alarm::AfterLanded { .. }) = event {
            self.doubts += 1;
        }
        let Some((loud, flight, words, mut facts)) = describe(event) else {
            return;
        };
        let time = jiff::Timestamp::from_microsecond(utc_us).map_or_else(|_| utc_us.to_string(), |at| at.to_string());
        let line = if self.json {
            facts["at"] = json!(time);
            facts["flight"] = json!(flight.map(|flight| flight.to_string()));
            format!("{facts}\n")
        } else {
            let flight = flight.map_or_else(String::new, |flight| format!("  {flight}"));
            let line = format!("{}{flight}  {words}", time.get(11..19).unwrap_or(&time));
            // Red, bold, and a bell.
            if loud && self.colour { format!("\x1b[1;31m{line}\x1b[0m\x07\n") } else { format!("{line}\n") }
        };
        let mut out = std::io::stdout();
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}

/// Whether it is loud, whose flight, in words, as facts. Beacons are too many to say.
fn describe(event: &Event<'_>) -> Option<(bool, Option<FlightId>, String, Value)> {
    let quiet = |words: String, facts: Value| Some((false, None, words, facts));
    match event {
        Event::Note(note) => describe_note(note),
        Event::Alarm(alarm) => Some(describe_alarm(alarm)),
        Event::Listening { links, station } => quiet(
            format!("listening on {} as station {station}", links.join(", ")),
            json!({ "event": "listening", "links": links, "station": station }),
        ),
        Event::Refused { links } => quiet(links.clone(), json!({ "event": "frames-refused", "what": links })),
        Event::Trust { version } => {
            quiet(format!("trust list version {version}"), json!({ "event": "trust", "version": version }))
        }
        Event::Log { words } => quiet(words.clone(), json!({ "event": "flight-log", "what": words })),
        Event::Trouble { what } => Some((true, None, what.clone(), json!({ "event": "trouble", "what": what }))),
        Event::Offered { device, recipient } => quiet(
            format!("{device} is offered {recipient} for its next flight"),
            json!({ "event": "recipient-offered", "device": device, "recipient": recipient }),
        ),
        Event::Taken { device, recipient } => quiet(
            format!("{device} has taken {recipient}"),
            json!({ "event": "recipient-taken", "device": device, "recipient": recipient }),
        ),
    }
}

fn describe_note(note: &Note) -> Option<(bool, Option<FlightId>, String, Value)> {
    let (flight, words, facts) = match note {
        Note::Heard { .. } => return None,
        Note::Begun { flight, device, name } => (
            flight,
            format!("{name} flies; witnessing begins"),
            json!({ "event": "begun", "device": device.to_string(), "name": name.as_str() }),
        ),
        Note::TakenUp { flight, size, landed } => (
            flight,
            format!("taken up again at head {size}{}", if *landed { ", landed" } else { "" }),
            json!({ "event": "taken-up", "size": size, "landed": landed }),
        ),
        Note::Witnessed { flight, size, delay_ms } => (
            flight,
            format!("head {size} witnessed, {delay_ms} ms after its beacon"),
            json!({ "event": "witnessed", "size": size, "delay_ms": delay_ms }),
        ),
        Note::Landed { flight, statement } => (
            flight,
            format!(
                "over ({}): {} heads, the last of size {}, longest silence {} ms, {} equivocations",
                statement.reason,
                statement.heads,
                statement.size,
                statement.longest_silence_ms,
                statement.equivocations
            ),
            json!({ "event": "landed", "statement": statement }),
        ),
    };
    Some((false, Some(*flight), words, facts))
}

fn describe_alarm(alarm: &Alarm) -> (bool, Option<FlightId>, String, Value) {
    let (flight, name, words) = match alarm {
        Alarm::Equivocation { flight, size } => (
            flight,
            "equivocation",
            format!(
                "EQUIVOCATION: the aircraft's key has signed two histories at head {size}. Secure the aircraft and its keys; \
                 the witness file keeps the proof"
            ),
        ),
        Alarm::Untrusted { flight, why } => {
            (flight, "untrusted", format!("NOT WITNESSED: {why}; is the trust list the newest one?"))
        }
        Alarm::LeavesDisagree { flight, size } => (
            flight,
            "leaves-disagree",
            format!("INTERFERENCE: what the radio brings behind head {size} contradicts itself; asking again"),
        ),
        Alarm::AfterLanded { flight, size } => (
            flight,
            "after-landed",
            format!("AFTER THE END: head {size} of a flight this station has closed; it is kept, not witnessed"),
        ),
        Alarm::TooManyFlights { flight } => {
            (flight, "too-many-flights", "NOT WITNESSED: more flights at once than one station watches".to_owned())
        }
    };
    (true, Some(*flight), words.clone(), json!({ "event": "alarm", "alarm": name, "what": words }))
}
