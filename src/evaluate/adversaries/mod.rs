//! What someone can do who knows that photos are cloaked.
//!
//! They work on aligned crops `(batch, 3, 112, 112)`, on photos, and on embeddings. Whatever an
//! adversary learns, it must learn from other people than it is measured on; the caller sees to
//! that. No adversary has a gradient of a judge.

mod adapt;
mod average;
mod denoise;
mod detect;
mod growth;
mod purify;
mod residuals;
mod solve;
mod variation;

pub use adapt::Adapted;
pub use average::average;
pub use denoise::Denoiser;
pub use detect::{CloakDetector, Detection, auc};
pub use growth::{Gallery, Round, grow};
pub use purify::Purifier;
