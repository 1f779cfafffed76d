//! Embedders: aligned faces to embeddings, whose cosine says whether two faces are one person.

mod embedder;
mod input;
mod rows;

pub use embedder::{Embed, Embedder, aligned_crop, similarity};
pub use input::{Crop, Input, Layout, Order, Template};
pub use rows::Embeddings;
