//! Photo files in and out: pixels, colour, metadata, hostile input.

#![expect(clippy::unwrap_used, reason = "what is made for a test fails with it")]

mod clean;
mod colour;
mod formats;
mod hostile;
mod limits;
mod make;
mod metadata;
mod orientation;
mod output;
mod pixels;
