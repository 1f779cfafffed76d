//! A folder of tiny networks: a detector that finds one face at a fixed place, a surrogate, a judge.

use std::path::Path;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::onnx::{Graph, Setting, integers, node, reals};

/// Where the detector finds its face: the middle, and the side of the box.
pub(crate) const MIDDLE: [f32; 2] = [80., 80.];
pub(crate) const SIDE: f32 = 64.;

/// The five points in which the detector believes.
const POINTS: [[f32; 2]; 5] = [[68., 72.], [92., 72.], [80., 82.], [70., 94.], [90., 94.]];

/// What the judge says of every face.
#[derive(Clone, Copy)]
pub(crate) enum Judge {
    TakesAllForStrangers,
    /// Takes faces for one from this similarity on.
    RecognisesFrom(f32),
}

/// A folder with `finder.onnx`, `surrogate.onnx`, `judge.onnx` and their `catalogue.toml`.
pub(crate) fn models(judge: Judge) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let threshold = match judge {
        Judge::TakesAllForStrangers => 1.,
        Judge::RecognisesFrom(similarity) => similarity,
    };
    let mut catalogue = entry(folder.path(), "finder", "detector", &finder());
    for (name, seed, threshold) in [("surrogate", 1, 0.5), ("judge", 2, threshold)] {
        catalogue += &entry(folder.path(), name, "embedder", &embedder(seed));
        catalogue += &format!(
            "role = \"{name}\"\ncrop = \"arcface-112\"\nmean = [127.5, 127.5, 127.5]\n\
             std = [127.5, 127.5, 127.5]\ndimension = 16\nthresholds = {{ far_1e2 = {threshold:?}, \
             far_1e3 = {threshold:?}, far_1e4 = {threshold:?} }}\n"
        );
    }
    std::fs::write(folder.path().join("catalogue.toml"), catalogue).unwrap();
    folder
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

fn entry(folder: &Path, name: &str, kind: &str, file: &[u8]) -> String {
    std::fs::write(folder.join(name).with_extension("onnx"), file).unwrap();
    format!(
        "[[network]]\nname = \"{name}\"\nkind = \"{kind}\"\nfile = \"{name}.onnx\"\nsha256 = \"{}\"\n\
         licence = \"MIT\"\nsource = \"made for a test\"\n",
        sha256(file)
    )
}

/// A detector with `YuNet`'s twelve outputs for pictures of 320 x 320: one face at a fixed place in every picture whose
/// left edge is greener below than above, as that of [`portrait`](super::portrait) is while it is upright.
pub(crate) fn finder() -> Vec<u8> {
    let mut graph = Graph {
        input: [1, 3, 320, 320],
        weights: vec![
            integers("parts", &[1, 2, 3]),
            integers("above", &[1, 10, 0]),
            integers("above's end", &[2, 66, 4]),
            integers("below", &[1, 94, 0]),
            integers("below's end", &[2, 150, 4]),
            reals("enough", &[], &[6.]),
            reals("low", &[], &[0.]),
            reals("high", &[], &[1.]),
        ],
        nodes: vec![
            node("Slice", &["x", "above", "above's end", "parts"], &["sky"], &[]),
            node("Slice", &["x", "below", "below's end", "parts"], &["ground"], &[]),
            node("GlobalAveragePool", &["sky"], &["its green"], &[]),
            node("GlobalAveragePool", &["ground"], &["more green"], &[]),
            node("Sub", &["more green", "its green"], &["slope"], &[]),
            node("Sub", &["slope", "enough"], &["upright"], &[]),
            node("Clip", &["upright", "low", "high"], &["greener below"], &[]),
            // What is black above is the edge of a turned picture.
            node("Clip", &["its green", "low", "high"], &["not black"], &[]),
            node("Mul", &["greener below", "not black"], &["lit"], &[]),
        ],
        outputs: OUTPUTS.to_vec(),
    };
    for (i, name) in OUTPUTS.iter().enumerate() {
        let (columns, width) = ([40, 20, 10][i % 3], [1, 1, 4, 10][i / 3]);
        let mut answer = vec![0f32; columns * columns * width];
        if columns == 10 {
            // The cell in the third row and column of the coarsest grid, whose cells are 32 pixels wide.
            let at = |place: f32| place / 32. - 2.;
            let size = (SIDE / 32.).ln();
            let cell = match width {
                1 => vec![0.9],
                4 => vec![at(MIDDLE[0]), at(MIDDLE[1]), size, size],
                _ => POINTS.iter().flatten().map(|&p| at(p)).collect(),
            };
            answer[22 * width..23 * width].copy_from_slice(&cell);
        }
        let [shape, pattern, flat] = ["shape", "pattern", "flat"].map(|part| format!("{name}.{part}"));
        graph.weights.push(reals(&pattern, &[answer.len() as i64], &answer));
        graph.weights.push(integers(&shape, &[1, -1, width as i64]));
        graph.nodes.push(node("Mul", &["lit", &pattern], &[&flat], &[]));
        graph.nodes.push(node("Reshape", &[&flat, &shape], &[name], &[]));
    }
    graph.file()
}

const OUTPUTS: [&str; 12] = [
    "cls_8", "cls_16", "cls_32", "obj_8", "obj_16", "obj_32", "bbox_8", "bbox_16", "bbox_32", "kps_8",
    "kps_16", "kps_32",
];

/// An embedder with random weights: 49 places of 16 x 16 pixels, 8 features of each, 16 of them all. To it a face and its
/// mirror image are the same.
pub(crate) fn embedder(seed: u32) -> Vec<u8> {
    let strides = [("strides", Setting::Ints(&[16, 16]))];
    Graph {
        input: [1, 3, 112, 112],
        weights: vec![
            reals("a", &[8, 3, 16, 16], &even(noise(8 * 3 * 256, seed), 16)),
            reals("b", &[16, 8, 7, 7], &even(noise(16 * 8 * 49, seed + 100), 7)),
        ],
        nodes: vec![
            node("Conv", &["x", "a"], &["places"], &strides),
            node("Relu", &["places"], &["features"], &[]),
            node("Conv", &["features", "b"], &["all"], &[]),
            node("Flatten", &["all"], &["embedding"], &[]),
        ],
        outputs: vec!["embedding"],
    }
    .file()
}

/// The weights with the right half of each row made the mirror image of the left.
fn even(mut weights: Vec<f32>, row: usize) -> Vec<f32> {
    for row in weights.chunks_mut(row) {
        let (last, half) = (row.len() - 1, row.len() / 2);
        (0..half).for_each(|i| row[last - i] = row[i]);
    }
    weights
}

/// Numbers from -1 to 1 that a seed fixes.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    (0..count + 8)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.
        })
        .skip(8)
        .collect()
}
