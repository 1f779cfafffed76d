//! Many embeddings in one block of memory.

/// Embeddings of one network, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embeddings {
    dimension: usize,
    values: Vec<f32>,
}

impl Embeddings {
    /// None yet, each to be of `dimension` numbers.
    pub fn new(dimension: usize) -> Self {
        Self { dimension, values: vec![] }
    }

    /// Embeddings from `rows * dimension` numbers, or `None` where they do not fill whole rows.
    pub fn from_values(dimension: usize, values: Vec<f32>) -> Option<Self> {
        let whole = if dimension == 0 { values.is_empty() } else { values.len().is_multiple_of(dimension) };
        whole.then_some(Self { dimension, values })
    }

    /// Adds an embedding.
    ///
    /// # Panics
    /// If it has another dimension.
    pub fn push(&mut self, row: &[f32]) {
        assert_eq!(row.len(), self.dimension, "an embedding of another network");
        self.values.extend_from_slice(row);
    }

    /// Adds all embeddings of another block of the same network.
    ///
    /// # Panics
    /// If they have another dimension.
    pub fn extend(&mut self, others: &Self) {
        assert_eq!(others.dimension, self.dimension, "embeddings of another network");
        self.values.extend_from_slice(&others.values);
    }

    /// Numbers in each embedding.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Number of embeddings.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.dimension).unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// One embedding.
    ///
    /// # Panics
    /// If there are not that many.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.dimension..][..self.dimension]
    }

    /// All of them in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.dimension.max(1))
    }

    /// All numbers, embedding after embedding.
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_in_the_order_in_which_they_were_added() {
        let mut rows = Embeddings::new(2);
        rows.push(&[1., 0.]);
        rows.extend(&Embeddings::from_values(2, vec![0., 1., 0.6, 0.8]).unwrap());
        assert_eq!((rows.len(), rows.dimension()), (3, 2));
        assert_eq!(rows.row(2), [0.6, 0.8]);
        assert_eq!(rows.rows().map(|r| r[1]).collect::<Vec<_>>(), [0., 1., 0.8]);
    }

    #[test]
    fn numbers_that_do_not_fill_whole_rows_are_refused() {
        assert_eq!(Embeddings::from_values(2, vec![1., 2., 3.]), None);
        assert_eq!(Embeddings::from_values(0, vec![]).unwrap().len(), 0);
    }
}
