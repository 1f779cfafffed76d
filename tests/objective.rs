//! Objectives and constraints of others, as docs/own-objective.md describes them.
#![cfg(feature = "built-in-networks")]
#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

use std::ops::ControlFlow;
use std::path::Path;

use candle_core::{Device, Tensor};
use visard::Visard;
use visard::cloak::{Ball, Cloak, Constraint, Effort, Objective, Optimiser, Scene, Unlike};
use visard::compose::compose;
use visard::embed::{Embed, similarity};
use visard::face::Face;
use visard::network::Result;
use visard::photo::{Limits, Photo, decode};
use visard::verify::embedding;

/// To be like somebody.
struct Like(Vec<Tensor>);

impl Objective for Like {
    fn missed(&self, surrogate: usize, embeddings: &Tensor) -> Result<Tensor> {
        Ok(embeddings.matmul(&self.0[surrogate])?.mean_all()?.neg()?)
    }
}

/// The upper half of the grid stays as it is; in the end the largest change is 3 levels.
struct LowerHalf;

impl Constraint for LowerHalf {
    fn largest_change(&self) -> f32 {
        8.
    }

    fn within(&self, scene: &Scene, raw: &Tensor) -> Result<Tensor> {
        let (_, height, _) = scene.shape();
        let lower = raw.narrow(1, height / 2, height - height / 2)?;
        Ok(lower.clamp(-8f32 / 255., 8f32 / 255.)?.pad_with_zeros(1, height / 2, 0)?)
    }

    fn finish(&self, _: &Scene, change: &Tensor) -> Result<Tensor> {
        let largest = change.abs()?.max_all()?.to_scalar::<f32>()?;
        Ok((change * f64::from(3. / 255. / largest))?)
    }
}

fn example(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/photos").join(name)).unwrap()
}

fn subject(visard: &Visard) -> (Photo, Face) {
    let bytes = example("amber-neutral.jpg");
    (decode(&bytes, &Limits::default()).unwrap(), visard.detect(&bytes).unwrap()[0])
}

fn searched(
    visard: &Visard,
    scene: &Scene,
    objective: Option<&dyn Objective>,
    constraint: &mut dyn Constraint,
) -> Cloak {
    let surrogates: Vec<&dyn Embed> =
        visard.ensemble().surrogates.iter().map(|s| &s.embedder as &dyn Embed).collect();
    let ours = Unlike::of(scene, &surrogates, &[]).unwrap();
    let effort = Effort { steps: 8, views: 1 };
    let objective = objective.unwrap_or(&ours);
    let scenes = std::slice::from_ref(scene);
    let mut optimiser = Optimiser { scenes, surrogates: &surrogates, objective, constraint, effort };
    optimiser.run(0, &mut |_| ControlFlow::Continue(())).unwrap().unwrap()
}

#[test]
fn an_objective_of_another_leads_to_another_person() {
    let visard = Visard::new().unwrap();
    let (photo, face) = subject(&visard);
    let scene = Scene::of(&photo, &face).unwrap().unwrap();
    let jonas =
        |name: &String| visard.embed(&example("jonas-neutral.jpg"), name).unwrap().remove(0).embedding;
    let likes: Vec<Vec<f32>> = visard.ensemble().surrogates.iter().map(|s| jonas(&s.entry.name)).collect();
    let columns = likes.iter().map(|like| Tensor::from_slice(like, (like.len(), 1), &Device::Cpu).unwrap());
    let like = Like(columns.collect());
    let toward = searched(&visard, &scene, Some(&like), &mut Ball(12.));
    let away = searched(&visard, &scene, None, &mut Ball(12.));
    let [toward, away] = [toward, away].map(|cloak| compose(&photo, &[cloak]).unwrap());
    for (surrogate, like) in visard.ensemble().surrogates.iter().zip(&likes) {
        let [toward, away] = [&toward, &away]
            .map(|photo| similarity(&embedding(surrogate, photo, &face).unwrap().unwrap(), like));
        assert!(
            toward > away + 0.3,
            "{}: {toward} toward Jonas, {away} away from Amber",
            surrogate.entry.name
        );
    }
}

#[test]
fn a_ball_holds_every_sample() {
    let visard = Visard::new().unwrap();
    let (photo, face) = subject(&visard);
    let scene = Scene::of(&photo, &face).unwrap().unwrap();
    // The noise that is begun with is of two levels.
    let largest = searched(&visard, &scene, None, &mut Ball(1.)).visibility.largest_change;
    assert!((largest - 1.).abs() < 1e-3, "{largest}");
}

#[test]
fn a_constraint_of_another_is_kept_after_every_step_and_finishes_the_change() {
    let visard = Visard::new().unwrap();
    let (photo, face) = subject(&visard);
    let scene = Scene::of(&photo, &face).unwrap().unwrap();
    let cloak = searched(&visard, &scene, None, &mut LowerHalf);
    let upper = cloak.change.narrow(1, 0, scene.grid.height / 2).unwrap();
    assert!(upper.abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap() <= 0.);
    assert!((cloak.visibility.largest_change - 3.).abs() < 1e-3, "{:?}", cloak.visibility);
}
