//! Single operations of the engine against the reference executor, on random shapes and with every
//! instruction set that this processor has.

#![expect(clippy::unwrap_used, reason = "a failing operation fails its test")]

use candle_core::{DType, Device, Tensor, Var};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use visard::network::engine::{Instructions, Program};
use visard::network::plan::{
    Binary, Constant, Conv, Op, Operand, Plan, Reduction, Shape, Step, Unary, Window,
};
use visard::network::reference::Reference;

/// Numbers between -1 and 1 that look random.
fn noise(count: usize, seed: usize) -> Vec<f32> {
    let mut state = (seed as u32).wrapping_mul(2_654_435_769).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.
    };
    (0..count).map(|_| next()).collect()
}

/// A plan that grows step by step; value 0 is the input.
struct Builder(Plan);

impl Builder {
    fn new(input: &[usize]) -> Self {
        Self(Plan {
            input: 0,
            values: vec![input.to_vec()],
            constants: vec![],
            steps: vec![],
            outputs: vec![],
        })
    }

    fn constant(&mut self, shape: &[usize]) -> usize {
        let elements = noise(shape.iter().product(), self.0.constants.len() + 7);
        self.0.constants.push(Constant { shape: shape.to_vec(), elements });
        self.0.constants.len() - 1
    }

    fn step(&mut self, op: Op, inputs: &[usize], shape: Shape) -> usize {
        self.with_operands(op, inputs.iter().map(|&i| Operand::Value(i)).collect(), shape)
    }

    fn with_operands(&mut self, op: Op, inputs: Vec<Operand>, shape: Shape) -> usize {
        self.0.values.push(shape);
        let output = self.0.values.len() - 1;
        self.0.steps.push(Step { op, inputs, output, name: format!("step{output}") });
        output
    }

    fn shape(&self, value: usize) -> Shape {
        self.0.values[value].clone()
    }

    fn same(&mut self, op: Op, input: usize) -> usize {
        self.step(op, &[input], self.shape(input))
    }

    fn unary(&mut self, unary: Unary, input: usize) -> usize {
        self.same(Op::Unary(unary), input)
    }

    fn transpose(&mut self, input: usize, permutation: &[usize]) -> usize {
        let shape = permutation.iter().map(|&axis| self.shape(input)[axis]).collect();
        self.step(Op::Transpose { permutation: permutation.to_vec() }, &[input], shape)
    }

    fn conv(&mut self, input: usize, out: usize, groups: usize, window: Window) -> usize {
        let [n, c, h, w] = self.shape(input)[..] else { panic!("pictures") };
        let weight = self.constant(&[out, c / groups, window.size[0], window.size[1]]);
        let bias = Some(self.constant(&[out]));
        let shape = vec![n, out, length(&window, 0, h), length(&window, 1, w)];
        self.step(Op::Conv(Conv { weight, bias, groups, window }), &[input], shape)
    }

    fn finish(mut self, output: usize) -> Plan {
        self.0.outputs = vec![("output".to_owned(), output)];
        self.0
    }
}

/// Positions of a window along an axis.
fn length(window: &Window, axis: usize, length: usize) -> usize {
    let span = (window.size[axis] - 1) * window.dilation[axis] + 1;
    (length + window.padding[axis] + window.padding[axis + 2] - span) / window.stride[axis] + 1
}

/// Largest difference, as a share of the largest element.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let scale = b.iter().fold(1e-3_f32, |most, x| most.max(x.abs()));
    let worst = |worst: f32, (a, b): (&f32, &f32)| if (a - b).abs() <= worst { worst } else { (a - b).abs() };
    a.iter().zip(b).fold(0., worst) / scale
}

/// Compares output and input gradient with the reference executor.
fn agrees(plan: &Plan) -> Result<(), TestCaseError> {
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

fn window() -> impl Strategy<Value = Window> {
    let pair = |range: std::ops::RangeInclusive<usize>| prop::array::uniform2(range);
    (pair(1..=4), pair(1..=3), prop::array::uniform4(0..=3_usize), pair(1..=2))
        .prop_map(|(size, stride, padding, dilation)| Window { size, stride, padding, dilation })
}

/// Convolutions of all kinds: `(groups, channels in and out of a group)`.
fn channels() -> impl Strategy<Value = (usize, usize, usize)> {
    prop_oneof![
        (Just(1), 1..=70_usize, 1..=70_usize),
        (1..=70_usize, Just(1), Just(1)),
        (2..=4_usize, 1..=9_usize, 1..=20_usize),
    ]
}

/// A fixed seed: an activation whose input is 0 up to rounding would have another gradient.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// What stands around a convolution and is fused with it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Around {
    Nothing,
    AffineBefore,
    AffineBehind,
    Prelu,
    Clip,
    ResidualAndRelu,
    ActivationOfBothOperands,
}

