#![no_main]
//! The index of a search. Its check sum is made good, so that what is behind it is reached.

use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use visard::search::Index;

fuzz_target!(|bytes: &[u8]| {
    let file = [bytes, &Sha256::digest(bytes)[..]].concat();
    let Ok(index) = Index::read(&file[..], file.len() as u64) else { return };
    for judge in 0..index.judges() {
        let _ = index.nearest(judge, index.embeddings(judge), 3);
    }
});
