//! What a cloaked face is to be unlike.

use candle_core::{D, Device, Tensor};

use super::objective::Objective;
use super::scene::Scene;
use crate::embed::Embed;
use crate::face::{CROP, Warp, warp};
use crate::network::Result;

/// How much being unlike the nearest of the person's other cloaked photos counts beside being unlike the person.
const REPULSION: f64 = 0.5;
/// Cosines up to this are unlike enough.
const UNLIKE: f64 = 0.1;

/// Another photo of the same person.
#[derive(Clone, Debug, Default)]
pub struct OtherPhoto {
    /// What the surrogates make of the face as it was: one embedding for each of them.
    pub clean: Vec<Vec<f32>>,
    /// What they make of it in the photo that was written; empty where it is not cloaked yet.
    pub cloaked: Vec<Vec<f32>>,
    /// By what the aligned crop was changed, `(3, 112, 112)` in units of full scale; none where it is not kept.
    pub change: Option<Tensor>,
}

/// The aim of our own cloaks: to be unlike the person, in all photos of them that are at hand, and unlike the nearest of those
/// that are cloaked, so that they do not find each other.
pub struct Unlike(Vec<Goal>);

impl Unlike {
    /// `others` are photos of the same person, so far as they are known.
    ///
    /// # Errors
    /// Where a surrogate fails.
    pub fn of(scene: &Scene, surrogates: &[&dyn Embed], others: &[&OtherPhoto]) -> Result<Self> {
        let own = identities(scene, surrogates)?;
        let goals = own.into_iter().enumerate().map(|(i, own)| Goal::of(&own, i, others));
        Ok(Self(goals.collect::<Result<_>>()?))
    }
}

impl Objective for Unlike {
    fn missed(&self, surrogate: usize, embeddings: &Tensor) -> Result<Tensor> {
        self.0[surrogate].missed(embeddings)
    }
}

/// What one surrogate's embedding of a face is to be unlike.
struct Goal {
    /// The person: the middle of the embeddings of all clean photos at hand. `(1, dimension)`, norm 1
    identity: Tensor,
    /// The person's other cloaked photos less what they have of the person, so that they do not find each other.
    /// `(dimension, photos)`
    cloaked: Option<Tensor>,
}

impl Goal {
    fn of(own: &Tensor, surrogate: usize, others: &[&OtherPhoto]) -> Result<Self> {
        let rows = |which: fn(&OtherPhoto) -> &Vec<Vec<f32>>| -> Result<Tensor> {
            let rows: Vec<&[f32]> =
                others.iter().filter_map(|o| which(o).get(surrogate)).map(Vec::as_slice).collect();
            Ok(Tensor::from_vec(rows.concat(), (rows.len(), own.dim(1)?), &Device::Cpu)?)
        };
        if others.is_empty() {
            return Ok(Self { identity: own.clone(), cloaked: None });
        }
        let sum = Tensor::cat(&[own, &rows(|o| &o.clean)?], 0)?.sum_keepdim(0)?;
        let identity = sum.broadcast_div(&sum.sqr()?.sum_keepdim(1)?.sqrt()?)?;
        let cloaked = match others.iter().any(|other| !other.cloaked.is_empty()) {
            true => Some(less(&rows(|o| &o.cloaked)?, &identity)?.t()?.contiguous()?),
            false => None,
        };
        Ok(Self { identity, cloaked })
    }

    /// How far embeddings are from the goal: their mean cosine to the person, and with less weight to the nearest of the other
    /// cloaked photos, where they are not unlike it yet.
    ///
    /// # Shapes
    /// - `embeddings`: `(batch, dimension)`, norm 1; returns `()`
    fn missed(&self, embeddings: &Tensor) -> Result<Tensor> {
        let person = embeddings.broadcast_mul(&self.identity)?.sum(D::Minus1)?.mean_all()?;
        match &self.cloaked {
            Some(cloaked) => {
                let nearest = embeddings.matmul(cloaked)?.max(D::Minus1)?;
                Ok((person + ((nearest - UNLIKE)?.relu()?.mean_all()? * REPULSION)?)?)
            }
            None => Ok(person),
        }
    }
}

