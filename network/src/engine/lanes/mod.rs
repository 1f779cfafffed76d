//! Vectors of `f32`, and which kind of them this processor has.
//!
//! A kernel is written once over [`Lanes`] and compiled for every instruction set; [`Instructions`]
//! chooses when the program runs.

/// Makes a kind of [`Lanes`] of a list of processor features: the only place that names them, so that none is
/// switched on which was not looked for.
#[cfg(all(target_arch = "x86_64", any(feature = "avx2", feature = "avx512")))]
macro_rules! features {
    ($lanes:ty: $($feature:tt)*) => {
        impl Features for $lanes {
            fn are_available() -> bool {
                $(is_x86_feature_detected!($feature))&&*
            }

            #[inline]
            unsafe fn switched_on<W: InLanes>(work: W) -> W::Output {
                $(#[target_feature(enable = $feature)])*
                fn run<W: InLanes>(work: W) -> W::Output {
                    work.run::<$lanes>()
                }
                unsafe { run(work) }
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

#[cfg(all(target_arch = "x86_64", any(feature = "avx2", feature = "avx512")))]
use vector::Features;

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
    /// The same with products of bfloat16, two at a time, whose sums stay `f32`: for directions, not for decisions.
    /// Only [`Instructions::rough`] chooses it. Needs AVX-512 BF16: Zen 4, Cooper Lake and later.
    Avx512Bf16,
}

impl Instructions {
    /// All instruction sets whose products are `f32`, the most capable one last.
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
        let mut named = Self::ALL.into_iter().filter(|set| set.name() == name);
        named.find(|set| set.is_available()).ok_or(Error::Instructions(name))
    }

    /// The most capable instruction set that this processor has.
    #[must_use]
    pub fn best() -> Self {
        let mut best_first = Self::ALL.into_iter().rev();
        best_first.find(|set| set.is_available()).unwrap_or(Self::Portable)
    }

    /// The quickest of this processor, also where its products are rounded to bfloat16; or what the environment
    /// variable asks for.
    ///
    /// # Errors
    /// As [`Instructions::choose`].
    pub fn rough() -> Result<Self, Error> {
        let asked = std::env::var_os(Self::VARIABLE).is_some();
        if !asked && Self::Avx512Bf16.is_available() { Ok(Self::Avx512Bf16) } else { Self::choose() }
    }

    /// Whether [`Instructions::rough`] has others than [`Instructions::choose`].
    #[must_use]
    pub fn are_rough_ones_quicker() -> bool {
        Self::rough().is_ok_and(Self::halves)
    }

    /// Whether dense convolutions read bfloat16 in pairs.
    pub(super) fn halves(self) -> bool {
        self == Self::Avx512Bf16
    }

    /// Lower-case name, as in the environment variable.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Simd128 => "simd128",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx512Bf16 => "avx512-bf16",
        }
    }

    /// Whether this processor can run it, and its kernels were compiled (features `avx2` and `avx512`).
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Simd128 => cfg!(all(target_arch = "wasm32", target_feature = "simd128")),
            #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
            Self::Avx2 => avx2::Avx2::are_available(),
            #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
            Self::Avx512 => avx512::Avx512::<false>::are_available(),
            #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
            Self::Avx512Bf16 => avx512::Avx512::<true>::are_available(),
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
                Self::Avx512 | Self::Avx512Bf16 => avx512::Avx512::<false>::within(work),
                #[cfg(all(target_arch = "x86_64", feature = "avx2"))]
                Self::Avx2 => avx2::Avx2::within(work),
                _ => portable::Portable::within(work),
            }
        }
    }
}

impl Instructions {
    /// Runs work on sources and weights in pairs of bfloat16, if the instruction set [halves](Self::halves) them.
    #[cfg_attr(
        all(target_arch = "x86_64", feature = "avx512"),
        expect(unsafe_code, reason = "instruction sets are chosen at run time")
    )]
    pub(super) fn run_in_pairs<W: InLanes>(self, work: W) -> W::Output {
        match self {
            // SAFETY: as for `run`.
            #[cfg(all(target_arch = "x86_64", feature = "avx512"))]
            Self::Avx512Bf16 => unsafe { avx512::Avx512::<true>::within(work) },
            _ => self.run(work),
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
