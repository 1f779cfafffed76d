//! Whether the engine and the reference executor agree.

use candle_core::{DType, Device, Tensor, Var};
use ingrad::engine::{Instructions, Program};
use ingrad::plan::Plan;
use ingrad::reference::Reference;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::plan::noise;

/// Largest difference, as a share of the largest element.
pub(crate) fn difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let scale = b.iter().fold(1e-3_f32, |most, x| most.max(x.abs()));
    let worst = |worst: f32, (a, b): (&f32, &f32)| if (a - b).abs() <= worst { worst } else { (a - b).abs() };
    a.iter().zip(b).fold(0., worst) / scale
}

/// Compares output and input gradient with the reference executor.
pub(crate) fn agrees(plan: &Plan) -> Result<(), TestCaseError> {
    let shape = plan.values[plan.input].as_slice();
    let input = noise(shape.iter().product(), 1);
    let seed = noise(plan.values[plan.outputs[0].1].iter().product(), 2);
    let variable = Var::from_slice(&input, shape, &Device::Cpu).unwrap();
    let reference = Reference::new(plan, &Device::Cpu, DType::F32).unwrap();
    let output = reference.run(&variable).unwrap().remove(0);
    let seeds = Tensor::from_slice(&seed, output.shape(), &Device::Cpu).unwrap();
    let gradients = (&output * seeds).unwrap().sum_all().unwrap().backward().unwrap();
    let gradient = gradients.get(&variable).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    let output = output.flatten_all().unwrap().to_vec1().unwrap();
    for instructions in Instructions::ALL.into_iter().filter(|set| set.is_available()) {
        let program = Program::compile_for(plan, instructions).unwrap();
        for _ in 0..2 {
            // Twice, since memory of the first run is used again.
            let recording = program.record(&input).unwrap();
            let own = program.gradient(&recording, &seed).unwrap();
            prop_assert!(difference(&recording.outputs[0], &output) < 1e-4, "output, {instructions:?}");
            prop_assert!(difference(&own, &gradient) < 1e-4, "gradient, {instructions:?}");
            program.recycle(recording);
        }
        prop_assert!(difference(&program.forward(&input).unwrap()[0], &output) < 1e-4);
    }
    Ok(())
}

/// A fixed seed: an activation whose input is 0 up to rounding would have another gradient.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
