//! Whether a face search finds hidden faces.

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

/// How many hidden faces a network finds at rank 1: those that resemble themselves more than any of the strangers.
fn found(
    network: &Recogniser,
    photos: &[(Photo, Vec<Face>)],
    hiding: Hiding,
    strangers: &[Vec<f32>],
) -> usize {
    let in_photo = |(photo, faces): &(Photo, Vec<Face>)| {
        let written = hidden(photo, faces, hiding);
        let is_found = |face: &Face| {
            let of = |photo| embedding(network, photo, face).unwrap();
            let Some((before, after)) = of(photo).zip(of(&written)) else { return false };
            let own = similarity(&before, &after);
            let f = strangers.iter().all(|stranger| similarity(stranger, &after) < own);
            if f {
                println!(
                    "  {hiding:?} own {own:.3} face {:?} score {:.2} photo {}x{}",
                    face.bounds,
                    face.score,
                    photo.width(),
                    photo.height()
                );
            }
            f
        };
        faces.iter().filter(|face| is_found(face)).count()
    };
    photos.par_iter().map(in_photo).sum()
}

/// All photos of families, and the faces in them.
fn families(faces: &impl Fn(&Photo) -> Vec<Face>) -> Vec<(Photo, Vec<Face>)> {
    let mut files: Vec<PathBuf> =
        shared("data/family").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "jpg"));
    let with_faces = |file: &PathBuf| {
        let photo = read(file);
        let found = faces(&photo);
        (photo, found)
    };
    files.iter().map(with_faces).collect()
}

/// The first photo of each of the strangers, and the largest face in it.
fn strangers(faces: &(impl Fn(&Photo) -> Vec<Face> + Sync)) -> Vec<(Photo, Face)> {
    let ids = std::fs::read_to_string(shared("data/lfw-distractor-ids.txt")).unwrap();
    let with_face = |id: &str| {
        let photo = read(&first(&shared("data/lfw").join(id)));
        let largest = faces(&photo).into_iter().max_by(|a, b| a.bounds.area().total_cmp(&b.bounds.area()))?;
        Some((photo, largest))
    };
    ids.lines().collect::<Vec<_>>().into_par_iter().filter_map(with_face).collect()
}

#[test]
#[ignore = "needs ../shared, and many minutes"]
fn among_two_times_a_thousand_photos_no_network_finds_a_hidden_face_more_often_than_chance() {
    let visard =
        Visard::builder().folder(shared("models")).surrogates(SURROGATES).judges(JUDGES).open().unwrap();
    let faces = |photo: &Photo| visard.ensemble().detector.detect(photo, &DetectOptions::default()).unwrap();
    let (photos, strangers) = (families(&faces), strangers(&faces));
    let count: usize = photos.iter().map(|(_, faces)| faces.len()).sum();
    println!("{count} hidden faces of {} photos among {} others", photos.len(), strangers.len());
    for name in ["edgeface-xxs"] {
        let network = visard.recogniser(name).unwrap();
        let others = |(photo, face): &(Photo, Face)| embedding(network, photo, face).unwrap();
        let others: Vec<Vec<f32>> = strangers.par_iter().filter_map(others).collect();
        for hiding in [Hiding::Blur, Hiding::Pixelate, Hiding::Cover] {
            let found = found(network, &photos, hiding, &others);
            println!("{name} {hiding:?}: {found} of {count} at rank 1");
            // By chance one of 2,001; two of a hundred once in a thousand such counts.
        }
    }
}
