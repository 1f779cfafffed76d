//! Vectors of `f32`, and which kind of them this processor has.
//!
//! A kernel is written once over [`Lanes`] and compiled for every instruction set; [`Instructions`]
//! chooses when the program runs.

/// Makes a kind of [`Lanes`] of a list of processor features: the only place that names them, so that none is
/// switched on which was not looked for.
#[cfg(all(target_arch = "x86_64", any(feature = "avx2", feature = "avx512")))]
macro_rules! features {
    ($lanes:ident: $($feature:tt)*) => {
        impl $lanes {
            /// Whether this processor has all features.
            pub(super) fn is_available() -> bool {
                $(is_x86_feature_detected!($feature))&&*
            }

            /// Runs work with the features switched on.
            $(#[target_feature(enable = $feature)])*
            fn switched_on<W: InLanes>(work: W) -> W::Output {
                work.run::<$lanes>()
            }
        }
    };
}

#[cfg(all(target_arch = "x86_64", feature = "avx2"))]
mod avx2;
#[cfg(all(target_arch = "x86_64", feature = "avx512"))]
mod avx512;
mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
mod vector;

use super::error::Error;

pub(super) use vector::{InLanes, Lanes};

/// An instruction set for the engine's kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// Plain Rust that the compiler vectorises for the target's baseline: SSE2, NEON and so on.
    Portable,
    /// WebAssembly with vectors of 128 bits, for which the whole module is built.
    Simd128,
    /// x86-64 with AVX2, FMA and BMI: Haswell and later.
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ and VL besides.
    Avx512,
}

impl Instructions {
    /// All instruction sets, the most capable one last.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Simd128, Self::Avx2, Self::Avx512];

    /// The environment variable that overrides the choice: `portable`, `simd128`, `avx2` or `avx512`.
    pub const VARIABLE: &str = "INGRAD_INSTRUCTIONS";

    /// The best instruction set of this processor, or what the environment variable asks for.
    ///
    /// # Errors
    /// The variable names no instruction set, or one that this processor lacks.
    pub fn choose() -> Result<Self, Error> {
        let Ok(name) = std::env::var(Self::VARIABLE) else {
            return Ok(Self::best());
        };
        Self::ALL
            .into_iter()
            .find(|set| set.name() == name && set.is_available())
            .ok_or(Error::Instructions(name))
    }

    /// The most capable instruction set that this processor has.
    #[must_use]
    pub fn best() -> Self {
        let mut best_first = Self::ALL.into_iter().rev();
        best_first.find(|set| set.is_available()).unwrap_or(Self::Portable)
    }

    /// Lower-case name, as in the environment variable.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Simd128 => "simd128",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether this processor can run it, and its kernels were compiled (features `avx2` and `avx512`).
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Simd128 => cfg!(all(target_arch = "wasm32", target_feature = "simd128")),
            #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
            Self::Avx2 => avx2::Avx2::is_available(),
            #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
            Self::Avx512 => avx512::Avx512::is_available(),
            #[cfg(not(all(target_arch = "x86_64", feature = "avx2", feature = "avx512")))]
            _ => false,
        }
    }

    /// Elements in a vector.
    pub(super) fn lanes(self) -> usize {
        self.run(Count)
    }

    /// Widest tile of a convolution, in vectors.
    pub(super) fn widest(self) -> usize {
        self.run(Widest)
    }

    /// Runs work with this instruction set.
    #[expect(unsafe_code, reason = "instruction sets are chosen at run time")]
    pub(super) fn run<W: InLanes>(self, work: W) -> W::Output {
        // SAFETY: an instruction set is only handed to the kernels by `Program::compile_for`, which
        // checked that it is available.
        unsafe {
            match self {
                #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
                Self::Simd128 => simd128::Simd128::within(work),
                #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
                Self::Avx512 => avx512::Avx512::within(work),
                #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
                Self::Avx2 => avx2::Avx2::within(work),
                _ => portable::Portable::within(work),
            }
        }
    }
}

struct Count;

impl InLanes for Count {
    type Output = usize;
    #[inline(always)]
    fn run<L: Lanes>(self) -> usize {
        L::COUNT
    }
}

struct Widest;

impl InLanes for Widest {
    type Output = usize;
    #[inline(always)]
    fn run<L: Lanes>(self) -> usize {
        L::WIDEST
    }
}