fn around() -> impl Strategy<Value = Around> {
    use Around::*;
    prop::sample::select(vec![
        Nothing,
        AffineBefore,
        AffineBehind,
        Prelu,
        Clip,
        ResidualAndRelu,
        ActivationOfBothOperands,
    ])
}

fn affine(build: &mut Builder, value: usize) -> usize {
    let channels = build.shape(value)[1];
    let (scale, shift) = (build.constant(&[channels]), build.constant(&[channels]));
    build.same(Op::Affine { scale, shift }, value)
}

fn prelu(build: &mut Builder, value: usize) -> usize {
    let channels = build.shape(value)[1];
    // Slopes of both signs: the sign of the result does not tell that of the operand.
    let slope = build.constant(&[channels]);
    build.same(Op::Prelu { slope }, value)
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn convolutions_and_what_is_fused_with_them(
        (groups, inputs, outputs) in channels(),
        (batch, rows, columns) in (1..=2_usize, 1..=13_usize, 1..=13_usize),
        window in window(),
        around in around(),
    ) {
        let fits = |axis: usize, length: usize| {
            let span = (window.size[axis] - 1) * window.dilation[axis] + 1;
            length + window.padding[axis] + window.padding[axis + 2] >= span
        };
        prop_assume!(fits(0, rows) && fits(1, columns));
        let mut build = Builder::new(&[batch, groups * inputs, rows, columns]);
        let source = match around {
            Around::AffineBefore => affine(&mut build, 0),
            Around::ActivationOfBothOperands => prelu(&mut build, 0),
            _ => 0,
        };
        let out = groups * outputs;
        let mut value = build.conv(source, out, groups, window.clone());
        value = match around {
            Around::AffineBehind => affine(&mut build, value),
            Around::Prelu => prelu(&mut build, value),
            Around::Clip => build.unary(Unary::Clip { low: -0.4, high: 0.6 }, value),
            Around::ResidualAndRelu | Around::ActivationOfBothOperands => {
                let other = build.conv(source, out, groups, window);
                let other = prelu(&mut build, other);
                let shape = build.shape(value);
                let sum = build.step(Op::Binary(Binary::Add), &[value, other], shape);
                build.unary(Unary::Relu, sum)
            }
            _ => value,
        };
        agrees(&build.finish(value))?;
    }

    #[test]
    fn residual_blocks_share_gradients(
        channels in 1..=40_usize,
        side in 1..=9_usize,
        groups_are_channels in any::<bool>(),
    ) {
        let mut build = Builder::new(&[1, channels, side, side]);
        let square = |size: usize| Window { size: [size; 2], stride: [1; 2], padding: [size / 2; 4], dilation: [1; 2] };
        let mut x = build.conv(0, channels, 1, square(1));
        for _ in 0..3 {
            let y = build.conv(x, channels, 1, square(1));
            let y = prelu(&mut build, y);
            let y = build.conv(y, channels, if groups_are_channels { channels } else { 1 }, square(3));
            let shape = build.shape(x);
            x = build.step(Op::Binary(Binary::Add), &[x, y], shape);
        }
        agrees(&build.finish(x))?;
    }

    #[test]
    fn pools(
        (channels, rows, columns) in (1..=20_usize, 3..=12_usize, 3..=12_usize),
        size in 1..=3_usize,
        stride in 1..=3_usize,
        padding in 0..=1_usize,
        kind in 0..=2_usize,
    ) {
        prop_assume!(padding < size);
        let mut build = Builder::new(&[2, channels, rows, columns]);
        let window = Window { size: [size; 2], stride: [stride; 2], padding: [padding; 4], dilation: [1; 2] };
        let shape = vec![2, channels, length(&window, 0, rows), length(&window, 1, columns)];
        let op = if kind == 0 {
            Op::MaxPool(window)
        } else {
            Op::AveragePool { window, count_padding: kind == 1 }
        };
        let pooled = build.step(op, &[0], shape.clone());
        let large = vec![2, channels, shape[2] * 2, shape[3] * 3];
        let value = build.step(Op::Upsample { rows: 2, columns: 3 }, &[pooled], large);
        agrees(&build.finish(value))?;
    }

    #[test]
    fn attention_over_pixels(
        heads in 1..=4_usize,
        width in 1..=9_usize,
        (rows, columns) in (1..=6_usize, 1..=6_usize),
        batch in 1..=2_usize,
    ) {
        let (channels, pixels) = (heads * width, rows * columns);
        let mut build = Builder::new(&[batch, channels, rows, columns]);
        let tokens = build.step(Op::Reshape, &[0], vec![batch, channels, pixels]);
        let tokens = build.transpose(tokens, &[0, 2, 1]);
        let (scale, shift) = (build.constant(&[channels]), build.constant(&[channels]));
        let normal = build.same(Op::LayerNorm { scale, shift, epsilon: 1e-3 }, tokens);
        let (weight, bias) = (build.constant(&[channels, 3 * channels]), Some(build.constant(&[3 * channels])));
        let all = build.step(Op::Linear { weight, bias }, &[normal], vec![batch, pixels, 3 * channels]);
        let split = build.step(Op::Reshape, &[all], vec![batch, pixels, 3, heads, width]);
        let split = build.transpose(split, &[2, 0, 3, 1, 4]);
        let [q, k, v] = [0, 1, 2].map(|start| {
            let one = build.step(Op::Slice { axis: 0, start, step: 1 }, &[split], vec![1, batch, heads, pixels, width]);
            build.step(Op::Reshape, &[one], vec![batch, heads, pixels, width])
        });
        let k = build.transpose(k, &[0, 1, 3, 2]);
        let scores = build.step(Op::MatMul, &[q, k], vec![batch, heads, pixels, pixels]);
        let soft = build.same(Op::Softmax { axis: 3 }, scores);
        let mixed = build.step(Op::MatMul, &[soft, v], vec![batch, heads, pixels, width]);
        let mixed = build.transpose(mixed, &[0, 2, 1, 3]);
        let mixed = build.step(Op::Reshape, &[mixed], vec![batch, pixels, channels]);
        let sum = build.step(Op::Binary(Binary::Add), &[mixed, tokens], vec![batch, pixels, channels]);
        agrees(&build.finish(sum))?;
    }

    #[test]
    fn arithmetic_that_broadcasts(
        binary in prop::sample::select(vec![Binary::Add, Binary::Sub, Binary::Mul, Binary::Div]),
        kind in prop::sample::select(vec![Reduction::Mean, Reduction::Sum, Reduction::L2]),
        axes in prop::sample::subsequence(vec![1_usize, 2, 3], 1..=3),
        shape in prop::array::uniform3(1..=7_usize),
        constant_axes in prop::sample::subsequence(vec![1_usize, 2, 3], 0..=3),
        constant_first in any::<bool>(),
        moved in any::<bool>(),
    ) {
        let shape = [2, shape[0], shape[1], shape[2]];
        let mut build = Builder::new(&shape);
        let mut x = build.unary(Unary::Exp, 0);
        if moved {
            let y = build.transpose(x, &[0, 3, 1, 2]);
            let y = build.unary(Unary::Sqrt, y);
            x = build.transpose(y, &[0, 2, 3, 1]);
        }
        let small: Shape = (0..4).map(|axis| if axes.contains(&axis) { 1 } else { shape[axis] }).collect();
        let reduced = build.step(Op::Reduce { kind, axes }, &[x], small);
        let value = build.step(Op::Binary(binary), &[x, reduced], shape.to_vec());
        let size = |axis: usize| if constant_axes.contains(&axis) { shape[axis] } else { 1 };
        let constant = build.constant(&[size(1), size(2), size(3)]);
        build.0.constants[constant].elements.iter_mut().for_each(|x| *x += 2.);
        let mut operands = vec![Operand::Value(value), Operand::Constant(constant)];
        if constant_first {
            operands.reverse();
        }
        let value = build.with_operands(Op::Binary(binary), operands, shape.to_vec());
        agrees(&build.finish(value))?;
    }

    #[test]
    fn slices_and_concatenations(
        axis in 0..=3_usize,
        shape in prop::array::uniform4(2..=6_usize),
        step in 1..=2_usize,
        channels_innermost in any::<bool>(),
    ) {
        let mut build = Builder::new(&shape);
        let x = if channels_innermost { build.transpose(0, &[0, 2, 3, 1]) } else { build.unary(Unary::Abs, 0) };
        let shape = build.shape(x);
        let mut part = shape.clone();
        part[axis] = (shape[axis] - 1).div_ceil(step);
        let slice = build.step(Op::Slice { axis, start: 1, step }, &[x], part.clone());
        let constant = build.constant(&shape);
        let mut whole = shape.clone();
        whole[axis] = 2 * shape[axis] + part[axis];
        let operands = vec![Operand::Value(x), Operand::Constant(constant), Operand::Value(slice)];
        let joined = build.with_operands(Op::Concat { axis }, operands, whole);
        agrees(&build.finish(joined))?;
    }

    #[test]
    fn functions(
        unary in prop::sample::select(vec![
            Unary::Relu, Unary::LeakyRelu { slope: 0.1 }, Unary::Clip { low: -0.3, high: 0.5 }, Unary::Sigmoid,
            Unary::Tanh, Unary::Erf, Unary::Exp, Unary::Log, Unary::Sqrt, Unary::Abs, Unary::Neg,
            Unary::Reciprocal, Unary::Sin, Unary::Cos, Unary::Power(3.),
        ]),
        shape in prop::array::uniform4(1..=6_usize),
    ) {
        let mut build = Builder::new(&shape);
        let positive = matches!(unary, Unary::Log | Unary::Sqrt | Unary::Reciprocal);
        let x = if positive { build.unary(Unary::Exp, 0) } else { 0 };
        let value = build.unary(unary, x);
        agrees(&build.finish(value))?;
    }
}

