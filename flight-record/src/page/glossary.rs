//! What the words in this report mean, and no others.

use crate::verify::{Integrity, Report};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// One line a word that some item has.
pub(super) fn section(report: &Report) -> Markup {
    let words: BTreeSet<Integrity> = report.items.iter().filter_map(|item| item.word).collect();
    let unchecked = report.items.iter().any(|item| item.word.is_none());
    html! {
        section {
            h2 { "The words used here" }
            dl class="words" {
                @for word in words.into_iter().rev() {
                    dt { (word) } dd { (meaning(word)) }
                }
                @if unchecked {
                    dt { "not checked" }
                    dd { "Something before it, which has a word of its own, makes a check impossible. It proves nothing." }
                }
            }
        }
    }
}

fn meaning(word: Integrity) -> &'static str {
    match word {
        Integrity::Intact => "Exactly as the aircraft recorded and signed it.",
        Integrity::UnattestedTail => "Its end was attested only after a restart, not while it was being recorded.",
        Integrity::Incomplete => "A file that stops before its end. What is left is as it was recorded.",
        Integrity::Gap => "The aircraft itself recorded that something is missing here.",
        Integrity::Missing => "The record names it, and it is not here.",
        Integrity::Truncated => "The record stops before its end.",
        Integrity::OutOfOrder => "It does not stand where it was recorded, or stands twice.",
        Integrity::WrongFlight => "It belongs to another flight, or to another aircraft.",
        Integrity::Equivocation => "The aircraft's key has signed two different histories. One of them is false.",
        Integrity::Altered => "These are not the bytes that were recorded.",
        Integrity::KeyUntrusted => "Signed by a key for which the unit does not vouch here.",
        Integrity::Malformed => "Not in the published format, or its signature does not verify.",
    }
}
