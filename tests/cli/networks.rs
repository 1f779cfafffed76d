//! Networks of the user's own: downloaded, added, calibrated; and which are taken where nothing is said.

use crate::desk::{Desk, good};
use crate::server::{Server, send};
use crate::support::models::{Judge, embedder, finder, sha256};
use crate::support::{png, portrait};

/// A folder with a catalogue that says where `tiny` is to be had.
fn with_address(address: &str, sum: &str) -> Desk {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    let entry = format!(
        "[[network]]\nname = 'tiny'\nkind = 'embedder'\nrole = 'surrogate'\nfile = 'tiny.onnx'\nsha256 = '{sum}'\n\
         address = '{address}'\nbytes = {}\ncrop = 'arcface-112'\nmean = [0.0, 0.0, 0.0]\nstd = [1.0, 1.0, 1.0]\n\
         licence = 'Apache-2.0'\nsource = 'the moon'\n",
        embedder(7).len()
    );
    std::fs::create_dir(desk.path("more")).unwrap();
    std::fs::write(desk.path("more/catalogue.toml"), entry).unwrap();
    desk
}

#[test]
fn a_network_is_pulled_with_its_licence_said_and_is_at_hand_from_then_on() {
    let server = Server::start(|head, stream| send(&embedder(7), head, stream));
    let desk = with_address(&server.address, &sha256(&embedder(7)).to_uppercase());
    let pulled = desk.run(&["--models-dir", "more", "models", "pull", "tiny"]);
    assert_eq!(pulled.code, Some(0), "{}", pulled.stderr);
    let lines: Vec<&str> = pulled.stdout.lines().collect();
    assert_eq!(
        lines,
        ["tiny: licence Apache-2.0; from the moon", "tiny: embeds into 16 dimensions; own/tiny.onnx"]
    );
    assert!(desk.read("own/tiny.onnx") == embedder(7));
    assert_eq!(server.ranges(), [""], "one download, of all of it");
    assert!(!pulled.stderr.contains("note:"), "{}", pulled.stderr);
    let list = desk.run(&["--models-dir", "more", "models", "list"]);
    let line = list.stdout.lines().find(|l| l.starts_with("tiny")).unwrap();
    assert!(
        line.contains("surrogate  Apache-2.0") && line.ends_with("your own: own/tiny.onnx (not calibrated)")
    );
    // Nothing was said of surrogates: the new one takes part, though it has no threshold.
    let cloak =
        ["cloak", "in/a.png", "-o", "out", "--judges", "judge", "--strength", "subtle", "--report", "r.json"];
    let all = desk.run(&[&["--models-dir", "more", "--models-dir", "."], &cloak[..]].concat());
    assert_eq!(all.code, Some(0), "{}", all.stderr);
    let report = desk.json("r.json");
    let networks = report["networks"].as_array().unwrap();
    let tiny = networks.iter().find(|n| n["name"] == "tiny").unwrap();
    assert!(tiny["role"] == "surrogate" && tiny["threshold"].is_null(), "{tiny}");
    assert!(networks.iter().any(|n| n["name"] == "surrogate" && n["threshold"] == 0.5));
}

#[test]
fn what_cannot_be_pulled_is_said_and_leaves_nothing_behind() {
    let server = Server::start(|head, stream| send(&embedder(8), head, stream));
    let desk = with_address(&server.address, &sha256(&embedder(7)));
    let wrong = desk.run(&["--models-dir", "more", "models", "pull", "tiny", "insightface-y1"]);
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains(&sha256(&embedder(8))), "{}", wrong.stderr);
    let nowhere =
        "\"insightface-y1\" cannot be downloaded by visard; it comes from https://github.com/deepinsight";
    assert!(wrong.stderr.contains(nowhere), "{}", wrong.stderr);
    assert_eq!(std::fs::read_dir(desk.path("own")).unwrap().count(), 0);
    let unknown = desk.run(&["models", "pull", "nobody"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("no network \"nobody\" is known"), "{}", unknown.stderr);
}

const ADD: [&str; 11] = [
    "models",
    "add",
    "mine.onnx",
    "--name",
    "mine",
    "--crop",
    "arcface-112",
    "--mean",
    "127.5",
    "--std",
    "127.5,127.5,128",
];

fn with_mine(file: &[u8]) -> Desk {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    std::fs::write(desk.path("mine.onnx"), file).unwrap();
    desk
}