/// What is left of embeddings without their part along a direction, with norm 1.
///
/// # Shapes
/// - `rows`: `(photos, dimension)`; returns the same
/// - `direction`: `(1, dimension)`, norm 1
fn less(rows: &Tensor, direction: &Tensor) -> Result<Tensor> {
    let along = rows.broadcast_mul(direction)?.sum_keepdim(1)?.broadcast_mul(direction)?;
    let rest = (rows - along)?;
    Ok(rest.broadcast_div(&rest.sqr()?.sum_keepdim(1)?.sqrt()?.maximum(1e-6)?)?)
}

/// The embeddings of the clean face, one row for each surrogate.
fn identities(scene: &Scene, surrogates: &[&dyn Embed]) -> Result<Vec<Tensor>> {
    let crop = warp(&scene.picture, Warp::new(scene.to_grid, [CROP, CROP]))?.unsqueeze(0)?;
    surrogates.iter().map(|s| Ok(s.embed(&crop)?.detach())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: [f32; 2]) -> Tensor {
        Tensor::from_slice(&values, (1, 2), &Device::Cpu).unwrap()
    }

    #[test]
    fn alone_a_face_is_only_to_be_unlike_itself() {
        let goal = Goal::of(&row([1., 0.]), 0, &[]).unwrap();
        let missed = goal.missed(&row([0.6, 0.8])).unwrap().to_scalar::<f32>().unwrap();
        assert!((missed - 0.6).abs() < 1e-6, "{missed}");
    }

    #[test]
    fn with_others_it_is_to_be_unlike_the_middle_of_the_person() {
        // The first surrogate's rows are of no concern to the second.
        let other = OtherPhoto { clean: vec![vec![9., 9.], vec![0., 1.]], ..OtherPhoto::default() };
        let goal = Goal::of(&row([1., 0.]), 1, &[&other]).unwrap();
        let missed = goal.missed(&row([0.6, 0.8])).unwrap().to_scalar::<f32>().unwrap();
        // The middle is (1, 1) / sqrt(2).
        assert!((missed - 1.4 / 2f32.sqrt()).abs() < 1e-6, "{missed}");
    }

    #[test]
    fn it_is_to_be_unlike_the_nearest_cloaked_one_apart_from_the_person() {
        let three = |values: [f32; 3]| Tensor::from_slice(&values, (1, 3), &Device::Cpu).unwrap();
        let person = vec![vec![1., 0., 0.]];
        let other = |cloaked: [f32; 3]| OtherPhoto {
            clean: person.clone(),
            cloaked: vec![cloaked.to_vec()],
            change: None,
        };
        // Without the person they are (0, 1, 0) and (0, 0, -1).
        let others = [other([-0.6, 0.8, 0.]), other([0.6, 0., -0.8])];
        let goal = Goal::of(&three([1., 0., 0.]), 0, &others.each_ref()).unwrap();
        for (embedding, expected) in [
            // .36 to the first, -.48 to the second.
            ([0.8, 0.36, 0.48], 0.8 + 0.5 * (0.36 - 0.1)),
            ([0.8, 0.36, -0.48], 0.8 + 0.5 * (0.48 - 0.1)),
            // Unlike enough.
            ([0.995, 0.099, 0.], 0.995),
        ] {
            let missed = goal.missed(&three(embedding)).unwrap().to_scalar::<f32>().unwrap();
            assert!((missed - expected).abs() < 1e-5, "{embedding:?}: {missed} instead of {expected}");
        }
    }

    #[test]
    fn a_photo_that_is_not_cloaked_yet_counts_for_the_person_only() {
        let other = OtherPhoto { clean: vec![vec![0., 1.]], ..OtherPhoto::default() };
        let goal = Goal::of(&row([1., 0.]), 0, &[&other]).unwrap();
        let missed = goal.missed(&row([0.6, 0.8])).unwrap().to_scalar::<f32>().unwrap();
        assert!((missed - 1.4 / 2f32.sqrt()).abs() < 1e-6, "{missed}");
    }
}
