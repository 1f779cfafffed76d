//! The journal as the library has it.

use std::ops::ControlFlow;

use proptest::prelude::*;
use visard::cloak::Preset;
use visard::pipeline::{
    Batch, Entries, Event, Existing, JOURNAL, Journal, People, Report, Status, entries, jobs,
};
use visard::whole::Rights;

use crate::support::models::{Judge, models};
use crate::support::{png, portrait};
use crate::{ensemble, settings};

/// Runs a batch over two photos that keeps a journal in `out`; gives the report and the journal, if it is there still.
fn run(mut hook: impl FnMut(&std::path::Path, &Event<'_>)) -> (Report, Option<String>) {
    let folder = models(Judge::TakesAllForStrangers);
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    std::fs::create_dir(&input).unwrap();
    for name in ["a.png", "b.png"] {
        std::fs::write(input.join(name), png(&portrait(160, 160))).unwrap();
    }
    let (ensemble, settings) = (ensemble(&folder), settings(Preset::Subtle));
    let jobs = jobs(&[input], &output, settings.encode.format).unwrap();
    let journal = Journal::open(&output, Rights::USUAL, &ensemble, &settings).unwrap();
    let batch = Batch {
        ensemble: &ensemble,
        settings: &settings,
        existing: Existing::Resume,
        journal: Some(&journal),
        left_out: &[],
    };
    let report = batch.run(&jobs, &mut People::default(), &mut |event| {
        hook(&output, &event);
        ControlFlow::Continue(())
    });
    (report, std::fs::read_to_string(output.join(JOURNAL)).ok())
}

fn read(bytes: &[u8]) -> Entries {
    entries(bytes).unwrap()
}

#[test]
fn a_folder_that_vanishes_ends_the_run_and_is_not_made_anew() {
    let (report, journal) = run(|output, event| {
        if matches!(event, Event::Step(_)) {
            std::fs::remove_dir_all(output).ok();
        }
    });
    assert_eq!((report.cancelled, report.photos.len(), journal), (true, 1, None));
    assert_eq!(report.photos[0].status, Status::Failed);
    let reason = report.photos[0].reason.clone().unwrap();
    assert!(reason.ends_with("no further photo can be written there"), "{reason}");
}

#[test]
fn a_report_comes_back_from_the_journal_as_it_was() {
    let (mut report, _) = run(|_, _| ());
    // As of a network whose threshold nobody knows: JSON has no number for it.
    report.photos[0].faces[0].similarities[0].threshold = f32::NEG_INFINITY;
    (report.photos[0].seconds, report.photos[0].faces[0].seconds) = (1.5, 0.25);
    let text = serde_json::to_string(&report.photos[0]).unwrap();
    let again: visard::pipeline::PhotoReport = serde_json::from_str(&text).unwrap();
    assert_eq!(again, report.photos[0]);
}

#[test]
fn the_last_line_of_a_place_counts_and_what_is_no_line_does_not() {
    let (report, journal) = run(|_, _| ());
    let journal = journal.unwrap();
    let all = read(journal.as_bytes());
    assert_eq!((all.runs.len(), all.photos.len()), (1, 2));
    let first = &all.photos[std::path::Path::new("a.png")].report;
    assert_eq!(first.output_sha256, report.photos[0].output_sha256);
    let later = journal.lines().nth(1).unwrap().replace("\"protected\",", "\"failed\",");
    let more = format!("{journal}\n?{{\n{}\n{later}\n{}", "x".repeat(5 << 20), &later[..later.len() / 2]);
    let again = read(more.as_bytes());
    assert_eq!(again.photos.len(), 2);
    assert_eq!(again.photos[std::path::Path::new("a.png")].report.status, Status::Failed);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&bytes);
    }

    #[test]
    fn a_journal_with_other_bytes_in_it_is_read_without_a_panic(
        at in 0usize..400, bytes in prop::collection::vec(any::<u8>(), 0..9)
    ) {
        let line = br#"{"photo":{"run":"0","place":"a","report":{"input":"a","output":null,"input_sha256":null,
            "output_sha256":null,"input_bytes":null,"output_bytes":null,"status":"no-face","reason":null,
            "quality":null,"removed":[],"kept":[],"faces":[],"seconds":0}}}"#;
        let mut line: Vec<u8> = line.iter().copied().filter(|&byte| byte != b'\n').collect();
        prop_assert_eq!(read(&line).photos.len(), 1);
        let end = line.len().min(at + bytes.len());
        line.splice(at.min(end)..end, bytes);
        read(&line);
    }
}
