//! The public networks of `../shared/models` through the importer and the reference executor.
//!
//! Golden numbers were made by `tests/golden/make.py` with ONNX Runtime.

use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor, Var};
use visard::network::reference::Reference;
use visard::network::{Graph, import};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const EMBEDDERS: [&str; 6] = [
    "edgeface-xxs",
    "espressif-mfn",
    "foamliu-mobilefacenet",
    "insightface-y1",
    "mobileface-v2",
    "xiaoccer-mobilefacenet",
];

/// The shared networks, or `None` with a plain message where they are not at hand.
fn shared_models() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models");
    if !folder.is_dir() {
        println!("LEFT OUT: {} is not there, so the public networks were not checked", folder.display());
        return None;
    }
    Some(folder)
}

/// A picture that Python makes bit for bit as well: integers 0 to 255 from a linear congruence.
fn picture(shape: [usize; 4]) -> Vec<f32> {
    let count = shape.iter().product();
    let mut state: u32 = 1;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as f32
        })
        .collect()
}

fn open(folder: &Path, name: &str) -> Result<Graph> {
    Ok(import(&std::fs::read(folder.join(format!("{name}.onnx")))?)?)
}

fn golden(name: &str) -> Result<Vec<Vec<f32>>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    let text = std::fs::read_to_string(path)?;
    text.lines().map(|line| line.split(' ').map(|x| Ok(x.parse()?)).collect()).collect()
}

fn width(name: &str) -> usize {
    if name.starts_with("xiaoccer") { 96 } else { 112 }
}

#[test]
fn embeddings_of_two_pictures_at_once_agree_with_onnx_runtime() -> Result<()> {
    let Some(folder) = shared_models() else { return Ok(()) };
    for name in EMBEDDERS {
        let shape = [2, 3, 112, width(name)];
        let plan = open(&folder, name)?.resolve(shape)?;
        let input = (Tensor::from_vec(picture(shape), shape.as_slice(), &Device::Cpu)?.affine(1. / 128., -1.))?;
        let outputs = Reference::new(&plan, &Device::Cpu)?.run(&input)?;
        let rows: Vec<Vec<f32>> = outputs[0].to_vec2()?;
        for (row, expected) in rows.iter().zip(golden(name)?) {
            assert_eq!(row.len(), expected.len(), "{name}");
            let scale = expected.iter().fold(0f32, |m, x| m.max(x.abs()));
            for (a, b) in row.iter().zip(&expected) {
                assert!((a - b).abs() < 1e-4 * scale, "{name}: {a} for {b}");
            }
        }
    }
    Ok(())
}

#[test]
fn the_detector_agrees_with_onnx_runtime() -> Result<()> {
    let Some(folder) = shared_models() else { return Ok(()) };
    let shape = [1, 3, 640, 640];
    let plan = open(&folder, "yunet-2023mar")?.resolve(shape)?;
    let input = Tensor::from_vec(picture(shape), shape.as_slice(), &Device::Cpu)?;
    let outputs = Reference::new(&plan, &Device::Cpu)?.run(&input)?;
    assert_eq!(outputs.len(), 12);
    for (output, expected) in outputs.iter().zip(golden("yunet-2023mar")?) {
        let numbers: Vec<f32> = output.flatten_all()?.to_vec1()?;
        let scale = expected.iter().fold(0.1f32, |m, x| m.max(x.abs()));
        for (i, b) in expected.iter().enumerate() {
            let a = numbers[i * numbers.len() / expected.len()];
            assert!((a - b).abs() < 1e-4 * scale, "{a} for {b}");
        }
    }
    Ok(())
}

#[test]
fn input_gradients_agree_with_finite_differences() -> Result<()> {
    let Some(folder) = shared_models() else { return Ok(()) };
    for name in EMBEDDERS {
        let shape = [1, 3, 112, width(name)];
        let network = Reference::new(&open(&folder, name)?.resolve(shape)?, &Device::Cpu)?;
        // 0..255 for the networks that normalise inside, -1..1 for the others.
        let unit = if matches!(name, "insightface-y1" | "mobileface-v2") { 1. } else { 1. / 128. };
        let input = Tensor::from_vec(picture(shape), shape.as_slice(), &Device::Cpu)?.affine(unit, unit * -127.)?;
        let loss = |x: &Tensor| -> Result<Tensor> {
            let y = network.run(x)?.remove(0);
            let weights: Vec<f32> = (0..y.elem_count()).map(|i| ((i * 7) % 11) as f32 - 5.).collect();
            Ok((&y * Tensor::from_vec(weights, y.dims(), &Device::Cpu)?)?.sum_all()?)
        };
        let x = Var::from_tensor(&input)?;
        let gradient = loss(&x)?.backward()?.remove(&x).ok_or("no gradient")?;
        // Along the gradient itself the change is largest and rounding matters least.
        let norm = gradient.sqr()?.sum_all()?.sqrt()?.to_scalar::<f32>()?;
        let step = 0.02 * unit as f32 * (shape.iter().product::<usize>() as f32).sqrt();
        let along = (&gradient * f64::from(step / norm))?;
        let (up, down) = (loss(&(&input + &along)?)?, loss(&(&input - &along)?)?);
        let measured = (up - down)?.to_scalar::<f32>()? / (2. * step);
        assert!((measured / norm - 1.).abs() < 2e-2, "{name}: {measured} for {norm}");
    }
    Ok(())
}
