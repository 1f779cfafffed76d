//! The index of a face search: what it keeps, what it reads again, and what it does with damage.

#![expect(clippy::unwrap_used, reason = "what is made for a test fails with it")]

#[expect(dead_code, reason = "other tests need more of it")]
mod support;

use std::ops::ControlFlow;
use std::path::PathBuf;

use tempfile::TempDir;
use visard::Error;
use visard::embed::Embeddings;
use visard::models::{Ensemble, Library};
use visard::search::{Answer, Changes, Index, Networks};

use support::models::{Judge, models};
use support::{black, png, portrait};

/// A folder with photos, and networks to search it with.
struct Desk {
    folder: TempDir,
    ensemble: Ensemble,
}

impl Desk {
    fn new() -> Self {
        let folder = models(Judge::RecognisesFrom(-1.));
        let library = Library::open(&[folder.path().to_path_buf()]).unwrap();
        let desk = Self { ensemble: Ensemble::open(&library, &[], &[]).unwrap(), folder };
        std::fs::create_dir_all(desk.path("photos/below")).unwrap();
        let portrait = portrait(160, 160);
        desk.write("photos/a.png", &png(&portrait));
        desk.write("photos/b.png", &png(&portrait.fliph()));
        desk.write("photos/below/c.png", &png(&support::portrait(200, 160).crop_imm(40, 0, 160, 160)));
        desk.write("photos/empty.png", &png(&black()));
        desk.write("photos/broken.png", b"no photo");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn networks(&self) -> Networks<'_> {
        Networks {
            detector: &self.ensemble.detector,
            detector_entry: &self.ensemble.detector_entry,
            judges: &self.ensemble.judges,
        }
    }

    fn update(&self, index: &mut Index) -> Changes {
        index.update(&[self.path("photos")], &self.networks(), &mut |_, _| ControlFlow::Continue(())).unwrap()
    }

    /// What a search of the folder says of the face of a photo as it is and of another one, with a threshold for everybody.
    fn compare(&mut self, photos: [&str; 2], threshold: f32) -> [Option<(Answer, PathBuf)>; 2] {
        for judge in &mut self.ensemble.judges {
            judge.entry.thresholds = None;
            judge.entry.verdict = Some(threshold);
        }
        let [original, protected] = photos.map(|name| self.path(name));
        let compared = self.index().compare(&original, &protected, &self.networks()).unwrap().remove(0);
        [compared.before, compared.after].map(|hit| hit.map(|hit| (hit.answer, hit.photo)))
    }

    fn index(&self) -> Index {
        let mut index = Index::new(&self.networks());
        self.update(&mut index);
        index
    }
}

#[test]
fn every_face_below_the_folder_is_found_by_its_own_embedding() {
    let desk = Desk::new();
    let index = desk.index();
    assert_eq!((index.photos().len(), index.faces()), (5, 3));
    let broken = index.photos().iter().find(|p| !p.readable).unwrap();
    assert_eq!(broken.path, desk.path("photos/broken.png"));
    for (row, name) in ["a.png", "b.png", "below/c.png"].iter().enumerate() {
        let own = index.embeddings(0).row(row).to_vec();
        let query = Embeddings::from_values(own.len(), own).unwrap();
        let found = index.nearest(0, &query, 2);
        assert_eq!(found[0][0].photo, desk.path(&format!("photos/{name}")));
        assert!((found[0][0].similarity - 1.).abs() < 1e-5 && found[0].len() == 2);
    }
}

#[test]
fn an_index_comes_back_from_disk_as_it_was() {
    let desk = Desk::new();
    let index = desk.index();
    index.save(&desk.path("kept/index")).unwrap();
    let (again, damage) = Index::open(&desk.path("kept/index"), &desk.networks());
    assert_eq!((&again, damage), (&index, None));
    let (none, damage) = Index::open(&desk.path("kept/nothing"), &desk.networks());
    assert_eq!((none.faces(), damage), (0, None));
}

#[test]
fn only_new_and_changed_photos_are_read_again() {
    let desk = Desk::new();
    let mut index = desk.index();
    assert_eq!(desk.update(&mut index), Changes { embedded: 0, kept: 5, removed: 0 });
    desk.write("photos/a.png", &png(&portrait(200, 160)));
    desk.write("photos/new.png", &png(&portrait(210, 160)));
    std::fs::remove_file(desk.path("photos/b.png")).unwrap();
    assert_eq!(desk.update(&mut index), Changes { embedded: 2, kept: 3, removed: 1 });
    assert_eq!(index, desk.index(), "as if it had been made anew");
}

#[test]
fn what_was_done_before_a_break_is_kept() {
    let desk = Desk::new();
    let mut index = Index::new(&desk.networks());
    let stop = index.update(&[desk.path("photos")], &desk.networks(), &mut |done, all| {
        assert_eq!(all, 5);
        if done == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stop, Err(Error::Cancelled)));
    assert_eq!(desk.update(&mut index), Changes { embedded: 3, kept: 2, removed: 0 });
}

