//! Photo files in and out: pixels, colour, metadata, hostile input.

mod formats;
mod hostile;
mod limits;
mod make;
mod metadata;
mod orientation;
mod output;
mod pixels;
