//! From the empty window to a list of photos; choices; what is remembered.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use visard::cloak::Preset;
use visard::pipeline::Status;

use super::stage::{Stage, broken, faceless, good, jpeg};
use super::support::models::{Judge, embedder, sha256};
use crate::choices::{Format, SaveTo, Theme};
use crate::queue::State;
use crate::texts;

#[test]
fn an_empty_window_invites() {
    let stage = Stage::new(Judge::TakesAllForStrangers, &[]);
    for label in ["Drop photos or a folder here", "Add photos…", "Add folder…", "More options"] {
        stage.window.get_by_label(label);
    }
    assert!(stage.sees("Your photos stay on this computer, and your originals are never changed."));
}

#[test]
fn a_dropped_folder_becomes_a_list_with_its_faces() {
    let mut stage = Stage::new(
        Judge::TakesAllForStrangers,
        &[("a.png", good()), ("b.jpg", jpeg()), ("c.png", faceless()), ("d.png", broken())],
    );
    stage.until_ready();
    stage.drop_folder();
    stage.until_seen("a.png: Waiting. 1 face found");
    stage.until_seen("b.jpg: Waiting. 1 face found");
    stage.until_seen("c.png: Waiting. No face found: open it to add one");
    stage.until_seen("d.png: Waiting. It cannot be read: this is not a photo");
    stage.focus_row("d.png");
    stage.window.get_by_label("Remove d.png");
}

#[test]
fn photos_and_folders_can_be_chosen_in_dialogs_with_the_keyboard_too() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.answers.borrow_mut().paths = vec![stage.path("in/b.jpg")];
    stage.press("Add photos…");
    stage.until_seen("b.jpg: Waiting");
    assert!(!stage.sees("a.png"));
    stage.answers.borrow_mut().paths = vec![stage.path("in")];
    stage.key(Modifiers::COMMAND, Key::D);
    stage.until_seen("a.png: Waiting");
    // The photo that was there already is there once.
    assert_eq!(stage.window.state().model.queue.rows.len(), 2);
}

#[test]
fn a_folder_without_photos_is_named() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[]);
    stage.drop_folder();
    stage.until_seen("There are no photos (JPEG, PNG, WebP, HEIC, AVIF, JPEG XL, TIFF, GIF, BMP) in");
    stage.press("Hide this message 1");
    assert!(!stage.sees("There are no photos"));
}

#[test]
fn choices_are_remembered() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    stage.drop_folder();
    stage.press("Strength: Strong");
    stage.press("Keep in the saved photos");
    stage.answers.borrow_mut().paths = vec![stage.path("elsewhere")];
    stage.press("Choose…");
    stage.press("More options");
    stage.press("Protect only the largest face");
    stage.press("Replace it");
    stage.press("Close");
    stage.press("Dark");
    let before = stage.window.state().model.choices.clone();
    let stage = stage.reopen();
    let choices = &stage.window.state().model.choices;
    assert_eq!(*choices, before);
    assert_eq!(choices.strength, Preset::Strong);
    assert_eq!(choices.save_to, SaveTo::Folder(stage.path("elsewhere")));
    assert!(choices.keep_metadata && choices.largest_only && choices.replace);
    assert_eq!((choices.theme, choices.format), (Theme::Dark, Format::Keep));
}

#[test]
fn each_strength_says_what_it_costs() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    stage.drop_folder();
    for text in
        ["as the checks accept", "Looks natural", "May be seen on smooth skin.", "Seen on smooth skin"]
    {
        assert!(stage.sees(text), "{text}");
    }
    stage.protect_all();
    stage.press("Back to the list");
    assert!(stage.sees("a face on this computer"), "{:?}", stage.labels());
}

#[test]
fn without_networks_the_window_says_so_and_takes_a_folder_with_some() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    stage.until_ready();
    stage.drop_folder();
    let models = stage.folder.path().to_path_buf();
    stage.answers.borrow_mut().paths = vec![stage.path("nowhere")];
    stage.press("More options");
    stage.press("Add a folder with networks…");
    stage.press("Close");
    stage.until_seen("visard cannot work without its networks");
    assert!(!stage.sees("os error"), "{:?}", stage.labels());
    assert!(stage.window.get_by_label("Protect").accesskit_is_disabled());
    stage.window.state_mut().model.choices.networks.clear();
    stage.answers.borrow_mut().paths = vec![models];
    stage.press("Choose a folder with networks…");
    stage.until_ready();
    assert!(!stage.sees("visard cannot work without its networks"));
}

