//! Calibration: at which similarity a network takes two faces for one person.

use std::path::{Path, PathBuf};

use crate::embed::similarity;
use crate::face::{DetectOptions, Detector, Face};
use crate::models::Recogniser;
use crate::photo::{Limits, Photo, decode};
use crate::pipeline::{Error, Result};
use crate::verify::embedding;

/// The false accept rates that thresholds are measured at.
pub const RATES: [f64; 3] = [1e-2, 1e-3, 1e-4];

/// At most this many photos of one person are compared with each other.
const PHOTOS: usize = 4;

/// What was measured of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Similarities that a share of [`RATES`] of the pairs of different persons exceeds.
    pub thresholds: [f32; 3],
    /// Shares of the pairs of one person above each threshold: true accept rates.
    pub accepted: [f64; 3],
    /// Persons with at least one face.
    pub persons: usize,
    /// Pairs of different persons.
    pub different: usize,
    /// Pairs of one person.
    pub same: usize,
    /// Photos in which no face was found.
    pub faceless: usize,
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
/// Where the folder cannot be read or holds fewer than two persons.
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
    for people in &mut people {
        people.retain(|rows| !rows.is_empty());
        if people.len() < 2 {
            return Err(Error::Usage(format!("{} holds fewer than two persons with faces", data.display())));
        }
    }
    Ok(people.iter().map(|people| Calibration { faceless, ..measure(people) }).collect())
}

fn measure(people: &[Vec<Vec<f32>>]) -> Calibration {
    let mut different = vec![];
    let mut same = vec![];
    for (i, person) in people.iter().enumerate() {
        different.extend(people[..i].iter().map(|other| similarity(&person[0], &other[0])));
        for (j, row) in person.iter().enumerate() {
            same.extend(person[..j].iter().map(|other| similarity(row, other)));
        }
    }
    different.sort_by(|a, b| b.total_cmp(a));
    let thresholds =
        RATES.map(|rate| different[((rate * different.len() as f64) as usize).min(different.len() - 1)]);
    let accepted =
        thresholds.map(|t| same.iter().filter(|&&s| s > t).count() as f64 / same.len().max(1) as f64);
    let (persons, different, same) = (people.len(), different.len(), same.len());
    Calibration { thresholds, accepted, persons, different, same, faceless: 0 }
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
    let bytes =
        std::fs::read(path).map_err(|source| Error::File { path: path.display().to_string(), source })?;
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

    #[test]
    fn the_threshold_is_the_similarity_that_the_rate_exceeds() {
        // 150 people on a quarter circle: the nearest neighbours are the most similar pairs.
        let at = |degree: f32| vec![degree.to_radians().cos(), degree.to_radians().sin()];
        let people: Vec<_> = (0..150).map(|i| vec![at(i as f32 * 0.6), at(i as f32 * 0.6 + 0.1)]).collect();
        let found = measure(&people);
        assert_eq!((found.persons, found.different, found.same), (150, 150 * 149 / 2, 150));
        // 1 % of 11,175 pairs are 111: fewer than the 149 pairs of neighbours, 0.6 degrees apart.
        assert!((found.thresholds[0] - 0.6f32.to_radians().cos()).abs() < 1e-6);
        assert!(found.accepted.iter().all(|&share| share > 0.999));
    }
}
