//! Whose faces of a clip are protected, and what becomes of the others.

use serde_json::Value;

use crate::desk::{Desk, example, ffmpeg};

/// Two people side by side, the first of them larger.
fn two(desk: &Desk) {
    let still = |photo: &str| ["-loop", "1", "-framerate", "15", "-i", photo].map(String::from);
    let inputs = [still(&example("kofi-smiling.jpg")), still(&example("amber-neutral.jpg"))].concat();
    let join = "[0]scale=300:300,pad=330:320:10:10:gray[a];[1]scale=200:200,pad=230:320:10:60:gray[b];\
                [a][b]hstack,noise=alls=2:allf=t,format=yuv420p";
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let coded = ["-filter_complex", join, "-c:v", "libx264", "-crf", "16", "-t", "0.6"];
    ffmpeg(&[&inputs[..], &coded, &[&desk.name("two.mp4")]].concat());
}

/// The tracks, from left to right.
fn tracks(said: &str) -> Vec<Value> {
    let clip: Value = serde_json::from_str(said.trim()).unwrap_or_else(|_| panic!("{said}"));
    let mut tracks = clip["tracks"].as_array().unwrap().clone();
    tracks.sort_by(|a, b| a["box"]["x"].as_f64().unwrap().total_cmp(&b["box"]["x"].as_f64().unwrap()));
    tracks
}

#[test]
#[ignore = "needs ffmpeg"]
fn only_the_largest_face_is_protected_and_the_other_is_hidden_in_every_frame() {
    let desk = Desk::new();
    two(&desk);
    let choice = ["two.mp4", "-o", "out", "--strength", "subtle", "--faces", "largest", "--others", "cover"];
    let (code, said, errors) = desk.run(&[&choice[..], &["--json"]].concat());
    let all = tracks(&said);
    let kinds: Vec<_> = all.iter().map(|t| (t["chosen"].clone(), t["hiding"].clone())).collect();
    assert_eq!(kinds, [(true.into(), Value::Null), (false.into(), "cover".into())], "{errors}");
    // Hidden is what no judge recognises, and nothing else is called so.
    assert!(code.is_some_and(|code| code < 2), "{errors}");
    assert_eq!(all[1]["hidden"] == true, all[1]["recognised"] == 0, "{}", all[1]);
    assert!(all[1]["judged"].as_u64() >= Some(3), "{}", all[1]);
    // A check of its own: what the detector sees of the hidden face in the written frames is not that person.
    let frames = desk.name("frame-%d.png");
    ffmpeg(&["-i", &desk.name("two.mp4"), "-vf", "select='not(mod(n\\,4))'", "-fps_mode", "vfr", &frames]);
    let shown = desk.name("shown-%d.png");
    ffmpeg(&["-i", &desk.name("out/two.mp4"), "-vf", "select='not(mod(n\\,4))'", "-fps_mode", "vfr", &shown]);
    for number in 1..=2 {
        let [before, after] = ["frame", "shown"].map(|name| desk.name(&format!("{name}-{number}.png")));
        let same = ffmpeg_difference(&before, &after);
        assert!(same < 30., "the head to the right is still there: {same} dB");
    }
}

/// How alike the right halves of two pictures are, in dB.
fn ffmpeg_difference(a: &str, b: &str) -> f64 {
    let compared = "[0]crop=160:160:350:80[a];[1]crop=160:160:350:80[b];[a][b]psnr";
    let mut command = std::process::Command::new("ffmpeg");
    command.args(["-nostdin", "-i", a, "-i", b, "-lavfi", compared, "-f", "null", "-"]);
    let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
    said.split("average:").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap()
}

#[test]
#[ignore = "needs ffmpeg"]
fn people_are_given_by_photos_of_them_and_everybody_else_stays_as_before() {
    let desk = Desk::new();
    two(&desk);
    let photo = example("kofi-neutral.jpg");
    let only = ["two.mp4", "-o", "out", "--strength", "subtle", "--only", &photo];
    let (_, said, errors) = desk.run(&[&only[..], &["--json"]].concat());
    let chosen: Vec<_> = tracks(&said).iter().map(|track| track["chosen"].clone()).collect();
    assert_eq!(chosen, [true, false], "{errors}");
    let other = example("amber-smiling.jpg");
    let (code, said, _) = desk.run(&["two.mp4", "-o", "other", "--except", &photo, "--except", &other]);
    let line = "two.mp4: NOBODY TO PROTECT, not written; 2 other tracks left as before, ";
    assert!(code == Some(1) && said.starts_with(line), "{said}");
    assert_eq!(desk.files("other"), [".visard-journal.jsonl"]);
}
