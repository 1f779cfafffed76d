//! Eight lanes in plain Rust: two or more registers of whatever the target's baseline has.
#![expect(unsafe_code, reason = "vectors are loaded from and stored to raw addresses")]

use super::vector::{InLanes, Lanes};

#[derive(Clone, Copy)]
pub(super) struct Portable;

const COUNT: usize = 8;
type Vector = [f32; COUNT];

#[inline(always)]
fn zip(a: Vector, b: Vector, f: impl Fn(f32, f32) -> f32) -> Vector {
    std::array::from_fn(|i| f(a[i], b[i]))
}

/// Fused where the baseline has the instruction; elsewhere `f32::mul_add` would call a function.
#[inline(always)]
fn mul_add(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) { a.mul_add(b, c) } else { a * b + c }
}

// SAFETY of the loads and stores: their callers vouch for the addresses, which need no alignment here. A slice
// that is made of one lives for the one copy, of an array on this thread's stack, and has no more elements than the
// caller vouched for.
impl Lanes for Portable {
    type Vector = Vector;
    const COUNT: usize = COUNT;
    // NEON has 32 registers of four elements, SSE2 has 16.
    const TILE: [usize; 5] = if cfg!(target_arch = "aarch64") { [0, 8, 6, 4, 3] } else { [0, 4, 3, 2, 1] };
    const WIDEST: usize = if cfg!(target_arch = "aarch64") { 2 } else { 1 };

    #[inline]
    unsafe fn within<W: InLanes>(work: W) -> W::Output {
        work.run::<Portable>()
    }

    #[inline(always)]
    fn splat(x: f32) -> Vector {
        [x; COUNT]
    }
    #[inline(always)]
    fn add(a: Vector, b: Vector) -> Vector {
        zip(a, b, |a, b| a + b)
    }
    #[inline(always)]
    fn mul(a: Vector, b: Vector) -> Vector {
        zip(a, b, |a, b| a * b)
    }
    #[inline(always)]
    fn min(a: Vector, b: Vector) -> Vector {
        zip(a, b, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn max(a: Vector, b: Vector) -> Vector {
        zip(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn mul_add(a: Vector, b: Vector, c: Vector) -> Vector {
        std::array::from_fn(|i| mul_add(a[i], b[i], c[i]))
    }
    #[inline(always)]
    fn between(x: Vector, low: Vector, high: Vector) -> u32 {
        let bit = |i: usize| u32::from(low[i] < x[i] && x[i] < high[i]) << i;
        (0..COUNT).map(bit).sum()
    }
    #[inline(always)]
    fn select(bits: u32, a: Vector, b: Vector) -> Vector {
        std::array::from_fn(|i| if bits >> i & 1 == 1 { a[i] } else { b[i] })
    }

    #[inline(always)]
    fn sum(x: Vector) -> f32 {
        x.iter().sum()
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Vector {
        unsafe { from.cast::<Vector>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize) -> Vector {
        let part = unsafe { std::slice::from_raw_parts(from, count) };
        let mut vector = [0.; COUNT];
        vector[..count].copy_from_slice(part);
        vector
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: Vector) {
        unsafe { to.cast::<Vector>().write_unaligned(x) }
    }
    #[inline(always)]
    unsafe fn store_part(to: *mut f32, x: Vector, count: usize) {
        let part = unsafe { std::slice::from_raw_parts_mut(to, count) };
        part.copy_from_slice(&x[..count]);
    }
}
