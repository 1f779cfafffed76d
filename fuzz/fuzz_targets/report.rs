#![no_main]
//! A run's report. What is read can be written, and reads back as the same.

use libfuzzer_sys::fuzz_target;
use visard::pipeline::{Report, Status};

fuzz_target!(|text: &str| {
    let Ok(report) = serde_json::from_str::<Report>(text) else { return };
    let _ = (report.all_protected(), report.count(Status::Failed));
    let written = serde_json::to_string(&report).expect("a report can be written");
    let again = serde_json::from_str::<Report>(&written).expect("what was written can be read");
    assert_eq!(serde_json::to_string(&again).expect("a report can be written"), written);
});
