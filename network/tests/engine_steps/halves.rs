//! Products of bfloat16. Of numbers that are bfloat16 themselves they are exact, so that the engine must agree with the
//! reference executor as closely as it does in single precision; of others it cannot.

use candle_core::{DType, Device, Tensor, Var};
use half::bf16;
use ingrad::engine::{Instructions, Program};
use ingrad::plan::{Plan, Window};
use ingrad::reference::Reference;
use proptest::prelude::*;

use crate::agree::{config, difference};
use crate::plan::{Builder, noise};

/// Whether this processor has the products; else says that the test is left out.
fn are_there() -> bool {
    let available = Instructions::Avx512Bf16.is_available();
    if !available {
        println!("LEFT OUT: this processor has no products of bfloat16");
    }
    available
}

fn rounded(numbers: &[f32]) -> Vec<f32> {
    numbers.iter().map(|&number| bf16::from_f32(number).to_f32()).collect()
}

/// How far output and input gradient are from the reference executor's.
fn differences(plan: &Plan, input: &[f32], seed: &[f32]) -> [f32; 2] {
    let variable = Var::from_slice(input, plan.values[plan.input].as_slice(), &Device::Cpu).unwrap();
    let output = Reference::new(plan, &Device::Cpu, DType::F32).unwrap().run(&variable).unwrap().remove(0);
    let seeds = Tensor::from_slice(seed, output.shape(), &Device::Cpu).unwrap();
    let gradients = (&output * seeds).unwrap().sum_all().unwrap().backward().unwrap();
    let numbers = |x: &Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let program = Program::compile_for(plan, Instructions::Avx512Bf16).unwrap();
    let recording = program.record(input).unwrap();
    let gradient = program.gradient(&recording, seed).unwrap();
    [
        difference(&recording.outputs[0], &numbers(&output)),
        difference(&gradient, &numbers(gradients.get(&variable).unwrap())),
    ]
}

/// The differences of a convolution of noise, and of noise that was rounded to bfloat16 before.
fn convolution(sizes: [usize; 5], window: Window) -> [[f32; 2]; 2] {
    let [groups, inputs, outputs, rows, columns] = sizes;
    let mut build = Builder::new(&[1, groups * inputs, rows, columns]);
    let output = build.conv(0, groups * outputs, groups, window);
    let mut plan = build.finish(output);
    let [input, seed] =
        [plan.input, output].map(|value| noise(plan.values[value].iter().product(), value + 1));
    let as_they_are = differences(&plan, &input, &seed);
    for constant in &mut plan.constants {
        constant.elements = rounded(&constant.elements);
    }
    [as_they_are, differences(&plan, &rounded(&input), &rounded(&seed))]
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn of_numbers_that_are_bfloat16_they_are_exact(
        (groups, inputs, outputs) in (1..=3_usize, 1..=70_usize, 1..=70_usize),
        (rows, columns) in (4..=13_usize, 4..=13_usize),
        (size, stride) in (1..=3_usize, 1..=2_usize),
    ) {
        if are_there() {
            let window =
                Window { size: [size; 2], stride: [stride; 2], padding: [size / 2; 4], dilation: [1; 2] };
            let [_, rounded] = convolution([groups, inputs, outputs, rows, columns], window);
            prop_assert!(rounded[0] < 1e-5 && rounded[1] < 1e-5, "{rounded:?}");
        }
    }
}

#[test]
fn of_other_numbers_they_are_a_little_off() {
    if are_there() {
        let window = Window { size: [3; 2], stride: [1; 2], padding: [1; 4], dilation: [1; 2] };
        let [off, _] = convolution([1, 64, 64, 9, 7], window);
        assert!(off.iter().all(|off| (2e-4..1e-2).contains(off)), "{off:?}");
    }
}

#[test]
fn nothing_is_rough_that_was_not_asked_to_be() {
    assert_ne!(Instructions::best(), Instructions::Avx512Bf16);
    assert_ne!(Instructions::choose().unwrap(), Instructions::Avx512Bf16);
}
