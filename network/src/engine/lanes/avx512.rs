//! Sixteen lanes: x86-64 with AVX-512.
#![expect(unsafe_code, reason = "vector intrinsics")]

use std::arch::x86_64::*;

use super::vector::{InLanes, Lanes};

#[derive(Clone, Copy)]
pub(super) struct Avx512;

features!(Avx512: "avx512f" "avx512bw" "avx512dq" "avx512vl" "avx2" "fma" "bmi1" "bmi2");

#[inline(always)]
fn first(count: usize) -> __mmask16 {
    0xffff >> (16 - count)
}

// SAFETY of all intrinsics here: they only run inside `within`, whose caller vouches for the
// instruction set. Those without an address work on values only. Addresses are vouched for by the
// callers of the loads and stores; none is kept, and lanes that a mask leaves out are not touched,
// so a part of a row may end where memory does.
impl Lanes for Avx512 {
    type Vector = __m512;
    const COUNT: usize = 16;
    const TILE: [usize; 5] = [0, 12, 12, 8, 6];
    const WIDEST: usize = 4;

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
