#![no_main]
//! A catalogue of networks.

use libfuzzer_sys::fuzz_target;
use visard::models::Entry;

fuzz_target!(|text: &str| {
    for entry in Entry::parse(text, "fuzzed").unwrap_or_default() {
        let _ = (entry.threshold(), entry.is_recommended());
    }
});
