//! Vectors of `f32`, whichever kind.

/// A group of `f32` that is calculated with at once.
///
/// The vectors are only used inside [`Lanes::within`], where the compiler may use the instruction
/// set: everything on the way there is `#[inline(always)]`.
#[expect(unsafe_code, reason = "vectors are loaded from and stored to raw addresses")]
pub(in crate::engine) trait Lanes: Copy + Send + Sync + 'static {
    /// The register type.
    type Vector: Copy;
    /// Elements in a vector, a multiple of 8.
    const COUNT: usize;
    /// Pixels in a tile that is 0, 1, 2, 3 or 4 vectors wide, such that its sums fit the registers.
    const TILE: [usize; 5];
    /// Widest tile, in vectors.
    const WIDEST: usize;
    /// Bytes of an element of a dense convolution's source and weights: 4, or 2 where they are in pairs of bfloat16.
    const SOURCE: usize = size_of::<f32>();

    /// Runs work with the instruction set switched on.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn within<W: InLanes>(work: W) -> W::Output;

    fn splat(x: f32) -> Self::Vector;
    fn add(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn mul(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn min(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn max(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a * b + c`
    fn mul_add(a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// `x * weights + sum`; of pairs of bfloat16 both products.
    #[inline(always)]
    fn add_products(x: Self::Vector, weights: Self::Vector, sum: Self::Vector) -> Self::Vector {
        Self::mul_add(x, weights, sum)
    }
    /// Rounds `2 * COUNT` elements to bfloat16 and stores them in pairs.
    ///
    /// # Safety
    /// As many can be read from `from`, and half as many written to `to`.
    unsafe fn halve(_from: *const f32, _to: *mut f32) {
        unreachable!("only sources in pairs are halved");
    }
    /// One bit for each lane where `low < x < high`.
    fn between(x: Self::Vector, low: Self::Vector, high: Self::Vector) -> u32;
    /// `a` where the bit is set, `b` elsewhere.
    fn select(bits: u32, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// The sum of all lanes.
    fn sum(x: Self::Vector) -> f32;

    /// The first elements of a row; 0 behind its end.
    #[inline(always)]
    fn read(row: &[f32]) -> Self::Vector {
        // SAFETY: the row has as many elements as are read, and it is borrowed meanwhile.
        unsafe {
            if row.len() >= Self::COUNT {
                Self::load(row.as_ptr())
            } else {
                Self::load_part(row.as_ptr(), row.len())
            }
        }
    }

    /// Writes the first elements of a row, as many as there are.
    #[inline(always)]
    fn write(row: &mut [f32], x: Self::Vector) {
        // SAFETY: the row has as many elements as are written, and nobody else sees it meanwhile: it is
        // borrowed mutably, and its address is taken after its length, for this write alone.
        unsafe {
            if row.len() >= Self::COUNT {
                Self::store(row.as_mut_ptr(), x);
            } else {
                Self::store_part(row.as_mut_ptr(), x, row.len());
            }
        }
    }

    /// # Safety
    /// `COUNT` elements can be read from `from`.
    unsafe fn load(from: *const f32) -> Self::Vector;
    /// Loads `count <= COUNT` elements; the others are 0.
    ///
    /// # Safety
    /// `count` elements can be read from `from`.
    unsafe fn load_part(from: *const f32, count: usize) -> Self::Vector;
    /// # Safety
    /// `COUNT` elements can be written to `to`.
    unsafe fn store(to: *mut f32, x: Self::Vector);
    /// Stores the first `count <= COUNT` elements.
    ///
    /// # Safety
    /// `count` elements can be written to `to`.
    unsafe fn store_part(to: *mut f32, x: Self::Vector, count: usize);
}

/// Features of a processor that are looked for when the program runs.
#[cfg(all(target_arch = "x86_64", any(feature = "avx2", feature = "avx512")))]
#[expect(unsafe_code, reason = "the processor must have the features")]
pub(in crate::engine) trait Features {
    /// Whether this processor has all of them.
    fn are_available() -> bool;

    /// Runs work with the features switched on.
    ///
    /// # Safety
    /// The processor has all of them.
    unsafe fn switched_on<W: InLanes>(work: W) -> W::Output;
}

/// Work that is compiled for every instruction set.
pub(in crate::engine) trait InLanes {
    /// What comes out.
    type Output;
    /// Does the work; implementations are `#[inline(always)]`.
    fn run<L: Lanes>(self) -> Self::Output;
}
