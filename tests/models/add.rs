//! What the trial says of real networks.

use visard::add::{NewNetwork, Trial, add};
use visard::embed::{Crop, Input};
use visard::models::{Library, Result, Role};

use crate::shared::shared_models;

/// Adds a network of which nothing is known.
fn trial(file: &str, crop: Crop, mean: f32, std: f32) -> Result<Trial> {
    let file = shared_models().join(file);
    let library = Library { known: vec![], stored: vec![], unknown: vec![] };
    let input = Input { mean: [mean; 3], std: [std; 3], ..Input::default() };
    let new = NewNetwork {
        name: "new".into(),
        role: Role::Surrogate,
        crop,
        input,
        output: None,
        licence: "none".into(),
    };
    add(&new, &file, &library, tempfile::tempdir().unwrap().path())
}

#[test]
#[ignore = "needs ../shared"]
fn a_network_that_is_described_rightly_tells_two_persons_apart() {
    let Trial { dimension, same, different } =
        trial("espressif-mfn.onnx", Crop::Arcface112, 127.5, 127.5).unwrap();
    assert!(dimension == 512 && same > 0.7 && different < 0.3, "{same} {different}");
}

#[test]
#[ignore = "needs ../shared"]
fn a_network_that_is_described_wrongly_does_so_less_well() {
    let Trial { same, different, .. } = trial("espressif-mfn.onnx", Crop::Arcface112, 0., 1.).unwrap();
    assert!(different > 0.3, "{same} {different}");
}

#[test]
#[ignore = "needs ../shared"]
fn a_detector_is_not_fit() {
    let trial = trial("yunet-2023mar.onnx", Crop::Arcface112, 0., 1.);
    assert!(trial.unwrap_err().to_string().starts_with("\"new\" is not fit to embed faces with this crop: "));
}
