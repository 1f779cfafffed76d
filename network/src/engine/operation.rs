//! The engine as one differentiable candle operation.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::program::{Program, Recording};

impl Program {
    /// Runs the network as a candle operation, differentiable in its input.
    ///
    /// # Shapes
    /// - `input`: the plan's, f32 on the CPU, with any multiple of its batch
    /// - returns: the plan's output with as many batches
    ///
    /// # Errors
    /// The network has several outputs, or the input does not fit.
    pub fn apply(self: &Arc<Self>, input: &Tensor) -> Result<Tensor> {
        let input = input.contiguous()?;
        if input.track_op() {
            return input.apply_op1(Operation { program: Arc::clone(self), recording: Mutex::default() });
        }
        let shape = self.output_shape(input.layout())?;
        let mut outputs = self.forward(&input.flatten_all()?.to_vec1()?).map_err(candle_core::Error::wrap)?;
        Tensor::from_vec(outputs.swap_remove(0), shape, input.device())
    }

    fn output_shape(&self, input: &Layout) -> Result<Shape> {
        let [shape] = &self.output_shapes[..] else {
            bail!("one output expected, the network has {}", self.output_shapes.len());
        };
        let (dims, own) = (input.dims(), self.input_shape());
        let fits = dims.len() == own.len() && dims[1..] == own[1..];
        if !fits || !dims[0].is_multiple_of(own[0]) {
            bail!("the network takes {own:?} or more in the first place, got {dims:?}");
        }
        let mut shape = shape.clone();
        shape[0] *= dims[0] / own[0];
        Ok(shape.into())
    }
}

/// One forward pass, with what its gradient needs.
struct Operation {
    program: Arc<Program>,
    recording: Mutex<Option<Recording>>,
}

impl CustomOp1 for Operation {
    fn name(&self) -> &'static str {
        "network"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let shape = self.program.output_shape(layout)?;
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("the network's input must be contiguous");
        };
        let input = &storage.as_slice::<f32>()?[start..end];
        let recording = self.program.record(input).map_err(candle_core::Error::wrap)?;
        let output = recording.outputs[0].clone();
        let mut own = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = own.replace(recording) {
            self.program.recycle(old);
        }
        Ok((CpuStorage::F32(output), shape))
    }

    fn bwd(&self, input: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let own = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(recording) = own.as_ref() else {
            bail!("the network's gradient needs its forward pass");
        };
        let seed = gradient.flatten_all()?.to_vec1::<f32>()?;
        let result = self.program.gradient(recording, &seed).map_err(candle_core::Error::wrap)?;
        Tensor::from_vec(result, input.shape(), input.device()).map(Some)
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        let own = self.recording.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(recording) = own.take() {
            self.program.recycle(recording);
        }
    }
}
