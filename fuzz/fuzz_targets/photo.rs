#![no_main]
//! A photo's file: pixels and metadata. What is decoded is encoded in every format and decoded again.

use libfuzzer_sys::fuzz_target;
use visard::photo::{EncodeOptions, Limits, MetadataPolicy, OutputFormat, decode, encode};

/// Small photos only: the fuzzer looks for layouts, and large ones only take time.
const LIMITS: Limits =
    Limits { file: 1 << 24, pixels: 1 << 16, side: 1 << 12, memory: 1 << 20, first_picture: true };

fuzz_target!(|bytes: &[u8]| {
    let Ok(photo) = decode(bytes, &LIMITS) else { return };
    for format in [OutputFormat::Keep, OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::WebP] {
        for metadata in [MetadataPolicy::Strip, MetadataPolicy::Keep] {
            let Ok(encoded) = encode(&photo, &EncodeOptions { format, metadata, ..EncodeOptions::default() })
            else {
                continue;
            };
            let again = decode(&encoded.bytes, &LIMITS).expect("what was encoded can be decoded");
            assert_eq!((again.width(), again.height()), (photo.width(), photo.height()));
        }
    }
});
