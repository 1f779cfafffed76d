//! The commands that change nothing.

use crate::desk::{Desk, FAST, good, lines, mixed};
use crate::support::models::{Judge, sha256};
use crate::support::{png, portrait};

#[test]
fn verify_tells_protected_from_recognised() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good()), ("b.png", good())]);
    let cloaked = desk.with_models(&[&["cloak", "in/a.png", "-o", "out"], &FAST[..]].concat());
    assert_eq!(cloaked.code, Some(0));
    let folders = desk.with_models(&["verify", "--original", "in", "--cloaked", "out", "--judges", "judge"]);
    assert_eq!(folders.code, Some(1), "a photo that was left out is not protected");
    let (alone, protected) = folders.stdout.split_once('\n').unwrap();
    assert_eq!(alone, "in/b.png: NOT CHECKED: no cloaked photo of this name");
    assert!(protected.starts_with("out/a.png: protected\n  face 1: judge not recognised, similarity "));

    let pair = ["verify", "--original", "in/a.png", "--cloaked", "out/a.png", "--json"];
    let strict = desk.with_models(&[&pair[..], &["--judges", "judge,surrogate"]].concat());
    let report = &lines(&strict.stdout)[0];
    assert_eq!(report["output_sha256"], sha256(&desk.read("out/a.png")));
    assert_eq!(report["faces"][0]["similarities"].as_array().unwrap().len(), 2);

    let same = ["verify", "--original", "in/a.png", "--cloaked", "in/a.png", "--judges", "surrogate"];
    let same = desk.with_models(&same);
    assert_eq!(same.code, Some(1));
    assert!(
        same.stdout.contains("STILL RECOGNISABLE")
            && same.stdout.contains("surrogate recognised, similarity 1.000, threshold 0.500"),
        "{}",
        same.stdout
    );

    let missing = desk.with_models(&["verify", "--original", "in/a.png", "--cloaked", "nowhere.png"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.stderr.contains("cannot read nowhere.png"), "{}", missing.stderr);
    std::fs::create_dir(desk.path("empty")).unwrap();
    let nothing = desk.with_models(&["verify", "--original", "in", "--cloaked", "empty"]);
    assert_eq!(nothing.code, Some(2));
    assert!(nothing.stderr.contains("in and empty have no photo in common"), "{}", nothing.stderr);
}

#[test]
fn verify_calls_nothing_protected_that_holds_the_original_besides() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    assert_eq!(desk.cloak(&[]).code, Some(0));
    let pair = ["verify", "--original", "in/a.png", "--cloaked", "out/a.png", "--judges", "judge"];
    assert_eq!(desk.with_models(&pair).code, Some(0));
    std::fs::write(desk.path("out/a.png"), [desk.read("out/a.png"), desk.read("in/a.png")].concat()).unwrap();
    let ended = desk.with_models(&pair);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stdout.starts_with("out/a.png: STILL RECOGNISABLE: what the file holds"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("\n  the file holds: "), "{}", ended.stdout);
}

#[test]
fn verify_takes_a_photo_that_is_turned_or_on_a_wider_canvas_for_another() {
    let picture = portrait(160, 160).to_rgb8();
    let mut wide = image::RgbImage::from_pixel(320, 160, image::Rgb([128; 3]));
    image::imageops::replace(&mut wide, &picture, 0, 0);
    let desk = Desk::new(
        Judge::TakesAllForStrangers,
        &[
            ("a.png", png(&picture.clone().into())),
            ("turned.png", png(&image::imageops::rotate90(&picture).into())),
            ("wide.png", png(&wide.into())),
        ],
    );
    for (name, reason) in [("turned", "it does not show"), ("wide", "its shape is another, 320 x 160 pixels")]
    {
        let cloaked = format!("in/{name}.png");
        let pair = ["verify", "--original", "in/a.png", "--cloaked", &cloaked, "--judges", "judge"];
        let ended = desk.with_models(&pair);
        assert_eq!(ended.code, Some(1));
        let start = format!("{cloaked}: NOT THE SAME PHOTO: {reason}");
        assert!(ended.stdout.starts_with(&start), "{}", ended.stdout);
    }
}