#[test]
fn a_network_of_ones_own_is_added_calibrated_and_judges() {
    let desk = with_mine(&embedder(7));
    let added =
        desk.run(&[&ADD[..], &["--role", "judge", "--order", "bgr", "--licence", "mine alone"]].concat());
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    let found = [
        "file: operator set 17; 12416 weights\n",
        "input: 1 x 3 x 112 x 112; outputs: \"embedding\"\n",
        "nodes: 2 Conv, 1 Flatten, 1 Relu\n",
        "taken: crop 112 x 112, mean 127.5, std 127.5,127.5,128, Bgr: one person ",
        "\nmine: embeds into 16 dimensions; similarity of two photos of one",
    ];
    assert!(found.iter().all(|line| added.stdout.contains(line)), "{}", added.stdout);
    assert!(added.stderr.contains("visard models calibrate mine --data DIR --save"), "{}", added.stderr);
    assert!(desk.read("own/mine.onnx") == embedder(7));
    let info = desk.run(&["models", "info", "mine"]).stdout;
    for line in
        ["std = [127.5, 127.5, 128.0]", "order = \"bgr\"", "dimension = 16", "licence = \"mine alone\""]
    {
        assert!(info.contains(line), "{info}");
    }
    let cloak = ["cloak", "in/a.png", "-o", "out", "--models", "surrogate", "--strength", "subtle"];
    let early = desk.with_models(&[&cloak[..], &["--judges", "mine"]].concat());
    assert_eq!(early.code, Some(2));
    assert!(
        early.stderr.contains("\"mine\" has no calibrated threshold; measure it with"),
        "{}",
        early.stderr
    );

    for i in 0..142 {
        let person = desk.path("people").join(format!("person-{i}"));
        std::fs::create_dir_all(&person).unwrap();
        std::fs::write(person.join("1.png"), png(&portrait(160 + i, 160))).unwrap();
    }
    let printed = desk.with_models(&["models", "calibrate", "mine", "--data", "people"]);
    assert!(!String::from_utf8(desk.read("own/catalogue.toml")).unwrap().contains("thresholds"));
    let saved = desk.with_models(&["models", "calibrate", "mine", "--data", "people", "--save"]);
    assert_eq!((saved.code, &saved.stdout), (Some(0), &printed.stdout), "{}", saved.stderr);
    let info = desk.run(&["models", "info", "mine"]).stdout;
    assert!(
        info.contains("calibration = \"people: 142 persons, 10011 pairs, points of finder\"")
            && info.contains("far_1e3")
            && !info.contains("far_1e4"),
        "{info}"
    );
    // A verdict that was chosen for it survives the next calibration.
    let catalogue = String::from_utf8(desk.read("own/catalogue.toml")).unwrap();
    std::fs::write(
        desk.path("own/catalogue.toml"),
        catalogue.replace("dimension = 16", "dimension = 16\nverdict = 1.0"),
    )
    .unwrap();
    let again = desk.with_models(&["models", "calibrate", "mine", "--data", "people", "--save"]);
    assert!(again.stderr.contains("mine: its verdict 1 stays"), "{}", again.stderr);
    assert!(String::from_utf8(desk.read("own/catalogue.toml")).unwrap().contains("verdict = 1.0"));
    let judged = desk.with_models(&[&cloak[..], &["--judges", "mine", "--report", "r.json"]].concat());
    assert!(matches!(judged.code, Some(0 | 1)), "{}", judged.stderr);
    assert!(judged.stderr.ends_with("(judged by mine)\n"), "{}", judged.stderr);
    let threshold = desk.json("r.json")["networks"][2]["threshold"].as_f64().unwrap();
    assert!(saved.stdout.contains(&format!("far_1e3 = {threshold:.4}")), "{}: {threshold}", saved.stdout);
}

#[test]
fn what_is_no_embedder_is_not_added() {
    let refused = |file: &[u8], changes: &[(&str, &str)], reason: &str| {
        let desk = with_mine(file);
        let mut arguments = ADD.to_vec();
        arguments.extend(["--role", "surrogate"]);
        for (option, value) in changes {
            let place = arguments.iter().position(|a| a == option).unwrap();
            arguments[place + 1] = value;
        }
        let ended = desk.with_models(&arguments);
        assert_eq!(ended.code, Some(2), "{reason}");
        assert!(ended.stderr.contains(reason), "{}", ended.stderr);
        assert!(!desk.path("own").exists(), "{reason}");
    };
    let good = embedder(7);
    refused(b"no network", &[], "network \"mine\": not a usable ONNX file");
    refused(&good[..3000], &[], "network \"mine\": not a usable ONNX file");
    refused(&finder(), &[("--name", "other")], "mine.onnx is known already: it is \"finder\"");
    refused(&good, &[("--name", "judge")], "the name \"judge\" is taken");
    refused(&good, &[("--name", "foamliu-mobilefacenet")], "the name \"foamliu-mobilefacenet\" is taken");
    refused(&good, &[("--name", "recommended")], "the name \"recommended\" is taken");
    refused(&good, &[("--name", "../mine")], "\"../mine\" is no name");
    refused(&good, &[("--std", "0")], "stds above 0");
    refused(&good, &[("--mean", "1,2")], "--mean: takes one number, or three");
    let other = "the file fixes its input at 112 x 112, and the crop has 112 x 96";
    refused(&good, &[("--crop", "sphereface-112x96")], other);
    let other_finder = [finder(), vec![0x12, 1, b'x']].concat();
    refused(
        &other_finder,
        &[("--crop", "320x320")],
        "the network has several outputs: choose one of cls_8, ",
    );
}

