//! A network resolved for one input shape: what the executors run.
//!
//! Every shape is known and everything that could be computed ahead is a constant, so a plan is a
//! straight list of steps over `f32` arrays, and an executor needs no shape arithmetic.

mod functions;
mod taps;

use super::{Error, Result};

pub use functions::{Binary, Reduction, Unary};
pub use taps::Taps;

/// Sizes of an array's axes, outermost first; arrays are dense and row-major (pictures are NCHW).
pub type Shape = Vec<usize>;

/// Names an array that exists only while the plan runs: an index into [`Plan::values`].
pub type ValueId = usize;

/// Names an array that is known ahead: an index into [`Plan::constants`].
pub type ConstantId = usize;

/// A network resolved for one input shape.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The picture batch that the network is given: `(batch, channels, height, width)`.
    pub input: ValueId,
    /// The shape of each value.
    pub values: Vec<Shape>,
    /// Weights and everything else that is known ahead.
    pub constants: Vec<Constant>,
    /// The work, in an order in which every operand is computed before it is used.
    pub steps: Vec<Step>,
    /// The network's outputs, in the order of the file, with their names.
    pub outputs: Vec<(String, ValueId)>,
}

impl Plan {
    /// The constants under their numbers, of which only those that a step uses have elements.
    pub(crate) fn constants_of(&self, step: &Step) -> Vec<Constant> {
        let operands = step.inputs.iter().filter_map(|operand| match operand {
            Operand::Constant(id) => Some(*id),
            Operand::Value(_) => None,
        });
        let used: Vec<ConstantId> = operands.chain(step.op.constants()).collect();
        let nothing = || Constant { shape: vec![0], elements: vec![] };
        let constants = self.constants.iter().enumerate();
        constants.map(|(id, c)| if used.contains(&id) { c.clone() } else { nothing() }).collect()
    }

    /// Checks that each output has an element along its first axis for each picture of the batch.
    ///
    /// # Errors
    /// Names the output that mixes pictures.
    pub fn check_batch(&self) -> Result<()> {
        let batch = self.values[self.input].first();
        match self.outputs.iter().find(|(_, id)| self.values[*id].first() != batch) {
            None => Ok(()),
            Some((name, id)) => Err(Error::Malformed(format!(
                "output {name:?} of shape {:?} does not keep the pictures of a batch apart",
                self.values[*id]
            ))),
        }
    }
}

/// An array that is known ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Sizes of the axes.
    pub shape: Shape,
    /// The elements, row-major; as many as the product of `shape`.
    pub elements: Vec<f32>,
}

/// One operation with its operands and its result.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done.
    pub op: Op,
    /// What it is done to; constants only where the operation says so.
    pub inputs: Vec<Operand>,
    /// Where the result goes; its shape is `plan.values[output]`.
    pub output: ValueId,
    /// The name of the node in the file, for messages.
    pub name: String,
}

/// What a step works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// The network's input or the result of an earlier step.
    Value(ValueId),
    /// An array that is known ahead.
    Constant(ConstantId),
}

impl Operand {
    /// The value, if it is one.
    pub fn value(&self) -> Option<ValueId> {
        match self {
            Self::Value(id) => Some(*id),
            Self::Constant(_) => None,
        }
    }
}

