//! The reference executor: every step as stock candle operations, on any device.
//!
//! It is the yardstick of the fast engine and the path on devices other than the CPU. Convolutions
//! are sums over kernel taps of matrix products, so that gradients reach the input for every
//! stride, padding, dilation and number of groups (candle's own convolution gradients do not).

use candle_core::{D, DType, Device, Tensor};

use super::plan::{Constant, Conv, Op, Operand, Plan, Reduction, Taps, ValueId, Window};
use super::{Error, Result};
use elementwise::{binary, unary};

mod elementwise;

/// A plan with its constants on a device.
#[derive(Clone, Debug)]
pub struct Reference {
    plan: Plan,
    constants: Vec<Tensor>,
}

impl Reference {
    /// Uploads the constants of `plan` as `number` (`f32`; `f64` to check gradients).
    pub fn new(plan: &Plan, device: &Device, number: DType) -> Result<Self> {
        let upload =
            |c: &Constant| Tensor::from_slice(&c.elements, c.shape.as_slice(), device)?.to_dtype(number);
        let constants = plan.constants.iter().map(upload).collect::<candle_core::Result<_>>()?;
        let shell = Plan { constants: vec![], ..plan.clone() };
        Ok(Self { plan: shell, constants })
    }

    /// Runs the network; differentiable in `input`.
    ///
    /// # Shapes
    /// - `input`: as the plan says, of the constants' number type
    /// - returns: one tensor for each output of the plan
    pub fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        self.run_with([(self.plan.input, input.clone())])
    }

    /// Runs the steps of a plan some of whose values are given.
    pub(crate) fn run_with(&self, given: impl IntoIterator<Item = (ValueId, Tensor)>) -> Result<Vec<Tensor>> {
        let mut values: Vec<Option<Tensor>> = vec![None; self.plan.values.len()];
        for (id, tensor) in given {
            values[id] = Some(tensor);
        }
        for step in &self.plan.steps {
            let operands: Vec<Tensor> = step
                .inputs
                .iter()
                .map(|operand| match operand {
                    Operand::Value(id) => values[*id].clone().ok_or_else(unmade),
                    Operand::Constant(id) => Ok(self.constants[*id].clone()),
                })
                .collect::<Result<_>>()?;
            let result = self.step(&step.op, &operands, &self.plan.values[step.output])?;
            values[step.output] = Some(result);
        }
        self.plan.outputs.iter().map(|(_, id)| values[*id].clone().ok_or_else(unmade)).collect()
    }

    fn step(&self, op: &Op, operands: &[Tensor], shape: &[usize]) -> Result<Tensor> {
        let x = operands.first().ok_or_else(unmade)?;
        Ok(match op {
            Op::Conv(conv) => self.conv(conv, x, shape)?,
            Op::Affine { scale, shift } => {
                let column = |id: usize| self.constants[id].reshape(channel_shape(x));
                x.broadcast_mul(&column(*scale)?)?.broadcast_add(&column(*shift)?)?
            }
            Op::Linear { weight, bias } => {
                let y = x.contiguous()?.broadcast_matmul(&self.constants[*weight])?;
                bias.map_or(Ok(y.clone()), |id| y.broadcast_add(&self.constants[id]))?
            }
            Op::MatMul => matmul(x, &operands[1], shape)?,
            Op::Unary(function) => unary(*function, x)?,
            Op::Prelu { slope } => {
                let slope = self.constants[*slope].reshape(channel_shape(x))?;
                (x.relu()? - x.neg()?.relu()?.broadcast_mul(&slope)?)?
            }
            Op::Binary(operation) => binary(*operation, x, &operands[1])?,
            Op::Where => {
                let side = |i: usize| operands[i].broadcast_as(shape)?.contiguous();
                side(0)?.detach().ne(&side(0)?.detach().zeros_like()?)?.where_cond(&side(1)?, &side(2)?)?
            }
            Op::Mix { axis, taps } => mix(x, *axis, taps)?,
            Op::LayerNorm { scale, shift, epsilon } => {
                let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
                let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
                let normal = centred.broadcast_div(&(variance + f64::from(*epsilon))?.sqrt()?)?;
                normal.broadcast_mul(&self.constants[*scale])?.broadcast_add(&self.constants[*shift])?
            }
            Op::Softmax { axis } => candle_nn::ops::softmax(x, *axis)?,
            Op::Transpose { permutation } => x.permute(permutation.as_slice())?.contiguous()?,
            Op::Reshape => x.contiguous()?.reshape(shape)?,
            Op::Slice { axis, start, step } => strided(x, *axis, *start, *step, shape[*axis])?,
            Op::Concat { axis } => Tensor::cat(operands, *axis)?,
            Op::Broadcast => x.broadcast_as(shape)?.contiguous()?,
            Op::Reduce { kind, axes } => reduce(*kind, x, axes)?.reshape(shape)?,
            Op::MaxPool(window) => max_pool(window, x, shape)?,
            Op::AveragePool { window, count_padding } => average_pool(window, *count_padding, x, shape)?,
            Op::Upsample { rows, columns } => upsample(x, *rows, *columns, shape)?,
        })
    }

    fn conv(&self, conv: &Conv, x: &Tensor, shape: &[usize]) -> Result<Tensor> {
        let kernel = &self.constants[conv.weight];
        let (batch, channels) = (x.dim(0)?, x.dim(1)?);
        let (out, per_group) = (kernel.dim(0)?, kernel.dim(1)?);
        let pixels = shape[2] * shape[3];
        let depthwise = per_group == 1 && out == channels;
        let padded = pad(x, &conv.window.padding)?;
        let mut sum: Option<Tensor> = None;
        for (row, column) in taps(&conv.window) {
            let seen = seen_by_tap(&padded, &conv.window, (row, column), shape)?;
            let weight = kernel.narrow(2, row, 1)?.narrow(3, column, 1)?.contiguous()?;
            let part = if depthwise {
                seen.broadcast_mul(&weight.reshape((1, channels, 1, 1))?)?
            } else {
                let weight = weight.reshape((1, conv.groups, out / conv.groups, per_group))?;
                let seen = seen.contiguous()?.reshape((batch, conv.groups, per_group, pixels))?;
                weight.broadcast_matmul(&seen)?.reshape(shape)?
            };
            sum = Some(match sum {
                Some(sum) => (sum + part)?,
                None => part,
            });
        }
        let sum = sum.ok_or_else(unmade)?;
        match conv.bias {
            Some(id) => Ok(sum.broadcast_add(&self.constants[id].reshape((1, out, 1, 1))?)?),
            None => Ok(sum),
        }
    }
}

