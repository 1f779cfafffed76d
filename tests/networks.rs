//! The public networks of `../shared/models` through the importer and the reference executor.
//!
//! Golden numbers were made by `tests/golden/make.py` with ONNX Runtime.

#[path = "support/shared.rs"]
mod shared;

use std::path::Path;

use candle_core::{DType, Device, Tensor, Var};
use visard::network::reference::Reference;
use visard::network::{Graph, import};

use shared::{EMBEDDERS, shared_models, width};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

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

#[test]
#[ignore = "needs ../shared"]
fn embeddings_of_two_pictures_at_once_agree_with_onnx_runtime() -> Result<()> {
    let folder = shared_models();
    for name in EMBEDDERS {
        let shape = [2, 3, 112, width(name)];
        let plan = open(&folder, name)?.resolve(shape)?;
        let input =
            (Tensor::from_vec(picture(shape), shape.as_slice(), &Device::Cpu)?.affine(1. / 128., -1.))?;
        let outputs = Reference::new(&plan, &Device::Cpu, DType::F32)?.run(&input)?;
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
#[ignore = "needs ../shared"]
fn the_detector_agrees_with_onnx_runtime() -> Result<()> {
    let folder = shared_models();
    let shape = [1, 3, 640, 640];
    let plan = open(&folder, "yunet-2023mar")?.resolve(shape)?;
    let input = Tensor::from_vec(picture(shape), shape.as_slice(), &Device::Cpu)?;
    let outputs = Reference::new(&plan, &Device::Cpu, DType::F32)?.run(&input)?;
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

/// The picture as the network takes it: 0 to 255 where it normalises inside, about -1 to 1 elsewhere.
fn input(name: &str, number: DType) -> Result<Tensor> {
    let shape = [1, 3, 112, width(name)];
    let unit = unit(name);
    let picture = Tensor::from_vec(picture(shape), shape.as_slice(), &Device::Cpu)?.to_dtype(number)?;
    Ok(picture.affine(unit, unit * -127.)?)
}

fn unit(name: &str) -> f64 {
    if matches!(name, "insightface-y1" | "mobileface-v2") { 1. } else { 1. / 128. }
}

/// A fixed weighted sum of the embedding, and its gradient in the input.
fn value_and_gradient(network: &Reference, input: &Tensor) -> Result<(f64, Tensor)> {
    let x = Var::from_tensor(input)?;
    let y = network.run(&x)?.remove(0);
    let weights: Vec<f32> = (0..y.elem_count()).map(|i| ((i * 7) % 11) as f32 - 5.).collect();
    let weights = Tensor::from_vec(weights, y.dims(), &Device::Cpu)?.to_dtype(y.dtype())?;
    let loss = (y * weights)?.sum_all()?;
    let gradient = loss.backward()?.remove(&x).ok_or("no gradient")?;
    Ok((loss.to_dtype(DType::F64)?.to_scalar()?, gradient))
}

#[test]
#[ignore = "needs ../shared"]
fn input_gradients_agree_with_finite_differences() -> Result<()> {
    let folder = shared_models();
    for name in EMBEDDERS {
        let plan = open(&folder, name)?.resolve([1, 3, 112, width(name)])?;
        // In double precision, so that the step can be smaller than the distance to any kink.
        let network = Reference::new(&plan, &Device::Cpu, DType::F64)?;
        let input = input(name, DType::F64)?;
        let (_, gradient) = value_and_gradient(&network, &input)?;
        let norm = gradient.sqr()?.sum_all()?.sqrt()?.to_scalar::<f64>()?;
        let step = 1e-5 * unit(name) * (input.elem_count() as f64).sqrt();
        let along = (&gradient * (step / norm))?;
        let (up, _) = value_and_gradient(&network, &(&input + &along)?)?;
        let (down, _) = value_and_gradient(&network, &(&input - &along)?)?;
        let measured = (up - down) / (2. * step);
        assert!((measured / norm - 1.).abs() < 1e-3, "{name}: {measured} for {norm}");
    }
    Ok(())
}

#[test]
#[ignore = "needs ../shared"]
fn an_input_gradient_agrees_with_pytorch() -> Result<()> {
    let folder = shared_models();
    let name = "insightface-y1";
    let plan = open(&folder, name)?.resolve([1, 3, 112, 112])?;
    let network = Reference::new(&plan, &Device::Cpu, DType::F32)?;
    let (_, gradient) = value_and_gradient(&network, &input(name, DType::F32)?)?;
    let expected = golden("insightface-y1.gradient")?.remove(0);
    let gradient: Vec<f32> = gradient.flatten_all()?.to_vec1()?;
    let scale = expected.iter().fold(0f32, |m, x| m.max(x.abs()));
    for (i, b) in expected.iter().enumerate() {
        let a = gradient[i * gradient.len() / expected.len()];
        assert!((a - b).abs() < 1e-3 * scale, "{a} for {b}");
    }
    Ok(())
}
