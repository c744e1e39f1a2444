//! The chosen flight: its verdict with the axes, how long it stays, where its copies are.

use egui::{Rect, Ui, pos2, vec2};

use super::flights::word;
use super::{Ask, stamp};
use crate::state::evidence::{Check, Evidence, Flight};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::theme::tokens;
use crate::ui::widget::badge::{self, Tone};
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::progress::bar;
use crate::ui::widget::{panel, verdict};
use crate::ui::{icon, paint, text, widget};

/// Its height, points.
pub(super) const HEIGHT: f32 = 246.0;

pub(super) fn show(ui: &Ui, rect: Rect, state: &Evidence, asks: &mut Vec<Ask>) {
    let mut inside = panel::panel(ui, rect).shrink2(vec2(PAD, 10.0));
    let t = tokens(ui);
    let Some(flight) = state.flight() else {
        paint::fit(ui.painter(), inside.top_part(20.0), text::CELL, t.text2, "Choose a flight to see its verdict.");
        return;
    };
    let buttons = inside.bottom_part(button::HEIGHT);
    head(ui, inside.top_part(28.0), state, flight);
    inside.top_part(6.0);
    checked(ui, inside.top_part(22.0), state.check(flight.id));
    inside.top_part(2.0);
    for (name, value, mono) in facts(state, flight) {
        if inside.height() < 22.0 {
            break;
        }
        fact(ui, inside.top_part(22.0), name, &value, mono);
    }
    let [check, footage] = buttons.columns(8.0);
    match state.check(flight.id) {
        Check::Running(work) => {
            let stops = (!work.can_stop()).then_some("It stops");
            let cancel = Button::new("Cancel").named("Cancel the check").icon(icon::X.bold());
            if cancel.unless(stops).at(ui, check).clicked() {
                asks.push(Ask::StopCheck(flight.id));
            }
        }
        Check::NotAsked | Check::Done(_) | Check::Failed(_) => {
            if Button::new("Check again").icon(icon::SEAL_CHECK.regular()).at(ui, check).clicked() {
                asks.push(Ask::Check(flight.id));
            }
        }
    }
    let without =
        state.looks().is_none().then_some("Begin a viewing session first: who looks and why stands on the ledger");
    if Button::new("Open footage").icon(icon::FOLDER_OPEN.regular()).unless(without).at(ui, footage).clicked() {
        asks.push(Ask::OpenFootage);
    }
}

fn head(ui: &Ui, mut rect: Rect, state: &Evidence, flight: &Flight) {
    let (tone, glyph, word) = word(state, flight);
    let badge = verdict::stamp(ui, rect.left_center(), tone, glyph, &word);
    rect.left_part(badge.width() + 8.0);
    let (tone, icon, words) = match (&flight.kept.holds[..], flight.kept.until_utc_us) {
        ([], Some(until)) => {
            (Tone::Neutral, icon::LOCK_SIMPLE.fill(), format!("Kept to {}", stamp(until, "%-d %b %Y")))
        }
        ([], None) => (Tone::Neutral, icon::LOCK_SIMPLE.fill(), "Kept, no end decided".to_owned()),
        ([hold], _) => (Tone::Accent, icon::LOCK_KEY.fill(), format!("Legal hold {hold}")),
        ([..], _) => (Tone::Accent, icon::LOCK_KEY.fill(), format!("{} legal holds", flight.kept.holds.len())),
    };
    let wide = badge::tag_width(ui, true, &words);
    if wide <= rect.width() {
        badge::tag(ui, pos2(rect.right() - wide, rect.center().y), tone, Some(icon), &words);
    }
}

fn checked(ui: &Ui, rect: Rect, check: &Check) {
    let t = tokens(ui);
    let line = |ink, words: &str| {
        paint::fit(ui.painter(), rect, text::LABEL, ink, words);
        widget::says(ui, rect, words);
    };
    match check {
        Check::NotAsked => line(t.text2, "From the handover. Check again reads every file anew."),
        Check::Running(work) => {
            let mut track = rect;
            bar(ui, track.bottom_part(6.0), work.share(), t.accent);
            let words = format!("{}: {}", work.what(), work.figures());
            paint::fit(ui.painter(), track, text::LABEL, t.text, &words);
            widget::says(ui, rect, &words);
        }
        Check::Failed(why) => line(t.warn, &format!("Not checked: {why}")),
        Check::Done(verdict) => {
            let (integrity, witness, content, time) = verdict.axes;
            let (seen, all) = verdict.witnessed;
            let how_much = format!("{seen} of {all}");
            let axes = [
                verdict::Axis::integrity(integrity),
                verdict::Axis::witness(witness, Some(&how_much)),
                verdict::Axis::content(content),
                verdict::Axis::time(time),
            ];
            verdict::axes(ui, rect, &axes);
        }
    }
}

fn facts(state: &Evidence, flight: &Flight) -> Vec<(&'static str, String, bool)> {
    let mut facts = Vec::new();
    match state.check(flight.id) {
        Check::Done(verdict) => {
            facts.extend(verdict.faults.first().map(|fault| ("Fault", fault.clone(), false)));
            facts.push(("Meaning", verdict.meaning.to_owned(), false));
        }
        Check::NotAsked | Check::Running(_) | Check::Failed(_) => {}
    }
    let manifest = flight.manifest.to_string();
    facts.push(("Manifest", manifest.get(..32).unwrap_or(&manifest).to_owned(), true));
    let copies = match flight.receipts.len() {
        0 => "this store only; no receipt of another".to_owned(),
        1 => "this store, and a receipt of one other".to_owned(),
        more => format!("this store, and receipts of {more} others"),
    };
    facts.push(("Copies", copies, false));
    let waits = match flight.awaiting {
        0 => "none unsigned".to_owned(),
        waits => format!("{waits} to countersign"),
    };
    facts.push(("Continuity", format!("{} ledger lines, {waits}", flight.entries), false));
    let apart = if flight.quarantined { ", in quarantine" } else { "" };
    facts.push((
        "Taken over",
        format!("{} UTC, {} files{apart}", stamp(flight.taken_over_utc_us, "%-d %b %Y %H:%M"), flight.files),
        false,
    ));
    facts
}

fn fact(ui: &Ui, mut rect: Rect, name: &str, value: &str, mono: bool) {
    let t = tokens(ui);
    widget::says(ui, rect, &format!("{name}: {value}"));
    paint::fit(ui.painter(), rect.left_part(86.0), text::CELL, t.text2, name);
    paint::fit(ui.painter(), rect, if mono { text::MONO } else { text::CELL }, t.text, value);
}
