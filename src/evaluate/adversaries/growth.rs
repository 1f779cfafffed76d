//! Gallery growth: a face search that learns from every photo that it recognises, as the tracker of
//! [DivTrackee](https://arxiv.org/abs/2501.06533) does.

use serde::{Deserialize, Serialize};

use crate::embed::Embeddings;

/// Embeddings, each with the person that it belongs to.
#[derive(Clone, Debug)]
pub struct Gallery {
    /// The embeddings, of L2 norm 1.
    pub embeddings: Embeddings,
    /// The person of each.
    pub people: Vec<usize>,
}

/// What a search knows after a round.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Share of the probes that joined the gallery as the person they show, `0.0..=1.0`.
    pub recognised: f64,
    /// Share of the probes that joined it as someone else, `0.0..=1.0`.
    pub mistaken: f64,
}

/// Searches for all probes again and again. In each round every probe that is not in the gallery
/// yet is compared with it as it was before the round; where the nearest embedding has at least a
/// cosine of `threshold`, the probe joins the gallery as that person, right or wrong.
///
/// # Panics
/// If there is not one person for each embedding, or the two are of different networks.
pub fn grow(gallery: &Gallery, probes: &Gallery, threshold: f32, rounds: usize) -> Vec<Round> {
    assert_eq!(gallery.embeddings.len(), gallery.people.len(), "one person for each embedding");
    assert_eq!(probes.embeddings.len(), probes.people.len(), "one person for each probe");
    let count = probes.people.len();
    let mut nearest = vec![(f32::NEG_INFINITY, 0); count];
    let mut joined: Vec<Option<usize>> = vec![None; count];
    for (probe, nearest) in nearest.iter_mut().enumerate() {
        for (row, person) in gallery.embeddings.rows().zip(&gallery.people) {
            approach(nearest, probes.embeddings.row(probe), row, *person);
        }
    }
    let mut history = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let found = |i: &usize| joined[*i].is_none() && nearest[*i].0 >= threshold;
        let new: Vec<(usize, usize)> = (0..count).filter(found).map(|i| (i, nearest[i].1)).collect();
        for &(i, person) in &new {
            joined[i] = Some(person);
        }
        for open in (0..count).filter(|i| joined[*i].is_none()) {
            for &(i, person) in &new {
                let (probe, row) = (probes.embeddings.row(open), probes.embeddings.row(i));
                approach(&mut nearest[open], probe, row, person);
            }
        }
        history.push(state(&joined, &probes.people));
    }
    history
}

/// Takes note of an embedding of the gallery that is nearer to a probe than all before.
fn approach(nearest: &mut (f32, usize), probe: &[f32], row: &[f32], person: usize) {
    let cosine = probe.iter().zip(row).map(|(a, b)| a * b).sum();
    if cosine > nearest.0 {
        *nearest = (cosine, person);
    }
}

fn state(joined: &[Option<usize>], people: &[usize]) -> Round {
    let share = |right: bool| {
        let matches = joined.iter().zip(people).filter(|(j, p)| j.is_some_and(|j| (j == **p) == right));
        matches.count() as f64 / people.len().max(1) as f64
    };
    Round { recognised: share(true), mistaken: share(false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Embeddings on a circle, at these degrees.
    fn at(degrees: &[f32], people: &[usize]) -> Gallery {
        let rows = degrees.iter().flat_map(|d| [d.to_radians().cos(), d.to_radians().sin()]).collect();
        Gallery { embeddings: Embeddings::from_values(2, rows).unwrap(), people: people.to_vec() }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn each_photo_that_is_recognised_leads_to_the_next_one() {
        // Person 0 is at 0 degrees, 20 degrees are within reach, the probes lead away in steps of 15.
        let gallery = at(&[0., 180.], &[0, 1]);
        let probes = at(&[15., 30., 45., 100.], &[0; 4]);
        let found = grow(&gallery, &probes, 20f32.to_radians().cos(), 5);
        let expected = [0.25, 0.5, 0.75, 0.75, 0.75];
        assert_eq!(found.len(), 5);
        assert!(found.iter().zip(expected).all(|(r, e)| close(r.recognised, e) && close(r.mistaken, 0.)));
    }

    #[test]
    fn a_photo_that_is_mistaken_draws_others_after_it() {
        let gallery = at(&[0., 60.], &[0, 1]);
        let probes = at(&[45., 30.], &[0, 0]);
        let found = grow(&gallery, &probes, 16f32.to_radians().cos(), 2);
        assert!(close(found[0].mistaken, 0.5) && close(found[1].mistaken, 1.), "{found:?}");
        assert!(close(found[1].recognised, 0.));
    }
}
