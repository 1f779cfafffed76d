#![no_main]
//! A network's file, with weights beside it: read, resolved for a small picture, and compiled.

use std::path::Path;

use ingrad::engine::Program;
use ingrad::{gather, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(bytes) = gather(bytes, Path::new(".")) else { return };
    let Ok(graph) = import(&bytes) else { return };
    let shape: Vec<usize> = graph.input_shape().iter().map(|size| size.unwrap_or(8).min(64)).collect();
    if let Ok(plan) = graph.resolve(&shape) {
        // Larger networks only take time.
        let elements: usize =
            plan.values.iter().flat_map(|shape| shape.iter().copied().reduce(|a, b| a * b)).sum();
        let weights: usize = plan.constants.iter().map(|constant| constant.elements.len()).sum();
        if elements.max(weights) < 1 << 20 {
            let _ = Program::compile(&plan).map(|p| p.forward(&vec![0.5; shape.iter().product()]));
        }
    }
});
