//! Sixteen lanes: x86-64 with AVX-512.
#![expect(unsafe_code, reason = "vector intrinsics")]

use std::arch::x86_64::*;
use std::mem::transmute;

use super::vector::{Features, InLanes, Lanes};

/// With `HALF`, sources and weights of dense convolutions are pairs of bfloat16.
#[derive(Clone, Copy)]
pub(super) struct Avx512<const HALF: bool>;

features!(Avx512<false>: "avx512f" "avx512bw" "avx512dq" "avx512vl" "avx2" "fma" "bmi1" "bmi2");
features!(Avx512<true>: "avx512f" "avx512bw" "avx512dq" "avx512vl" "avx512bf16" "avx2" "fma" "bmi1" "bmi2");

#[inline(always)]
fn first(count: usize) -> __mmask16 {
    0xffff >> (16 - count)
}

// SAFETY of all intrinsics here: they only run inside `within`, whose caller vouches for the
// instruction set. Those without an address work on values only. Addresses are vouched for by the
// callers of the loads and stores; none is kept, and lanes that a mask leaves out are not touched,
// so a part of a row may end where memory does.
impl<const HALF: bool> Lanes for Avx512<HALF>
where
    Self: Features,
{
    type Vector = __m512;
    const COUNT: usize = 16;
    const TILE: [usize; 5] = [0, 12, 12, 8, 6];
    const WIDEST: usize = 4;
    const SOURCE: usize = if HALF { size_of::<u16>() } else { size_of::<f32>() };

    #[inline]
    unsafe fn within<W: InLanes>(work: W) -> W::Output {
        unsafe { Self::switched_on(work) }
    }

    #[inline(always)]
    fn splat(x: f32) -> __m512 {
        unsafe { _mm512_set1_ps(x) }
    }
    #[inline(always)]
    fn add(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    fn mul(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    fn min(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_min_ps(a, b) }
    }
    #[inline(always)]
    fn max(a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_max_ps(a, b) }
    }
    #[inline(always)]
    fn mul_add(a: __m512, b: __m512, c: __m512) -> __m512 {
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn add_products(x: __m512, weights: __m512, sum: __m512) -> __m512 {
        if HALF {
            // Registers of pairs, which this trait knows as vectors of as many `f32`.
            unsafe {
                let (x, weights) = (transmute::<__m512, __m512bh>(x), transmute::<__m512, __m512bh>(weights));
                _mm512_dpbf16_ps(sum, x, weights)
            }
        } else {
            Self::mul_add(x, weights, sum)
        }
    }
    #[inline(always)]
    unsafe fn halve(from: *const f32, to: *mut f32) {
        unsafe {
            let [low, high] = [_mm512_loadu_ps(from), _mm512_loadu_ps(from.add(Self::COUNT))];
            Self::store(to, transmute::<__m512bh, __m512>(_mm512_cvtne2ps_pbh(high, low)));
        }
    }
    #[inline(always)]
    fn between(x: __m512, low: __m512, high: __m512) -> u32 {
        unsafe {
            let above = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(x, low);
            u32::from(_mm512_mask_cmp_ps_mask::<_CMP_LT_OQ>(above, x, high))
        }
    }
    #[inline(always)]
    fn select(bits: u32, a: __m512, b: __m512) -> __m512 {
        unsafe { _mm512_mask_blend_ps(bits as __mmask16, b, a) }
    }

    #[inline(always)]
    fn sum(x: __m512) -> f32 {
        unsafe { _mm512_reduce_add_ps(x) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m512 {
        unsafe { _mm512_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize) -> __m512 {
        unsafe { _mm512_maskz_loadu_ps(first(count), from) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: __m512) {
        unsafe { _mm512_storeu_ps(to, x) }
    }
    #[inline(always)]
    unsafe fn store_part(to: *mut f32, x: __m512, count: usize) {
        unsafe { _mm512_mask_storeu_ps(to, first(count), x) }
    }
}
