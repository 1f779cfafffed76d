//! Eight lanes: x86-64 with AVX2 and FMA.
#![expect(unsafe_code, reason = "vector intrinsics")]

use std::arch::x86_64::*;

use super::vector::{Features, InLanes, Lanes};

#[derive(Clone, Copy)]
pub(super) struct Avx2;

features!(Avx2: "avx2" "fma" "bmi1" "bmi2");

/// All bits of the first `count` lanes.
#[inline(always)]
fn first(count: usize) -> __m256i {
    unsafe {
        let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lane)
    }
}

// SAFETY of all intrinsics here: they only run inside `within`, whose caller vouches for the
// instruction set. Those without an address work on values only. Addresses are vouched for by the
// callers of the loads and stores; none is kept, and lanes that a mask leaves out are not touched,
// so a part of a row may end where memory does.
impl Lanes for Avx2 {
    type Vector = __m256;
    const COUNT: usize = 8;
    const TILE: [usize; 5] = [0, 6, 6, 4, 3];
    const WIDEST: usize = 2;

    #[inline]
    unsafe fn within<W: InLanes>(work: W) -> W::Output {
        unsafe { Self::switched_on(work) }
    }

    #[inline(always)]
    fn splat(x: f32) -> __m256 {
        unsafe { _mm256_set1_ps(x) }
    }
    #[inline(always)]
    fn add(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_add_ps(a, b) }
    }
    #[inline(always)]
    fn mul(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_mul_ps(a, b) }
    }
    #[inline(always)]
    fn min(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_min_ps(a, b) }
    }
    #[inline(always)]
    fn max(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_max_ps(a, b) }
    }
    #[inline(always)]
    fn mul_add(a: __m256, b: __m256, c: __m256) -> __m256 {
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn between(x: __m256, low: __m256, high: __m256) -> u32 {
        unsafe {
            let above = _mm256_cmp_ps::<_CMP_GT_OQ>(x, low);
            let below = _mm256_cmp_ps::<_CMP_LT_OQ>(x, high);
            _mm256_movemask_ps(_mm256_and_ps(above, below)) as u32
        }
    }
    #[inline(always)]
    fn select(bits: u32, a: __m256, b: __m256) -> __m256 {
        unsafe {
            let bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
            let chosen = _mm256_and_si256(_mm256_set1_epi32(bits as i32), bit);
            let mask = _mm256_cmpeq_epi32(chosen, bit);
            _mm256_blendv_ps(b, a, _mm256_castsi256_ps(mask))
        }
    }

    #[inline(always)]
    fn sum(x: __m256) -> f32 {
        unsafe {
            let halves = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
            let quarters = _mm_add_ps(halves, _mm_movehl_ps(halves, halves));
            _mm_cvtss_f32(_mm_add_ss(quarters, _mm_movehdup_ps(quarters)))
        }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m256 {
        unsafe { _mm256_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize) -> __m256 {
        unsafe { _mm256_maskload_ps(from, first(count)) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: __m256) {
        unsafe { _mm256_storeu_ps(to, x) }
    }
    #[inline(always)]
    unsafe fn store_part(to: *mut f32, x: __m256, count: usize) {
        unsafe { _mm256_maskstore_ps(to, first(count), x) }
    }
}
