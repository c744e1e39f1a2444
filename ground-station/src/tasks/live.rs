//! The live view by a child process: it agrees the keys with the aircraft and sends what opens as plain RTP to two ports of this machine.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use flight_record::Label;
use flight_record::keys::KeyId;
use serde_json::Value;
use vehicle_link::endpoint::Endpoint;

use super::Repaint;
use super::child::{Child, Json, Said, Spec};

/// Pairs of ports tried.
const TRIES: usize = 64;

/// How the view is received.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    /// `skyseal-ground`; this program where none is given.
    pub(crate) program: Option<PathBuf>,
    /// This station's key.
    pub(crate) key: PathBuf,
    pub(crate) trust: PathBuf,
    pub(crate) root: KeyId,
    pub(crate) mavlink: Vec<Endpoint>,
    pub(crate) signing_key: Option<PathBuf>,
    /// The unit's name for it; without one the first that calls.
    pub(crate) aircraft: Option<Label>,
    /// UDP ports that pictures and telemetry come to from the aircraft.
    pub(crate) ports: (u16, u16),
    /// Where the window listens for pictures; telemetry goes to the next port.
    pub(crate) to: SocketAddr,
}

/// What is told of the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    Listening,
    /// The aircraft has a view, and is offered keys.
    Called {
        aircraft: String,
    },
    Agreed {
        aircraft: String,
    },
    /// Another station has taken the view.
    Taken {
        by: String,
    },
    Unanswered {
        aircraft: String,
    },
    /// No aircraft of the unit calls.
    Uncalled,
    /// The keys do not open what comes.
    Unreadable,
    /// Keys are agreed and nothing comes.
    Silent,
    /// So far.
    Received {
        pictures: u64,
        telemetry: u64,
        unreadable: u64,
    },
    Trouble {
        what: String,
    },
    /// It ended; why, and when it is started again.
    Ended {
        why: String,
        again_in_s: Option<u64>,
    },
}

/// The child.
pub(crate) struct Live {
    child: Child,
}

impl Live {
    /// Starts it and keeps it running; it ends with the handle, and with this process however that dies: else it would hold the ports of the
    /// view, and the window that is started next would see nothing.
    ///
    /// # Errors
    /// When this program does not find itself.
    pub(crate) fn start(setup: &Setup, repaint: Repaint) -> Result<Self> {
        let spec = Spec {
            program: setup.program.clone(),
            arguments: arguments(setup),
            json: Json::Stderr,
            keep: true,
            unless_held: None,
        };
        Ok(Self { child: Child::start(spec, repaint)? })
    }

    /// What has happened since it was asked last.
    pub(crate) fn news(&self) -> Vec<News> {
        self.child.said().into_iter().filter_map(news).collect()
    }
}

/// A port of this machine that is free, and so is the next.
///
/// # Errors
/// When none is found.
pub(crate) fn free_pair() -> Result<SocketAddr> {
    let mut last = None;
    for _ in 0..TRIES {
        let first = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let next = first.port().checked_add(1).map(|port| UdpSocket::bind((Ipv4Addr::LOCALHOST, port)));
        match next {
            Some(Ok(_)) => return Ok(first),
            Some(Err(error)) => last = Some(error),
            None => {}
        }
    }
    let why = last.map_or_else(String::new, |error| format!(": {error}"));
    Err(anyhow::anyhow!("two ports side by side")).with_context(|| format!("none of {TRIES} pairs was free{why}"))
}

pub(super) fn arguments(setup: &Setup) -> Vec<OsString> {
    let mut all: Vec<OsString> = vec!["live".into(), "--json".into(), "--until-input-ends".into()];
    let mut give = |name: &str, value: OsString| all.extend([OsString::from(name), value]);
    let path = |path: &Path| path.as_os_str().to_owned();
    give("--key", path(&setup.key));
    give("--trust", path(&setup.trust));
    give("--root", setup.root.to_string().into());
    for endpoint in &setup.mavlink {
        give("--mavlink", endpoint.to_string().into());
    }
    if let Some(key) = &setup.signing_key {
        give("--signing-key", path(key));
    }
    if let Some(aircraft) = &setup.aircraft {
        give("--aircraft", aircraft.to_string().into());
    }
    give("--video-port", setup.ports.0.to_string().into());
    give("--klv-port", setup.ports.1.to_string().into());
    give("--to", setup.to.to_string().into());
    all
}

/// Lines that are none of ours tell nothing: what is printed beside them is for players.
fn news(said: Said) -> Option<News> {
    let line = match said {
        Said::Line(line) => line,
        Said::Ended { how, last_words, again_in_s } => {
            let why = [vec![how], last_words].concat().join(": ");
            return Some(News::Ended { why, again_in_s });
        }
        Said::Started { .. } | Said::Another | Said::Words(_) => return None,
    };
    let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let count = |name: &str| line.get(name).and_then(Value::as_u64).unwrap_or(0);
    Some(match line.get("event").and_then(Value::as_str)? {
        "listening" => News::Listening,
        "called" => News::Called { aircraft: text("aircraft") },
        "agreed" => News::Agreed { aircraft: text("aircraft") },
        "taken" => News::Taken { by: text("by") },
        "unanswered" => News::Unanswered { aircraft: text("aircraft") },
        "uncalled" => News::Uncalled,
        "unreadable" => News::Unreadable,
        "silent" => News::Silent,
        "received" | "ended" => News::Received {
            pictures: count("pictures"),
            telemetry: count("telemetry"),
            unreadable: count("unreadable"),
        },
        "trouble" => News::Trouble { what: text("what") },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_news_and_what_is_newer_than_this_program_is_none() {
        let of = |value: Value| news(Said::Line(value));
        let aircraft = || "SKY-1".to_owned();
        assert_eq!(of(json!({ "event": "agreed", "aircraft": "SKY-1" })), Some(News::Agreed { aircraft: aircraft() }));
        assert_eq!(of(json!({ "event": "taken", "by": "van" })), Some(News::Taken { by: "van".to_owned() }));
        let received = json!({ "event": "received", "pictures": 3, "telemetry": 2, "opened": 9, "unreadable": 1 });
        assert_eq!(of(received), Some(News::Received { pictures: 3, telemetry: 2, unreadable: 1 }));
        assert_eq!(of(json!({ "event": "of next year" })), None);
        assert_eq!(of(json!([1])), None);
        assert_eq!(news(Said::Words("v=0".to_owned())), None);
    }

    #[test]
    fn two_ports_side_by_side_are_free() {
        let to = free_pair().unwrap();
        let _first = UdpSocket::bind(to).unwrap();
        assert!(to.ip().is_loopback() && to.port() < u16::MAX);
    }
}