/// The operations of a plan. Unless said otherwise the one input is a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Two-dimensional convolution over NCHW, zero padding.
    Conv(Conv),
    /// `x * scale + shift` along axis 1; both constants have shape `(channels)`.
    Affine {
        /// Factor of each channel.
        scale: ConstantId,
        /// Summand of each channel.
        shift: ConstantId,
    },
    /// `x · weight + bias` over the last axis: `(.., in)` -> `(.., out)`.
    Linear {
        /// Shape `(in, out)`.
        weight: ConstantId,
        /// Shape `(out)`.
        bias: Option<ConstantId>,
    },
    /// Matrix product of two values over the last two axes; the leading axes broadcast.
    MatMul,
    /// An elementwise function.
    Unary(Unary),
    /// `x` where positive, `slope * x` elsewhere; `slope` has shape `(channels)` along axis 1.
    Prelu {
        /// One slope a channel.
        slope: ConstantId,
    },
    /// An elementwise operation of two operands (value or constant) that broadcast as in NumPy.
    Binary(Binary),
    /// The second operand where the first is not 0, the third elsewhere; values or constants, which broadcast.
    Where,
    /// Normalisation to mean 0 and variance 1 over the last axis, then `* scale + shift`.
    LayerNorm {
        /// Shape `(last axis)`.
        scale: ConstantId,
        /// Shape `(last axis)`.
        shift: ConstantId,
        /// Added to the variance.
        epsilon: f32,
    },
    /// `exp(x) / sum(exp(x))` along one axis.
    Softmax {
        /// The axis that sums to 1.
        axis: usize,
    },
    /// Axis `i` of the result is axis `permutation[i]` of the input.
    Transpose {
        /// A permutation of the axes.
        permutation: Vec<usize>,
    },
    /// The same elements in the output's shape.
    Reshape,
    /// Every `step`-th element along one axis from `start`; as many as the output's axis is long.
    Slice {
        /// The axis that is cut.
        axis: usize,
        /// First index taken.
        start: usize,
        /// Distance between two indices taken, at least 1.
        step: usize,
    },
    /// Weighted sums of elements along one axis: gathering, enlarging, padding with zeros and the like.
    Mix {
        /// The axis whose elements are mixed.
        axis: usize,
        /// What each element of the result is made of.
        taps: Taps,
    },
    /// Operands (values or constants) one after the other along an axis.
    Concat {
        /// The axis that grows.
        axis: usize,
    },
    /// Axes of length 1, and axes missing in front, are repeated up to the output's shape.
    Broadcast,
    /// Reduction over axes; they have length 1 or are gone in the output's shape.
    Reduce {
        /// How elements are combined.
        kind: Reduction,
        /// The axes that vanish, ascending.
        axes: Vec<usize>,
    },
    /// Largest element of each window over the last two axes of NCHW; padding never wins.
    MaxPool(Window),
    /// Mean of each window over the last two axes of NCHW.
    AveragePool {
        /// The window.
        window: Window,
        /// Whether padding counts as elements of value 0.
        count_padding: bool,
    },
    /// Each pixel repeated `rows` times down and `columns` times across.
    Upsample {
        /// Factor of the height.
        rows: usize,
        /// Factor of the width.
        columns: usize,
    },
}

/// A convolution's constants and geometry.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv {
    /// Shape `(out, in / groups, kernel rows, kernel columns)`.
    pub weight: ConstantId,
    /// Shape `(out)`.
    pub bias: Option<ConstantId>,
    /// Channels are split into this many groups that do not see each other.
    pub groups: usize,
    /// Kernel size, stride, padding and dilation.
    pub window: Window,
}

/// A window that slides over the last two axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows and columns.
    pub size: [usize; 2],
    /// Steps down and across.
    pub stride: [usize; 2],
    /// Padding above, left, below, right.
    pub padding: [usize; 4],
    /// Distance of neighbouring taps down and across.
    pub dilation: [usize; 2],
}

impl Op {
    /// The operation's name, for display.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Conv(_) => "Conv",
            Self::Affine { .. } => "Affine",
            Self::Linear { .. } => "Linear",
            Self::MatMul => "MatMul",
            Self::Unary(_) => "Unary",
            Self::Prelu { .. } => "Prelu",
            Self::Binary(_) => "Binary",
            Self::Where => "Where",
            Self::Mix { .. } => "Mix",
            Self::LayerNorm { .. } => "LayerNorm",
            Self::Softmax { .. } => "Softmax",
            Self::Transpose { .. } => "Transpose",
            Self::Reshape => "Reshape",
            Self::Slice { .. } => "Slice",
            Self::Concat { .. } => "Concat",
            Self::Broadcast => "Broadcast",
            Self::Reduce { .. } => "Reduce",
            Self::MaxPool(_) => "MaxPool",
            Self::AveragePool { .. } => "AveragePool",
            Self::Upsample { .. } => "Upsample",
        }
    }

    /// The constants that the operation names itself (operands aside).
    pub fn constants(&self) -> Vec<ConstantId> {
        match self {
            Self::Conv(conv) => conv.bias.into_iter().chain([conv.weight]).collect(),
            Self::Linear { weight, bias } => bias.iter().copied().chain([*weight]).collect(),
            Self::Affine { scale, shift } | Self::LayerNorm { scale, shift, .. } => vec![*scale, *shift],
            Self::Prelu { slope } => vec![*slope],
            _ => vec![],
        }
    }
}

/// Whether all numbers are whole. Products and sums of such numbers are exact, which scales would end: kernels of quantised
/// networks stay as they are.
pub(crate) fn are_whole(numbers: &[f32]) -> bool {
    numbers.iter().all(|x| x.fract() == 0.)
}
