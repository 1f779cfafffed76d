//! Face search: an index of the faces in some folders, and who in it resembles a face most.
//!
//! This is what a face-search engine does, over one's own photos: it shows who would be found.

mod compare;
mod format;
mod index;
mod nearest;
mod people;
mod threshold;

pub use compare::{Answer, Compared, Hit};
pub use index::{Changes, Found, Index, IndexedPhoto, Networks, faces_of};
pub use nearest::{Match, nearest, random_embeddings, similarities};
pub use people::Place;
pub use threshold::{FPIR, threshold};
