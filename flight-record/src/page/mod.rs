//! The report as a page that an officer and a barrister read and print: one file of HTML that fetches nothing and runs nothing.
//!
//! It says the word first and what it means, then what happened when, what is missing, how late the ground saw it, what is
//! not as it should be, and last every item.

mod glossary;
mod items;
mod sections;
mod timeline;
mod times;

use crate::verify::{Report, Word};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What the page looks like, on a screen and on paper.
const STYLE: &str = include_str!("style.css");
/// Nothing is fetched, nothing runs, whatever a flight's own strings say.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page of a report that was made at that time, POSIX µs.
pub fn page(report: &Report, at_utc_us: i64) -> String {
    let title = report.flight.as_ref().map_or_else(
        || format!("{}: flight record", report.word),
        |flight| format!("{}: flight {}", report.word, flight.flight_id),
    );
    html! {
        (DOCTYPE)
        html lang="en-GB" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (sections::head(report, at_utc_us))
                main {
                    (sections::verdict(report))
                    (sections::axes(report))
                    (sections::facts(report, at_utc_us))
                    (sections::covers(report))
                    (timeline::section(report))
                    (sections::happenings(report))
                    (sections::gaps(report))
                    (sections::witness(report))
                    (sections::outside_time(report))
                    (items::doubts(report))
                    (sections::notes(report))
                    (glossary::section(report))
                    (items::all(report))
                }
                (sections::foot(report))
            }
        }
    }
    .into_string()
}

/// How much a word asks for a person. Each has a sign of its own, so that nothing hangs on colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Sound,
    Caution,
    Fault,
}

impl Tone {
    fn of(word: Word) -> Self {
        use crate::verify::Integrity as I;
        match word {
            Word::Verified | Word::Extract => Self::Sound,
            Word::VerifiedSealedOnly | Word::VerifiedUnwitnessed | Word::ExtractUnwitnessed | Word::ClockSuspect => {
                Self::Caution
            }
            Word::Doubt(I::Intact | I::UnattestedTail | I::Incomplete | I::Gap | I::Missing | I::Truncated) => {
                Self::Caution
            }
            Word::Doubt(
                I::OutOfOrder | I::WrongFlight | I::Equivocation | I::Altered | I::KeyUntrusted | I::Malformed,
            ) => Self::Fault,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Caution => "caution",
            Self::Fault => "fault",
        }
    }

    /// A disc with a tick, a triangle, an octagon.
    fn sign(self) -> Markup {
        let (shape, mark) = match self {
            Self::Sound => (r#"<circle cx="24" cy="24" r="22"/>"#, "M14 25l7 7 14-15"),
            Self::Caution => (r#"<path d="M24 4L46 43H2Z"/>"#, "M24 18v12M24 35.5v2"),
            Self::Fault => (r#"<path d="M15 2h18l13 13v18L33 46H15L2 33V15Z"/>"#, "M24 13v15M24 34v2.5"),
        };
        let drawing = format!(
            r#"<svg class="sign" viewBox="0 0 48 48" aria-hidden="true">{shape}<path class="mark" d="{mark}"/></svg>"#
        );
        PreEscaped(drawing)
    }
}
