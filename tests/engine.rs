//! The engine against the reference executor on the public networks of `../shared/models`.

#[path = "support/shared.rs"]
mod shared;

use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor, Var};
use visard::network::engine::{Instructions, Program};
use visard::network::import;
use visard::network::plan::Plan;
use visard::network::reference::Reference;

use shared::{EMBEDDERS, shared_models, width};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn plan(folder: &Path, name: &str, shape: [usize; 4]) -> Result<Plan> {
    let graph = import(&std::fs::read(folder.join(format!("{name}.onnx")))?)?;
    Ok(graph.resolve(shape)?)
}

/// Numbers between -1 and 1 that look random.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.
    };
    (0..count).map(|_| next()).collect()
}

/// Noise in the range that the network expects.
fn picture(name: &str, count: usize) -> Vec<f32> {
    let normalises_inside = ["insightface-y1", "mobileface-v2"].contains(&name);
    let stretch = |x: f32| if normalises_inside { 127.5 * (x + 1.) } else { x };
    noise(count, 1).into_iter().map(stretch).collect()
}

/// Largest difference, as a share of the largest element.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    let scale = b.iter().fold(0_f32, |most, x| most.max(x.abs()));
    let worst = a.iter().zip(b).fold(0_f32, |worst, (a, b)| worst.max((a - b).abs()));
    assert!(a.len() == b.len() && a.iter().all(|x| x.is_finite()));
    worst / scale
}

/// Output and input gradient of the reference executor.
fn reference(plan: &Plan, input: &[f32], seed: &[f32]) -> Result<[Vec<f32>; 2]> {
    let shape = plan.values[plan.input].as_slice();
    let input = Var::from_slice(input, shape, &Device::Cpu)?;
    let output = Reference::new(plan, &Device::Cpu, DType::F32)?.run(&input)?.remove(0);
    let seed = Tensor::from_slice(seed, output.shape(), &Device::Cpu)?;
    let gradients = (&output * seed)?.sum_all()?.backward()?;
    let gradient = gradients.get(&input).ok_or("no gradient")?.clone();
    Ok([output.flatten_all()?.to_vec1()?, gradient.flatten_all()?.to_vec1()?])
}

/// Differences of output and gradient for each picture of a batch.
fn differences(
    program: &Program,
    input: &[f32],
    seed: &[f32],
    expected: &[Vec<f32>; 2],
) -> Result<[Vec<f32>; 2]> {
    let recording = program.record(input)?;
    let gradient = program.gradient(&recording, seed)?;
    let each = |a: &[f32], b: &[f32]| {
        let size = a.len() / PICTURES;
        a.chunks(size).zip(b.chunks(size)).map(|(a, b)| difference(a, b)).collect()
    };
    Ok([each(&recording.outputs[0], &expected[0]), each(&gradient, &expected[1])])
}

const PICTURES: usize = 3;

fn largest(numbers: &[f32]) -> f32 {
    numbers.iter().fold(0., |most, x| x.max(most))
}

#[test]
#[ignore = "needs ../shared"]
fn embeddings_and_gradients_agree_with_the_reference_on_every_instruction_set() -> Result<()> {
    let folder = shared_models();
    for name in EMBEDDERS {
        let [one, all] = [1, PICTURES].map(|batch| plan(&folder, name, [batch, 3, 112, width(name)]));
        let (one, all) = (one?, all?);
        let input = picture(name, PICTURES * 3 * 112 * width(name));
        let seed = noise(all.values[all.outputs[0].1].iter().product(), 2);
        let expected = reference(&all, &input, &seed)?;
        for instructions in Instructions::ALL.into_iter().filter(|set| set.is_available()) {
            for plan in [&one, &all] {
                let program = Program::compile_for(plan, instructions)?;
                let [output, mut gradient] = differences(&program, &input, &seed, &expected)?;
                println!("{name} {} {output:?} {gradient:?}", instructions.name());
                assert!(largest(&output) < 1e-4, "{name}");
                // A unit whose input is 0 up to rounding may have either slope: in one picture of
                // several that moves a few gradients by a thousandth.
                gradient.sort_by(f32::total_cmp);
                assert!(gradient[PICTURES / 2] < 1e-4 && gradient[PICTURES - 1] < 1e-2, "{name}");
            }
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs ../shared"]
fn the_detector_agrees_with_the_reference() -> Result<()> {
    let folder = shared_models();
    let shape = [1, 3, 96, 160];
    let plan = plan(&folder, "yunet-2023mar", shape)?;
    let input: Vec<f32> = noise(shape.iter().product(), 1).iter().map(|x| 127. * (x + 1.)).collect();
    let tensor = Tensor::from_slice(&input, shape.as_slice(), &Device::Cpu)?;
    let expected = Reference::new(&plan, &Device::Cpu, DType::F32)?.run(&tensor)?;
    for instructions in Instructions::ALL.into_iter().filter(|i| i.is_available()) {
        let outputs = Program::compile_for(&plan, instructions)?.forward(&input)?;
        assert_eq!(outputs.len(), 12);
        for (output, expected) in outputs.iter().zip(&expected) {
            let expected = expected.flatten_all()?.to_vec1()?;
            assert!(difference(output, &expected) < 1e-4);
        }
    }
    Ok(())
}

#[test]
#[ignore = "needs ../shared"]
fn one_candle_operation_gives_output_and_gradient() -> Result<()> {
    let folder = shared_models();
    let plan = plan(&folder, "insightface-y1", [1, 3, 112, 112])?;
    let program = Arc::new(Program::compile(&plan)?);
    let input = picture("insightface-y1", 3 * 112 * 112);
    let seed = noise(128, 2);
    let expected = reference(&plan, &input, &seed)?;
    let input = Var::from_slice(&input, (1, 3, 112, 112), &Device::Cpu)?;
    let output = program.apply(&input)?;
    let seed = Tensor::from_slice(&seed, (1, 128), &Device::Cpu)?;
    let gradients = (&output * seed)?.sum_all()?.backward()?;
    let gradient = gradients.get(&input).ok_or("no gradient")?;
    assert!(difference(&output.flatten_all()?.to_vec1()?, &expected[0]) < 1e-4);
    assert!(difference(&gradient.flatten_all()?.to_vec1()?, &expected[1]) < 1e-4);
    Ok(())
}
