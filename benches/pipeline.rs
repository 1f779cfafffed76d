//! Times detection, the warp, and an optimisation step of `standard` on an example photo.
//!
//!     cargo bench --bench pipeline
//!
//! Uses the networks of `../shared/models`; says so and measures the warp alone where they are not there.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use candle_core::{Device, Tensor, Var};
use criterion::{Criterion, criterion_group};
use visard::cloak::{Attempt, Effort, Preset, Progress, Subject, cloak};
use visard::embed::Embed;
use visard::face::{CROP, DetectOptions, Similarity, Warp, warp};
use visard::models::{Ensemble, Library};
use visard::photo::{Limits, decode};

fn warps(criterion: &mut Criterion) -> anyhow::Result<()> {
    let picture = Var::from_tensor(&Tensor::full(0.5f32, (3, 400, 400), &Device::Cpu)?)?;
    let to_picture = Similarity { a: 3.2, b: 0.1, dx: 20., dy: 20. };
    let place = Warp::new(to_picture, [CROP, CROP]);
    criterion.bench_function("warp 400 to 112 with gradient", |b| {
        b.iter(|| black_box(warp(picture.as_tensor(), place).and_then(|crop| crop.sum_all()?.backward())));
    });
    Ok(())
}

fn networks(criterion: &mut Criterion) -> anyhow::Result<()> {
    let library = Library::open(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models")])?;
    let ensemble = Ensemble::open(&library, &[], &[])?;
    let bytes = include_bytes!("../examples/photos/nadia-neutral.jpg");
    let photo = decode(bytes, &Limits::default())?;
    let options = DetectOptions::default();
    criterion.bench_function("detection in 800 x 800", |b| {
        b.iter(|| black_box(ensemble.detector.detect(&photo, &options)));
    });
    let faces = ensemble.detector.detect(&photo, &options)?;
    let face = faces.first().context("the example photo has a face")?;
    let subject = Subject { photo: &photo, face, others: &[] };
    let surrogates: Vec<&dyn Embed> = ensemble.surrogates.iter().map(|s| &s.embedder as &dyn Embed).collect();
    criterion.bench_function("optimisation step of standard", |b| {
        b.iter_custom(|steps| {
            // One step more, since the first stands behind the preparation.
            let effort = Effort { steps: steps as usize + 1, ..Effort::default() };
            let attempt = Attempt { effort, ..Preset::Standard.first() };
            let (mut first, mut last) = (Instant::now(), Duration::ZERO);
            let mut hook = |progress: Progress| {
                if progress.step == 1 {
                    first = Instant::now();
                }
                last = first.elapsed();
                ControlFlow::Continue(())
            };
            let _ = black_box(cloak(&subject, &surrogates, &attempt, None, 0, &mut hook));
            last
        });
    });
    Ok(())
}

fn all(criterion: &mut Criterion) {
    for result in [warps(criterion), networks(criterion)] {
        if let Err(error) = result {
            println!("LEFT OUT: {error:#}");
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = all
}

#[expect(unsafe_code, reason = "settings of the whole process")]
fn main() {
    // SAFETY: no other thread exists yet.
    unsafe {
        visard::network::keep_candle_on_one_thread();
        visard::network::keep_memory();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
