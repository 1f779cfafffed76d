//! Where outputs lie, and what becomes of those of earlier runs.

use std::path::PathBuf;

use visard::cloak::Preset;
use visard::pipeline::{
    Batch, Existing, Job, Journal, NOT_PROTECTED, People, PhotoReport, Settings, Status, Unprotected,
};
use visard::whole::Rights;

use crate::support::models::{Judge, models};
use crate::support::{png, portrait};
use crate::{ensemble, settings};

/// A folder with one photo and networks whose judge is never or always content.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(judge: Judge) -> Self {
        let folder = models(judge);
        std::fs::write(folder.path().join("a.png"), png(&portrait(160, 160))).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, existing: Existing, unprotected: Unprotected, preset: Preset) -> PhotoReport {
        let settings = Settings { unprotected, ..settings(preset) };
        let (ensemble, output) = (ensemble(&self.0), self.path("out"));
        let journal = Journal::open(&output, Rights::USUAL, &ensemble, &settings).unwrap();
        let batch = Batch {
            ensemble: &ensemble,
            settings: &settings,
            existing,
            journal: Some(&journal),
            left_out: &[],
        };
        let job = Job { input: self.path("a.png"), output: output.join("b/a.png") };
        let report = batch.run(&[job], &mut People::default(), &mut |_| std::ops::ControlFlow::Continue(()));
        report.photos.into_iter().next().unwrap()
    }

    /// Whether there is a file in the usual place, and in that of photos that are not protected.
    fn there(&self) -> [bool; 2] {
        [self.path("out/b/a.png"), self.path("out").join(NOT_PROTECTED).join("b/a.png")]
            .map(|path| path.is_file())
    }
}

/// With the time that it took, which is another one each time that it is done.
fn json(photo: &PhotoReport) -> String {
    serde_json::to_string(photo).unwrap()
}

#[test]
fn what_is_not_protected_lies_apart_or_nowhere_and_a_photo_has_one_output() {
    let desk = Desk::new(Judge::RecognisesFrom(-1.));
    desk.run(Existing::Refuse, Unprotected::Beside, Preset::Subtle);
    assert_eq!(desk.there(), [true, false]);
    let photo = desk.run(Existing::Overwrite, Unprotected::Apart, Preset::Subtle);
    assert_eq!((photo.status, desk.there()), (Status::StillRecognisable, [false, true]));
    assert!(photo.output.unwrap().ends_with("not protected/b/a.png"));
    let photo = desk.run(Existing::Overwrite, Unprotected::Nowhere, Preset::Subtle);
    assert_eq!((photo.output, desk.there()), (None, [false, false]));
}

#[test]
fn what_is_protected_lies_in_its_place() {
    let desk = Desk::new(Judge::TakesAllForStrangers);
    let photo = desk.run(Existing::Refuse, Unprotected::Apart, Preset::Subtle);
    assert_eq!((photo.status, desk.there()), (Status::Protected, [true, false]));
}

#[test]
fn a_run_goes_on_from_what_lies_apart() {
    let desk = Desk::new(Judge::RecognisesFrom(-1.));
    let first = desk.run(Existing::Resume, Unprotected::Apart, Preset::Subtle);
    let second = desk.run(Existing::Resume, Unprotected::Apart, Preset::Subtle);
    assert_eq!(json(&second), json(&first), "it is not done again");
}

#[test]
fn renewing_replaces_what_is_as_the_journal_says_and_nothing_else() {
    let desk = Desk::new(Judge::TakesAllForStrangers);
    let first = desk.run(Existing::Renew, Unprotected::Beside, Preset::Subtle);
    let second = desk.run(Existing::Renew, Unprotected::Beside, Preset::Subtle);
    assert_eq!(json(&second), json(&first), "it is not done again");
    let other = desk.run(Existing::Renew, Unprotected::Beside, Preset::Strong);
    assert!(other.status == Status::Protected && other.output_sha256 != first.output_sha256);
    std::fs::write(desk.path("out/b/a.png"), "somebody's").unwrap();
    for preset in [Preset::Strong, Preset::Subtle] {
        assert_eq!(desk.run(Existing::Renew, Unprotected::Beside, preset).status, Status::Failed);
        assert_eq!(std::fs::read(desk.path("out/b/a.png")).unwrap(), b"somebody's");
    }
}
