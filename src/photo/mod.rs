//! Photo files: decoding, orientation, colour, metadata, encoding.
//!
//! [`decode`] turns a file's bytes into an upright [`Photo`] ([`thumbnail`] into a small one, where it has one), [`Photo::rgb`] and [`Photo::add`]
//! read and change its pixels, [`encode`] turns it into a file's bytes again, and [`traces`] tells
//! what of an original a file still holds besides its pixels. [`Animation`] has the pictures of a GIF or WebP, and [`film`] finds the film
//! in a motion photo. Nothing here
//! touches the disk, and nothing knows what is in the picture.

mod animation;
mod bmp;
mod bytes;
mod clean;
mod colour;
mod decode;
mod destination;
mod encode;
mod error;
mod film;
mod format;
mod gif;
mod guard;
mod heif;
mod jpeg;
mod jxl;
mod limits;
mod metadata;
mod pixels;
mod png;
mod reduce;
mod tiff;
mod traces;
mod webp;

pub use animation::{Animation, Picture};
pub use clean::clean;
pub use decode::{decode, thumbnail};
pub use destination::{Destination, Treatment};
pub use encode::{EncodeOptions, Encoded, MetadataPolicy, OutputFormat, encode};
pub use error::Error;
pub use film::film;
pub use format::Format;
pub use limits::Limits;
pub use pixels::{Photo, Region};
pub use traces::traces;
