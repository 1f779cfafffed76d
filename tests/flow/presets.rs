//! A released preset keeps its meaning: whoever changes what these numbers hold gives it a new version.

use image::ImageFormat;
use visard::cloak::Preset;
use visard::models::Role;
use visard::pipeline::Status;

use crate::support::models::Judge;
use crate::support::{file, png, portrait};
use crate::{protected, run, settings};

/// All tries of all presets of this version, as `Debug` shows them.
const VERSION_16: &str = "\
    Auto Attempt { budget: Budget { ssimulacra2: Some(50.0), dssim: 0.006, largest_change: 14.0, chroma: 1.2, broad_chroma: 0.35 }, effort: Effort { steps: 45, views: 2 } }\n\
    Auto Attempt { budget: Budget { ssimulacra2: Some(35.0), dssim: 0.009, largest_change: 17.0, chroma: 1.35, broad_chroma: 0.4 }, effort: Effort { steps: 25, views: 2 } }\n\
    Auto Attempt { budget: Budget { ssimulacra2: Some(18.7), dssim: 0.015, largest_change: 20.0, chroma: 1.5, broad_chroma: 0.45 }, effort: Effort { steps: 25, views: 2 } }\n\
    Auto Attempt { budget: Budget { ssimulacra2: Some(13.0), dssim: 0.0175, largest_change: 24.0, chroma: 1.7, broad_chroma: 0.5 }, effort: Effort { steps: 25, views: 2 } }\n\
    Auto Attempt { budget: Budget { ssimulacra2: Some(7.0), dssim: 0.02, largest_change: 28.0, chroma: 1.9, broad_chroma: 0.6 }, effort: Effort { steps: 25, views: 2 } }\n\
    Subtle Attempt { budget: Budget { ssimulacra2: Some(50.0), dssim: 0.006, largest_change: 14.0, chroma: 1.2, broad_chroma: 0.35 }, effort: Effort { steps: 45, views: 2 } }\n\
    Subtle Attempt { budget: Budget { ssimulacra2: Some(50.0), dssim: 0.006, largest_change: 14.0, chroma: 1.2, broad_chroma: 0.35 }, effort: Effort { steps: 90, views: 2 } }\n\
    Standard Attempt { budget: Budget { ssimulacra2: Some(18.7), dssim: 0.015, largest_change: 20.0, chroma: 1.5, broad_chroma: 0.45 }, effort: Effort { steps: 45, views: 2 } }\n\
    Standard Attempt { budget: Budget { ssimulacra2: Some(18.7), dssim: 0.015, largest_change: 20.0, chroma: 1.5, broad_chroma: 0.45 }, effort: Effort { steps: 90, views: 2 } }\n\
    Strong Attempt { budget: Budget { ssimulacra2: Some(7.0), dssim: 0.02, largest_change: 28.0, chroma: 1.9, broad_chroma: 0.6 }, effort: Effort { steps: 45, views: 2 } }\n\
    Strong Attempt { budget: Budget { ssimulacra2: Some(7.0), dssim: 0.02, largest_change: 28.0, chroma: 1.9, broad_chroma: 0.6 }, effort: Effort { steps: 90, views: 2 } }\n";

#[test]
fn the_limits_and_the_work_of_every_preset_are_those_of_its_version() {
    let presets = std::iter::once(Preset::Auto).chain(Preset::FIXED);
    let lines = |preset: Preset| {
        preset.attempts().into_iter().map(move |attempt| format!("{preset:?} {attempt:?}\n"))
    };
    let all: String = presets.flat_map(lines).collect();
    assert_eq!((Preset::VERSION, all.as_str()), (16, VERSION_16));
}

/// What each preset of this version makes of one face with tiny networks: structural dissimilarity, largest change, colour
/// and the surrogate's similarity.
const MADE_BY_VERSION_16: [[f32; 4]; 3] =
    [[0.00592, 10., 1.187, 0.8111], [0.01473, 17., 1.476, 0.6338], [0.01972, 20., 1.863, 0.4765]];

#[test]
fn every_preset_makes_the_cloaks_of_its_version() {
    let photo = png(&portrait(160, 160));
    let made = Preset::FIXED.map(|preset| {
        let face = &protected(&photo, &settings(preset)).0.faces[0];
        let surrogate = face.similarities.iter().find(|o| o.role == Role::Surrogate).unwrap();
        let seen = face.visibility;
        [seen.dssim, seen.largest_change, seen.chroma, surrogate.similarity]
    });
    // Instruction sets round differently, and 45 steps carry that on.
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 0.03 * b.abs();
    let all_near = made.as_flattened().iter().zip(MADE_BY_VERSION_16.as_flattened()).all(near);
    assert!(all_near, "{made:?} are not the cloaks of version 16: {MADE_BY_VERSION_16:?}");
}

#[test]
fn a_face_keeps_the_preset_s_score_in_the_written_file() {
    let photo = file(&portrait(480, 480), ImageFormat::Jpeg);
    for preset in Preset::FIXED {
        let face = &protected(&photo, &settings(preset)).0.faces[0];
        let least = preset.first().budget.ssimulacra2.unwrap();
        let score = face.ssimulacra2.unwrap();
        assert!(score >= least, "{preset:?}: {score}");
    }
}

#[test]
fn auto_becomes_stronger_until_the_judges_are_content_by_a_margin() {
    let photo = png(&portrait(160, 160));
    // Without a margin the judge would be content with the first try: it takes the face for a stranger.
    let report = run(&photo, Judge::TakesAllForStrangers, &settings(Preset::Auto)).report;
    let face = &report.faces[0];
    let judge = face.similarities.iter().find(|o| o.role == Role::Judge).unwrap();
    assert!(judge.similarity > judge.threshold - Preset::MARGIN, "{}", judge.similarity);
    assert_eq!((report.status, face.attempts, face.steps), (Status::Protected, 5, 145));
    let strong = Preset::Strong.first().budget;
    assert!(face.visibility.dssim > 0.9 * strong.dssim, "{:?}", face.visibility);
}