#[test]
fn detect_and_embed_print_each_face_and_end_with_1_where_there_is_none() {
    let desk = mixed(Judge::TakesAllForStrangers);
    let found = desk.with_models(&["detect", "in/a.png"]);
    assert_eq!(
        (found.code, &*found.stdout),
        (Some(0), "in/a.png: 1 face\n  64 x 64 at (48, 48), score 0.90\n")
    );
    let none = desk.with_models(&["detect", "in/c.png", "in/d.png", "in/a.png", "nowhere.png", "--json"]);
    assert_eq!(none.code, Some(1));
    assert!(
        none.stderr.contains("in/d.png: this is not a photo")
            && none.stderr.contains("cannot read nowhere.png")
    );
    let counts: Vec<usize> =
        lines(&none.stdout).iter().map(|l| l["faces"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [0, 1]);

    let folder = desk.with_models(&["detect", "in", "--json"]);
    assert_eq!(folder.code, Some(1));
    let names: Vec<_> = lines(&folder.stdout).iter().map(|l| l["photo"].clone()).collect();
    assert_eq!(names, ["in/a.png", "in/b.jpg", "in/c.png"]);

    let embedded = desk.with_models(&["embed", "in/a.png", "--model", "judge", "--json"]);
    let line = &lines(&embedded.stdout)[0];
    let row: Vec<f64> = line["embedding"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    assert!(row.len() == 16 && (row.iter().map(|x| x * x).sum::<f64>() - 1.).abs() < 1e-5);
    assert_eq!(line["face"]["points"].as_array().unwrap().len(), 5);
    let unknown = desk.with_models(&["embed", "in/a.png", "--model", "nobody"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("no network \"nobody\" is at hand"), "{}", unknown.stderr);
}

#[test]
fn models_are_listed_described_and_checked() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[]);
    std::fs::write(desk.path("stranger.onnx"), b"?").unwrap();
    let list = desk.with_models(&["models", "list"]);
    assert_eq!(list.code, Some(0));
    let line = |name: &str| list.stdout.lines().find(|l| l.starts_with(name)).unwrap().to_string();
    assert!(line("finder").contains("detector") && line("finder").ends_with("./finder.onnx"));
    assert!(line("yunet-2023mar").ends_with("not at hand: visard models pull yunet-2023mar"));
    assert!(line("insightface-y1").ends_with("not at hand"));
    assert!(line("?").contains("no catalogue describes it"));

    let info = desk.with_models(&["models", "info", "surrogate"]);
    assert_eq!(info.code, Some(0));
    for part in
        ["name = \"surrogate\"", "# 12416 parameters, 4 nodes, 4 steps after folding:", "#      2 Conv"]
    {
        assert!(info.stdout.contains(part), "{}", info.stdout);
    }
    let unknown = desk.with_models(&["models", "info", "nobody"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("see `visard models list`"), "{}", unknown.stderr);

    let check = desk.with_models(&["models", "check"]);
    assert_eq!(check.code, Some(0), "{}", check.stdout);
    assert!(check.stdout.contains("sound: finds 0 faces in a grey picture"), "{}", check.stdout);
    assert_eq!(check.stdout.matches("sound: embeds into 16 dimensions").count(), 2);
}

#[test]
fn a_network_without_a_threshold_embeds_and_can_be_calibrated_but_not_be_a_judge() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[]);
    let catalogue = String::from_utf8(desk.read("catalogue.toml")).unwrap();
    let without: Vec<&str> = catalogue.lines().filter(|l| !l.starts_with("thresholds")).collect();
    std::fs::write(desk.path("catalogue.toml"), without.join("\n")).unwrap();
    std::fs::write(desk.path("one.png"), png(&portrait(160, 160))).unwrap();
    let embedded = desk.with_models(&["embed", "one.png", "--model", "judge"]);
    assert_eq!(embedded.code, Some(0), "{}", embedded.stderr);
    for i in 0..48 {
        let person = desk.path("people").join(format!("person-{i}"));
        std::fs::create_dir_all(&person).unwrap();
        for (j, name) in ["1.png", "2.png"].into_iter().enumerate() {
            std::fs::write(person.join(name), png(&portrait(160 + i, 160 + 4 * j as u32))).unwrap();
        }
    }
    std::fs::write(desk.path("left-out.txt"), "person-2\n").unwrap();
    let calibrate = ["models", "calibrate", "judge", "--data", "people", "--exclude", "left-out.txt"];
    let found = desk.with_models(&calibrate);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    let said: Vec<&str> = found.stdout.lines().collect();
    assert_eq!(
        said[0],
        "# judge: 47 persons, 1081 pairs of different persons, 47 pairs of one person; 0 photos without a face"
    );
    assert!(
        said[1].starts_with("# FAR 1e-2: ") && said[1].contains("exceeded by 10 of 1081 pairs"),
        "{}",
        said[1]
    );
    assert_eq!(said[2], "# FAR 1e-3: not known, which takes 10000 pairs of different persons (142 persons)");
    assert_eq!(said[3], "# FAR 1e-4: not known, which takes 100000 pairs of different persons (448 persons)");
    assert_eq!(said.len(), 4, "no thresholds for a catalogue: {}", found.stdout);
    let unsaved = desk.with_models(&[&calibrate[..], &["--save"]].concat());
    assert_eq!(unsaved.code, Some(2));
    assert!(unsaved.stderr.contains("judge: not saved: a judge needs") && !desk.path("own").exists());
    std::fs::write(desk.path("in/a.png"), good()).unwrap();
    let refused = desk.cloak(&[]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("has no calibrated threshold"), "{}", refused.stderr);
    let few = desk.with_models(&["models", "calibrate", "judge", "--data", "in"]);
    assert_eq!(few.code, Some(2));
    assert!(few.stderr.contains("in: 0 persons with faces make 0 pairs"), "{}", few.stderr);
}

