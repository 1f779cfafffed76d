//! Embedders: aligned faces to embeddings, whose cosine says whether two faces are one person.

mod embedder;
mod rows;

pub use embedder::{Crop, Embed, Embedder, Input, Order, aligned_crop, similarity};
pub use rows::Embeddings;
