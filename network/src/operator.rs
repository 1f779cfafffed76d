//! The operators that are understood: one list, which resolution goes through once.

/// Makes the enum, its list and the way from names to it.
macro_rules! operators {
    ($($name:ident),* $(,)?) => {
        /// An operator of the standard set, or one that ONNX Runtime's quantiser and optimiser write.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "their names are those of the ONNX specification")]
        #[non_exhaustive]
        pub enum Operator { $($name),* }

        impl Operator {
            /// All of them, in alphabetical order within their domain.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

operators! {
    Abs, Acosh, Add, And, Asinh, Atanh, Attention, AveragePool, BatchNormalization, Cast, CastLike, Ceil, Celu, Clip,
    Compress, Concat, Constant, ConstantOfShape, Conv, ConvInteger, ConvTranspose, Cos, Cosh, CumSum, DepthToSpace,
    DequantizeLinear, Div, Dropout, DynamicQuantizeLinear, Einsum, Elu, Equal, Erf, Exp, Expand, EyeLike, Flatten, Floor,
    Gather, GatherElements, GatherND, Gelu, Gemm, GlobalAveragePool, GlobalLpPool, GlobalMaxPool, Greater, GreaterOrEqual,
    GroupNormalization, HardSigmoid, HardSwish, Identity, If, InstanceNormalization, LRN, LayerNormalization, LeakyRelu, Less,
    LessOrEqual, Log, LogSoftmax, Loop, LpNormalization, LpPool, MatMul, MatMulInteger, Max, MaxPool, Mean,
    MeanVarianceNormalization, Min, Mish, Mod, Mul, Neg, NonZero, Not, OneHot, Or, PRelu, Pad, Pow, QLinearConv,
    QLinearMatMul, QuantizeLinear, RMSNormalization, Range, Reciprocal, ReduceL1, ReduceL2, ReduceLogSum,
    ReduceLogSumExp, ReduceMax, ReduceMean, ReduceMin, ReduceProd, ReduceSum, ReduceSumSquare, Relu, Reshape, Resize,
    Round, Scatter, ScatterElements, ScatterND, Selu, Shape, Shrink, Sigmoid, Sign, Sin, Sinh, Size, Slice, Softmax, Softplus,
    Softsign, SpaceToDepth, Split, Sqrt, Squeeze, Sub, Sum, Swish, Tan, Tanh, ThresholdedRelu, Tile, Transpose, Trilu,
    Unsqueeze, Upsample, Where, Xor,
    // Of ONNX Runtime, in the domain `com.microsoft`.
    BiasGelu, FastGelu, FusedConv, FusedMatMul, MatMulIntegerToFloat, DynamicQuantizeMatMul, QGemm, QLinearAdd,
    QLinearAveragePool, QLinearConcat, QLinearGlobalAveragePool, QLinearLeakyRelu, QLinearMul, QLinearSigmoid,
    QLinearSoftmax, QuickGelu,
}

/// The domain of ONNX Runtime's own operators.
const RUNTIME: &str = "com.microsoft";

impl Operator {
    /// The operator of a domain and a name.
    pub fn of(domain: &str, name: &str) -> Option<Self> {
        let found = Self::ALL.iter().copied().find(|operator| operator.name() == name)?;
        let known = match domain {
            "" | "ai.onnx" => !found.is_runtimes_own(),
            RUNTIME => found.is_runtimes_own() || found.has_a_runtime_version(),
            _ => false,
        };
        known.then_some(found)
    }

    /// Whether it belongs to ONNX Runtime, not to the standard.
    pub fn is_runtimes_own(self) -> bool {
        self >= Self::BiasGelu
    }

    /// Standard operators that ONNX Runtime writes under its own domain too, with the same meaning.
    fn has_a_runtime_version(self) -> bool {
        matches!(self, Self::QuantizeLinear | Self::DequantizeLinear | Self::Gelu)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_found_in_their_own_domain_only() {
        assert_eq!(Operator::of("", "Conv"), Some(Operator::Conv));
        assert_eq!(Operator::of("ai.onnx", "Xor"), Some(Operator::Xor));
        assert_eq!(Operator::of("com.microsoft", "QLinearAdd"), Some(Operator::QLinearAdd));
        assert_eq!(Operator::of("com.microsoft", "DequantizeLinear"), Some(Operator::DequantizeLinear));
        for (domain, name) in [("", "QLinearAdd"), ("com.microsoft", "Conv"), ("mine", "Conv"), ("", "conv")]
        {
            assert_eq!(Operator::of(domain, name), None, "{domain} {name}");
        }
    }
}
