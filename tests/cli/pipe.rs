//! One photo through standard input and output, for other programs; photos for a place and of a size.

use assert_cmd::Command;

use crate::desk::{Desk, FAST, good};
use crate::support::models::Judge;
use crate::support::{black, file, png, portrait};

/// Standard output as bytes, standard error as text, and the exit code of `cloak ARGUMENTS` with this on standard input.
fn piped(desk: &Desk, input: &[u8], arguments: &[&str]) -> (Vec<u8>, String, Option<i32>) {
    let words = [&["--models-dir", ".", "cloak"], arguments, &FAST[..]].concat();
    let mut command = Command::new(env!("CARGO_BIN_EXE_visard"));
    command.current_dir(desk.path(".")).env("VISARD_MODELS_DIR", "own").args(words).write_stdin(input);
    let output = command.output().unwrap();
    (output.stdout, String::from_utf8(output.stderr).unwrap(), output.status.code())
}

#[test]
fn a_photo_through_a_pipe_is_the_one_that_a_folder_gets() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    let (bytes, said, code) = piped(&desk, &good(), &["-", "--output", "-", "--report", "report.json"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("standard input: protected (1 face), "), "{said}");
    assert_eq!(desk.cloak(&[]).code, Some(0));
    assert!(bytes == desk.read("out/a.png"));
    let (again, ..) = piped(&desk, b"", &["in/a.png", "--output", "-"]);
    assert!(again == bytes);
    let report = desk.json("report.json");
    assert_eq!(report["photos"][0]["input"], "standard input");
    assert_eq!(report["photos"][0]["output"], "standard output");
    assert_eq!(report["photos"][0]["input_bytes"], good().len());
}

#[test]
fn the_exit_code_of_a_pipe_is_the_verdict() {
    let desk = Desk::new(Judge::RecognisesFrom(-1.), &[]);
    let (bytes, said, code) = piped(&desk, &good(), &["-", "--output", "-"]);
    assert_eq!((bytes.is_empty(), code), (false, Some(1)));
    assert!(said.contains("STILL RECOGNISABLE"), "{said}");
    for (input, why) in
        [(png(&black()), "NO FACE FOUND, not written"), (b"no".to_vec(), "FAILED: this is not")]
    {
        let (bytes, said, code) = piped(&desk, &input, &["-", "--output", "-"]);
        assert_eq!((bytes.len(), code), (0, Some(1)));
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_photo_that_nobody_reads_is_no_success() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    let mut child = desk.start(&[&["cloak", "in/a.png", "--output", "-"], &FAST[..]].concat());
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.starts_with("error: cannot write the photo: "), "{said}");
}

#[test]
fn what_a_pipe_cannot_do_is_refused() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    for (words, why) in [
        (
            &["-", "--output", "out"][..],
            "error: a photo from standard input is written to standard output: --output -\n",
        ),
        (&["in", "in", "--output", "-"], "error: --output - is for one photo, and there are 2\n"),
        (
            &["-", "--output", "-", "--resume"],
            "error: --resume and --overwrite are for a folder of outputs, not for --output -\n",
        ),
    ] {
        let (bytes, said, code) = piped(&desk, &good(), words);
        assert_eq!((bytes.len(), code, &*said), (0, Some(2), why));
    }
}

#[test]
fn a_photo_for_a_place_is_reduced_and_a_jpeg_and_its_name_says_so() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", png(&portrait(400, 320)))]);
    let ended = desk.cloak(&["--for", "social", "--max-side", "200"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("judged also as it is shown there, at most 1080 pixels"),
        "{}",
        ended.stdout
    );
    assert_eq!(desk.outputs(false), ["a.jpg"]);
    let written = image::load_from_memory(&desk.read("out/a.jpg")).unwrap();
    assert_eq!((written.width(), written.height()), (200, 160));
}

#[test]
fn a_file_is_kept_below_a_number_of_bytes() {
    let jpeg = file(&portrait(200, 160), image::ImageFormat::Jpeg);
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.jpg", jpeg)]);
    let ended = desk.cloak(&["--max-bytes", "6K", "--report", "report.json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(desk.read("out/a.jpg").len() <= 6 << 10);
    let quality = desk.json("report.json")["photos"][0]["quality"].as_u64().unwrap();
    assert!((30..90).contains(&quality), "{quality}");
    let refused = desk.cloak(&["--overwrite", "--max-bytes", "100"]);
    assert!(
        refused.stdout.contains("FAILED: the photo does not fit into 100 bytes as JPEG"),
        "{}",
        refused.stdout
    );
}
