//! The cloak: a small, smooth change of a face that leads embedders away from the person.
//!
//! [`cloak`] is the whole method on one screen; what it is made of: [`Preset`]s say how visible
//! a cloak may be, an [`Objective`] what it is for (`goal`: to be unlike the person), a [`Constraint`] what it has to keep to
//! (`limits`). `budget` measures it on its grid (by `dssim` and `perception`; `colour` is what is too much of colour, `planes`
//! what luma and colour are) and `seen` in the photo, `guide` says in which direction networks are to see the face move inside,
//! `aim` is both for all surrogates, `view` shows the face as a face search would see it,
//! `adam` takes the steps.

mod adam;
mod aim;
mod budget;
mod clamp;
mod colour;
mod constraint;
mod convolve;
mod dssim;
mod found;
mod frames;
mod goal;
mod gradient;
mod guide;
mod jpeg;
mod limits;
mod objective;
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
pub(crate) use gradient::gradient;
pub(crate) use jpeg::jpeg;
pub(crate) use limits::largest_scale;
pub(crate) use planes::numbers_of;
pub(crate) use score::distance_of;
pub(crate) use seen::covered;
pub(crate) use view::resized;

pub use budget::Visibility;
pub use constraint::{Ball, Constraint};
pub use dssim::dssim;
pub use frames::{Frames, cloak_frames};
pub use goal::{OtherPhoto, Unlike};
pub use limits::Limits;
pub use objective::Objective;
pub use optimise::{Cloak, Optimiser, Progress, Subject, cloak};
pub use preset::{Attempt, Budget, Effort, Preset};
pub use scene::{Scene, Shown};
pub use seen::{Difference, Seen, measure};
