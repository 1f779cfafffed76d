//! Calibration: at which similarity a network takes two faces for one person.

use std::path::{Path, PathBuf};

use crate::embed::similarity;
use crate::error::{Error, Result};
use crate::face::{DetectOptions, Detector, Face};
use crate::models::Recogniser;
use crate::photo::{Limits, Photo, decode};
use crate::verify::embedding;

/// The false accept rates that thresholds are measured at.
pub const RATES: [f64; 3] = [1e-2, 1e-3, 1e-4];

/// A threshold is measured only where at least this many pairs of different persons would exceed it: with fewer, one pair
/// more or less decides it.
const EXCEEDING: f64 = 10.;

/// At most this many photos of one person are compared with each other.
const PHOTOS: usize = 4;

/// What was measured of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Similarities, -1 to 1, that a share of [`RATES`] of the pairs of different persons exceeds; `None` where
    /// fewer than [`pairs_needed`] were at hand.
    pub thresholds: [Option<f32>; 3],
    /// Shares of the pairs of one person above each threshold, 0 to 1: true accept rates. `None` without a threshold or
    /// such pairs.
    pub accepted: [Option<f64>; 3],
    /// Persons with at least one face.
    pub persons: usize,
    /// Pairs of different persons.
    pub different: usize,
    /// Pairs of one person.
    pub same: usize,
    /// Photos in which no face was found.
    pub faceless: usize,
}

/// So many pairs of different persons it takes to measure a threshold at a false accept rate.
pub fn pairs_needed(rate: f64) -> usize {
    (EXCEEDING / rate).round() as usize
}

/// So many persons it takes to have [`pairs_needed`].
pub fn persons_needed(rate: f64) -> usize {
    let pairs = pairs_needed(rate);
    (2..).find(|n| n * (n - 1) / 2 >= pairs).unwrap_or(usize::MAX)
}

/// Measures thresholds of several networks on a folder that holds a folder of photos for each person.
///
/// Different persons are compared by the first photo of each, all pairs; one person by all pairs of
/// at most four photos. In each photo the face nearest to the middle counts.
///
/// # Returns
/// One measurement for each network.
///
/// # Errors
/// Where the folder cannot be read, it holds too few persons for any of [`RATES`], or a network gives embeddings that
/// are not finite.
pub fn calibrate(
    recognisers: &[Recogniser],
    detector: &Detector,
    data: &Path,
    excluded: &[String],
    persons: usize,
) -> Result<Vec<Calibration>> {
    let mut people: Vec<Vec<Vec<Vec<f32>>>> = vec![vec![]; recognisers.len()];
    let mut faceless = 0;
    for folder in entries(data)?.into_iter().filter(|f| f.is_dir() && !is_excluded(f, excluded)).take(persons)
    {
        let mut photos = vec![];
        for path in entries(&folder)?.into_iter().filter(|p| p.is_file()).take(PHOTOS) {
            match central_face(detector, &path)? {
                Some(found) => photos.push(found),
                None => faceless += 1,
            }
        }
        for (recogniser, people) in recognisers.iter().zip(&mut people) {
            let rows: Vec<Option<Vec<f32>>> = photos
                .iter()
                .map(|(photo, face)| embedding(recogniser, photo, face))
                .collect::<crate::network::Result<_>>()?;
            people.push(rows.into_iter().flatten().collect());
        }
    }
    people.iter_mut().for_each(|people| people.retain(|rows| !rows.is_empty()));
    let found = people.iter().map(|people| measure(people).map(|found| Calibration { faceless, ..found }));
    found
        .collect::<std::result::Result<_, _>>()
        .map_err(|why| Error::Usage(format!("{}: {why}", data.display())))
}

/// Thresholds from the embeddings of each person's photos, or why there can be none.
fn measure(people: &[Vec<Vec<f32>>]) -> std::result::Result<Calibration, String> {
    let mut different = vec![];
    let mut same = vec![];
    for (i, person) in people.iter().enumerate() {
        different.extend(people[..i].iter().map(|other| cosine(&person[0], &other[0])));
        for (j, row) in person.iter().enumerate() {
            same.extend(person[..j].iter().map(|other| cosine(row, other)));
        }
    }
    if !different.iter().chain(&same).all(|s| s.is_finite()) {
        return Err("a network gives embeddings that are not finite".into());
    }
    if different.len() < pairs_needed(RATES[0]) {
        return Err(format!(
            "{} persons with faces make {} pairs, of which no threshold can be known: even one false accept in 100 \
             takes {} persons",
            people.len(),
            different.len(),
            persons_needed(RATES[0])
        ));
    }
    different.sort_by(|a, b| b.total_cmp(a));
    let exceeded = |rate: f64| {
        let known = different.len() >= pairs_needed(rate);
        known.then(|| different[(rate * different.len() as f64) as usize])
    };
    let share = |t: f32| same.iter().filter(|&&s| s > t).count() as f64 / same.len() as f64;
    let thresholds = RATES.map(exceeded);
    let accepted = thresholds.map(|t| t.filter(|_| !same.is_empty()).map(share));
    let (persons, different, same) = (people.len(), different.len(), same.len());
    Ok(Calibration { thresholds, accepted, persons, different, same, faceless: 0 })
}

