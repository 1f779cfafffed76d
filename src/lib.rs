//! Protects photos from face-search engines, and checks that it worked.

pub mod calibrate;
pub mod cloak;
pub mod compose;
pub mod embed;
pub mod face;
pub mod models;
pub mod network;
pub mod photo;
pub mod pipeline;
pub mod verify;
