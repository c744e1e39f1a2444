//! Signing in: a list of people, a PIN pad with big keys. Locked, it lies over the other controls, never over flight data, alarms, REC,
//! Hold and Return: whoever draws it gives it a rectangle that holds none of these.

use egui::{Align2, CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use flight_record::Label;

use super::pin;
use crate::state::handover::words::clock;
use crate::state::signin::{Person, PinState, Secret, SignIn};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::empty::Empty;
use crate::ui::widget::{panel, says, table};
use crate::ui::{paint, text};

/// The card, points.
const CARD: egui::Vec2 = vec2(680.0, 440.0);
/// Of a person in the list, points.
const PERSON: f32 = 56.0;

/// What the person wants.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Sign in, or unlock.
    Give(Label, Secret),
    /// Sign out.
    SignOut,
    /// Lock.
    Lock,
    /// Read the accounts again.
    Look,
}

/// What is only of the card.
#[derive(Debug, Default)]
pub(crate) struct View {
    chosen: Option<Label>,
    secret: Secret,
}

/// Who is signed in, for the strip: name and duties, or that nobody is.
pub(crate) fn in_words(state: &SignIn) -> (String, String) {
    match state.session() {
        Some((who, _)) if state.is_locked() => (who.label.to_string(), "Locked".to_owned()),
        Some((who, _)) => (who.label.to_string(), who.duties_in_words()),
        None => ("Nobody".to_owned(), "Sign in".to_owned()),
    }
}

/// Draws the card in the middle of this rectangle.
pub(crate) fn card(ui: &mut Ui, rect: Rect, state: &SignIn, now_utc_us: i64, view: &mut View) -> Vec<Ask> {
    let place = Align2::CENTER_CENTER.align_size_within_rect(CARD.min(rect.size()), rect);
    let t = tokens(ui);
    ui.painter().rect(place, CornerRadius::same(RADIUS), t.panel, Stroke::new(1.0, t.edge), StrokeKind::Inside);
    let heading = match (state.session(), state.is_locked()) {
        (Some(_), true) => "Locked",
        (Some(_), false) => "Signed in",
        (None, _) => "Sign in",
    };
    let (inside, mut head) = panel::headed(ui, place, Some(icon::USER_CIRCLE.regular()), heading);
    let mut asked = Vec::new();
    if state.session().is_none() {
        let again = Button::icon_only(icon::ARROW_CLOCKWISE.regular(), "Read the accounts again").small().quiet();
        if again.at(ui, head.right_part(button::SMALL)).clicked() {
            asked.push(Ask::Look);
        }
    }
    match state.session().filter(|_| !state.is_locked()) {
        Some((who, since_utc_us)) => asked.extend(signed_in(ui, inside, who, since_utc_us)),
        None => asked.extend(sign_in(ui, inside, state, now_utc_us, view)),
    }
    asked
}

/// Who it is, and how to go.
fn signed_in(ui: &Ui, rect: Rect, who: &Person, since_utc_us: i64) -> Option<Ask> {
    let mut rest = rect.shrink(PAD);
    let t = tokens(ui);
    let place = rest.top_part(PERSON);
    person(ui, place, who);
    says(ui, place, &format!("{} is signed in", who.label));
    rest.top_part(8.0);
    let since = format!("Since {}. A session ends after 12 hours, or when the account changes.", clock(since_utc_us));
    let galley = paint::lines(ui.painter(), text::CELL, t.text2, &since, rest.width(), 2);
    ui.painter().galley(rest.left_top(), galley, t.text2);
    rest.top_part(44.0);
    let locks =
        "Locking asks for your PIN again. Flight data, alarms, REC, Hold and Return stay; work that runs goes on.";
    let galley = paint::lines(ui.painter(), text::CELL, t.text2, locks, rest.width(), 2);
    ui.painter().galley(rest.left_top(), galley, t.text2);
    let [left, right]: [Rect; 2] = rest.bottom_part(button::HEIGHT).columns(8.0);
    let lock = Button::new("Lock").icon(icon::LOCK_SIMPLE.regular()).at(ui, left).clicked();
    let out = Button::new("Sign out").icon(icon::SIGN_OUT.regular()).at(ui, right).clicked();
    lock.then_some(Ask::Lock).or_else(|| out.then_some(Ask::SignOut))
}

