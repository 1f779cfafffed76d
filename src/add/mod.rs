//! Adds a user's own embedder to the networks at hand, after a trial on faces.

mod guess;
#[cfg(feature = "files")]
mod keep;

use std::path::Path;

use candle_core::{Tensor, Var};

use crate::embed::{Crop, Embed as _, Embedder, Input, aligned_crop, similarity};
use crate::face::{Alignment, Face, Point, Rectangle};
use crate::models::{Entry, Error, Kind, Library, Place, Result, Role, executor};
use crate::network::{self, Network};
use crate::photo::{Limits, decode};

pub use guess::{Given, Proposal, proposals};
#[cfg(feature = "files")]
pub use keep::add;

/// What must be said of an embedder besides its file.
#[derive(Clone, Debug)]
pub struct NewNetwork {
    /// Its name from now on.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The aligned face that it takes.
    pub crop: Crop,
    /// The values that it takes.
    pub input: Input,
    /// The output that is the embedding, where there are several.
    pub output: Option<String>,
    /// Under which terms it may be used.
    pub licence: String,
}

impl NewNetwork {
    /// One that takes the whole aligned face of 112 x 112 pixels, as values of -1 to 1, red first.
    pub fn new(name: impl Into<String>, role: Role) -> Self {
        Self {
            name: name.into(),
            role,
            crop: Crop::Arcface112,
            input: Input::default(),
            output: None,
            licence: "not stated".into(),
        }
    }
}

/// What an embedder says of three faces: two photos of one person, one of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// Length of an embedding.
    pub dimension: usize,
    /// Cosine of the embeddings of the two photos of one person.
    pub same: f32,
    /// Cosine of the embeddings of two different persons.
    pub different: f32,
}

impl Trial {
    /// How much more one person resembles herself than another.
    pub fn margin(&self) -> f32 {
        self.same - self.different
    }
}

/// What a catalogue would say of a network that is not known yet.
///
/// # Errors
/// Where the file cannot be read, is known or its name taken already, or what is said of it cannot be.
pub fn fresh(new: &NewNetwork, file: &Path, library: &Library) -> Result<Entry> {
    let entry = entry(new, &read(new, file)?);
    entry.check().map_err(|reason| Error::Usage(format!("{:?} {reason}", entry.name)))?;
    if entry.name == "recommended" || library.known.iter().any(|known| known.name == entry.name) {
        return Err(Error::Usage(format!("the name {:?} is taken; choose another", entry.name)));
    }
    if let Some(known) = library.known.iter().find(|known| known.sha256 == entry.sha256) {
        return Err(Error::Usage(format!("{} is known already: it is {:?}", file.display(), known.name)));
    }
    Ok(entry)
}

/// The bytes of an ONNX file, with the weights put in that lie in files beside it.
///
/// # Errors
/// Where one of the files cannot be read, or lies outside of the network's folder.
pub fn read(new: &NewNetwork, file: &Path) -> Result<Vec<u8>> {
    let place = Place::Named(file.to_path_buf());
    let bytes = place.bytes()?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let whole = network::gather(&bytes, folder);
    let whole = whole.map_err(|source| Error::Network { name: new.name.clone(), source })?;
    Ok(whole.into_owned())
}

/// The network of a file, with the output that was chosen.
fn network(new: &NewNetwork, bytes: &[u8]) -> network::Result<Network> {
    let graph = network::import(bytes)?;
    let graph = match &new.output {
        Some(output) => graph.with_output(output)?,
        None => graph,
    };
    Ok(Network::of(graph, executor()?))
}

fn entry(new: &NewNetwork, bytes: &[u8]) -> Entry {
    Entry {
        name: new.name.clone(),
        kind: Kind::Embedder,
        role: Some(new.role),
        file: format!("{}.onnx", new.name),
        sha256: crate::models::sha256(bytes),
        address: None,
        bytes: None,
        crop: Some(new.crop),
        mean: Some(new.input.mean),
        std: Some(new.input.std),
        order: new.input.order,
        layout: new.input.layout,
        output: new.output.clone(),
        mirror: new.input.mirror,
        dimension: None,
        thresholds: None,
        verdict: None,
        teacher: None,
        training_data: vec![],
        weight: None,
        calibration: None,
        licence: new.licence.clone(),
        source: "added by the user".into(),
    }
}

/// Embeds three faces; for a surrogate, looks for the gradient too.
fn trial(embedder: &Embedder, role: Role) -> network::Result<Trial> {
    let unfit = |reason: &str| Err(network::Error::Usage(reason.into()));
    let faces = Var::from_tensor(&faces()?)?;
    let rows = embedder.embed(faces.as_tensor())?;
    let [a, b, c] = &rows.to_vec2::<f32>()?[..] else { return unfit("it gives no embedding for each face") };
    let trial = Trial { dimension: a.len(), same: similarity(a, b), different: similarity(a, c) };
    if !trial.same.is_finite() || !trial.different.is_finite() {
        return unfit("it gives numbers that are not finite");
    }
    if trial.dimension < 2 || trial.different > 0.9999 {
        return unfit("it gives two different persons the same embedding");
    }
    if role == Role::Surrogate && !gradient(&rows, &faces)?.is_normal() {
        return unfit("it has no gradient, which a surrogate needs");
    }
    Ok(trial)
}

/// Size of the gradient of two persons' similarity; not a positive number where there is none.
fn gradient(rows: &Tensor, faces: &Var) -> network::Result<f32> {
    let similarity = rows.get(0)?.mul(&rows.get(2)?.detach())?.sum_all()?;
    match similarity.backward()?.get(faces.as_tensor()) {
        Some(gradient) => Ok(gradient.abs()?.sum_all()?.to_scalar()?),
        None => Ok(0.),
    }
}

/// Three aligned faces of people who do not exist.
///
/// # Shapes
/// - returns: `(3, 3, 112, 112)`, RGB in `0.0..=1.0`
fn faces() -> network::Result<Tensor> {
    let crops: Vec<Tensor> =
        PHOTOS.iter().map(|(photo, points)| crop(photo, points)).collect::<network::Result<_>>()?;
    Ok(Tensor::cat(&crops, 0)?)
}

fn crop(bytes: &[u8], points: &[[f32; 2]; 5]) -> network::Result<Tensor> {
    let broken = || network::Error::Usage("the photos for the trial are damaged".into());
    let photo = decode(bytes, &Limits::default()).map_err(|_| broken())?;
    let bounds = Rectangle { x: 240., y: 216., width: 320., height: 420. };
    let face = Face { bounds, points: points.map(|[x, y]| Point { x, y }), score: 1. };
    let alignment = Alignment::of(&face).ok_or_else(broken)?;
    aligned_crop(&photo, &alignment)?.ok_or_else(broken)
}

type Portrait = (&'static [u8], [[f32; 2]; 5]);

/// Example photos, amber twice and jonas, and the five points of each face: `visard detect --json` gives them.
const PHOTOS: [Portrait; 3] = [
    (
        include_bytes!("../../examples/photos/amber-neutral.jpg"),
        [[324., 382.], [471.6, 375.7], [397.4, 464.7], [334.5, 527.6], [466.4, 522.9]],
    ),
    (
        include_bytes!("../../examples/photos/amber-smiling.jpg"),
        [[322.6, 382.8], [474.1, 377.4], [398.4, 465.9], [332., 526.7], [468.6, 522.1]],
    ),
    (
        include_bytes!("../../examples/photos/jonas-neutral.jpg"),
        [[325.8, 376.5], [481.2, 390.5], [398.4, 468.4], [314., 530.4], [454.3, 543.3]],
    ),
];
