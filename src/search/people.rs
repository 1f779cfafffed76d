//! The faces of an index, by person.

use super::index::Index;
use crate::embed::similarity;
use crate::face::Face;
use crate::models::Entry;

/// A face of an index: the number of its photo, and where it is.
pub type Place = (usize, Face);

impl Index {
    /// The faces by person, as a judge (counted from 0) sees it; those with most faces first.
    ///
    /// Each face joins the person whose faces it resembles most in the mean, if that reaches the judge's threshold at a false
    /// accept rate of 1 in 1,000; else it is somebody new. Two faces of one photo are two persons.
    pub fn people(&self, judge: usize, entry: &Entry) -> Vec<Vec<Place>> {
        let threshold = entry.thresholds.map(|t| t.far_1e3).or(entry.verdict).unwrap_or(f32::NEG_INFINITY);
        let photos = self.photos().iter().enumerate();
        let places = photos.flat_map(|(photo, indexed)| indexed.faces.iter().map(move |face| (photo, *face)));
        let mut people: Vec<Vec<(usize, Place)>> = vec![];
        for (row, place) in places.enumerate() {
            let likeness = |person: &Vec<(usize, Place)>| {
                let rows = self.embeddings(judge);
                let sum: f32 =
                    person.iter().map(|(other, _)| similarity(rows.row(row), rows.row(*other))).sum();
                sum / person.len() as f32
            };
            let apart =
                |person: &&mut Vec<(usize, Place)>| person.iter().all(|(_, other)| other.0 != place.0);
            let like = people.iter_mut().filter(apart).map(|person| (likeness(person), person));
            match like.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(mean, _)| *mean >= threshold) {
                Some((_, person)) => person.push((row, place)),
                None => people.push(vec![(row, place)]),
            }
        }
        people.sort_by_key(|person| std::cmp::Reverse(person.len()));
        people.into_iter().map(|person| person.into_iter().map(|(_, place)| place).collect()).collect()
    }
}
