//! One theme for all of egui: its visuals derived from the tokens.

use egui::epaint::FontColorTransferFunction;
use egui::style::{Selection, WidgetVisuals};
use egui::{Context, CornerRadius, Id, Stroke, Ui, Visuals, vec2};

use super::text;
use super::tokens::{Theme, Tokens};

/// Cells, badges, tags; points.
pub(crate) const RADIUS_SMALL: u8 = 4;
/// Panels, buttons, fields; points.
pub(crate) const RADIUS: u8 = 6;
/// Flight controls; points.
pub(crate) const RADIUS_FLIGHT: u8 = 10;

/// Embeds the fonts; once for each context.
pub(crate) fn install(ctx: &Context, theme: Theme) {
    ctx.set_fonts(text::fonts());
    apply(ctx, theme);
}

/// Puts a theme in force.
pub(crate) fn apply(ctx: &Context, theme: Theme) {
    ctx.data_mut(|data| data.insert_temp(Id::NULL, theme));
    ctx.set_visuals(visuals(theme));
    ctx.all_styles_mut(|style| {
        style.animation_time = 0.0;
        style.spacing.item_spacing = vec2(8.0, 8.0);
        style.spacing.interact_size = vec2(48.0, 48.0);
        style.spacing.scroll = egui::style::ScrollStyle::solid();
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.4;
        style.text_styles = [
            (egui::TextStyle::Small, text::LABEL),
            (egui::TextStyle::Body, text::BODY),
            (egui::TextStyle::Button, text::STRONG),
            (egui::TextStyle::Heading, text::TITLE),
            (egui::TextStyle::Monospace, text::MONO),
        ]
        .map(|(name, style)| (name, style.font()))
        .into();
    });
}

/// The theme in force.
pub(crate) fn theme(ctx: &Context) -> Theme {
    ctx.data(|data| data.get_temp(Id::NULL)).unwrap_or_default()
}

/// The colours in force.
pub(crate) fn tokens(ui: &Ui) -> &'static Tokens {
    theme(ui.ctx()).tokens()
}

fn visuals(theme: Theme) -> Visuals {
    let t = theme.tokens();
    let widget = |fill, edge, text| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, edge),
        corner_radius: CornerRadius::same(RADIUS),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let mut visuals = if theme == Theme::Day { Visuals::light() } else { Visuals::dark() };
    visuals.widgets.noninteractive = widget(t.panel, t.line, t.text);
    visuals.widgets.inactive = widget(t.raised, t.edge, t.text);
    visuals.widgets.hovered = widget(t.raised, t.text2, t.text);
    visuals.widgets.active = widget(t.sunken, t.text, t.text);
    visuals.widgets.open = widget(t.raised, t.edge, t.text);
    visuals.selection = Selection { bg_fill: t.accent_dim, stroke: Stroke::new(2.0, t.accent) };
    visuals.hyperlink_color = t.accent;
    visuals.faint_bg_color = t.panel;
    visuals.extreme_bg_color = t.sunken;
    visuals.code_bg_color = t.sunken;
    visuals.warn_fg_color = t.caution;
    visuals.error_fg_color = t.warn;
    visuals.window_fill = t.panel;
    visuals.panel_fill = t.bg;
    visuals.window_stroke = Stroke::new(1.0, t.edge);
    visuals.window_corner_radius = CornerRadius::same(RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS);
    visuals.window_shadow = egui::Shadow::NONE;
    visuals.popup_shadow = egui::Shadow::NONE;
    visuals.text_cursor.stroke = Stroke::new(2.0, t.accent);
    visuals.text_cursor.blink = false;
    // As heavy in the dark as in daylight.
    visuals.text_options.color_transfer_function = FontColorTransferFunction::Off;
    visuals
}
