//! Networks whose embedding is that of a face and of its mirror image.

use std::path::Path;

use candle_core::{Device, Tensor};
use visard::embed::{Embed as _, similarity};
use visard::models::{Library, Recogniser, Stored};

/// The built-in judge's embedding of a picture.
fn embedding(picture: &Tensor, mirror: bool) -> Vec<f32> {
    let library = Library::open(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("models/judges")]).unwrap();
    let Stored { mut entry, place } = library.find("visard-judge").unwrap().clone();
    entry.mirror = mirror;
    let judge = Recogniser::uncalibrated(&Stored { entry, place }).unwrap();
    judge.embedder.embed(picture).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn with_mirror_both_images_count_the_same() {
    let waves = |i: usize| 0.5 + 0.4 * ((i % 112) as f32 / 9.).sin() * ((i / 112) as f32 / 17.).cos();
    let picture =
        Tensor::from_vec((0..3 * 112 * 112).map(waves).collect(), (1, 3, 112, 112), &Device::Cpu).unwrap();
    let columns = Tensor::from_vec((0..112u32).rev().collect::<Vec<_>>(), 112, &Device::Cpu).unwrap();
    let mirrored = picture.index_select(&columns, 3).unwrap();

    let (one, other) = (embedding(&picture, false), embedding(&mirrored, false));
    assert!(similarity(&one, &other) < 0.99, "the picture tells left from right");
    let both: Vec<f32> = one.iter().zip(&other).map(|(a, b)| a + b).collect();
    for picture in [&picture, &mirrored] {
        let together = embedding(picture, true);
        assert!(similarity(&together, &both) > 0.9999, "{}", similarity(&together, &both));
        let length = together.iter().map(|x| x * x).sum::<f32>();
        assert!((length - 1.).abs() < 1e-4, "{length}");
    }
}