/// The similarity of two embeddings without what rounding adds beyond 1.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    similarity(a, b).clamp(-1., 1.)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let error = |source| Error::File { path: folder.display().to_string(), source };
    let entries = std::fs::read_dir(folder).map_err(error)?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}

fn is_excluded(folder: &Path, excluded: &[String]) -> bool {
    folder.file_name().is_some_and(|name| excluded.iter().any(|e| **e == *name.to_string_lossy()))
}

/// A photo with the face nearest to its middle; `None` where it is no photo or has no face.
fn central_face(detector: &Detector, path: &Path) -> Result<Option<(Photo, Face)>> {
    let bytes = Limits::default()
        .read(path)
        .map_err(|source| Error::File { path: path.display().to_string(), source })?;
    let Ok(photo) = decode(&bytes, &Limits::default()) else { return Ok(None) };
    let middle = (photo.width() as f32 / 2., photo.height() as f32 / 2.);
    let faces = detector.detect(&photo, &DetectOptions::default())?;
    let distance = |f: &Face| {
        (f.bounds.x + f.bounds.width / 2. - middle.0).hypot(f.bounds.y + f.bounds.height / 2. - middle.1)
    };
    Ok(faces.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).map(|face| (photo, face)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(degree: f32) -> Vec<f32> {
        vec![degree.to_radians().cos(), degree.to_radians().sin()]
    }

    /// People on a circle, each so many degrees from the last, with two photos each.
    fn people(count: usize, degrees: f32) -> Vec<Vec<Vec<f32>>> {
        (0..count).map(|i| vec![at(i as f32 * degrees), at(i as f32 * degrees + 0.1)]).collect()
    }

    #[test]
    fn the_threshold_is_the_similarity_that_the_rate_exceeds() {
        // 150 people on a quarter circle: the nearest neighbours are the most similar pairs.
        let found = measure(&people(150, 0.6)).unwrap();
        assert_eq!((found.persons, found.different, found.same), (150, 150 * 149 / 2, 150));
        // 1 % of 11,175 pairs are 111: fewer than the 149 pairs of neighbours, 0.6 degrees apart.
        assert!((found.thresholds[0].unwrap() - 0.6f32.to_radians().cos()).abs() < 1e-6);
        assert!(found.accepted[..2].iter().all(|share| share.unwrap() > 0.999));
    }

    #[test]
    fn a_rate_is_known_only_where_ten_pairs_would_exceed_its_threshold() {
        assert_eq!(RATES.map(pairs_needed), [1_000, 10_000, 100_000]);
        assert_eq!(RATES.map(persons_needed), [46, 142, 448]);
        let known = |count| measure(&people(count, 0.2)).map(|f| f.thresholds.map(|t| t.is_some()));
        assert_eq!(known(46), Ok([true, false, false]));
        assert_eq!(known(141), Ok([true, false, false]));
        assert_eq!(known(142), Ok([true, true, false]));
        assert_eq!(known(448), Ok([true, true, true]));
        for (few, pairs) in [(0, 0), (1, 0), (2, 1), (45, 990)] {
            let why = known(few).unwrap_err();
            assert!(why.starts_with(&format!("{few} persons with faces make {pairs} pairs")), "{why}");
            assert!(why.ends_with("takes 46 persons"), "{why}");
        }
    }

    #[test]
    fn without_a_second_photo_of_anyone_nothing_is_said_of_true_accepts() {
        let once: Vec<_> = people(150, 0.6).into_iter().map(|rows| rows[..1].to_vec()).collect();
        let found = measure(&once).unwrap();
        assert!(found.thresholds[1].is_some());
        assert_eq!((found.same, found.accepted), (0, [None; 3]));
    }

    #[test]
    fn what_is_no_number_makes_no_threshold() {
        let mut broken = people(150, 0.6);
        broken[7][0][0] = f32::NAN;
        assert!(measure(&broken).unwrap_err().contains("not finite"));
    }
}
