//! The keyboard alone is enough: every control has a name and is reached by Tab, Enter presses it, and Escape closes what is open.

use std::collections::BTreeMap;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::world::{World, words_of};
use crate::command::Workspace;
use crate::state::recording::Button;
use crate::window::app::Over;

/// What a person can press or write in.
const CONTROLS: [Role; 12] = [
    Role::Button,
    Role::CheckBox,
    Role::ComboBox,
    Role::Link,
    Role::ListItem,
    Role::MultilineTextInput,
    Role::PasswordInput,
    Role::RadioButton,
    Role::Slider,
    Role::SpinButton,
    Role::Tab,
    Role::TextInput,
];

/// Controls that can be used now: what tells them apart, and their names.
fn controls(world: &World) -> BTreeMap<String, String> {
    let all = world.harness.root().children_recursive();
    let usable = all.filter(|node| {
        let node = node.accesskit_node();
        CONTROLS.contains(&node.role()) && !node.is_disabled()
    });
    usable.map(|node| (format!("{:?}", node.accesskit_node().id()), words_of(&node.accesskit_node()))).collect()
}

fn focused(world: &World) -> Option<String> {
    let mut all = world.harness.root().children_recursive();
    all.find(egui_kittest::Node::is_focused).map(|node| format!("{:?}", node.accesskit_node().id()))
}

fn press(world: &mut World, key: Key) {
    world.harness.key_press(key);
    world.harness.run_steps(2);
}

/// Presses Tab until it has come round; what it has not reached.
fn not_reached(world: &mut World) -> Vec<String> {
    let mut left = controls(world);
    assert!(left.values().all(|name| !name.trim().is_empty()), "a control without a name: {left:?}");
    for _ in 0..left.len() * 2 + 10 {
        press(world, Key::Tab);
        focused(world).and_then(|id| left.remove(&id));
        if left.is_empty() {
            break;
        }
    }
    // Notes of what happened go by themselves.
    let there = controls(world);
    left.into_iter().filter(|(id, _)| there.contains_key(id)).map(|(_, name)| name).collect()
}

#[test]
fn tab_reaches_every_control_of_every_workspace_and_each_has_a_name() {
    let mut world = World::new();
    world.unit.imports();
    world.pass(2);
    for workspace in Workspace::ALL {
        world.app().go(workspace);
        world.live_until("what is read for the workspace", |harness| {
            ["Reading the zones …", "is being read", "Reading the register …"]
                .iter()
                .all(|words| harness.query_all_by_label_contains(words).next().is_none())
        });
        world.harness.run_steps(3);
        let missed = not_reached(&mut world);
        assert!(missed.is_empty(), "{workspace:?}: {missed:?}");
        press(&mut world, Key::Escape);
    }
}

#[test]
fn tab_reaches_every_control_of_what_opens_over_a_workspace_and_escape_closes_it() {
    let mut world = World::flying();
    let all = [
        (Modifiers::NONE, Key::W, Over::WhyNotArm),
        (Modifiers::NONE, Key::S, Over::Failsafes),
        (Modifiers::COMMAND, Key::H, Over::Notices),
        (Modifiers::COMMAND, Key::Comma, Over::Settings),
        (Modifiers::COMMAND, Key::I, Over::SignIn),
        (Modifiers::NONE, Key::M, Over::Marker),
    ];
    for (modifiers, key, over) in all {
        world.harness.key_press_modifiers(modifiers, key);
        world.harness.run_steps(3);
        assert_eq!(world.app().view.over, Some(over));
        let missed = not_reached(&mut world);
        assert!(missed.is_empty(), "{over:?}: {missed:?}");
        press(&mut world, Key::Escape);
        assert_eq!(world.app().view.over, None, "{over:?} is closed");
        press(&mut world, Key::Escape);
    }
    world.harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    world.harness.run_steps(2);
    assert!(world.app().view.palette.is_some());
    press(&mut world, Key::Escape);
    assert!(world.app().view.palette.is_none());
}

#[test]
fn enter_presses_what_tab_has_reached_and_letters_are_shortcuts_there_too() {
    let mut world = World::flying();
    let plan = world.harness.get_by_label("Plan");
    plan.focus();
    world.harness.run_steps(2);
    press(&mut world, Key::Enter);
    assert_eq!(world.app().view.workspace, Workspace::Plan);
    assert!(focused(&world).is_some());
    press(&mut world, Key::Num1);
    assert_eq!(world.app().view.workspace, Workspace::Fly, "a digit is no text on a button");
    world.harness.get_by_label("Airspace").focus();
    world.harness.run_steps(2);
    press(&mut world, Key::R);
    let now_ns = world.now_ns;
    assert!(matches!(world.app().flight.recording.button(now_ns), Button::Starting { .. }), "REC is one press, always");
}

#[test]
fn arrow_keys_go_along_the_seal_ribbon() {
    let mut world = World::flying();
    let mut file = world.begin_witnessing();
    for _ in 0..3 {
        file.cosign(&mut world);
        world.pass(1);
    }
    world.harness.get_by_label_contains("Seal ribbon, 3 cells").focus();
    world.harness.run_steps(2);
    let mut chosen = Vec::new();
    for key in [Key::Enter, Key::ArrowLeft, Key::ArrowLeft, Key::ArrowLeft, Key::ArrowRight] {
        press(&mut world, key);
        chosen.push(world.app().view.ribbon.chosen);
    }
    assert_eq!(chosen, [Some(3), Some(2), Some(1), Some(1), Some(2)]);
}
