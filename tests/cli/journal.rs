//! Going on after a run that was stopped: nothing is done twice, nothing left out, nothing foreign believed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::desk::{Desk, FAST, good, lines};
use crate::support::models::{Judge, sha256};
use crate::support::{black, png, portrait};

const JOURNAL: &str = "out/.visard-journal.jsonl";

/// Photos of one person and of nobody, each other than the others; later ones seldom show the person, since every cloak
/// asks about all photos of its person.
fn photos(count: u32) -> Desk {
    let shows_somebody = |i: u32| if i < 30 { i % 3 < 2 } else { i.is_multiple_of(50) };
    let photo = |i: u32| match shows_somebody(i) {
        false => png(&black().crop_imm(0, 0, 160, 100 + i % 60)),
        true => png(&portrait(160 + i % 32, 160 + i / 32)),
    };
    let photos: Vec<(String, Vec<u8>)> = (0..count).map(|i| (format!("{i:04}.png"), photo(i))).collect();
    let photos: Vec<(&str, Vec<u8>)> = photos.iter().map(|(name, b)| (name.as_str(), b.clone())).collect();
    Desk::new(Judge::TakesAllForStrangers, &photos)
}

/// The sums of all files of a folder that are not hidden.
fn sums(folder: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let named = files.map(|file| (file.file_name().into_string().unwrap(), file.path()));
    named
        .filter(|(name, _)| !name.starts_with('.'))
        .map(|(name, path)| (name, sha256(&std::fs::read(path).unwrap())))
        .collect()
}

/// What a photo's report says of all but the time it took.
fn timeless(mut photo: Value) -> Value {
    photo["seconds"] = Value::Null;
    photo["faces"].as_array_mut().unwrap().iter_mut().for_each(|face| face["seconds"] = Value::Null);
    photo
}

fn reason(ended: &crate::desk::Ended) -> String {
    lines(&ended.stdout)[0]["reason"].as_str().unwrap_or_default().to_string()
}

#[test]
fn a_finished_photo_is_kept_with_all_that_was_said_of_it() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.png", png(&black()))]);
    let first = lines(&desk.cloak(&["--json"]).stdout);
    let journal = desk.read(JOURNAL);
    let again = desk.cloak(&["--json", "--resume"]);
    assert_eq!(lines(&again.stdout), first, "the seconds too: nothing was done twice");
    assert_eq!(again.code, Some(1), "one has no face");
    assert!(desk.read(JOURNAL) == journal);
    let entries: Vec<Value> = lines(&String::from_utf8(journal).unwrap());
    assert_eq!(entries[0]["run"]["made"]["settings"]["preset"], "subtle");
    for (entry, photo) in entries[1..].iter().zip(&first) {
        assert_eq!(&entry["photo"]["report"], photo);
        assert_eq!(entry["photo"]["run"], entries[0]["run"]["sha256"]);
    }
}

#[test]
fn a_file_that_the_journal_does_not_know_is_not_called_protected() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    std::fs::create_dir(desk.path("out")).unwrap();
    // It shows somebody else: every judge would take it for protected.
    let foreign = png(&portrait(190, 170));
    std::fs::write(desk.path("out/a.png"), &foreign).unwrap();
    let ended = desk.cloak(&["--resume", "--json"]);
    assert_eq!(ended.code, Some(1));
    let why = "out/a.png is there already and was not written by this run; use --overwrite";
    assert_eq!((reason(&ended), &lines(&ended.stdout)[0]["status"]), (why.into(), &"failed".into()));
    assert!(desk.read("out/a.png") == foreign);
}

