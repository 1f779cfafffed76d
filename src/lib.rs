//! Protects photos from face-search engines, and checks that it worked.

pub mod embed;
pub mod face;
pub mod network;
pub mod photo;