fn person(ui: &Ui, rect: Rect, who: &Person) {
    let t = tokens(ui);
    let mut words = rect;
    paint::icon(ui.painter(), words.left_part(36.0).center(), 36.0, t.text2, icon::USER_CIRCLE.fill());
    words.left_part(10.0);
    let mut lines = Rect::from_center_size(words.center(), vec2(words.width(), 40.0));
    paint::fit(ui.painter(), lines.top_part(21.0), text::VALUE, t.text, who.label.as_str());
    paint::fit(ui.painter(), lines, text::CELL, t.text2, &who.duties_in_words());
}

fn sign_in(ui: &mut Ui, rect: Rect, state: &SignIn, now_utc_us: i64, view: &mut View) -> Option<Ask> {
    let t = tokens(ui);
    let all: Vec<&Person> = state.may_try().collect();
    if all.is_empty() {
        let how = state.no_people.clone().unwrap_or_else(|| {
            "An administrator makes accounts with `skyseal-evidence accounts add`; each person then sets a PIN with \
             `skyseal-evidence accounts pin`."
                .to_owned()
        });
        Empty { icon: icon::USERS.regular(), what: "Nobody can sign in", how: &how, action: None }.at(ui, rect);
        return None;
    }
    if view.chosen.as_ref().is_none_or(|chosen| !all.iter().any(|who| who.label == *chosen)) {
        view.chosen = (all.len() == 1).then(|| all[0].label.clone());
        view.secret.clear();
    }
    let mut rest = rect;
    let left = rest.left_part((rect.width() * 0.45).floor());
    ui.painter().vline(rest.left(), rest.y_range(), Stroke::new(1.0, t.line));
    let out = people(ui, left, &all, state.is_locked(), view);
    let given = entry(ui, rest.shrink(PAD), state, now_utc_us, view);
    out.or(given)
}

/// The list; locked, how to go instead.
fn people(ui: &mut Ui, rect: Rect, all: &[&Person], locked: bool, view: &mut View) -> Option<Ask> {
    let mut rest = rect;
    let mut out = None;
    if locked {
        let place = rest.bottom_part(button::HEIGHT + 2.0 * PAD).shrink(PAD);
        out = Button::new("Sign out").icon(icon::SIGN_OUT.regular()).at(ui, place).clicked().then_some(Ask::SignOut);
    }
    panel::scrolled(ui, rest, "people", |ui| {
        for one in all {
            let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), PERSON), egui::Sense::hover());
            let chosen = view.chosen.as_ref() == Some(&one.label);
            if table::row(ui, row, &format!("Person {}", one.label), chosen).clicked() && !chosen {
                view.chosen = Some(one.label.clone());
                view.secret.clear();
            }
            person(ui, row.shrink2(vec2(PAD, 0.0)), one);
        }
    });
    out
}