#[test]
fn what_was_made_otherwise_or_has_changed_is_not_called_protected() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    assert_eq!(desk.cloak(&[]).code, Some(0));
    let written = desk.read("out/a.png");
    let refused = |more: &[&str], why: &str| {
        let ended = desk.cloak(&[&["--resume", "--json"], more].concat());
        assert_eq!((ended.code, reason(&ended)), (Some(1), format!("out/a.png {why}; use --overwrite")));
    };
    let otherwise = "was made with other settings, networks or another version";
    for more in [&["--seed", "1"][..], &["--metadata", "keep"], &["--faces", "largest"], &["--keep-faceless"]]
    {
        refused(more, otherwise);
    }
    std::fs::write(desk.path("in/a.png"), png(&portrait(161, 160))).unwrap();
    refused(&[], "was made from another original");
    std::fs::write(desk.path("in/a.png"), good()).unwrap();
    assert_eq!(desk.cloak(&["--resume"]).code, Some(0));
    std::fs::write(desk.path("out/a.png"), [&written[..], b"?"].concat()).unwrap();
    refused(&[], "has changed since it was written");
    std::fs::remove_file(desk.path("out/a.png")).unwrap();
    assert_eq!(desk.cloak(&["--resume"]).code, Some(0));
    assert!(desk.read("out/a.png") == written, "what is gone is made again");
}

#[test]
fn wherever_a_run_stopped_the_next_gives_the_files_of_one_that_did_not() {
    let desk = photos(7);
    desk.cloak(&["--keep-faceless", "--report", "whole.json"]);
    let (whole, journal) = (sums(&desk.path("out")), String::from_utf8(desk.read(JOURNAL)).unwrap());
    assert_eq!(whole.len(), 7);
    let kept: Vec<(String, Vec<u8>)> =
        whole.keys().map(|name| (name.clone(), desk.read(&format!("out/{name}")))).collect();
    let ends: Vec<usize> = journal.match_indices('\n').map(|(at, _)| at + 1).collect();
    for done in 0..7 {
        std::fs::remove_dir_all(desk.path("out")).unwrap();
        std::fs::create_dir(desk.path("out")).unwrap();
        for (name, bytes) in &kept[..done] {
            std::fs::write(desk.path("out").join(name), bytes).unwrap();
        }
        // A torn line, or a whole one whose output is not in its place yet.
        let end = if done % 2 == 0 { ends[done] + 100 } else { ends[done + 1] };
        std::fs::write(desk.path(JOURNAL), &journal[..end]).unwrap();
        let ended = desk.cloak(&["--keep-faceless", "--report", "report.json", "--resume"]);
        assert_eq!(sums(&desk.path("out")), whole, "after {done}: {}", ended.stdout);
        let photos = |name: &str| -> Vec<Value> {
            desk.json(name)["photos"].as_array().unwrap().iter().cloned().map(timeless).collect()
        };
        assert_eq!(photos("report.json"), photos("whole.json"), "after {done}");
    }
}

#[test]
fn two_runs_do_not_write_to_one_folder_at_once() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    std::fs::create_dir(desk.path("out")).unwrap();
    let other = std::fs::File::create(desk.path(JOURNAL)).unwrap();
    other.lock().unwrap();
    let ended = desk.cloak(&[]);
    assert_eq!((ended.code, &*ended.stderr), (Some(2), "error: another visard is writing to out\n"));
    assert_eq!(desk.outputs(false), [""; 0]);
    drop(other);
    assert_eq!(desk.cloak(&[]).code, Some(0));
}

#[test]
fn a_journal_that_is_no_file_is_left_alone() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    std::fs::create_dir_all(desk.path(JOURNAL)).unwrap();
    let ended = desk.cloak(&["--resume"]);
    assert_eq!(
        (ended.code, &*ended.stderr),
        (Some(2), &*format!("error: {JOURNAL} is no file: remove it\n"))
    );
    #[cfg(unix)]
    {
        std::fs::remove_dir(desk.path(JOURNAL)).unwrap();
        std::os::unix::fs::symlink(desk.path("in/a.png"), desk.path(JOURNAL)).unwrap();
        assert_eq!(desk.cloak(&["--resume"]).code, Some(2));
        assert!(desk.read("in/a.png") == good(), "an original is never written to");
    }
}

