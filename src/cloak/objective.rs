//! What a cloak is for.

use candle_core::Tensor;

use crate::network::Result;

/// What each surrogate is to make of a face. [`Unlike`](super::Unlike) is ours; docs/own-objective.md shows another one.
pub trait Objective: Sync {
    /// How far a surrogate's embeddings of the face are from what is wanted: the optimiser makes it small.
    ///
    /// It must depend on `embeddings` through operations that candle can differentiate. Surrogates count by their weights, so
    /// values should be about as large for each: a cosine is.
    ///
    /// # Shapes
    /// - `surrogate`: its place in the list that the optimiser has
    /// - `embeddings`: `(views, dimension)`, norm 1, one row for each view of the changed face; returns `()`
    ///
    /// # Errors
    /// Those of candle.
    fn missed(&self, surrogate: usize, embeddings: &Tensor) -> Result<Tensor>;
}
