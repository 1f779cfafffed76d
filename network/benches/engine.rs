//! Times of single layers, and of the ONNX files that the environment variable `INGRAD_FILES` names (as `PATH` does).
//!
//! `cargo bench --package ingrad`; `RAYON_NUM_THREADS` sets the number of threads.

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ingrad::engine::Program;
use ingrad::import;
use ingrad::plan::{Constant, Conv, Op, Operand, Plan, Step, Window};

fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7919) % 2003) as f32 / 1001. - 1.).collect()
}

/// A convolution as the networks have them: square, with padding that keeps the size at stride 1.
struct Layer {
    name: &'static str,
    side: usize,
    inputs: usize,
    outputs: usize,
    groups: usize,
    size: usize,
    stride: usize,
}

const fn layer(
    name: &'static str,
    side: usize,
    [inputs, outputs]: [usize; 2],
    groups: usize,
    [size, stride]: [usize; 2],
) -> Layer {
    Layer { name, side, inputs, outputs, groups, size, stride }
}

const LAYERS: [Layer; 8] = [
    layer("first 3x3 stride 2", 112, [3, 64], 1, [3, 2]),
    layer("pointwise 64 to 128", 28, [64, 128], 1, [1, 1]),
    layer("pointwise 256 to 128", 14, [256, 128], 1, [1, 1]),
    layer("depthwise 3x3", 28, [128, 128], 128, [3, 1]),
    layer("depthwise 3x3 stride 2", 28, [256, 256], 256, [3, 2]),
    layer("dense 3x3 64", 56, [64, 64], 1, [3, 1]),
    layer("dense 3x3 256", 14, [256, 256], 1, [3, 1]),
    layer("dense 3x3 512", 7, [512, 512], 1, [3, 1]),
];

impl Layer {
    fn plan(&self) -> Plan {
        let (padding, side) = (self.size / 2, self.side.div_ceil(self.stride));
        let window = Window {
            size: [self.size; 2],
            stride: [self.stride; 2],
            padding: [padding; 4],
            dilation: [1; 2],
        };
        let shape = vec![self.outputs, self.inputs / self.groups, self.size, self.size];
        let elements = numbers(shape.iter().product());
        let conv = Conv { weight: 0, bias: None, groups: self.groups, window };
        Plan {
            input: 0,
            values: vec![vec![1, self.inputs, self.side, self.side], vec![1, self.outputs, side, side]],
            constants: vec![Constant { shape, elements }],
            steps: vec![Step {
                op: Op::Conv(conv),
                inputs: vec![Operand::Value(0)],
                output: 1,
                name: self.name.to_owned(),
            }],
            outputs: vec![("output".to_owned(), 1)],
        }
    }
}

/// Forward, and forward with the input's gradient, of a program.
fn passes(criterion: &mut Criterion, name: &str, program: &Program, batch: usize) {
    let count: usize = program.input_shape().iter().product();
    let input = numbers(batch * count);
    let [forward, back] = program.products();
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements((2 * batch * forward) as u64));
    group.bench_function(BenchmarkId::new("forward", batch), |bencher| {
        bencher.iter(|| program.forward(black_box(&input)));
    });
    group.throughput(Throughput::Elements((2 * batch * (forward + back)) as u64));
    group.bench_function(BenchmarkId::new("gradient", batch), |bencher| {
        bencher.iter(|| gradient(program, black_box(&input)));
    });
    group.finish();
}

fn gradient(program: &Program, input: &[f32]) -> Option<Vec<f32>> {
    let recording = program.record(input).ok()?;
    let seed = vec![1.; recording.outputs[0].len()];
    let gradient = program.gradient(&recording, &seed).ok();
    program.recycle(recording);
    gradient
}

/// Elements a second are floating-point operations a second; the layers come with their changes of
/// memory order, which networks make only once.
fn layers(criterion: &mut Criterion) {
    for layer in &LAYERS {
        match Program::compile(&layer.plan()) {
            Ok(program) => passes(criterion, layer.name, &program, 1),
            Err(error) => println!("{error}"),
        }
    }
}

fn files(criterion: &mut Criterion) {
    let names = std::env::var_os("INGRAD_FILES").unwrap_or_default();
    for path in std::env::split_paths(&names) {
        let name = path.display().to_string();
        match open(&path) {
            Ok(program) => [1, 8].iter().for_each(|&batch| passes(criterion, &name, &program, batch)),
            Err(error) => println!("LEFT OUT: {name}: {error:#}"),
        }
    }
}

/// A network for pictures of the size that its file fixes, or 112 x 112.
fn open(path: &Path) -> anyhow::Result<Program> {
    let graph = import(&std::fs::read(path)?)?;
    let sizes = graph.input_shape().iter().zip([1, 3, 112, 112]);
    let shape: Vec<usize> = sizes.map(|(size, usual)| size.unwrap_or(usual)).collect();
    Ok(Program::compile(&graph.resolve(shape)?)?)
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = layers, files
}
criterion_main!(benches);
