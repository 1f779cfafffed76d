//! Products of two computed matrices.
#![expect(unsafe_code, reason = "gemm takes raw addresses")]

use gemm::Parallelism;

use super::super::lanes::Instructions;
use super::super::rule::{Memories, Remembers, Rule};

/// A stack of products `(rows, inner) · (inner, columns)` of matrices that lie in memory in any way.
#[derive(Clone, Debug)]
pub(crate) struct MatMul {
    /// `[rows, inner, columns]`
    pub(crate) sizes: [usize; 3],
    /// Where the left, right and resulting matrices of each product begin.
    pub(crate) starts: Vec<[usize; 3]>,
    /// Distance of rows and of columns in the left, right and resulting matrices.
    pub(crate) strides: [[usize; 2]; 3],
}

/// A matrix in memory: first element, distance of rows, distance of columns.
#[derive(Clone, Copy)]
struct View {
    start: usize,
    strides: [usize; 2],
}

impl View {
    fn transposed(self) -> Self {
        let [rows, columns] = self.strides;
        Self { strides: [columns, rows], ..self }
    }

    /// Index of the last element, for checks.
    fn end(self, rows: usize, columns: usize) -> usize {
        self.start + (rows - 1) * self.strides[0] + (columns - 1) * self.strides[1]
    }
}

impl MatMul {
    fn views(&self, starts: &[usize; 3]) -> [View; 3] {
        std::array::from_fn(|i| View { start: starts[i], strides: self.strides[i] })
    }
}

impl Rule for MatMul {
    fn remembers(&self) -> Remembers {
        Remembers::Inputs
    }

    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        for starts in &self.starts {
            let [a, b, c] = self.views(starts);
            multiply(self.sizes, (inputs[0], a), (inputs[1], b), (output, c), 0.);
        }
    }

    fn gradient(&self, _: Instructions, input: usize, memories: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        let [rows, inner, columns] = self.sizes;
        for starts in &self.starts {
            let [a, b, c] = self.views(starts);
            if input == 0 {
                let right = (memories.inputs[1], b.transposed());
                multiply([rows, columns, inner], (from, c), right, (to, a), 1.);
            } else {
                let left = (memories.inputs[0], a.transposed());
                multiply([inner, rows, columns], left, (from, c), (to, b), 1.);
            }
        }
    }
}

/// `to = keep * to + left · right`
fn multiply(
    [rows, inner, columns]: [usize; 3],
    left: (&[f32], View),
    right: (&[f32], View),
    (to, result): (&mut [f32], View),
    keep: f32,
) {
    assert!(left.1.end(rows, inner) < left.0.len());
    assert!(right.1.end(inner, columns) < right.0.len());
    assert!(result.end(rows, columns) < to.len());
    // SAFETY: the assertions above: all elements are inside the slices. The target is borrowed mutably, so it is
    // neither of the factors; each address is taken once and used by this call alone.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            to.as_mut_ptr().add(result.start),
            result.strides[1] as isize,
            result.strides[0] as isize,
            keep != 0.,
            left.0.as_ptr().add(left.1.start),
            left.1.strides[1] as isize,
            left.1.strides[0] as isize,
            right.0.as_ptr().add(right.1.start),
            right.1.strides[1] as isize,
            right.1.strides[0] as isize,
            keep,
            1.,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
