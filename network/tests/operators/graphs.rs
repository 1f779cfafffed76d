//! Graphs inside of nodes: branches and loops that constants decide.

use super::onnx::{INT64, Setting, inside, integers, node, reals, tensor};
use super::{file, run};

const BOOL: i64 = 9;

fn truth(name: &str, value: u8) -> Vec<u8> {
    tensor(name, BOOL, &[], &[value])
}

/// `y` is twice the picture if the condition holds, else one more.
fn choice(condition: u8) -> Vec<u8> {
    let double = inside(&[], &[node("Mul", &["x", "two"], &["twice"], &[])], &["twice"]);
    let add = inside(&[], &[node("Add", &["x", "one"], &["more"], &[])], &["more"]);
    let settings = [("then_branch", Setting::Graph(double)), ("else_branch", Setting::Graph(add))];
    let weights = vec![truth("condition", condition), reals("one", &[], &[1.]), reals("two", &[], &[2.])];
    file([1, 3], weights, vec![node("If", &["condition"], &["y"], &settings)])
}

#[test]
fn a_constant_chooses_the_branch() {
    assert_eq!(run(&choice(1), 1.), (vec![0., 2., 4.], vec![2.; 3]));
    assert_eq!(run(&choice(0), 1.), (vec![1., 2., 3.], vec![1.; 3]));
}

/// A loop that doubles `x` in each round, while `again` in its body holds; it also lists what it began each round with.
fn doubling(rounds: &[i64], again: &[Vec<u8>], outputs: [&str; 2]) -> Vec<u8> {
    let double = node("Mul", &["state", "two"], &["twice"], &[]);
    let kept = node("Identity", &["state"], &["row"], &[]);
    let body =
        inside(&["round", "before", "state"], &[again, &[double, kept]].concat(), &["again", "twice", "row"]);
    let count: Vec<u8> = rounds.iter().flat_map(|n| n.to_le_bytes()).collect();
    let weights = vec![
        tensor("count", INT64, &[], &count),
        truth("yes", 1),
        reals("two", &[], &[2.]),
        tensor("last", INT64, &[], &1i64.to_le_bytes()),
        integers("flat", &[1, 1, -1, 2]),
    ];
    let whole = node("Loop", &["count", "yes", "x"], &outputs, &[("body", Setting::Graph(body))]);
    let shown = node("Reshape", &["z", "flat"], &["y"], &[]);
    let nodes = if outputs.contains(&"z") { vec![whole, shown] } else { vec![whole] };
    file([1, 2], weights, nodes)
}

#[test]
fn a_loop_of_three_rounds_doubles_three_times() {
    let always = [node("Identity", &["before"], &["again"], &[])];
    assert_eq!(run(&doubling(&[3], &always, ["y", "rows"]), 1.), (vec![0., 8.], vec![8.; 2]));
}

#[test]
fn a_loop_ends_where_its_condition_does() {
    // Holds in round 0 only, so that there is a round 1 and no round 2.
    let early = [node("Less", &["round", "last"], &["again"], &[])];
    assert_eq!(run(&doubling(&[9], &early, ["y", "rows"]), 1.), (vec![0., 4.], vec![4.; 2]));
}

#[test]
fn a_loop_lists_what_each_round_gives() {
    let always = [node("Identity", &["before"], &["again"], &[])];
    let (rows, gradient) = run(&doubling(&[3], &always, ["end", "z"]), 1.);
    assert_eq!((rows, gradient), (vec![0., 1., 0., 2., 0., 4.], vec![7.; 2]));
}
