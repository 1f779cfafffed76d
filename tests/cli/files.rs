//! Files as they should not be: odd names, wrong endings, links, what is left out, and who may read what.

use crate::desk::{Desk, FAST, good, lines};
use crate::support::models::Judge;
use crate::support::{black, file, png, portrait};

fn desk(photos: &[(&str, Vec<u8>)]) -> Desk {
    Desk::new(Judge::TakesAllForStrangers, photos)
}

#[test]
fn what_looks_like_a_picture_and_is_left_out_is_named_and_not_protected() {
    let desk = desk(&[
        ("a.png", good()),
        ("b.psd", b"8BPS".to_vec()),
        ("c.cr3", b"?".to_vec()),
        ("d.bin", b"\0\0\0\x18ftypqt  \0\0\0\0".to_vec()),
        ("e.tga", b"?".to_vec()),
        ("f.bin", b"qoif".to_vec()),
        ("notes.txt", b"BM, and other things".to_vec()),
    ]);
    let ended = desk.cloak(&["--report", "report.json"]);
    assert_eq!(ended.code, Some(1));
    let said: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(
        said,
        [
            "in/b.psd: LEFT OUT: Photoshop files cannot be read: convert to JPEG or PNG first",
            "in/c.cr3: LEFT OUT: files of this kind cannot be read",
            "in/d.bin: LEFT OUT: this is a video and no photo: `visard video` protects it",
            "in/e.tga: LEFT OUT: files of this kind cannot be read",
            "in/f.bin: LEFT OUT: QOI files cannot be read: convert to JPEG or PNG first",
            "1 no pictures and not taken: in/notes.txt",
            "1 of 6 photos protected, 5 left out (judged by judge)",
        ]
    );
    let left: Vec<(String, bool)> = desk.json("report.json")["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| (l["path"].as_str().unwrap().into(), l["picture"].as_bool().unwrap()))
        .collect();
    let pictures = ["in/b.psd", "in/c.cr3", "in/d.bin", "in/e.tga", "in/f.bin"];
    let expected = pictures.map(|path| (path, true)).into_iter().chain([("in/notes.txt", false)]);
    assert_eq!(left, expected.map(|(path, picture)| (path.into(), picture)).collect::<Vec<_>>());
    for command in [&["detect", "in"][..], &["embed", "in", "--model", "judge"]] {
        let ended = desk.with_models(command);
        assert_eq!(ended.code, Some(1), "{command:?}");
        assert!(ended.stderr.contains("in/b.psd: LEFT OUT: Photoshop"), "{}", ended.stderr);
    }
    let search = ["search", "--gallery", "in", "--index", "i", "--judges", "judge", "in/a.png"];
    let ended = desk.with_models(&search);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("in/c.cr3: LEFT OUT: "), "{}", ended.stderr);
}

#[test]
fn the_film_that_was_taken_with_a_photo_is_named_and_not_protected() {
    let film = || b"\0\0\0\x18ftypqt  \0\0\0\0".to_vec();
    let desk = desk(&[("a.png", good()), ("a.MOV", film()), ("b.MOV", film())]);
    let ended = desk.cloak(&["--json"]);
    assert_eq!(ended.code, Some(1));
    let said: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(said[0], "in/a.MOV: LEFT OUT: the film that was taken with a.png: it still shows the faces");
    assert_eq!(said[1], "in/b.MOV: LEFT OUT: this is a video and no photo: `visard video` protects it");
    let told = ["a.MOV beside it was taken with it and still shows the faces"];
    assert_eq!(lines(&ended.stdout)[0]["notes"], serde_json::json!(told));
}

