//! What steps compute of single elements, of two, and of many.

/// Elementwise functions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unary {
    /// `max(x, 0)`
    Relu,
    /// `x` where positive, `slope * x` elsewhere
    LeakyRelu {
        /// Factor of negative elements.
        slope: f32,
    },
    /// `min(max(x, low), high)`
    Clip {
        /// Smallest result.
        low: f32,
        /// Largest result.
        high: f32,
    },
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// Hyperbolic tangent
    Tanh,
    /// The error function
    Erf,
    /// `exp(x)`
    Exp,
    /// Natural logarithm
    Log,
    /// Square root
    Sqrt,
    /// Absolute value
    Abs,
    /// `-x`
    Neg,
    /// `1 / x`
    Reciprocal,
    /// Sine
    Sin,
    /// Cosine
    Cos,
    /// `x` to a constant power
    Power(f32),
    /// `x * min(max(x / 6 + 1 / 2, 0), 1)`
    HardSwish,
    /// `log(1 + exp(x))`
    Softplus,
    /// `x` where positive, `alpha * (exp(x) - 1)` elsewhere
    Elu {
        /// Minus the lowest result.
        alpha: f32,
    },
    /// The largest whole number that is not larger; its gradient is 0
    Floor,
    /// The smallest whole number that is not smaller; its gradient is 0
    Ceil,
    /// The nearest whole number, the even one of two; its gradient is 1 ("straight through")
    Round,
    /// -1, 0 or 1; its gradient is 0
    Sign,
}

/// Elementwise operations of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// The smaller one
    Min,
    /// The larger one
    Max,
    /// `a` to the power `b`
    Power,
    /// 1 where `a < b`, 0 elsewhere; its gradient is 0
    Less,
    /// 1 where `a <= b`, 0 elsewhere; its gradient is 0
    LessOrEqual,
    /// 1 where `a = b`, 0 elsewhere; its gradient is 0
    Equal,
}

/// How a reduction combines elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Arithmetic mean
    Mean,
    /// Sum
    Sum,
    /// Square root of the sum of squares
    L2,
    /// Largest element
    Max,
    /// Product
    Product,
}

impl Binary {
    /// Whether it is `x * scale + shift` where one operand is a constant (or `constant / x`).
    pub(crate) fn is_affine(self) -> bool {
        matches!(self, Self::Add | Self::Sub | Self::Mul | Self::Div)
    }
}
