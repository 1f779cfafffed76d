//! A network that is ready to run for any input shape.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Tensor};

use super::reference::Reference;
use super::{Graph, Result, import};

/// A network that is ready to run: resolves its graph once for each input shape that it meets.
#[derive(Debug)]
pub struct Network {
    graph: Graph,
    resolved: Mutex<HashMap<[usize; 4], Arc<Reference>>>,
}

impl Network {
    /// Reads an ONNX file.
    ///
    /// # Errors
    /// Where the file is damaged; an operator that is not supported shows when the network first runs.
    pub fn from_onnx(bytes: &[u8]) -> Result<Self> {
        Ok(Self { graph: import(bytes)?, resolved: Mutex::default() })
    }

    /// The network as its file states it.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Runs the network; with a single output it is differentiable in `input`.
    ///
    /// # Shapes
    /// - `input`: `(batch, channels, height, width)`, `f32`
    /// - returns: one tensor for each output of the file
    pub fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        self.resolve(input.dims4()?.into())?.run(input)
    }

    fn resolve(&self, shape: [usize; 4]) -> Result<Arc<Reference>> {
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(network) = resolved.get(&shape) {
            return Ok(network.clone());
        }
        let network = Arc::new(Reference::new(&self.graph.resolve(shape)?, &Device::Cpu, DType::F32)?);
        resolved.insert(shape, network.clone());
        Ok(network)
    }
}
