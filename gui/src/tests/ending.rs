//! Quitting and clearing while photos are being protected.

use egui::{Key, Modifiers};

use super::stage::{Stage, good, jpeg};
use super::support::models::Judge;

fn working() -> Stage {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.drop_folder();
    stage.until_ready();
    stage.press("Protect");
    stage.until_seen("a.png: Working");
    stage
}

#[test]
fn quitting_while_working_asks_first() {
    let mut stage = working();
    stage.close_window();
    assert!(stage.sees("Quit while photos are being protected?"));
    stage.press("Keep working");
    assert!(!stage.sees("Quit while photos"));
    stage.until_seen("All 2 photos are protected.");
}

#[test]
fn quitting_is_possible_and_the_rest_is_offered_next_time() {
    let mut stage = working();
    stage.close_window();
    stage.press("Quit");
    let mut stage = stage.reopen();
    stage.until_ready();
    assert!(stage.sees("were left to do."));
    stage.press("Continue");
    stage.until_seen("All 2 photos are protected.");
    assert_eq!(stage.files("in-protected"), ["a.png", "b.jpg"]);
}

#[test]
fn clearing_the_list_while_working_asks_first() {
    let mut stage = working();
    stage.press("Clear the list");
    assert!(stage.sees("Clear the list while photos are being protected?"));
    stage.press("Keep working");
    assert!(!stage.sees("Clear the list while photos") && stage.sees("a.png"));
    stage.key(Modifiers::COMMAND, Key::Delete);
    stage.press("Stop and clear");
    assert!(stage.sees("Drop photos or a folder here") && !stage.sees("Clear the list while photos"));
    // Nothing goes on behind the empty list, and nothing is offered at the next start.
    let mut stage = stage.reopen();
    assert!(!stage.sees("were left to do."));
    assert!(!stage.files("in-protected").contains(&"b.jpg".into()));
    stage.drop_folder();
    stage.protect_all();
    assert_eq!(stage.files("in-protected").iter().filter(|name| name.ends_with("b.jpg")).count(), 1);
}

#[test]
fn an_idle_window_closes_without_a_question() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    stage.drop_folder();
    stage.close_window();
    assert!(!stage.sees("Quit while photos"));
}
