//! Pictures in memory.

/// A picture batch in memory: `(pictures, rows, columns, channels)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) pictures: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) channels: usize,
}

impl Extent {
    /// Pixels of all pictures.
    pub(super) fn pixels(&self) -> usize {
        self.pictures * self.rows * self.columns
    }
}
