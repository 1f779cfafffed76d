//! Whole runs: threads, batches, wrong lengths.

use ingrad::engine::Program;
use ingrad::plan::{Unary, Window};

use crate::plan::{Builder, noise, prelu};

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

#[test]
fn a_program_that_rests_holds_no_memory_of_runs_and_runs_again() {
    let mut build = Builder::new(&[1, 3, 8, 8]);
    let value = build.unary(Unary::Exp, 0);
    let program = Program::compile(&build.finish(value)).unwrap();
    let held = || format!("{program:?}").len();
    let (before, input) = (held(), noise(3 * 8 * 8, 5));
    let recording = program.record(&input).unwrap();
    program.gradient(&recording, &[1.; 3 * 8 * 8]).unwrap();
    assert!(held() > before);
    program.rest();
    assert_eq!(held(), before);
    assert_eq!(program.forward(&input).unwrap(), recording.outputs);
}
