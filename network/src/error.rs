//! What can go wrong with a network.

/// Why a network could not be read, resolved or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is damaged, truncated or contradicts itself.
    #[error("not a usable ONNX file: {0}")]
    Malformed(String),
    /// A file beside the network's cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Where it is.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is sound, but needs something that is not there.
    #[error("node {node:?} ({op}): {missing} is not supported")]
    Unsupported {
        /// Name of the node in the file.
        node: String,
        /// Its operator.
        op: String,
        /// What is missing.
        missing: String,
    },
    /// Several nodes have operators that are not supported.
    #[error("{count} nodes have operators that are not supported: {list}; the first is {first:?}")]
    Operators {
        /// How many nodes.
        count: usize,
        /// Their operators, with how many nodes each has.
        list: String,
        /// Name of the first node in the file.
        first: String,
    },
    /// A node does not fit its operands.
    #[error("node {node:?} ({op}): {reason}")]
    Invalid {
        /// Name of the node in the file.
        node: String,
        /// Its operator.
        op: String,
        /// What does not fit.
        reason: String,
    },
    /// The network was asked for something that it does not offer.
    #[error("{0}")]
    Usage(String),
    /// The engine cannot run on this machine as asked.
    #[error(transparent)]
    Engine(#[from] super::engine::Error),
    /// A computation failed.
    #[error(transparent)]
    Compute(#[from] candle_core::Error),
}

/// A result whose error is [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;
