//! What a face search reports, from embeddings alone.

use super::interval::Tally;
use crate::embed::Embeddings;
use crate::search::similarities;

/// Faces of known people by one judge.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Faces {
    /// One row for each face.
    pub(super) embeddings: Embeddings,
    /// Who it is: equal numbers are one person. Numbers below the number of protected people are theirs.
    pub(super) people: Vec<usize>,
    /// Which photo it is from: a photo and its cloaked copies have one number.
    pub(super) photos: Vec<usize>,
}

impl Faces {
    /// None yet, of a dimension.
    pub(super) fn new(dimension: usize) -> Self {
        Self { embeddings: Embeddings::new(dimension), people: vec![], photos: vec![] }
    }

    /// Adds a face.
    pub(super) fn push(&mut self, person: usize, photo: usize, row: &[f32]) {
        self.embeddings.push(row);
        self.people.push(person);
        self.photos.push(photo);
    }

    /// These faces and then others.
    #[must_use]
    pub(super) fn and(&self, others: &Self) -> Self {
        let mut all = self.clone();
        for i in 0..others.people.len() {
            all.push(others.people[i], others.photos[i], others.embeddings.row(i));
        }
        all
    }

    /// Number of faces.
    pub(super) fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// How one probe fares in a gallery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Search {
    /// Who is searched for.
    pub(super) person: usize,
    /// The largest similarity to another photo of the person.
    pub(super) mate: f32,
    /// The rank of that photo, from 1; of equally similar faces it counts as the first.
    pub(super) rank: usize,
}

/// Searches a gallery for each probe. Probes without another photo of their person in it are left out.
pub(super) fn search(probes: &Faces, gallery: &Faces) -> Vec<Search> {
    let all = similarities(&probes.embeddings, &gallery.embeddings);
    let rows = all.chunks_exact(gallery.len().max(1)).enumerate();
    rows.filter_map(|(i, row)| {
        let (person, photo) = (probes.people[i], probes.photos[i]);
        let others = row.iter().zip(&gallery.people).zip(&gallery.photos);
        let mates = others.clone().filter(|((_, p), f)| **p == person && **f != photo);
        let mate = mates.map(|((s, _), _)| *s).max_by(f32::total_cmp)?;
        let before = others.filter(|((s, p), _)| **p != person && **s > mate).count();
        Some(Search { person, mate, rank: before + 1 })
    })
    .collect()
}

/// How many of each person's searches succeeded.
pub(super) fn tally(people: usize, trials: impl IntoIterator<Item = (usize, bool)>) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); people];
    for (person, success) in trials {
        tallies[person].count(success);
    }
    tallies
}

/// All pairs of a probe and a face of the gallery from different photos: whose pair it is, whether
/// both are one person, and how similar they are.
pub(super) fn pairs(probes: &Faces, gallery: &Faces) -> Vec<(usize, bool, f32)> {
    let all = similarities(&probes.embeddings, &gallery.embeddings);
    let rows = all.chunks_exact(gallery.len().max(1)).enumerate();
    rows.flat_map(|(i, row)| {
        let others = row.iter().zip(&gallery.people).zip(&gallery.photos);
        let different = others.filter(move |(_, photo)| **photo != probes.photos[i]);
        different.map(move |((&s, &person), _)| (probes.people[i], person == probes.people[i], s))
    })
    .collect()
}

/// The largest similarity of each probe to anyone in a gallery.
pub(super) fn best(probes: &Faces, gallery: &Faces) -> Vec<f32> {
    let all = similarities(&probes.embeddings, &gallery.embeddings);
    let rows = all.chunks_exact(gallery.len().max(1));
    rows.map(|row| row.iter().copied().fold(f32::NEG_INFINITY, f32::max)).collect()
}

/// The similarity that at most a share `fpir` of searches for strangers exceeds: false positive
/// identification rate, [ISO/IEC 19795-1](https://www.iso.org/standard/73515.html). `None` without strangers.
pub(super) fn threshold_at(fpir: f64, strangers: &[f32]) -> Option<f32> {
    let mut sorted = strangers.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    // A rate like 0.1 is not exact: 10 of 100 must not become 9.
    sorted.get((fpir * sorted.len() as f64 + 1e-9) as usize).copied()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Faces on a circle: person, photo, angle in degrees.
    pub(in crate::evaluate) fn faces(list: &[(usize, usize, f32)]) -> Faces {
        let mut faces = Faces::new(2);
        for &(person, photo, angle) in list {
            faces.push(person, photo, &[angle.to_radians().cos(), angle.to_radians().sin()]);
        }
        faces
    }

    #[test]
    fn the_rank_counts_the_strangers_who_are_nearer() {
        let gallery = faces(&[(0, 0, 50.), (0, 1, 30.), (1, 2, 10.), (2, 3, -20.), (3, 4, 80.)]);
        let found = search(&faces(&[(0, 9, 0.), (1, 8, 12.), (7, 7, 0.)]), &gallery);
        assert_eq!(found.iter().map(|s| (s.person, s.rank)).collect::<Vec<_>>(), [(0, 3), (1, 1)]);
        assert!((found[0].mate - 30f32.to_radians().cos()).abs() < 1e-6);
    }

    #[test]
    fn a_photo_is_not_its_own_mate_and_ties_count_as_found() {
        let gallery = faces(&[(0, 0, 0.), (0, 1, 40.), (1, 2, 40.)]);
        let found = search(&faces(&[(0, 0, 0.)]), &gallery);
        assert_eq!((found.len(), found[0].rank), (1, 1));
        assert!(found[0].mate < 0.8, "{found:?}");
    }

    #[test]
    fn trials_are_counted_for_each_person() {
        let counted = tally(2, [(0, true), (0, false), (1, true)]);
        assert_eq!(counted[0], Tally { successes: 1, trials: 2 });
        assert_eq!(counted[1], Tally { successes: 1, trials: 1 });
    }

    #[test]
    fn pairs_leave_out_a_photo_and_its_copy() {
        let probes = faces(&[(0, 0, 0.), (1, 5, 90.)]);
        let gallery = faces(&[(0, 0, 0.), (0, 1, 60.), (1, 2, 90.)]);
        let found = pairs(&probes, &gallery);
        let kinds: Vec<_> = found.iter().map(|p| (p.0, p.1)).collect();
        assert_eq!(kinds, [(0, true), (0, false), (1, false), (1, false), (1, true)]);
        assert!((found[0].2 - 0.5).abs() < 1e-6 && (found[4].2 - 1.).abs() < 1e-6);
    }

    #[test]
    fn the_threshold_lets_exactly_the_rate_of_strangers_through() {
        let strangers: Vec<f32> = (0..100).map(|i| i as f32 / 100.).collect();
        for (rate, through) in [(0.1, 10), (0.01, 1), (0., 0)] {
            let threshold = threshold_at(rate, &strangers).unwrap();
            assert_eq!(strangers.iter().filter(|s| **s > threshold).count(), through, "{rate}");
        }
        assert_eq!(threshold_at(0.1, &[]), None);
    }

    #[test]
    fn the_best_match_of_a_stranger_is_the_nearest_face() {
        let found = best(&faces(&[(5, 5, 0.)]), &faces(&[(0, 0, 60.), (1, 1, 90.)]));
        assert!((found[0] - 0.5).abs() < 1e-6);
    }
}
