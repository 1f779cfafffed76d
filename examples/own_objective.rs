//! A cloak with an aim of its own, to be taken for somebody else:
//! `cargo run --release --example own_objective -- photo.jpg somebody-else.jpg cloaked.png`

use std::ops::ControlFlow;
use std::path::PathBuf;

use candle_core::{Device, Tensor};
use visard::Visard;
use visard::cloak::{Effort, Limits, Objective, Optimiser, Preset, Scene};
use visard::compose::compose;
use visard::embed::Embed;
use visard::network::Result;
use visard::photo::{self, EncodeOptions, decode, encode};

/// To be like somebody: what each surrogate makes of that person, `(dimension, 1)`.
struct Like(Vec<Tensor>);

impl Objective for Like {
    fn missed(&self, surrogate: usize, embeddings: &Tensor) -> Result<Tensor> {
        Ok(embeddings.matmul(&self.0[surrogate])?.mean_all()?.neg()?)
    }
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [own, other, output] = &arguments[..] else { return Err("name two photos and an output".into()) };
    let visard = Visard::new()?;
    let recognisers = &visard.ensemble().surrogates;
    let other = std::fs::read(other)?;
    let like = |name: &String| -> std::result::Result<Tensor, Box<dyn std::error::Error>> {
        let face = visard.embed(&other, name)?.into_iter().next().ok_or("nobody else is there")?;
        Ok(Tensor::from_slice(&face.embedding, (face.embedding.len(), 1), &Device::Cpu)?)
    };
    let likes = recognisers.iter().map(|r| like(&r.entry.name)).collect::<std::result::Result<_, _>>()?;
    let bytes = std::fs::read(own)?;
    let photo = decode(&bytes, &photo::Limits::default())?;
    let face = visard.detect(&bytes)?.into_iter().next().ok_or("no face is there")?;
    let mut optimiser = Optimiser {
        scenes: &[Scene::of(&photo, &face)?.ok_or("the face cannot be aligned")?],
        surrogates: &recognisers.iter().map(|r| &r.embedder as &dyn Embed).collect::<Vec<_>>(),
        objective: &Like(likes),
        constraint: &mut Limits::new(Preset::Standard.first().budget),
        effort: Effort::default(),
    };
    let cloak = optimiser.run(0, &mut |_| ControlFlow::Continue(()))?.ok_or("broken off")?;
    let written = encode(&compose(&photo, &[cloak])?, &EncodeOptions::default())?.bytes;
    std::fs::write(output, &written)?;
    println!("{}", serde_json::to_string_pretty(&visard.verify(&bytes, &written)?)?);
    Ok(())
}
