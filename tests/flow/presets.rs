//! A released preset keeps its meaning: whoever changes what these numbers hold gives it a new version.

use image::ImageFormat;
use visard::cloak::Preset;
use visard::models::Role;

use crate::support::{file, png, portrait};
use crate::{protected, settings};

const PRESETS: [Preset; 3] = [Preset::Subtle, Preset::Standard, Preset::Strong];

/// All tries of all presets of this version, as `Debug` shows them.
const VERSION_11: &str = "\
    Subtle Attempt { budget: Budget { ssimulacra2: Some(50.0), dssim: 0.006, largest_change: 14.0, chroma: 1.2 }, steps: 50, views: 2 }\n\
    Subtle Attempt { budget: Budget { ssimulacra2: Some(50.0), dssim: 0.006, largest_change: 14.0, chroma: 1.2 }, steps: 100, views: 2 }\n\
    Standard Attempt { budget: Budget { ssimulacra2: Some(21.0), dssim: 0.012, largest_change: 20.0, chroma: 1.8 }, steps: 50, views: 2 }\n\
    Standard Attempt { budget: Budget { ssimulacra2: Some(21.0), dssim: 0.012, largest_change: 20.0, chroma: 1.8 }, steps: 100, views: 2 }\n\
    Strong Attempt { budget: Budget { ssimulacra2: Some(11.0), dssim: 0.02, largest_change: 28.0, chroma: 2.4 }, steps: 50, views: 2 }\n\
    Strong Attempt { budget: Budget { ssimulacra2: Some(11.0), dssim: 0.02, largest_change: 28.0, chroma: 2.4 }, steps: 100, views: 2 }\n";

#[test]
fn the_limits_and_the_work_of_every_preset_are_those_of_its_version() {
    let line = |preset: Preset| preset.attempts().map(|attempt| format!("{preset:?} {attempt:?}\n"));
    let all: String = PRESETS.into_iter().flat_map(line).collect();
    assert_eq!((Preset::VERSION, all.as_str()), (11, VERSION_11));
}

/// What each preset of this version makes of one face with tiny networks: structural dissimilarity, largest change, colour
/// and the surrogate's similarity.
const MADE_BY_VERSION_11: [[f32; 4]; 3] =
    [[0.00594, 12., 1.035, 0.826], [0.01181, 16., 1.781, 0.608], [0.01969, 25., 2.374, 0.242]];

#[test]
fn every_preset_makes_the_cloaks_of_its_version() {
    let photo = png(&portrait(160, 160));
    let made = PRESETS.map(|preset| {
        let face = &protected(&photo, &settings(preset)).0.faces[0];
        let surrogate = face.similarities.iter().find(|o| o.role == Role::Surrogate).unwrap();
        let seen = face.visibility;
        [seen.dssim, seen.largest_change, seen.chroma, surrogate.similarity]
    });
    // Instruction sets round differently, and 50 steps carry that on.
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 0.03 * b.abs();
    let all_near = made.as_flattened().iter().zip(MADE_BY_VERSION_11.as_flattened()).all(near);
    assert!(all_near, "{made:?} are not the cloaks of version 11: {MADE_BY_VERSION_11:?}");
}

#[test]
fn a_face_keeps_the_preset_s_score_in_the_written_file() {
    let photo = file(&portrait(480, 480), ImageFormat::Jpeg);
    for preset in PRESETS {
        let face = &protected(&photo, &settings(preset)).0.faces[0];
        let least = preset.attempts()[0].budget.ssimulacra2.unwrap();
        let score = face.ssimulacra2.unwrap();
        assert!(score >= least, "{preset:?}: {score}");
    }
}