#[test]
fn help_and_completions_need_no_networks() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[]);
    let help = desk.run(&["--help"]);
    assert_eq!(help.code, Some(0));
    assert!(
        help.stdout.contains("Exit codes: 0 every photo protected or hidden, and verified; 1 at least one")
    );
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = desk.run(&["completions", shell]);
        assert_eq!(script.code, Some(0));
        assert!(script.stdout.contains("calibrate"), "{shell}");
    }
    assert_eq!(desk.run(&["completions", "nushell"]).code, Some(2));
    assert_eq!(desk.run(&["manual", "man"]).code, Some(0));
    assert!(desk.path("man/visard-watch.1").is_file() && desk.path("man/visard.1").is_file());
}

#[test]
fn who_names_no_command_is_told_what_people_do() {
    let told = Desk::new(Judge::TakesAllForStrangers, &[]).run(&[]);
    assert_eq!((told.code, &*told.stdout), (Some(2), ""));
    for words in
        ["visard cloak holiday/ --output", "visard cloak photo.jpg --for social", "visard watch to-protect/"]
    {
        assert!(told.stderr.contains(words), "{}", told.stderr);
    }
}

#[test]
fn a_damaged_network_is_named() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    let damaged = &desk.read("judge.onnx")[..1000];
    std::fs::write(desk.path("judge.onnx"), damaged).unwrap();
    let catalogue = String::from_utf8(desk.read("catalogue.toml")).unwrap();
    let known = catalogue.lines().rfind(|l| l.starts_with("sha256")).unwrap();
    std::fs::write(
        desk.path("catalogue.toml"),
        catalogue.replace(known, &format!("sha256 = \"{}\"", sha256(damaged))),
    )
    .unwrap();
    let ended = desk.cloak(&[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("network \"judge\": not a usable ONNX file"), "{}", ended.stderr);
    let checked = desk.with_models(&["models", "check"]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.stdout.contains("BROKEN: network \"judge\""), "{}", checked.stdout);

    std::fs::write(desk.path("catalogue.toml"), "[[network]]\nname = 3").unwrap();
    let ended = desk.cloak(&[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("the catalogue ./catalogue.toml: "), "{}", ended.stderr);
}
