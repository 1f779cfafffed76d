//! Pictures of more channels than any constant in the engine foresees. All numbers are small and whole, so that
//! every sum is exact in whatever order it is made, and nothing but the same number will do.

use candle_core::{DType, Device, Var};
use ingrad::engine::{Instructions, Program};
use ingrad::plan::{Plan, Window};
use ingrad::reference::Reference;

use crate::plan::Builder;

/// Output and input gradient (of the sum of all outputs) of the reference executor.
fn reference(plan: &Plan, input: &[f32]) -> [Vec<f32>; 2] {
    let variable = Var::from_slice(input, plan.values[plan.input].as_slice(), &Device::Cpu).unwrap();
    let output = Reference::new(plan, &Device::Cpu, DType::F32).unwrap().run(&variable).unwrap().remove(0);
    let gradients = output.sum_all().unwrap().backward().unwrap();
    [&output, gradients.get(&variable).unwrap()].map(|x| x.flatten_all().unwrap().to_vec1().unwrap())
}

/// A padded convolution of two pixels, most of whose neighbours are outside, is exactly that of the reference
/// executor.
fn is_exact(channels: usize, out: usize, groups: usize) {
    let mut build = Builder::new(&[1, channels, 2, 1]);
    let window = Window { size: [3, 3], stride: [1, 1], padding: [1; 4], dilation: [1, 1] };
    let output = build.conv(0, out, groups, window);
    let whole = |i: usize| (i * 7 % 5) as f32 - 2.;
    for constant in &mut build.0.constants {
        constant.elements = (0..constant.elements.len()).map(whole).collect();
    }
    let plan = build.finish(output);
    let input: Vec<f32> = (0..2 * channels).map(|i| (i % 3 + 1) as f32).collect();
    let expected = reference(&plan, &input);
    let sets = Instructions::ALL.into_iter().chain([Instructions::Avx512Bf16]);
    for instructions in sets.filter(|set| set.is_available()) {
        let program = Program::compile_for(&plan, instructions).unwrap();
        let recording = program.record(&input).unwrap();
        let gradient = program.gradient(&recording, &vec![1.; recording.outputs[0].len()]).unwrap();
        assert_eq!(recording.outputs[0], expected[0], "output, {instructions:?}, {channels} channels");
        assert_eq!(gradient, expected[1], "gradient, {instructions:?}, {channels} channels");
    }
}

#[test]
fn outside_a_picture_of_any_number_of_channels_there_are_zeros() {
    for channels in [1, 17, 4096, 4097, 4112, 9001] {
        is_exact(channels, 3, 1);
    }
}

#[test]
fn outside_the_gradient_of_any_number_of_channels_there_are_zeros() {
    for out in [4097, 9001] {
        is_exact(3, out, 1);
    }
}

#[test]
fn outside_the_channels_of_every_group_there_are_zeros() {
    for (channels, out, groups) in [(4097, 4097, 4097), (9001, 9001, 9001), (9000, 4, 2), (9000, 9000, 4500)]
    {
        is_exact(channels, out, groups);
    }
}