#[test]
fn what_lies_in_the_own_folder_finds_the_faces_only_where_it_is_asked_for() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    // The same detector with the name of its maker, which makes it another file.
    let other = [finder(), vec![0x12, 1, b'x']].concat();
    std::fs::create_dir(desk.path("own")).unwrap();
    std::fs::write(desk.path("own/other.onnx"), &other).unwrap();
    let entry = format!(
        "[[network]]\nname = 'other'\nkind = 'detector'\nfile = 'other.onnx'\nsha256 = '{}'\nlicence = ''\nsource = ''\n",
        sha256(&other)
    );
    std::fs::write(desk.path("own/catalogue.toml"), entry).unwrap();
    let detector = |options: &[&str]| {
        let chosen = ["--models", "surrogate", "--judges", "judge", "--strength", "subtle", "--overwrite"];
        let cloak = ["cloak", "in/a.png", "-o", "out", "--report", "r.json"];
        desk.run(&[options, &cloak, &chosen].concat());
        desk.json("r.json")["networks"][0]["name"].as_str().unwrap().to_string()
    };
    assert_eq!(detector(&["--models-dir", "."]), "finder");
    assert_eq!(detector(&["--models-dir", ".", "--detector", "other"]), "other");
    std::fs::create_dir(desk.path("rest")).unwrap();
    for name in ["surrogate.onnx", "judge.onnx", "catalogue.toml"] {
        std::fs::copy(desk.path(name), desk.path("rest").join(name)).unwrap();
    }
    #[cfg(feature = "built-in-networks")]
    assert_eq!(detector(&["--models-dir", "rest"]), "visard-detector", "thresholds were measured with it");
    assert_eq!(detector(&["--models-dir", "rest", "--models-dir", "own"]), "other");
    let wrong = desk.with_models(&["--detector", "judge", "models", "list"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("\"judge\" is no detector"), "{}", wrong.stderr);
}

/// Adds a line to what a folder's catalogue says of a network.
fn say(desk: &Desk, network: &str, line: &str) {
    let catalogue = String::from_utf8(desk.read("catalogue.toml")).unwrap();
    let name = format!("name = \"{network}\"\n");
    std::fs::write(desk.path("catalogue.toml"), catalogue.replace(&name, &format!("{name}{line}\n")))
        .unwrap();
}

#[test]
fn a_judge_that_learned_from_what_makes_the_cloaks_is_named_by_every_command() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    let apart = desk.cloak(&[]);
    assert!(!apart.stderr.contains("note:"), "{}", apart.stderr);
    say(&desk, "judge", "teacher = \"surrogate\"");
    let said = "judge learned from surrogate, which makes the cloaks: it is fooled too easily\n";
    let cloaked = desk.cloak(&["--overwrite", "--report", "r.json"]);
    assert_eq!(cloaked.code, Some(0), "{}", cloaked.stderr);
    assert!(cloaked.stderr.starts_with(&format!("note: {said}")), "{}", cloaked.stderr);
    let warning = &desk.json("r.json")["warnings"][0];
    assert_eq!(
        (&warning["judge"], &warning["tie"], &warning["surrogates"][0], &warning["text"]),
        (&"judge".into(), &"teacher".into(), &"surrogate".into(), &said.trim_end().into())
    );
    let checked = ["verify", "--original", "in/a.png", "--cloaked", "out/a.png", "--judges", "judge"];
    let checked = desk.with_models(&checked);
    let asked = format!("note: if the surrogates at hand made these cloaks: {said}");
    assert!(checked.stderr.contains(&asked), "{}", checked.stderr);
    let list = desk.with_models(&["models", "list"]).stdout;
    let line = list.lines().find(|l| l.starts_with("surrogate ")).unwrap();
    assert!(line.ends_with("./surrogate.onnx (teacher of judge)"), "{line}");
    let info = desk.with_models(&["models", "info", "surrogate"]).stdout;
    assert!(info.contains("# in common with judges at hand: teacher of judge"), "{info}");
}

#[test]
fn photos_that_a_judge_and_a_surrogate_both_saw_are_named_in_the_report() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    ["judge", "surrogate"].iter().for_each(|network| say(&desk, network, "training_data = [\"LFW\"]"));
    let cloaked = desk.cloak(&["--report", "r.json"]);
    assert!(!cloaked.stderr.contains("note:"), "{}", cloaked.stderr);
    let warning = &desk.json("r.json")["warnings"][0];
    assert_eq!((&warning["tie"], &warning["surrogates"][0]), (&"same-photos".into(), &"surrogate".into()));
    let list = desk.with_models(&["models", "list"]).stdout;
    let said = "./surrogate.onnx (same photos as visard-judge, same photos as judge)";
    assert!(list.contains(said), "{list}");
}

#[test]
fn a_threshold_that_is_not_a_number_is_an_error_and_not_a_verdict() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    let catalogue = String::from_utf8(desk.read("catalogue.toml")).unwrap();
    std::fs::write(desk.path("catalogue.toml"), catalogue.replace("far_1e3 = 1.0", "far_1e3 = nan")).unwrap();
    let ended =
        desk.with_models(&["verify", "--original", "in/a.png", "--cloaked", "in/a.png", "--judges", "judge"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("\"judge\" must have thresholds from -1 to 1"), "{}", ended.stderr);
}
