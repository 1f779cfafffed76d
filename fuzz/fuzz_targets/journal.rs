#![no_main]
//! The journal of an output folder. What a line says is written and read again as the same, between torn lines.

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use visard::pipeline::entries;

fuzz_target!(|bytes: &[u8]| {
    let read = entries(bytes).expect("bytes in memory can be read");
    for (place, entry) in &read.photos {
        let line = serde_json::to_string(&entry).expect("an entry can be written");
        let journal = format!("{{\"photo\":torn\n{{\"photo\":{line}}}\n{{\"photo\":{{");
        let again = entries(journal.as_bytes()).expect("bytes in memory can be read");
        let same = again.photos.get(Path::new(place)).expect("what was written is found");
        assert_eq!(serde_json::to_string(same).expect("an entry can be written"), line);
    }
});
