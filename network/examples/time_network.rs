//! Times the engine on an ONNX file, one run per line of standard input, so that another program
//! can alternate its own runs with it. `RAYON_NUM_THREADS` sets the number of threads.
//!
//! Usage: `time_network FILE BATCH HEIGHT WIDTH [rough]`; then each line `forward` or `gradient` runs once
//! and answers with seconds, `products` answers with multiply-adds forward and backward, and
//! `profile` with the time of each step.

use std::hint::black_box;
use std::io::BufRead as _;
use std::time::Instant;

use anyhow::{Context as _, bail};
use ingrad::engine::Program;
use ingrad::import;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rough = arguments.last().is_some_and(|last| last == "rough");
    let [file, sizes @ ..] = &arguments[..arguments.len() - usize::from(rough)] else {
        bail!("usage: FILE BATCH HEIGHT WIDTH [rough]")
    };
    let sizes = sizes.iter().map(|size| size.parse()).collect::<Result<Vec<usize>, _>>()?;
    let [batch, height, width] = sizes[..] else { bail!("usage: FILE BATCH HEIGHT WIDTH [rough]") };
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {file}"))?;
    let plan = import(&bytes)?.resolve([1, 3, height, width])?;
    let program = if rough { Program::compile_rough(&plan)? } else { Program::compile(&plan)? };
    let element = |i: usize| ((i * 7919) % 2003) as f32 / 1001. - 1.;
    let input: Vec<f32> = (0..batch * 3 * height * width).map(element).collect();
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let start = Instant::now();
        match line?.as_str() {
            "forward" => drop(black_box(program.forward(&input)?)),
            "gradient" => {
                let recording = program.record(&input)?;
                let seed = vec![1.; recording.outputs[0].len()];
                black_box(program.gradient(&recording, &seed)?);
                program.recycle(recording);
            }
            "products" => {
                let [forward, backward] = program.products();
                println!("{} {}", forward * batch, backward * batch);
                continue;
            }
            "profile" => {
                profile(&program, &input[..3 * height * width])?;
                continue;
            }
            other => bail!("{other:?} is none of forward, gradient, products and profile"),
        }
        println!("{}", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Prints the lowest time of each step in microseconds, forward and back.
fn profile(program: &Program, input: &[f32]) -> anyhow::Result<()> {
    let mut best = program.profile(input)?;
    for _ in 0..20 {
        for (best, again) in best.iter_mut().zip(program.profile(input)?) {
            for (best, again) in best.iter_mut().zip(again) {
                best.time = best.time.min(again.time);
            }
        }
    }
    for (pass, steps) in ["forward", "back"].into_iter().zip(best) {
        for step in steps {
            let seconds = step.time.as_secs_f64();
            let speed = 2e-9 * step.products as f64 / seconds;
            println!("{pass:8} {:8.1} us {speed:6.1} GFLOP/s  {}", seconds * 1e6, step.kind);
        }
    }
    Ok(())
}
