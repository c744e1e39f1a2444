//! The items: those that are not as they should be in full, and all of them by what they are.

use crate::verify::{Integrity, Item, Report, Subject};
use maud::{Markup, html};

/// What is not as it should be, worst first; late items are told with the witness.
pub(super) fn doubts(report: &Report) -> Markup {
    let doubts = report.doubts();
    html! {
        section {
            h2 { "Not as it should be" }
            @if doubts.is_empty() {
                p { "Nothing: each of the " (report.items.len()) " items that were checked is INTACT." }
            } @else {
                p { (doubts.len()) " of the " (report.items.len()) " items that were checked." }
                (table(doubts.into_iter(), false))
            }
        }
    }
}

/// Whether an item is of a group.
type Belongs = fn(&Subject) -> bool;

/// Every item, grouped and folded; what is unfolded on the screen is printed.
pub(super) fn all(report: &Report) -> Markup {
    let groups: [(&str, Belongs); 6] = [
        ("Trust list", |item| matches!(item, Subject::Trust)),
        ("Records", |item| matches!(item, Subject::Record { .. } | Subject::Carried { .. })),
        ("Tree heads (each is signed over all records so far)", |item| {
            matches!(item, Subject::Checkpoint { .. } | Subject::Head { .. })
        }),
        ("Witness files", |item| matches!(item, Subject::WitnessFile { .. })),
        ("Timestamps of authorities", |item| matches!(item, Subject::Token { .. })),
        ("Files", |item| matches!(item, Subject::File(_))),
    ];
    html! {
        section class="every" {
            h2 { "Every item" }
            p { "Open a group to read it; what is open is printed." }
            @for (title, belongs) in groups {
                @let items: Vec<&Item> = report.items.iter().filter(|item| belongs(&item.item)).collect();
                @if !items.is_empty() {
                    @let intact = items.iter().filter(|item| item.word == Some(Integrity::Intact)).count();
                    details {
                        summary { (title) ": " (items.len()) ", " (intact) " INTACT" }
                        (table(items.into_iter(), true))
                    }
                }
            }
        }
    }
}

fn table<'a>(items: impl Iterator<Item = &'a Item>, with_delay: bool) -> Markup {
    html! {
        table class="items" {
            thead { tr {
                th { "Word" } th { "Item" }
                @if with_delay { th class="number" { "Seen after" } }
                th { "What was found" }
            } }
            tbody { @for item in items { tr {
                td class=[(item.word != Some(Integrity::Intact)).then_some("doubt")] { (word(item)) }
                td { (item.item) }
                @if with_delay { td class="number" { (delay(item)) } }
                td { @if let Some(detail) = &item.detail { (detail) } }
            } } }
        }
    }
}

fn word(item: &Item) -> String {
    item.word.map_or_else(|| "not checked".to_owned(), |word| word.to_string())
}

/// How long after it was made the ground had seen an item.
fn delay(item: &Item) -> String {
    item.witness_delay_ms.map_or_else(String::new, |ms| {
        let late = if item.late { " late" } else { "" };
        format!("{}.{} s{late}", ms / 1000, ms % 1000 / 100)
    })
}
