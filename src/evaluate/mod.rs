//! Evaluation: what a face search still finds of cloaked photos, measured as its operator would.
//!
//! A protocol says which people are protected, which photos are cloaked and who else is in the
//! gallery; conditions say what happens to a photo on its way; judges, which had no part in the
//! cloaks, say who is found.

pub mod adversaries;
pub mod baselines;
pub mod quality;
