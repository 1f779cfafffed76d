//! How much of a file is taken.

/// Oldest and newest version of the standard operator set that is understood.
pub(super) const OPSETS: std::ops::RangeInclusive<i64> = 6..=28;

/// Largest number of nodes: several times that of large image networks.
pub(crate) const MAX_NODES: usize = 1 << 14;

/// Largest number of elements of all weights together: 256 million, 1 GiB as `f32`.
pub(crate) const MAX_WEIGHTS: usize = 1 << 28;

/// Largest number of elements of a constant that is computed: 64 million, 256 MB as `f32`. One that the file holds may
/// be as large as all together; and all that are computed may together be eight times its weights, if that is more.
pub(crate) const MAX_CONSTANT: usize = 1 << 26;
