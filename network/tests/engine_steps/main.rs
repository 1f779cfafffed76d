//! Single operations of the engine against the reference executor, on random shapes and with every
//! instruction set that this processor has.

#![expect(clippy::unwrap_used, reason = "a failing operation fails its test")]

mod agree;
mod arithmetic;
mod attention;
mod convolutions;
mod halves;
mod movement;
mod plan;
mod pools;
mod runs;
mod wide;
