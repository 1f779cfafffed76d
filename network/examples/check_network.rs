//! Runs ONNX files through both executors, for a program that knows what is right.
//!
//! Each line of standard input is `FILE INPUT SHAPE`: a network, a file of `f32` numbers, and their shape as `1x3x8x8`.
//! The answer is one line of JSON: an `error`; or the outputs' `shapes`, the steps that the engine `borrowed` from the
//! reference executor, and whether there is a gradient. The numbers are in `INPUT.engine` and `INPUT.reference`: all
//! outputs, and the input's gradient of the sum of `output * (1 + sin(index) / 2)` of a network with one output.

use std::fs;
use std::io::BufRead as _;

use anyhow::{Context as _, Result};
use candle_core::{DType, Device, Tensor, Var};
use ingrad::engine::Program;
use ingrad::import;
use ingrad::plan::Plan;
use ingrad::reference::Reference;

fn main() -> Result<()> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let [file, input, shape] = line.split('\t').collect::<Vec<_>>()[..] else {
            anyhow::bail!("each line is FILE INPUT SHAPE");
        };
        match check(file, input, shape) {
            Ok(answer) => println!("{answer}"),
            Err(error) => println!("{{\"error\": {:?}}}", format!("{error:#}")),
        }
    }
    Ok(())
}

fn check(file: &str, input: &str, shape: &str) -> Result<String> {
    let sizes = shape.split('x').filter(|size| !size.is_empty()).map(str::parse);
    let shape: Vec<usize> = sizes.collect::<Result<_, _>>()?;
    let bytes = fs::read(input).with_context(|| format!("cannot read {input}"))?;
    let numbers: Vec<f32> = bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
    let plan = import(&fs::read(file)?)?.resolve(&shape)?;
    let program = Program::compile(&plan)?;
    write(&format!("{input}.engine"), &engine(&program, &numbers)?)?;
    write(&format!("{input}.reference"), &reference(&plan, &numbers)?)?;
    let borrowed: Vec<&str> = program.borrowed().map(|(_, operation)| operation).collect();
    Ok(format!(
        "{{\"shapes\": {:?}, \"borrowed\": {borrowed:?}, \"gradient\": {}}}",
        program.output_shapes(),
        plan.outputs.len() == 1
    ))
}

fn weights(count: usize) -> Vec<f32> {
    (0..count).map(|i| 1. + (i as f32).sin() / 2.).collect()
}

fn engine(program: &Program, numbers: &[f32]) -> Result<Vec<Vec<f32>>> {
    if program.output_shapes().len() != 1 {
        return Ok(program.forward(numbers)?);
    }
    let recording = program.record(numbers)?;
    let gradient = program.gradient(&recording, &weights(recording.outputs[0].len()))?;
    Ok([recording.outputs, vec![gradient]].concat())
}

fn reference(plan: &Plan, numbers: &[f32]) -> Result<Vec<Vec<f32>>> {
    let input = Var::from_slice(numbers, plan.values[plan.input].as_slice(), &Device::Cpu)?;
    let outputs = Reference::new(plan, &Device::Cpu, DType::F32)?.run(&input)?;
    let flat = |tensor: &Tensor| -> Result<Vec<f32>> { Ok(tensor.flatten_all()?.to_vec1()?) };
    let mut all = outputs.iter().map(flat).collect::<Result<Vec<_>>>()?;
    if let [output] = &outputs[..] {
        let seed = Tensor::from_vec(weights(output.elem_count()), output.shape(), &Device::Cpu)?;
        let slopes = (output * seed)?.sum_all()?.backward()?;
        all.push(slopes.get(&input).map_or_else(|| Ok(vec![0.; numbers.len()]), flat)?);
    }
    Ok(all)
}

fn write(path: &str, arrays: &[Vec<f32>]) -> Result<()> {
    let bytes: Vec<u8> = arrays.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
    Ok(fs::write(path, bytes)?)
}
