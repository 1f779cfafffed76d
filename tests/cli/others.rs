//! Whose faces are protected, and what is said of the others.

use crate::desk::{Desk, good};
use crate::support::models::Judge;
use crate::support::{black, png, portrait};

#[test]
fn others_are_hidden_and_said_to_be() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", png(&portrait(400, 400)))]);
    for others in ["blur", "pixelate", "cover"] {
        let told =
            desk.cloak(&["--faces", "largest", "--others", others, "--overwrite", "--report", "report.json"]);
        assert_eq!(told.code, Some(0), "{}", told.stdout);
        assert!(
            told.stdout.starts_with("in/a.png: protected (1 face; 1 other face hidden), "),
            "{}",
            told.stdout
        );
        let face = &desk.json("report.json")["photos"][0]["faces"][0];
        assert_eq!((&face["hiding"], &face["hidden"]), (&others.into(), &true.into()));
    }
}

#[test]
fn people_are_given_by_photos_of_them() {
    let desk = Desk::new(Judge::TakesAllForStrangers, &[("a.png", good())]);
    std::fs::write(desk.path("me.png"), png(&portrait(160, 160).brighten(20))).unwrap();
    std::fs::write(desk.path("nobody.png"), png(&black())).unwrap();
    let only = desk.cloak(&["--only", "me.png"]);
    assert_eq!(only.code, Some(1));
    let said = "in/a.png: NOBODY TO PROTECT, not written; 1 other face left as it is, ";
    assert!(only.stdout.starts_with(said), "{}", only.stdout);
    assert!(only.stderr.contains("0 of 1 photos protected, 1 with nobody to protect"), "{}", only.stderr);
    let hidden = desk.cloak(&["--only", "me.png", "--others", "cover"]);
    assert_eq!(hidden.code, Some(0));
    assert!(hidden.stdout.starts_with("in/a.png: hidden (1 face), "), "{}", hidden.stdout);
    assert!(hidden.stderr.contains("0 of 1 photos protected, 1 hidden"), "{}", hidden.stderr);
    let refused = desk.cloak(&["--only", "nobody.png", "--overwrite"]);
    let why =
        "error: nobody.png: no face is found in it: take a photo that shows the person from the front\n";
    assert_eq!((refused.code, refused.stderr.ends_with(why)), (Some(2), true), "{}", refused.stderr);
    std::fs::create_dir(desk.path("empty")).unwrap();
    let nobody = desk.cloak(&["--only", "empty", "--overwrite"]);
    assert!(nobody.code == Some(2) && nobody.stderr.contains("there are none in empty"), "{}", nobody.stderr);
    let both = desk.cloak(&["--only", "me.png", "--except", "me.png"]);
    assert!(both.code == Some(2) && both.stderr.contains("cannot be used with"), "{}", both.stderr);
}