#[test]
fn the_report_grows_with_every_photo_and_outlives_a_kill() {
    let desk = photos(30);
    let all = ["cloak", "in", "--output", "out", "--report", "out/kept/r.json", "--resume"];
    let mut child = desk.start(&[&all[..], &FAST].concat());
    let start = Instant::now();
    let report = loop {
        assert!(start.elapsed() < Duration::from_secs(60));
        if desk.path("out/kept/r.json").exists() {
            break desk.json("out/kept/r.json");
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(report["cancelled"], true);
    assert!((1..30).contains(&report["photos"].as_array().unwrap().len()));
    let before = desk.json("out/kept/r.json")["photos"].as_array().unwrap().clone();
    desk.with_models(&[&all[..], &FAST].concat());
    let after = desk.json("out/kept/r.json");
    assert_eq!((&after["cancelled"], after["photos"].as_array().unwrap().len()), (&false.into(), 30));
    assert_eq!(after["photos"].as_array().unwrap()[..before.len()], before);
}

/// Lines of the journal.
fn noted(desk: &Desk) -> usize {
    std::fs::read(desk.path(JOURNAL))
        .map_or(0, |journal| journal.iter().filter(|byte| **byte == b'\n').count())
}

/// Kills a run of so many photos at so many moments, spread over all photos; then it goes on to its end, and is as if
/// nothing had happened.
fn survives(count: u32, kills: u32) {
    let desk = photos(count);
    let originals = sums(&desk.path("in"));
    let start = Instant::now();
    assert_eq!(desk.cloak(&["--keep-faceless"]).code, Some(1), "some have no face");
    let (whole, took) = (sums(&desk.path("out")), start.elapsed());
    std::fs::remove_dir_all(desk.path("out")).unwrap();
    let resume = ["cloak", "in", "--output", "out", "--keep-faceless", "--report", "r.json", "--resume"];
    // Moments that nobody chose, and that are the same each time.
    let mut random = 1u32;
    let (mut done, mut broken) = (vec![], 0);
    for _ in 0..kills {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let share = f64::from(random >> 8) / f64::from(1 << 24);
        let goal = noted(&desk) + (share * 2.5 * f64::from(count) / f64::from(kills)) as usize;
        let mut child = desk.start(&[&resume[..], &FAST].concat());
        // Its lines stay in the pipe, which has room for those of hundreds of photos: without a reader it would end.
        while noted(&desk) < goal && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        // Somewhere within a photo.
        std::thread::sleep(Duration::from_millis(u64::from(random % 97)));
        child.kill().unwrap();
        child.wait().unwrap();
        if desk.path("out").is_dir() {
            let now = sums(&desk.path("out"));
            broken += now.iter().filter(|(name, sum)| whole.get(*name) != Some(*sum)).count();
            done.push(now.len());
        }
    }
    let ended = desk.with_models(&[&resume[..], &FAST].concat());
    eprintln!("{count} photos took {took:.1?}; done after each of {kills} kills: {done:?}");
    assert_eq!((ended.code, broken), (Some(1), 0), "{}", ended.stderr);
    let spread: std::collections::BTreeSet<usize> = done.iter().copied().collect();
    assert!(spread.len() as u32 > kills / 2, "the moments are spread: {done:?}");
    assert!(sums(&desk.path("out")) == whole, "as if the run had not been interrupted");
    assert_eq!(whole.len(), count as usize);
    assert!(sums(&desk.path("in")) == originals, "originals are never written to");
    assert_eq!(desk.outputs(true), [".visard-journal.jsonl"], "nothing half written is left");
    let report = desk.json("r.json");
    let listed: Vec<&Value> = report["photos"].as_array().unwrap().iter().collect();
    assert_eq!((&report["cancelled"], listed.len()), (&false.into(), count as usize));
    assert!(listed.iter().all(|photo| photo["output_sha256"] == *whole[&name_of(photo)]));
}

fn name_of(photo: &Value) -> String {
    Path::new(photo["output"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().into()
}

#[test]
fn ten_photos_survive_five_kills() {
    survives(10, 5);
}

#[test]
#[ignore = "takes minutes: a thousand photos and fifty kills"]
fn a_thousand_photos_survive_fifty_kills() {
    survives(1000, 50);
}
