//! Protects photos from face-search engines, and checks that it worked.
//!
//! visard changes the pixels of faces slightly, with the gradients of face-embedding networks
//! (*surrogates*), so that the photo no longer matches the person, and then asks networks that had
//! no part in this (*judges*) about the encoded file. `ARCHITECTURE.md` shows how the modules hang
//! together.
//!
//! ```no_run
//! use std::ops::ControlFlow;
//!
//! use visard::models::{Ensemble, Library};
//! use visard::pipeline::{People, Settings, Status, protect};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let library = Library::at_hand(&[])?;
//! let ensemble = Ensemble::open(&library, &[], &[])?;
//! let photo = std::fs::read("portrait.jpg")?;
//! let mut people = People::default();
//! let mut on = |_| ControlFlow::Continue(());
//! let protected = protect(&photo, &ensemble, &Settings::default(), &mut people, &mut on)?;
//! if let (Status::Protected, Some(file)) = (protected.report.status, protected.encoded) {
//!     std::fs::write("portrait-protected.jpg", file.bytes)?;
//! }
//! # Ok(()) }
//! ```

pub mod add;
pub mod calibrate;
pub mod cloak;
pub mod compose;
pub mod embed;
pub mod evaluate;
pub mod face;
pub mod models;
pub mod names;
mod numbers;
pub mod photo;
pub mod pipeline;
pub mod search;
pub mod verify;
pub mod whole;

/// Networks: ONNX files, executors, gradients.
pub use ingrad as network;
