//! Whether a face search that has other photos of the people finds hidden faces.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use visard::Visard;
use visard::embed::similarity;
use visard::face::{DetectOptions, Face};
use visard::hide::{Hiding, hide};
use visard::models::Recogniser;
use visard::photo::{EncodeOptions, Limits, OutputFormat, Photo, decode, encode};
use visard::verify::embedding;

const SURROGATES: [&str; 4] =
    ["foamliu-mobilefacenet", "mobileface-v2", "espressif-mfn", "xiaoccer-mobilefacenet"];
const JUDGES: [&str; 3] = ["edgeface-xxs", "insightface-y1", "visard-judge"];

fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path)
}

fn read(path: &Path) -> Photo {
    decode(&std::fs::read(path).unwrap(), &Limits::default()).unwrap()
}

/// The first photo of a folder.
fn first(folder: &Path) -> PathBuf {
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.swap_remove(0)
}

/// A photo, and the same photo with all of its faces hidden, as it is read from the file that was written.
fn hidden(photo: &Photo, faces: &[Face], hiding: Hiding) -> Photo {
    let mut composed = photo.clone();
    let all: Vec<(Face, Hiding)> = faces.iter().map(|face| (*face, hiding)).collect();
    hide(&mut composed, &all, &[], 0);
    let options = EncodeOptions { format: OutputFormat::Jpeg, ..EncodeOptions::default() };
    decode(&encode(&composed, &options).unwrap().bytes, &Limits::default()).unwrap()
}

/// A photo of one person whom other photos show, too.
struct Portrait {
    person: String,
    photo: Photo,
    face: Face,
}

/// Who is in a photo of a family, as its name says: `Family1-Dad` for `Family1-Dad2.jpg`, `man` for `man2-person-group.jpg`.
fn person(file: &Path) -> Option<String> {
    let stem = file.file_stem()?.to_str()?;
    let name = stem.strip_suffix("-person-group").or(stem.starts_with("Family").then_some(stem))?;
    let person = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (person != name).then(|| person.to_owned())
}

/// The portraits among the photos of families.
fn portraits(faces: &impl Fn(&Photo) -> Option<Face>) -> Vec<Portrait> {
    let mut files: Vec<PathBuf> =
        shared("data/family").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let portrait = |file: &PathBuf| {
        let (person, photo) = (person(file)?, read(file));
        let face = faces(&photo)?;
        Some(Portrait { person, photo, face })
    };
    files.iter().filter_map(portrait).collect()
}

/// The first photo of each of the strangers, and the largest face in it.
fn strangers(faces: &(impl Fn(&Photo) -> Option<Face> + Sync)) -> Vec<(Photo, Face)> {
    let ids = std::fs::read_to_string(shared("data/lfw-distractor-ids.txt")).unwrap();
    let with_face = |id: &str| {
        let photo = read(&first(&shared("data/lfw").join(id)));
        let face = faces(&photo)?;
        Some((photo, face))
    };
    ids.lines().collect::<Vec<_>>().into_par_iter().filter_map(with_face).collect()
}

/// How many portraits are found at rank 1 as they are, and hidden in this way: another photo of the person resembles them more
/// than any of the strangers does.
fn found(
    network: &Recogniser,
    portraits: &[Portrait],
    hiding: Option<Hiding>,
    strangers: &[Vec<f32>],
) -> usize {
    let of = |photo: &Photo, face: &Face| embedding(network, photo, face).unwrap().unwrap();
    let clean: Vec<Vec<f32>> = portraits.par_iter().map(|p| of(&p.photo, &p.face)).collect();
    let is_found = |(i, portrait): &(usize, &Portrait)| {
        let probe = match hiding {
            Some(hiding) => of(&hidden(&portrait.photo, &[portrait.face], hiding), &portrait.face),
            None => clean[*i].clone(),
        };
        let others = portraits.iter().zip(&clean).enumerate();
        let own = others.filter(|(at, (other, _))| at != i && other.person == portrait.person);
        let own = own.map(|(_, (_, other))| similarity(other, &probe)).fold(f32::NEG_INFINITY, f32::max);
        strangers.iter().all(|stranger| similarity(stranger, &probe) < own)
    };
    portraits.iter().enumerate().collect::<Vec<_>>().into_par_iter().filter(is_found).count()
}

#[test]
#[ignore = "needs ../shared, and many minutes"]
fn among_two_times_a_thousand_photos_nothing_of_a_blurred_face_is_found() {
    let visard =
        Visard::builder().folder(shared("models")).surrogates(SURROGATES).judges(JUDGES).open().unwrap();
    let detector = &visard.ensemble().detector;
    let faces = |photo: &Photo| {
        let found = detector.detect(photo, &DetectOptions::default()).unwrap();
        found.into_iter().max_by(|a, b| a.bounds.area().total_cmp(&b.bounds.area()))
    };
    let (portraits, strangers) = (portraits(&faces), strangers(&faces));
    let count = portraits.len();
    println!("{count} portraits among {} others", strangers.len());
    for name in JUDGES {
        let network = visard.recogniser(name).unwrap();
        let others = |(photo, face): &(Photo, Face)| embedding(network, photo, face).unwrap();
        let others: Vec<Vec<f32>> = strangers.par_iter().filter_map(others).collect();
        let as_they_are = found(network, &portraits, None, &others);
        println!("{name}: {as_they_are} of {count} as they are");
        assert!(2 * as_they_are > count, "{name} knows too few of them to say anything");
        // Covered, nothing is left of a face but what is around it: what is found then is photos of the same kind.
        let [blurred, pixelated, covered] = [Hiding::Blur, Hiding::Pixelate, Hiding::Cover]
            .map(|hiding| found(network, &portraits, Some(hiding), &others));
        println!("{name}: {blurred} blurred, {pixelated} pixelated, {covered} covered of {count}");
        assert!(blurred.max(pixelated) <= covered + 2, "{name}");
    }
}
