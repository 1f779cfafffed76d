//! The front door, as someone who builds on visard uses it: photos as bytes in and out, with the built-in networks.
#![cfg(feature = "built-in-networks")]
#![expect(clippy::unwrap_used, reason = "a failed test may panic")]

use std::ops::ControlFlow;
use std::path::Path;

use visard::add::NewNetwork;
use visard::models::Role;
use visard::pipeline::{People, Status};
use visard::{Error, OwnNetwork, Visard};

fn example(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/photos").join(name)).unwrap()
}

#[test]
fn a_photo_is_protected_verified_and_gives_the_bytes_of_the_command_line() {
    let visard = Visard::builder().seed(7).open().unwrap();
    let photo = example("amber-neutral.jpg");
    let protected = visard.protect(&photo).unwrap();
    assert!(protected.is_protected(), "{:?}", protected.report.reason);
    let written = protected.bytes().unwrap();
    let report = visard.verify(&photo, written).unwrap();
    assert_eq!((report.status, report.faces.len()), (Status::Protected, 1));

    let folder = tempfile::tempdir().unwrap();
    let mut command = assert_cmd::Command::cargo_bin("visard").unwrap();
    let photos = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/photos/amber-neutral.jpg");
    command.arg("cloak").arg(photos).args(["--seed", "7", "--output"]).arg(folder.path()).assert().success();
    assert!(std::fs::read(folder.path().join("amber-neutral.jpg")).unwrap() == written, "the bytes differ");
}

#[test]
fn a_face_is_found_and_embedded_by_the_network_that_is_named() {
    let visard = Visard::new().unwrap();
    let photo = example("amber-neutral.jpg");
    let faces = visard.detect(&photo).unwrap();
    let seen = visard.embed(&photo, "visard-judge").unwrap();
    assert_eq!((faces.len(), seen.len(), seen[0].face), (1, 1, faces[0]));
    let norm: f32 = seen[0].embedding.iter().map(|x| x * x).sum();
    assert!((norm - 1.).abs() < 1e-4, "{norm}");
    let unknown = visard.embed(&photo, "nobody").unwrap_err();
    assert!(matches!(&unknown, Error::Usage(said) if said.contains("visard-judge")), "{unknown}");
}

#[test]
fn what_is_wrong_can_be_told_apart_and_a_hook_breaks_off() {
    let visard = Visard::new().unwrap();
    let refused = visard.protect(b"no photo").unwrap_err();
    assert!(matches!(refused, Error::Photo(visard::photo::Error::NotAPhoto)), "{refused}");
    let missing = Visard::builder().judges(["nobody"]).open().unwrap_err();
    assert!(matches!(missing, Error::Models(visard::models::Error::Missing(_))), "{missing}");
    let mut steps = 0;
    let hook = &mut |_| {
        steps += 1;
        if steps == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let stopped = visard.protect_with(&example("amber-neutral.jpg"), &mut People::default(), hook);
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert_eq!(steps, 2);
}

/// A copy of the built-in surrogate under another name, changed by a byte that means nothing.
fn own(role: Role, threshold: Option<f32>) -> (tempfile::TempDir, OwnNetwork) {
    let folder = tempfile::tempdir().unwrap();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/surrogates");
    let mut bytes = std::fs::read(models.join("visard-narrow.onnx")).unwrap();
    // An unknown field of protobuf (number 1000, a varint) is skipped by every reader.
    bytes.extend([0xc0, 0x3e, 0x01]);
    let file = folder.path().join("mine.onnx");
    std::fs::write(&file, bytes).unwrap();
    (folder, OwnNetwork { network: NewNetwork::new("mine", role), file, threshold })
}

#[test]
fn a_network_of_ones_own_judges_by_its_threshold_and_not_without_one() {
    let (_folder, judge) = own(Role::Judge, Some(0.25));
    let visard = Visard::builder().network(judge).judges(["mine"]).open().unwrap();
    let [only] = &visard.ensemble().judges[..] else { panic!("one judge was named") };
    assert_eq!((only.entry.name.as_str(), only.threshold), ("mine", 0.25));
    let (_folder, judge) = own(Role::Judge, None);
    let refused = Visard::builder().network(judge).judges(["mine"]).open().unwrap_err();
    assert!(refused.to_string().contains("no calibrated threshold"), "{refused}");
}
