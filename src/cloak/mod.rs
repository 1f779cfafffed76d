//! The cloak: a small, smooth change of a face that leads embedders away from the person.
//!
//! [`cloak`] is the whole method on one screen; what it is made of: [`Preset`]s say how visible
//! a cloak may be, `budget` measures it, `view` shows the face as a face search would see it,
//! `adam` takes the steps.

mod adam;
mod budget;
mod clamp;
mod convolve;
mod jpeg;
mod optimise;
mod preset;
mod scene;
mod view;

pub(crate) use convolve::{convolve, gaussian};
pub(crate) use jpeg::jpeg;
pub(crate) use optimise::{Limits, cosines, fit, gradient, identities};
pub(crate) use scene::Scene;
pub(crate) use view::resized;

pub use budget::{Visibility, dssim};
pub use optimise::{Cloak, Progress, cloak};
pub use preset::{Attempt, Budget, Preset};
pub use scene::{Seen, measure};