#[test]
fn the_gaussian_error_linear_unit_between_two_linear_layers() {
    let mut build = Builder::new(&[1, 12, 5, 5]);
    let x = build.transpose(0, &[0, 2, 3, 1]);
    let scalar = |build: &mut Builder, binary, x: usize, value: f32| {
        build.0.constants.push(Constant { shape: vec![], elements: vec![value] });
        let constant = Operand::Constant(build.0.constants.len() - 1);
        let shape = build.shape(x);
        build.with_operands(Op::Binary(binary), vec![Operand::Value(x), constant], shape)
    };
    let divided = scalar(&mut build, Binary::Div, x, std::f32::consts::SQRT_2);
    let erf = build.unary(Unary::Erf, divided);
    let plus = scalar(&mut build, Binary::Add, erf, 1.);
    let shape = build.shape(x);
    let product = build.step(Op::Binary(Binary::Mul), &[x, plus], shape);
    let half = scalar(&mut build, Binary::Mul, product, 0.5);
    let weight = build.constant(&[12, 20]);
    let value = build.step(Op::Linear { weight, bias: None }, &[half], vec![1, 5, 5, 20]);
    agrees(&build.finish(value)).unwrap();
}

#[test]
fn results_do_not_depend_on_the_number_of_threads_or_the_batch() {
    let mut build = Builder::new(&[1, 3, 40, 40]);
    let window = Window { size: [3; 2], stride: [1; 2], padding: [1; 4], dilation: [1; 2] };
    let mut value = 0;
    for _ in 0..3 {
        value = build.conv(value, 64, 1, window.clone());
        value = prelu(&mut build, value);
        value = build.conv(value, 64, 64, window.clone());
    }
    let plan = build.finish(value);
    let program = Program::compile(&plan).unwrap();
    let input = noise(5 * 3 * 40 * 40, 3);
    let seed = noise(5 * 64 * 40 * 40, 4);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let recording = program.record(&input).unwrap();
            (program.gradient(&recording, &seed).unwrap(), recording.outputs)
        })
    };
    let alone = run(1);
    assert!(alone == run(2) && alone == run(3));
    let first = program.forward(&input[..3 * 40 * 40]).unwrap();
    assert!(first[0] == alone.1[0][..64 * 40 * 40]);
}

#[test]
fn wrong_lengths_are_errors() {
    let mut build = Builder::new(&[1, 3, 4, 4]);
    let value = build.unary(Unary::Exp, 0);
    let program = Program::compile(&build.finish(value)).unwrap();
    assert!(program.forward(&[0.; 47]).is_err());
    assert!(program.forward(&[]).is_err());
    let recording = program.record(&[0.; 96]).unwrap();
    assert!(program.gradient(&recording, &[0.; 48]).is_err());
    assert_eq!(program.gradient(&recording, &[1.; 96]).unwrap(), [1.; 96]);
}