/// The PIN of whoever is chosen.
fn entry(ui: &Ui, mut rect: Rect, state: &SignIn, now_utc_us: i64, view: &mut View) -> Option<Ask> {
    let t = tokens(ui);
    let Some(who) = view.chosen.clone() else {
        paint::fit(ui.painter(), rect.top_part(24.0), text::BODY, t.text2, "Choose who you are.");
        return None;
    };
    let why_not = state.why_not(&who, now_utc_us);
    paint::fit(ui.painter(), rect.top_part(20.0), text::LABEL, t.text2, "PIN or passphrase");
    rect.top_part(4.0);
    let mut done =
        pin::boxes(ui, rect.top_part(pin::BOXES), &format!("PIN of {who}"), &mut view.secret, why_not.as_deref());
    let said = rect.top_part(44.0);
    if let Some(words) = state.said(&who, now_utc_us) {
        let ink = if matches!(state.pin, PinState::Refused(..)) { t.warn } else { t.text2 };
        let galley = paint::lines(ui.painter(), text::CELL, ink, &words, said.width(), 2);
        ui.painter().galley(pos2(said.left(), said.top() + 6.0), galley, ink);
        says(ui, said, &words);
    }
    done |= pin::pad(ui, rect, &mut view.secret, why_not.as_deref());
    (done && why_not.is_none() && view.secret.signs() > 0).then(|| Ask::Give(who, view.secret.take()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::now_utc_us;
    use crate::dock::runner::fixture::{PIN, Unit};
    use crate::dock::runner::{Gate, Tell};
    use crate::state::signin::Event;
    use crate::ui::shot::{self, Shot};
    use crate::ui::theme;
    use crate::ui::tokens::Theme;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, sync_channel};
    use std::time::Duration;

    #[derive(Default)]
    struct Window {
        state: SignIn,
        view: View,
        asked: Vec<Ask>,
    }

    struct Station {
        _unit: Unit,
        gate: Gate,
        events: Receiver<Event>,
    }

    impl Station {
        fn new() -> (Self, Harness<'static, Window>) {
            let unit = Unit::new();
            let (sender, events) = sync_channel(16);
            let gate = Gate::new(unit.path("first/people.sqlite"), Tell::new(sender, Arc::new(|| ())));
            let mut harness = Harness::builder()
                .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
                .with_size(vec2(900.0, 560.0))
                .build_ui_state(
                    |ui, window: &mut Window| {
                        let (name, detail) = in_words(&window.state);
                        let mut rest = ui.max_rect();
                        super::says(ui, rest.top_part(56.0), &format!("Signed in: {name}, {detail}"));
                        let asked = card(ui, rest, &window.state, now_utc_us(), &mut window.view);
                        window.asked.extend(asked);
                    },
                    Window::default(),
                );
            let station = Self { _unit: unit, gate, events };
            station.until(&mut harness, |event| matches!(event, Event::People(_)));
            (station, harness)
        }

        fn until(&self, harness: &mut Harness<'_, Window>, wanted: impl Fn(&Event) -> bool) {
            loop {
                let event = self.events.recv_timeout(Duration::from_secs(60)).unwrap();
                harness.state_mut().state.apply(event.clone());
                if wanted(&event) {
                    harness.run();
                    return;
                }
            }
        }

        fn obey(&self, harness: &mut Harness<'_, Window>) {
            for ask in std::mem::take(&mut harness.state_mut().asked) {
                match ask {
                    Ask::Give(who, secret) => {
                        let mut again = Some((who, secret));
                        // The thread that looked before may still be leaving.
                        while let Some((who, secret)) = again.take() {
                            let copy = copied(&secret);
                            again = self.gate.give(who.clone(), secret).is_err().then_some((who, copy));
                        }
                    }
                    Ask::SignOut => self.gate.sign_out(),
                    Ask::Lock => self.gate.lock(),
                    Ask::Look => self.gate.look().unwrap(),
                }
            }
        }

        fn give(&self, harness: &mut Harness<'_, Window>, pin: &str, wanted: impl Fn(&Event) -> bool) {
            for key in pin.chars() {
                press(harness, &key.to_string());
            }
            press(harness, "OK");
            self.obey(harness);
            self.until(harness, wanted);
        }
    }

    fn copied(secret: &Secret) -> Secret {
        let mut copy = Secret::default();
        secret.reveal().chars().for_each(|sign| copy.push(sign));
        copy
    }

    fn press(harness: &mut Harness<'_, Window>, name: &str) {
        harness.get_by_label(name).click();
        harness.run();
    }

    fn finds(harness: &Harness<'_, Window>, part: &str) -> bool {
        harness.query_all_by_label_contains(part).next().is_some()
    }

    #[test]
    fn somebody_signs_in_locks_unlocks_and_signs_out() {
        let (station, mut harness) = Station::new();
        assert!(finds(&harness, "Signed in: Nobody") && station.gate.session().is_none());
        press(&mut harness, "Person PC 4417 Hale");
        station.give(&mut harness, PIN, |event| matches!(event, Event::SignedIn(..)));
        assert!(finds(&harness, "PC 4417 Hale is signed in") && finds(&harness, "Remote pilot, evidence custodian"));
        assert!(station.gate.session().is_some_and(|session| session.label().as_str() == "PC 4417 Hale"));
        press(&mut harness, "Lock");
        station.obey(&mut harness);
        station.until(&mut harness, |event| *event == Event::Locked);
        assert!(finds(&harness, "Signed in: PC 4417 Hale, Locked") && station.gate.session().is_none());
        assert!(harness.query_by_label("Person DS 2207 Iqbal").is_none(), "only whoever locked it");
        let mut other = Secret::default();
        PIN.chars().for_each(|sign| other.push(sign));
        harness.state_mut().asked.push(Ask::Give("DS 2207 Iqbal".parse().unwrap(), other));
        station.obey(&mut harness);
        station.until(&mut harness, |event| matches!(event, Event::Refused(_, why) if why.why.contains("locked this")));
        station.give(&mut harness, PIN, |event| matches!(event, Event::SignedIn(..)));
        assert!(station.gate.session().is_some());
        press(&mut harness, "Sign out");
        station.obey(&mut harness);
        station.until(&mut harness, |event| *event == Event::SignedOut);
        assert!(finds(&harness, "Signed in: Nobody") && station.gate.session().is_none());
    }

    #[test]
    fn wrong_pins_are_counted_and_then_waited_for() {
        let (station, mut harness) = Station::new();
        press(&mut harness, "Person PC 1180 Obi");
        for (left, waits) in [(9, false), (8, false), (7, true)] {
            station.give(&mut harness, "314159", |event| matches!(event, Event::Refused(..)));
            assert!(finds(&harness, &format!("{left} tries are left")), "{left}");
            assert_eq!(finds(&harness, "Try again in"), waits);
        }
        for key in PIN.chars() {
            press(&mut harness, &key.to_string());
        }
        press(&mut harness, "OK");
        assert!(harness.state().asked.is_empty(), "not before the wait is over");
    }

    #[test]
    fn the_card_is_drawn_in_all_themes() {
        let person = |name: &str, duties: &[flight_record::trust::Duty]| Person {
            label: name.parse().unwrap(),
            duties: duties.to_vec(),
        };
        let hale = person("PC 4417 Hale", &[flight_record::trust::Duty::Pilot]);
        let iqbal = person("DS 2207 Iqbal", &[flight_record::trust::Duty::Custodian]);
        for (name, signed) in [("sign-in", false), ("signed-in", true)] {
            let mut state = SignIn::default();
            state.apply(Event::People(vec![hale.clone(), iqbal.clone()]));
            if signed {
                state.apply(Event::SignedIn(hale.clone(), 1_781_818_284_000_000));
            }
            let mut view = View { chosen: Some(hale.label.clone()), ..View::default() };
            "271".chars().for_each(|sign| view.secret.push(sign));
            for theme in Theme::ALL {
                let image = Shot::new(760.0, 520.0, theme).take(|ui| {
                    card(ui, ui.max_rect(), &state, 1_781_818_284_000_000, &mut view);
                });
                let drawn = image.pixels.iter().filter(|pixel| **pixel != theme.tokens().bg).count();
                assert!(drawn > image.pixels.len() / 2, "{name} {theme:?}: {drawn}");
                if let Some(folder) = std::env::var_os("SKYSEAL_SHOTS") {
                    let theme = theme.name().to_lowercase().replace(' ', "-");
                    shot::write(&image, &std::path::Path::new(&folder).join(format!("{name}-{theme}.png"))).unwrap();
                }
            }
        }
    }
}
