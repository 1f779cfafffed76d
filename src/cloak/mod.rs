//! The cloak: a small, smooth change of a face that leads embedders away from the person.
//!
//! [`cloak`] is the whole method on one screen; what it is made of: [`Preset`]s say how visible
//! a cloak may be, `budget` measures it on its grid (by `dssim` and `perception`; `colour` is what is too much of colour, `planes` what luma and colour are) and `seen` in the photo, `goal` says what a cloaked
//! face is to be unlike, `guide` in which direction networks are to see it move inside, `aim` is both for all surrogates,
//! `view` shows the face as a face search would see it,
//! `adam` takes the steps.

mod adam;
mod aim;
mod budget;
mod clamp;
mod colour;
mod convolve;
mod dssim;
mod found;
mod goal;
mod gradient;
mod guide;
mod jpeg;
mod optimise;
mod perception;
mod planes;
mod preset;
mod pyramid;
mod reduction;
mod scene;
mod score;
mod seen;
mod ssim;
mod view;

pub(crate) use convolve::{convolve, gaussian};
pub(crate) use goal::identities;
pub(crate) use gradient::gradient;
pub(crate) use jpeg::jpeg;
pub(crate) use optimise::{Limits, cosines, fit};
pub(crate) use planes::numbers_of;
pub(crate) use scene::Scene;
pub(crate) use score::distance_of;
pub(crate) use seen::covered;
pub(crate) use view::resized;

pub use budget::Visibility;
pub use dssim::dssim;
pub use goal::Other;
pub use optimise::{Cloak, Progress, cloak};
pub use preset::{Attempt, Budget, Preset};
pub use seen::{Difference, Seen, measure};