#[test]
fn a_damaged_index_is_refused_with_a_reason_wherever_the_damage_is() {
    let desk = Desk::new();
    desk.index().save(&desk.path("index")).unwrap();
    let whole = std::fs::read(desk.path("index")).unwrap();
    let refused = |bytes: &[u8]| {
        desk.write("damaged", bytes);
        let (index, reason) = Index::open(&desk.path("damaged"), &desk.networks());
        assert_eq!(index.faces(), 0);
        reason
    };
    for at in (0..whole.len()).step_by(7) {
        assert!(refused(&whole[..at]).is_some(), "cut at {at}");
        let mut flipped = whole.clone();
        flipped[at] ^= 0x20;
        assert!(refused(&flipped).is_some(), "changed at {at}");
    }
    let mut longer = whole.clone();
    longer.splice(13..17, [9, 0, 0, 0]);
    assert_eq!(refused(&longer).unwrap(), "it has version 9 of the format, this visard writes 2");
    longer = whole;
    longer.splice(17..25, [255; 8]);
    assert_eq!(refused(&longer).unwrap(), "it ends too early");
}

#[test]
fn an_index_whose_embeddings_have_another_length_is_not_used() {
    let mut desk = Desk::new();
    let index = desk.index();
    index.save(&desk.path("index")).unwrap();
    desk.ensemble.judges[0].entry.dimension = Some(index.embeddings(0).dimension() + 1);
    let (none, reason) = Index::open(&desk.path("index"), &desk.networks());
    assert_eq!((none.faces(), reason.as_deref()), (0, Some("it was made with other networks")));
}

#[test]
fn an_index_by_other_networks_is_not_used() {
    let desk = Desk::new();
    desk.index().save(&desk.path("index")).unwrap();
    let others = Networks { judges: &desk.ensemble.surrogates, ..desk.networks() };
    let (index, reason) = Index::open(&desk.path("index"), &others);
    assert_eq!((index.faces(), reason.as_deref()), (0, Some("it was made with other networks")));
}

#[test]
fn an_index_by_the_same_judge_with_another_input_is_not_used() {
    let mut desk = Desk::new();
    desk.index().save(&desk.path("index")).unwrap();
    desk.ensemble.judges[0].entry.mirror = true;
    let (index, reason) = Index::open(&desk.path("index"), &desk.networks());
    assert_eq!((index.faces(), reason.as_deref()), (0, Some("it was made with other networks")));
}

#[test]
fn a_person_is_found_by_another_photo_and_never_by_the_two_that_are_compared() {
    let mut desk = Desk::new();
    let a = desk.path("photos/a.png");
    desk.write("query.png", &std::fs::read(&a).unwrap());
    desk.write("changed.png", &png(&portrait(160, 160).brighten(1)));
    let found = Some((Answer::Found, a));
    assert_eq!(desk.compare(["query.png", "changed.png"], 0.5), [found.clone(), found]);
    let [before, after] = desk.compare(["photos/a.png", "changed.png"], 0.5);
    assert!(before.unwrap().1 != desk.path("photos/a.png") && after.unwrap().1 != desk.path("photos/a.png"));
}

#[test]
fn who_is_most_similar_is_not_found_where_the_original_does_not_find_them() {
    let mut desk = Desk::new();
    desk.write("query.png", &std::fs::read(desk.path("photos/a.png")).unwrap());
    // No two photos are so similar: everybody is a stranger.
    let strangers = desk.compare(["query.png", "query.png"], 1.5);
    assert!(strangers.iter().all(|hit| hit.as_ref().is_some_and(|(answer, _)| *answer == Answer::NotFound)));
}

#[test]
fn a_person_who_comes_first_without_being_similar_enough_is_told_apart_from_a_find() {
    let mut desk = Desk::new();
    desk.write("query.png", &std::fs::read(desk.path("photos/a.png")).unwrap());
    desk.write("changed.png", &png(&portrait(160, 160).brighten(1)));
    // The original is the very picture; the other one is a little less similar.
    let [before, after] = desk.compare(["query.png", "changed.png"], 0.99999);
    assert_eq!(before.unwrap().0, Answer::Found);
    assert_eq!(after.unwrap().0, Answer::First);
}

#[test]
fn folders_that_visard_wrote_to_are_no_gallery() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("photos/protected")).unwrap();
    desk.write("photos/protected/a.png", &png(&portrait(160, 160)));
    desk.write("photos/protected/.visard-journal.jsonl", b"");
    assert_eq!(desk.index().photos().len(), 5);
}

#[test]
fn faces_are_put_together_by_person_and_two_of_one_photo_are_two_persons() {
    let desk = Desk::new();
    desk.write("photos/again.png", &png(&portrait(160, 160)));
    let index = desk.index();
    let people = |threshold| {
        let mut entry = desk.ensemble.judges[0].entry.clone();
        (entry.thresholds, entry.verdict) = (None, Some(threshold));
        let named = |(photo, _): &(usize, visard::face::Face)| {
            index.photos()[*photo].path.file_stem().unwrap().to_str().unwrap().to_string()
        };
        let people = index.people(0, &entry);
        people.iter().map(|person| person.iter().map(named).collect()).collect::<Vec<Vec<String>>>()
    };
    // The very same picture is one person; everybody is where nobody is told apart.
    assert_eq!(people(0.99999), [vec!["a", "again"], vec!["b"], vec!["c"]]);
    assert_eq!(people(-1.), [["a", "again", "b", "c"]]);
}
