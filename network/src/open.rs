//! A network that is ready to run for any input shape.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Tensor};

use super::engine::{Instructions, Program};
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

/// A network that is ready to run: resolves its graph once for each input shape that it meets.
#[derive(Debug)]
pub struct Network {
    graph: Graph,
    executor: Executor,
    resolved: Mutex<HashMap<Asked, Resolved>>,
}

/// What is asked of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Asked {
    shape: [usize; 4],
    shown: Shown,
    /// Whether [`Program::compile_rough`] will do.
    rough: bool,
}

/// What a network shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shown {
    /// The outputs of the file.
    Outputs,
    /// The first output and the map inside, as one.
    Map,
}

/// What a network with one output says of a batch.
#[derive(Clone, Debug)]
pub struct Features {
    /// The output, `(batch, elements)`.
    pub output: Tensor,
    /// The last residual sum at an eighth of the picture's size, `(batch, elements)`, if there is one.
    pub map: Option<Tensor>,
}

/// A network for one input shape.
#[derive(Clone, Debug)]
struct Resolved {
    runner: Runner,
    /// Elements of the output before the map.
    own: usize,
    /// Whether it has a gradient, too.
    gradient: bool,
}

#[derive(Clone, Debug)]
enum Runner {
    Engine(Arc<Program>),
    Reference(Arc<Reference>),
}

impl Network {
    /// Reads an ONNX file.
    ///
    /// # Errors
    /// Where the file is damaged; an operator that is not supported shows when the network first runs.
    pub fn from_onnx(bytes: &[u8], executor: Executor) -> Result<Self> {
        Ok(Self::of(import(bytes)?, executor))
    }

    /// The network of a graph that was read already.
    pub fn of(graph: Graph, executor: Executor) -> Self {
        Self { graph, executor, resolved: Mutex::default() }
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
        self.outputs(input, false)
    }

    /// As [`Network::run`], for directions and not for decisions: the engine's products are bfloat16, if the processor has
    /// instructions for them ([`Program::compile_rough`]).
    pub fn run_rough(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        self.outputs(input, true)
    }

    /// Gives back the memory that runs have left for the next ones: of large inputs it is a lot.
    pub fn rest(&self) {
        for resolved in self.resolved.lock().unwrap_or_else(PoisonError::into_inner).values() {
            if let Runner::Engine(program) = &resolved.runner {
                program.rest();
            }
        }
    }

    fn outputs(&self, input: &Tensor, rough: bool) -> Result<Vec<Tensor>> {
        match self.resolve(input, Shown::Outputs, rough)?.runner {
            Runner::Reference(network) => network.run(input),
            Runner::Engine(program) if program.output_shapes().len() == 1 => Ok(vec![program.apply(input)?]),
            Runner::Engine(program) => {
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

    /// Runs a network with a single output, and shows the map inside; differentiable in `input`.
    ///
    /// # Errors
    /// Where the network has several outputs.
    ///
    /// # Shapes
    /// - `input`: `(batch, channels, height, width)`, `f32`
    pub fn features(&self, input: &Tensor) -> Result<Features> {
        self.inside(input, false)
    }

    /// As [`Network::features`], for directions and not for decisions: [`Network::run_rough`].
    ///
    /// # Errors
    /// Where the network has several outputs.
    pub fn features_rough(&self, input: &Tensor) -> Result<Features> {
        self.inside(input, true)
    }

    fn inside(&self, input: &Tensor, rough: bool) -> Result<Features> {
        let count = self.graph.outputs.len();
        if count != 1 {
            return Err(Error::Usage(format!(
                "features are those of a network with one output, this one has {count}"
            )));
        }
        let Resolved { runner, own, .. } = self.resolve(input, Shown::Map, rough)?;
        let rows = match runner {
            Runner::Reference(network) => network.run(input)?.swap_remove(0),
            Runner::Engine(program) => program.apply(input)?,
        };
        let rest = rows.dim(1)? - own;
        let map = if rest > 0 { Some(rows.narrow(1, own, rest)?) } else { None };
        Ok(Features { output: rows.narrow(1, 0, own)?, map })
    }

    fn resolve(&self, input: &Tensor, shown: Shown, rough: bool) -> Result<Resolved> {
        let mut shape: [usize; 4] = input.dims4()?.into();
        if self.executor == Executor::Engine {
            // It takes any number of pictures with a plan for one.
            shape[0] = 1;
        }
        let rough = rough && self.executor == Executor::Engine && Instructions::are_rough_ones_quicker();
        let asked = Asked { shape, shown, rough };
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        // Most networks are never asked for a gradient.
        let gradient = input.track_op();
        if let Some(network) = resolved.get(&asked).filter(|network| network.gradient || !gradient) {
            return Ok(network.clone());
        }
        let plan = self.graph.resolve(shape)?;
        plan.check_batch()?;
        let (plan, own) = match shown {
            Shown::Outputs => (plan, 0),
            Shown::Map => plan.with_map(),
        };
        let runner = match self.executor {
            Executor::Engine => {
                let instructions = if rough { Instructions::rough() } else { Instructions::choose() }?;
                Runner::Engine(Arc::new(Program::compile_as(&plan, instructions, gradient)?))
            }
            Executor::Reference => {
                Runner::Reference(Arc::new(Reference::new(&plan, &Device::Cpu, DType::F32)?))
            }
        };
        let network = Resolved { runner, own, gradient };
        resolved.insert(asked, network.clone());
        Ok(network)
    }
}
