//! The bar on top of Fly: the highest alarm; while there is none, what is next.

use egui::{Rect, Ui, vec2};

use crate::command::Command;
use crate::state::alarms::{Level, Standing};
use crate::ui::cut::Cut as _;
use crate::ui::icon::Glyph;
use crate::ui::theme::tokens;
use crate::ui::widget::alarm::{self, Alarm};
use crate::ui::widget::button::Button;
use crate::ui::widget::{self, panel};
use crate::ui::{paint, text};
use crate::window::words::{span, utc};

/// What is next, in the pilot's words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Next {
    /// Its sign.
    pub(crate) glyph: Glyph,
    /// What is so.
    pub(crate) what: String,
    /// What to do.
    pub(crate) how: String,
    /// What helps.
    pub(crate) command: Option<Command>,
}

/// The highest alarm; whether it was acknowledged.
pub(crate) fn alarm(ui: &Ui, rect: Rect, standing: &[&Standing], now_ns: u64) -> bool {
    let Some(highest) = standing.first() else { return false };
    let level = match (&highest.acknowledged, highest.level) {
        (Some(_), _) => alarm::Level::Acknowledged,
        (None, Level::Warning) => alarm::Level::Warning,
        (None, Level::Caution) => alarm::Level::Caution,
        (None, Level::Advisory) => alarm::Level::Advisory,
    };
    let detail = match &highest.acknowledged {
        Some(seen) => format!("{}, {} UTC. Still true.", seen.by, utc(seen.at_utc_us)),
        None => format!("{} {}", highest.safe, highest.act),
    };
    #[expect(clippy::cast_precision_loss, reason = "to a tenth of a second")]
    let age = format!("for {}", span(now_ns.saturating_sub(highest.since_ns) as f64 / 1e9));
    Alarm { level, what: &highest.happened, detail: &detail, age: &age, nth: (1, standing.len()) }.at(ui, rect)
}

/// What is next; what was pressed.
pub(crate) fn next(ui: &Ui, rect: Rect, next: &Next) -> Option<Command> {
    let t = tokens(ui);
    let mut inside = panel::panel(ui, rect).shrink2(vec2(12.0, 0.0));
    let mut pressed = None;
    if let Some(command) = next.command {
        let key = command.key_words();
        let mut button = Button::new(command.text()).small();
        if let Some(key) = &key {
            button = button.key(key);
        }
        let at = inside.right_part(button.width(ui)).shrink2(vec2(0.0, 3.0));
        pressed = button.at(ui, at).clicked().then_some(command);
        inside.right_part(12.0);
    }
    let sign = inside.left_part(32.0);
    paint::icon(ui.painter(), sign.left_center() + vec2(11.0, 0.0), 22.0, t.text2, next.glyph.regular());
    let what = paint::fit(ui.painter(), inside, text::VALUE, t.text, &next.what);
    widget::says(ui, inside, &format!("{}. {}", next.what, next.how));
    inside.left_part(what + 12.0);
    paint::fit(ui.painter(), inside, text::BODY, t.text2, &next.how);
    pressed
}
