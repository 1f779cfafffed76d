//! What a screen reader reads: every widget has a name, and no two buttons the same.

use std::collections::HashSet;

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::stage::{Stage, faceless, good, jpeg};
use super::support::models::Judge;

/// Roles that somebody acts on.
const ACTIVE: [Role; 8] = [
    Role::Button,
    Role::CheckBox,
    Role::RadioButton,
    Role::ComboBox,
    Role::Slider,
    Role::SpinButton,
    Role::Tab,
    Role::ListBoxOption,
];

fn check(stage: &Stage, screen: &str) {
    let mut names = HashSet::new();
    for role in ACTIVE {
        for node in stage.window.query_all_by_role(role) {
            let node = node.accesskit_node();
            let name = node.label().unwrap_or_default();
            assert!(!name.trim().is_empty(), "{screen}: a {role:?} has no name");
            assert!(names.insert((role, name.clone())), "{screen}: two {role:?} are called {name:?}");
        }
    }
    assert!(names.len() > 3, "{screen}: {names:?}");
}

#[test]
fn every_widget_of_every_screen_has_a_name_of_its_own() {
    let photos = [("a.png", good()), ("b.jpg", jpeg()), ("c.png", faceless())];
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &photos);
    check(&stage, "start");
    stage.drop_folder();
    check(&stage, "list");
    stage.press("More options");
    check(&stage, "more");
    stage.key(Modifiers::NONE, Key::Escape);
    stage.protect_all();
    check(&stage, "summary");
    stage.press("Back to the list");
    check(&stage, "list with results");
    stage.window.get_by_label_contains("a.png: ").click();
    stage.window.run_steps(3);
    check(&stage, "viewer");
    stage.press("Back to the list");
    stage.key(Modifiers::COMMAND, Key::Num2);
    check(&stage, "search");
    stage.key(Modifiers::NONE, Key::F1);
    check(&stage, "keys");
    stage.key(Modifiers::NONE, Key::Escape);
    stage.key(Modifiers::COMMAND, Key::Num1);
    stage.press_in_row("a.png", "Strengths");
    stage.until_seen("Take for this photo: Strong");
    check(&stage, "strengths");
}
