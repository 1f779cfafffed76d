//! Eight lanes in two registers of WebAssembly. A module is built with the instructions or without them, so nothing is chosen
//! when it runs.
#![expect(unsafe_code, reason = "vectors are loaded from and stored to raw addresses")]

use std::arch::wasm32::{
    f32x4_add, f32x4_extract_lane, f32x4_lt, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, i32x4_bitmask,
    i32x4_ne, i32x4_splat, u32x4, v128, v128_and, v128_bitselect, v128_load, v128_store,
};

use super::vector::{InLanes, Lanes};

#[derive(Clone, Copy)]
pub(super) struct Simd128;

const COUNT: usize = 8;
type Vector = [v128; 2];

#[inline(always)]
fn both(a: Vector, b: Vector, f: impl Fn(v128, v128) -> v128) -> Vector {
    [f(a[0], b[0]), f(a[1], b[1])]
}

/// Fused where the module may use relaxed SIMD, and the processor has the instruction.
#[inline(always)]
fn mul_add(a: v128, b: v128, c: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return std::arch::wasm32::f32x4_relaxed_madd(a, b, c);
    #[cfg(not(target_feature = "relaxed-simd"))]
    f32x4_add(f32x4_mul(a, b), c)
}

// SAFETY of the loads and stores: their callers vouch for the addresses, which need no alignment here. Parts go by way of an
// array on this thread's stack, of which no more elements are copied than the caller vouched for.
impl Lanes for Simd128 {
    type Vector = Vector;
    const COUNT: usize = COUNT;
    // Engines map a vector to one of the sixteen registers of SSE or the thirty-two of NEON.
    const TILE: [usize; 5] = [0, 4, 2, 1, 1];
    const WIDEST: usize = 1;

    #[inline]
    unsafe fn within<W: InLanes>(work: W) -> W::Output {
        work.run::<Simd128>()
    }

    #[inline(always)]
    fn splat(x: f32) -> Vector {
        [f32x4_splat(x); 2]
    }
    #[inline(always)]
    fn add(a: Vector, b: Vector) -> Vector {
        both(a, b, |a, b| f32x4_add(a, b))
    }
    #[inline(always)]
    fn mul(a: Vector, b: Vector) -> Vector {
        both(a, b, |a, b| f32x4_mul(a, b))
    }
    #[inline(always)]
    fn min(a: Vector, b: Vector) -> Vector {
        // `b < a ? b : a`, one instruction on x86: so the operands change places.
        both(a, b, |a, b| f32x4_pmin(b, a))
    }
    #[inline(always)]
    fn max(a: Vector, b: Vector) -> Vector {
        both(a, b, |a, b| f32x4_pmax(b, a))
    }
    #[inline(always)]
    fn mul_add(a: Vector, b: Vector, c: Vector) -> Vector {
        [mul_add(a[0], b[0], c[0]), mul_add(a[1], b[1], c[1])]
    }
    #[inline(always)]
    fn between(x: Vector, low: Vector, high: Vector) -> u32 {
        let bits = |i: usize| v128_and(f32x4_lt(low[i], x[i]), f32x4_lt(x[i], high[i]));
        u32::from(i32x4_bitmask(bits(0))) | u32::from(i32x4_bitmask(bits(1))) << 4
    }
    #[inline(always)]
    fn select(bits: u32, a: Vector, b: Vector) -> Vector {
        let mask = |first: i32| {
            let lanes = v128_and(i32x4_splat((bits as i32) >> first), u32x4(1, 2, 4, 8));
            i32x4_ne(lanes, i32x4_splat(0))
        };
        [v128_bitselect(a[0], b[0], mask(0)), v128_bitselect(a[1], b[1], mask(4))]
    }

    #[inline(always)]
    fn sum(x: Vector) -> f32 {
        let four = f32x4_add(x[0], x[1]);
        f32x4_extract_lane::<0>(four)
            + f32x4_extract_lane::<1>(four)
            + (f32x4_extract_lane::<2>(four) + f32x4_extract_lane::<3>(four))
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Vector {
        unsafe { [v128_load(from.cast()), v128_load(from.add(4).cast())] }
    }
    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize) -> Vector {
        let mut whole = [0_f32; COUNT];
        unsafe {
            std::ptr::copy_nonoverlapping(from, whole.as_mut_ptr(), count);
            Self::load(whole.as_ptr())
        }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: Vector) {
        unsafe {
            v128_store(to.cast(), x[0]);
            v128_store(to.add(4).cast(), x[1]);
        }
    }
    #[inline(always)]
    unsafe fn store_part(to: *mut f32, x: Vector, count: usize) {
        let mut whole = [0_f32; COUNT];
        unsafe {
            Self::store(whole.as_mut_ptr(), x);
            std::ptr::copy_nonoverlapping(whole.as_ptr(), to, count);
        }
    }
}