fn unmade() -> Error {
    Error::Usage("a plan whose steps are out of order".into())
}

/// The shape in which one number a channel broadcasts against `x`.
fn channel_shape(x: &Tensor) -> Vec<usize> {
    (0..x.rank()).map(|axis| if axis == 1 { x.dims()[1] } else { 1 }).collect()
}

fn taps(window: &Window) -> impl Iterator<Item = (usize, usize)> {
    let [rows, columns] = window.size;
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

/// The pixels that one tap of a sliding window sees, one for each output pixel.
fn seen_by_tap(padded: &Tensor, window: &Window, tap: (usize, usize), shape: &[usize]) -> Result<Tensor> {
    let rows = strided(padded, 2, tap.0 * window.dilation[0], window.stride[0], shape[2])?;
    strided(&rows, 3, tap.1 * window.dilation[1], window.stride[1], shape[3])
}

fn strided(x: &Tensor, axis: usize, start: usize, step: usize, length: usize) -> Result<Tensor> {
    if step == 1 {
        return Ok(x.narrow(axis, start, length)?);
    }
    let indices: Vec<u32> = (0..length).map(|i| (start + i * step) as u32).collect();
    Ok(x.contiguous()?.index_select(&Tensor::from_vec(indices, length, x.device())?, axis)?)
}

fn pad(x: &Tensor, [top, left, bottom, right]: &[usize; 4]) -> Result<Tensor> {
    Ok(x.pad_with_zeros(2, *top, *bottom)?.pad_with_zeros(3, *left, *right)?)
}

fn max_pool(window: &Window, x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    // Padding must never win: pad a mask along and lower the padded pixels.
    let inside = pad(&x.ones_like()?.detach(), &window.padding)?;
    let padded = (pad(x, &window.padding)? + inside.affine(1e30, -1e30)?)?;
    let mut best: Option<Tensor> = None;
    for tap in taps(window) {
        let seen = seen_by_tap(&padded, window, tap, shape)?;
        best = Some(match best {
            Some(best) => best.maximum(&seen)?,
            None => seen,
        });
    }
    best.ok_or_else(unmade)
}

fn average_pool(window: &Window, count_padding: bool, x: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let total = |x: &Tensor| -> Result<Tensor> {
        let padded = pad(x, &window.padding)?;
        let mut sum = Tensor::zeros(shape, x.dtype(), x.device())?;
        for tap in taps(window) {
            sum = (sum + seen_by_tap(&padded, window, tap, shape)?)?;
        }
        Ok(sum)
    };
    if count_padding {
        return Ok((total(x)? / (window.size[0] * window.size[1]) as f64)?);
    }
    Ok((total(x)? / total(&x.ones_like()?.detach())?)?)
}

fn upsample(x: &Tensor, rows: usize, columns: usize, shape: &[usize]) -> Result<Tensor> {
    let (batch, channels, height, width) = x.dims4()?;
    let cells = x.contiguous()?.reshape(vec![batch, channels, height, 1, width, 1])?;
    Ok(cells
        .broadcast_as(vec![batch, channels, height, rows, width, columns])?
        .contiguous()?
        .reshape(shape)?)
}

fn reduce(kind: Reduction, x: &Tensor, axes: &[usize]) -> Result<Tensor> {
    Ok(match kind {
        Reduction::Mean => x.mean_keepdim(axes)?,
        Reduction::Sum => x.sum_keepdim(axes)?,
        Reduction::L2 => x.sqr()?.sum_keepdim(axes)?.sqrt()?,
        Reduction::Max => axes.iter().try_fold(x.clone(), |x, &axis| x.max_keepdim(axis))?,
        Reduction::Product => axes.iter().try_fold(x.clone(), |x, &axis| product(&x, axis))?,
    })
}

fn product(x: &Tensor, axis: usize) -> candle_core::Result<Tensor> {
    let mut product = x.narrow(axis, 0, 1)?;
    for i in 1..x.dim(axis)? {
        product = (product * x.narrow(axis, i, 1)?)?;
    }
    Ok(product)
}

/// Products of stacks of matrices; candle takes up to two axes of stacks.
fn matmul(x: &Tensor, y: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let (&[.., m, n], inner) = (shape, x.dim(D::Minus1)?) else { return Err(unmade()) };
    let stacks = &shape[..shape.len() - 2];
    if stacks.len() <= 2 {
        return Ok(x.contiguous()?.broadcast_matmul(&y.contiguous()?)?);
    }
    let flat = |t: &Tensor, rows: usize, columns: usize| -> Result<Tensor> {
        let whole = t.broadcast_as([stacks, &[rows, columns]].concat())?.contiguous()?;
        Ok(whole.reshape(((), rows, columns))?)
    };
    Ok(flat(x, m, inner)?.matmul(&flat(y, inner, n)?)?.reshape(shape)?)
}

/// The sum over the first, second, ... source of each element.
fn mix(x: &Tensor, axis: usize, taps: &Taps) -> Result<Tensor> {
    let elements: Vec<Vec<(usize, f32)>> = taps.iter().map(Iterator::collect).collect();
    let most = elements.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let shape: Vec<usize> = (0..x.rank()).map(|i| if i == axis { elements.len() } else { 1 }).collect();
    let x = x.contiguous()?;
    let mut sum: Option<Tensor> = None;
    for i in 0..most {
        let tap = |element: &Vec<(usize, f32)>| element.get(i).copied().unwrap_or((0, 0.));
        let sources: Vec<u32> = elements.iter().map(|e| tap(e).0 as u32).collect();
        let weights: Vec<f32> = elements.iter().map(|e| tap(e).1).collect();
        let part = x.index_select(&Tensor::from_vec(sources, elements.len(), x.device())?, axis)?;
        let plain = weights.iter().all(|&weight| weight.to_bits() == 1f32.to_bits());
        let part = if plain {
            part
        } else {
            let weights = Tensor::from_vec(weights, shape.as_slice(), x.device())?.to_dtype(x.dtype())?;
            part.broadcast_mul(&weights)?
        };
        sum = Some(match sum {
            Some(sum) => (sum + part)?,
            None => part,
        });
    }
    sum.ok_or_else(unmade)
}
