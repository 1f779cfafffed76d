//! Weights in files beside the network's.

use std::fs;
use std::path::PathBuf;

use ingrad::{Executor, gather};

use super::onnx::{beside, node};
use super::{file, run};

/// A new folder with `weights`, four bytes and then the numbers 2, 3 and 4, and beside it a file that is none of its own.
fn folder(name: &str) -> PathBuf {
    let around = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("beside-{name}"));
    let _ = fs::remove_dir_all(&around);
    let folder = around.join("network");
    fs::create_dir_all(&folder).unwrap();
    let numbers: Vec<u8> = [0., 2., 3., 4.].iter().flat_map(|x: &f32| x.to_le_bytes()).collect();
    fs::write(folder.join("weights"), &numbers).unwrap();
    fs::write(around.join("secret"), &numbers).unwrap();
    folder
}

/// A network that multiplies each channel by a weight from another file.
fn scaling(settings: &[(&str, &str)]) -> Vec<u8> {
    file(&[beside("w", &[3, 1, 1], settings)], &[node("Mul", &["x", "w"], &["y"], &[])])
}

/// Why such a network is not read.
fn refusal(name: &str, settings: &[(&str, &str)]) -> String {
    gather(&scaling(settings), &folder(name)).unwrap_err().to_string()
}

#[test]
fn they_are_put_into_one_file_that_runs_by_itself() {
    let network = scaling(&[("location", "weights"), ("offset", "4"), ("length", "12")]);
    let whole = gather(&network, &folder("whole")).unwrap();
    let scaled = run(&whole, Executor::Engine, 1).unwrap().remove(0);
    let picture = super::picture(1).flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let ratios = [1, 65, 129].map(|place| (scaled[place] / picture[place]).round() as i32);
    assert_eq!(ratios, [2, 3, 4]);
    assert_eq!(gather(&whole, &folder("again")).unwrap(), whole);
}

#[test]
fn without_a_length_the_data_go_to_the_end_of_the_file() {
    let network = scaling(&[("location", "./weights"), ("offset", "4")]);
    assert!(run(&gather(&network, &folder("end")).unwrap(), Executor::Engine, 1).is_ok());
}

#[test]
fn a_network_that_is_not_put_together_says_what_to_do() {
    let error = run(&scaling(&[("location", "weights")]), Executor::Engine, 1).unwrap_err().to_string();
    assert_eq!(error, "not a usable ONNX file: tensor \"w\": its data are in another file; put them in");
}

#[test]
fn files_outside_of_the_folder_are_not_read() {
    let outside = folder("absolute").parent().unwrap().join("secret");
    for location in ["../secret", "sub/../../secret", "", ".", outside.to_str().unwrap()] {
        let error = refusal("outside", &[("location", location)]);
        assert!(error.ends_with("which is no file in the network's folder"), "{location}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn links_count_as_where_they_lead() {
    let folder = folder("links");
    std::os::unix::fs::symlink("../secret", folder.join("out")).unwrap();
    std::os::unix::fs::symlink("weights", folder.join("in")).unwrap();
    let network = |location| scaling(&[("location", location), ("offset", "4")]);
    let error = gather(&network("out"), &folder).unwrap_err().to_string();
    assert!(error.contains("no file in the network's folder"), "{error}");
    assert!(gather(&network("in"), &folder).is_ok());
}

#[test]
fn data_that_are_too_short_or_do_not_fit_are_refused() {
    let long = refusal("long", &[("location", "weights"), ("offset", "8"), ("length", "12")]);
    assert!(long.contains("\"weights\" ends before its data do"), "{long}");
    let behind = refusal("behind", &[("location", "weights"), ("offset", "99"), ("length", "1")]);
    assert!(behind.contains("ends before its data do"), "{behind}");
    let text = refusal("text", &[("location", "weights"), ("offset", "-4")]);
    assert!(text.contains("the offset of its data is no number"), "{text}");
    let short = scaling(&[("location", "weights"), ("length", "8")]);
    let error = run(&gather(&short, &folder("short")).unwrap(), Executor::Engine, 1).unwrap_err().to_string();
    assert!(error.contains("its data do not fill its sizes"), "{error}");
}