#[test]
fn a_box_around_a_face_is_for_one_photo_only() {
    let desk = desk(&[("a.png", good()), ("b.png", good())]);
    let ended = desk.cloak(&["--face", "10,10,50,50"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--face is for one photo, and there are 2"), "{}", ended.stderr);
}

#[test]
fn notes_beside_the_photos_do_not_make_a_run_fail() {
    let desk = desk(&[("a.png", good()), ("notes.txt", b"hello".to_vec()), (".hidden", vec![])]);
    assert_eq!(desk.cloak(&[]).code, Some(0));
}

#[test]
fn a_photo_is_taken_whatever_its_name_and_gets_the_ending_of_its_content() {
    let jpeg = file(&portrait(160, 160), image::ImageFormat::Jpeg);
    let desk = desk(&[("a.jpg", good()), ("b.jpg_large", jpeg.clone()), ("c.jpg ", jpeg)]);
    let ended = desk.cloak(&["--json"]);
    assert_eq!(
        (ended.code, desk.outputs(false)),
        (Some(0), ["a.png", "b.jpg_large.jpg", "c.jpg"].map(String::from).to_vec())
    );
    let notes: Vec<_> = lines(&ended.stdout).iter().map(|photo| photo["notes"].clone()).collect();
    let wrong =
        |format: &str| serde_json::json!([format!("its content is {format}, which its name does not tell")]);
    assert_eq!(notes, [wrong("PNG"), wrong("JPEG"), wrong("JPEG")]);
    let plain = desk.cloak(&["--overwrite"]);
    let told = "in/a.jpg: protected (1 face); its content is PNG, which its name does not tell, ";
    assert!(plain.stdout.starts_with(told), "{}", plain.stdout);
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_are_named_and_loops_end() {
        let desk = desk(&[("a.png", good())]);
        std::fs::create_dir(desk.path("elsewhere")).unwrap();
        std::fs::write(desk.path("elsewhere/b.png"), good()).unwrap();
        for (target, name) in
            [(".", "loop"), ("a.png", "twin.png"), ("../elsewhere", "away"), ("../elsewhere/b.png", "b.png")]
        {
            symlink(target, desk.path("in").join(name)).unwrap();
        }
        let ended = desk.cloak(&[]);
        assert_eq!((ended.code, desk.outputs(false)), (Some(1), vec!["a.png".into()]));
        let said: Vec<&str> = ended.stderr.lines().collect();
        let expected = [
            "in/away: LEFT OUT: a link to a folder: give the folder itself",
            "in/b.png: LEFT OUT: a link to a file: give the file itself",
            "2 no pictures and not taken: in/loop, in/twin.png",
            "1 of 3 photos protected, 2 left out (judged by judge)",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_folder_that_cannot_be_read_is_named_and_the_others_are_done() {
        let desk = desk(&[("a.png", good())]);
        // Deeper than a path may be long, so that not even root can read it: made from the inside out.
        let (deep, around) = (desk.path("in").join("d".repeat(250)), desk.path("in/around"));
        std::fs::create_dir(&deep).unwrap();
        for _ in 0..20 {
            std::fs::create_dir(&around).unwrap();
            std::fs::rename(&deep, around.join(deep.file_name().unwrap())).unwrap();
            std::fs::rename(&around, &deep).unwrap();
        }
        let ended = desk.cloak(&[]);
        assert_eq!((ended.code, desk.outputs(false)), (Some(1), vec!["a.png".into()]));
        assert!(ended.stderr.contains(": LEFT OUT: the folder cannot be read: "), "{}", ended.stderr);
        assert!(ended.stderr.contains("1 of 2 photos protected, 1 left out"), "{}", ended.stderr);
    }

    #[test]
    fn a_name_that_is_no_text_is_lost_nowhere() {
        let desk = desk(&[("a.png", good())]);
        let name = OsStr::from_bytes(b"b\xff.png");
        std::fs::write(desk.path("in").join(name), png(&portrait(170, 160))).unwrap();
        let cloaked = desk.cloak(&["--json"]);
        assert_eq!(cloaked.code, Some(0), "{}", cloaked.stderr);
        assert_eq!(lines(&cloaked.stdout)[1]["output"], r"out/b\xff.png");
        assert!(desk.path("out").join(name).exists());
        assert_eq!(desk.cloak(&["--resume"]).code, Some(0), "the journal knows it too");
        for command in [&["detect", "in", "--json"][..], &["embed", "in", "--model", "judge", "--json"]] {
            let ended = desk.with_models(command);
            assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
            assert_eq!(lines(&ended.stdout)[1]["photo"], r"in/b\xff.png");
        }
        let search = ["search", "--gallery", "in", "--index", "i", "--judges", "judge", "--json", "in/a.png"];
        for _ in 0..2 {
            let ended = desk.with_models(&search);
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            assert_eq!(lines(&ended.stdout)[0]["matches"][0]["file"], r"in/b\xff.png");
        }
    }

    #[test]
    fn a_name_cannot_forge_a_line_of_output() {
        let forged = "a\nb.png: protected (1 face), 0.1 s\u{1b}[2K\u{202e}.png";
        let desk =
            desk(&[(forged, png(&black())), ("c\n.png", b"?".to_vec()), ("d\n.psd", b"8BPS".to_vec())]);
        let cloaked = desk.cloak(&[]);
        let said = [&*cloaked.stdout, &*cloaked.stderr].concat();
        assert_eq!(said.lines().count(), 4, "two photos, one left out, and the sum: {said}");
        let detected = desk.with_models(&["detect", "in"]);
        let verified = desk.with_models(&["verify", "--original", "in", "--cloaked", "in"]);
        for ended in [&cloaked, &detected, &verified] {
            let said = [&*ended.stdout, &*ended.stderr].concat();
            assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said}");
            assert!(!said.lines().any(|line| line.starts_with("b.png")), "{said}");
        }
    }

    #[test]
    fn what_is_written_is_as_private_as_the_photos() {
        let desk = desk(&[("a.png", good()), ("b.png", good())]);
        let mode = |name: &str| desk.path(name).metadata().unwrap().permissions().mode() & 0o777;
        let limit = |name: &str, rights: u32| {
            std::fs::set_permissions(desk.path(name), PermissionsExt::from_mode(rights)).unwrap();
        };
        limit("in/a.png", 0o600);
        limit("in/b.png", 0o644);
        assert_eq!(desk.cloak(&["--report", "r.json"]).code, Some(0));
        let written = ["out/a.png", "out/b.png", "out/.visard-journal.jsonl", "r.json"];
        assert_eq!(written.map(mode), [0o600, 0o644, 0o600, 0o600]);
        limit("in/b.png", 0o600);
        limit("out/.visard-journal.jsonl", 0o644);
        assert_eq!(desk.cloak(&["--overwrite"]).code, Some(0));
        assert_eq!(written.map(mode), [0o600; 4]);
    }

    #[test]
    fn a_name_as_long_as_a_name_may_be_is_written() {
        let name = "n".repeat(251) + ".png";
        let desk = desk(&[(&name, good())]);
        assert_eq!((desk.cloak(&[]).code, desk.outputs(false)), (Some(0), vec![name]));
    }
}

#[test]
fn two_names_that_differ_in_case_alone_are_refused() {
    let desk = desk(&[("a.png", good()), ("b.png", good())]);
    std::fs::create_dir(desk.path("more")).unwrap();
    std::fs::write(desk.path("more/A.png"), good()).unwrap();
    let ended = desk.with_models(&[&["cloak", "in", "more", "--output", "out"], &FAST[..]].concat());
    assert_eq!(ended.code, Some(2));
    let why =
        "in/a.png and more/A.png would both be written to out/A.png, upper and lower case or accents apart";
    assert!(ended.stderr.contains(why), "{}", ended.stderr);
}
