//! Protects photos from face-search engines, and checks that it worked.
//!
//! visard changes the pixels of faces slightly, with the gradients of face-embedding networks
//! (*surrogates*), so that the photo no longer matches the person, and then asks networks that had
//! no part in this (*judges*) about the encoded file. `ARCHITECTURE.md` shows how the modules hang
//! together.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let protected = visard::Visard::new()?.protect(&std::fs::read("portrait.jpg")?)?;
//! if let (true, Some(file)) = (protected.is_protected(), protected.bytes()) {
//!     std::fs::write("portrait-protected.jpg", file)?;
//! }
//! # Ok(()) }
//! ```
//!
//! [`Visard::builder`] chooses everything else; [`pipeline::Batch`] protects folders, and [`search`] searches them;
//! `Visard::protect_clip` and [`mod@video`] protect short videos. Errors
//! are of a few kinds that a caller can tell apart:
//!
//! ```
//! # fn main() -> Result<(), visard::Error> {
//! use visard::{Error, Visard, photo};
//!
//! # if cfg!(feature = "built-in-networks") {
//! match Visard::new()?.protect(b"no photo") {
//!     Err(Error::Photo(photo::Error::NotAPhoto)) => println!("leave it out"),
//!     Err(error) => return Err(error),
//!     Ok(protected) => println!("{:?}", protected.report.status),
//! }
//! # }
//! # Ok(()) }
//! ```

#![cfg_attr(
    not(feature = "files"),
    expect(dead_code, unused_imports, reason = "evaluations use more of the layers below them")
)]

pub mod add;
#[cfg(feature = "files")]
pub mod arrivals;
pub mod bounded;
#[cfg(feature = "files")]
pub mod calibrate;
#[cfg(feature = "files")]
mod clips;
pub mod cloak;
pub mod compose;
pub mod embed;
mod error;
#[cfg(feature = "files")]
pub mod evaluate;
pub mod face;
pub mod hide;
pub mod html;
#[cfg(feature = "files")]
pub mod listing;
pub mod models;
pub mod names;
mod numbers;
pub mod photo;
pub mod pipeline;
#[cfg(feature = "files")]
pub mod search;
pub mod verify;
#[cfg(feature = "files")]
pub mod video;
mod visard;
#[cfg(feature = "files")]
pub mod whole;

pub use error::{Error, Result};
/// Networks: ONNX files, executors, gradients.
pub use ingrad as network;
pub use visard::{Builder, Embedded, OwnNetwork, Visard};

/// The examples of a page compile.
#[cfg(doctest)]
#[doc = include_str!("../docs/own-objective.md")]
struct OwnObjective;
