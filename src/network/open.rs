//! A network that is ready to run for any input shape.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Tensor};

use super::engine::Program;
use super::reference::Reference;
use super::{Error, Graph, Result, import};

/// Which code runs networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Executor {
    /// Our fast CPU engine.
    #[default]
    Engine,
    /// Stock candle operations: slow, and the yardstick of the engine.
    Reference,
}

impl Executor {
    /// The executor that the environment variable `VISARD_EXECUTOR` asks for: `engine` (default) or `reference`.
    ///
    /// # Errors
    /// Where the variable says anything else.
    pub fn from_environment() -> Result<Self> {
        match std::env::var("VISARD_EXECUTOR").as_deref() {
            Err(_) | Ok("" | "engine") => Ok(Self::Engine),
            Ok("reference") => Ok(Self::Reference),
            Ok(other) => Err(Error::Usage(format!(
                "VISARD_EXECUTOR is {other:?}, but must be \"engine\" or \"reference\""
            ))),
        }
    }
}

/// A network that is ready to run: resolves its graph once for each input shape that it meets.
#[derive(Debug)]
pub struct Network {
    graph: Graph,
    executor: Executor,
    resolved: Mutex<HashMap<[usize; 4], Resolved>>,
}

/// A network for one input shape.
#[derive(Clone, Debug)]
enum Resolved {
    Engine(Arc<Program>),
    Reference(Arc<Reference>),
}

impl Network {
    /// Reads an ONNX file.
    ///
    /// # Errors
    /// Where the file is damaged; an operator that is not supported shows when the network first runs.
    pub fn from_onnx(bytes: &[u8], executor: Executor) -> Result<Self> {
        Ok(Self { graph: import(bytes)?, executor, resolved: Mutex::default() })
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
        match self.resolve(input.dims4()?.into())? {
            Resolved::Reference(network) => network.run(input),
            Resolved::Engine(program) if program.output_shapes().len() == 1 => {
                Ok(vec![program.apply(input)?])
            }
            Resolved::Engine(program) => {
                let batch = input.dim(0)?;
                let outputs = program.forward(&input.flatten_all()?.to_vec1::<f32>()?)?;
                let shaped = outputs.into_iter().zip(program.output_shapes());
                shaped
                    .map(|(o, shape)| {
                        let shape: Vec<usize> =
                            std::iter::once(batch).chain(shape[1..].iter().copied()).collect();
                        Ok(Tensor::from_vec(o, shape, &Device::Cpu)?)
                    })
                    .collect()
            }
        }
    }

    fn resolve(&self, shape: [usize; 4]) -> Result<Resolved> {
        let shape = match self.executor {
            // The engine takes any number of pictures with a plan for one.
            Executor::Engine => [1, shape[1], shape[2], shape[3]],
            Executor::Reference => shape,
        };
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(network) = resolved.get(&shape) {
            return Ok(network.clone());
        }
        let plan = self.graph.resolve(shape)?;
        let network = match self.executor {
            Executor::Engine => Resolved::Engine(Arc::new(Program::compile(&plan)?)),
            Executor::Reference => {
                Resolved::Reference(Arc::new(Reference::new(&plan, &Device::Cpu, DType::F32)?))
            }
        };
        resolved.insert(shape, network.clone());
        Ok(network)
    }
}