trait Disabled {
    fn accesskit_is_disabled(&self) -> bool;
}

impl Disabled for egui_kittest::Node<'_> {
    fn accesskit_is_disabled(&self) -> bool {
        use egui_kittest::kittest::NodeT as _;
        self.accesskit_node().is_disabled()
    }
}

#[test]
fn a_session_that_was_left_is_offered_again() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.drop_folder();
    let mut stage = stage.reopen();
    stage.until_ready();
    assert!(stage.sees("Last time 2 of 2 photos were left to do."));
    stage.press("Continue");
    stage.until_seen("All 2 photos are protected.");
    assert_eq!(stage.files("in-protected"), ["a.png", "b.jpg"]);
    // What is finished is remembered with its verdicts.
    let mut stage = stage.reopen();
    assert!(stage.sees("Last time 2 of 2 photos were protected."));
    stage.press("Show them");
    assert!(stage.sees("All 2 photos are protected."));
    assert_eq!(stage.states(), [State::Protected; 2]);
}

#[test]
fn a_file_that_was_changed_since_it_was_written_is_not_called_protected() {
    let photos = [("a.png", good()), ("b.jpg", jpeg())];
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &photos);
    stage.drop_folder();
    stage.protect_all();
    // A session is remembered while something is left to do.
    std::fs::write(stage.path("in/c.png"), good()).unwrap();
    stage.drop_folder();
    std::fs::write(stage.path("in-protected/a.png"), jpeg()).unwrap();
    let mut stage = stage.reopen();
    stage.until_ready();
    stage.press("Continue");
    stage.until_seen("2 of 3 photos are protected.");
    let queue = &stage.window.state().model.queue;
    let changed = queue.rows[0].report.as_ref().unwrap();
    assert_eq!((changed.status(), changed.output()), (Status::Failed, None));
    assert_eq!(changed.sum().reason, texts::FILE_CHANGED);
}

#[test]
fn a_killed_session_goes_on_without_doing_anything_twice() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.jpg", jpeg())]);
    stage.drop_folder();
    stage.until_ready();
    stage.press("Protect");
    stage.until_seen("a.png: Working");
    // What a window that is killed now leaves behind knows nothing of the files that are written later.
    let remembered = std::fs::read(stage.path("memory/session.json")).unwrap();
    stage.until_seen("All 2 photos are protected.");
    let written = std::fs::read(stage.path("in-protected/a.png")).unwrap();
    let mut stage = stage.reopen_with(&remembered);
    stage.until_ready();
    assert!(stage.sees("Last time 2 of 2 photos were left to do."));
    stage.press("Continue");
    stage.until_seen("All 2 photos are protected.");
    assert_eq!(stage.files("in-protected"), ["a.png", "b.jpg"]);
    assert_eq!(std::fs::read(stage.path("in-protected/a.png")).unwrap(), written);
    assert_eq!(stage.states(), [State::Protected; 2]);
}

#[test]
fn a_session_can_be_forgotten() {
    let mut stage = Stage::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    stage.drop_folder();
    let mut stage = stage.reopen();
    stage.press("Forget them");
    assert!(!stage.sees("Last time"));
    let stage = stage.reopen();
    assert!(!stage.sees("Last time"));
}

#[test]
fn a_surrogate_that_would_leave_no_independent_judge_is_named() {
    let stage = Stage::new(Judge::TakesAllForStrangers, &[]);
    let text = std::fs::read_to_string(stage.path("catalogue.toml")).unwrap();
    let (before, judge) = text.split_at(text.rfind("[[network]]").unwrap());
    let file = embedder(3);
    std::fs::write(stage.path("teacher.onnx"), &file).unwrap();
    let (name, sum) = ("name = \"judge\"", judge.split('"').nth(7).unwrap());
    let teacher =
        judge.replace(name, "name = \"teacher\"").replace("role = \"judge\"", "role = \"surrogate\"");
    let teacher = teacher.replace("judge.onnx", "teacher.onnx").replace(sum, &sha256(&file));
    let judge = judge.replace(name, &format!("{name}\nteacher = \"teacher\""));
    std::fs::write(stage.path("catalogue.toml"), [before, &teacher, &judge].concat()).unwrap();
    let mut stage = stage.reopen();
    stage.until_seen("Not used to change photos: teacher.");
    assert!(!stage.sees("surrogate,"));
}
