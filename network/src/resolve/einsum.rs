//! `Einsum`: products of operands whose axes have letters, as products of matrices.

use super::super::Result;
use super::super::graph::Node;
use super::super::plan::Reduction;
use super::builder::{Builder, Value, required};

/// An operand with a letter for each axis.
#[derive(Clone)]
struct Lettered {
    value: Value,
    letters: Vec<char>,
}

pub(super) fn einsum(b: &mut Builder, node: &Node, inputs: &[Option<Value>]) -> Result<Value> {
    node.allow(&["equation"])?;
    let equation = node.text("equation", "")?.replace(' ', "");
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left.to_owned(), Some(right.to_owned())),
        None => (equation, None),
    };
    let terms: Vec<&str> = left.split(',').collect();
    if terms.len() != inputs.len() {
        return Err(node.invalid(format!("{} terms for {} operands", terms.len(), inputs.len())));
    }
    let mut operands = Vec::with_capacity(terms.len());
    for (index, term) in terms.iter().enumerate() {
        let value = required(node, inputs, index)?.clone();
        let letters = spelled(node, term, b.shape(&value).len())?;
        operands.push(Lettered { value, letters });
    }
    let wanted = match right {
        Some(right) => spelled_result(&right, &operands),
        None => once(&operands),
    };
    let mut operands = operands.into_iter();
    let mut result = operands.next().ok_or_else(|| node.invalid("it has no operands"))?;
    let rest: Vec<Lettered> = operands.collect();
    for (index, next) in rest.iter().enumerate() {
        let later = rest[index + 1..].iter().flat_map(|operand| &operand.letters);
        let needed: Vec<char> = later.chain(&wanted).copied().collect();
        result = product(b, node, [&result, next], &needed)?;
    }
    let result = summed(b, node, &result, &wanted)?;
    ordered(b, node, &result, &wanted).map(|result| result.value)
}

/// The letters of a term; the axes of an ellipsis are digits, counted from the last.
fn spelled(node: &Node, term: &str, rank: usize) -> Result<Vec<char>> {
    let mut letters: Vec<char> = term.replace("...", "*").chars().collect();
    if let Some(at) = letters.iter().position(|&letter| letter == '*') {
        let count = (rank + 1).saturating_sub(letters.len());
        letters.splice(at..=at, (0..count).rev().map(|i| char::from(b'0' + i.min(9) as u8)));
    }
    let mut sorted = letters.clone();
    sorted.sort_unstable();
    sorted.dedup();
    match letters.len() == rank {
        true if sorted.len() == rank && letters.iter().all(char::is_ascii_alphanumeric) => Ok(letters),
        true => Err(node.unsupported("a diagonal")),
        false => Err(node.invalid(format!("term {term:?} for an operand with {rank} axes"))),
    }
}

fn spelled_result(right: &str, operands: &[Lettered]) -> Vec<char> {
    let mut digits: Vec<char> =
        operands.iter().flat_map(|o| &o.letters).filter(|c| c.is_ascii_digit()).copied().collect();
    digits.sort_unstable();
    digits.dedup();
    digits.reverse();
    let spelled = |letter: char| if letter == '*' { digits.clone() } else { vec![letter] };
    right.replace("...", "*").chars().flat_map(spelled).collect()
}

/// Without a result in the equation: what occurs once, in the order of the alphabet, behind the ellipsis.
fn once(operands: &[Lettered]) -> Vec<char> {
    let all: Vec<char> = operands.iter().flat_map(|o| o.letters.iter().copied()).collect();
    let mut found: Vec<char> = all
        .iter()
        .copied()
        .filter(|c| !c.is_ascii_digit() && all.iter().filter(|o| *o == c).count() == 1)
        .collect();
    found.sort_unstable();
    [spelled_result("...", operands), found].concat()
}

/// The sum over all letters that are not needed.
fn summed(b: &mut Builder, node: &Node, x: &Lettered, needed: &[char]) -> Result<Lettered> {
    let axes: Vec<usize> = (0..x.letters.len()).filter(|&i| !needed.contains(&x.letters[i])).collect();
    let value = b.reduce(node, Reduction::Sum, &x.value, (&axes, false))?;
    let letters = x.letters.iter().copied().filter(|letter| needed.contains(letter)).collect();
    Ok(Lettered { value, letters })
}

fn ordered(b: &mut Builder, node: &Node, x: &Lettered, letters: &[char]) -> Result<Lettered> {
    let place = |letter: &char| {
        let place = x.letters.iter().position(|own| own == letter);
        place.ok_or_else(|| node.invalid(format!("no operand has an axis {letter:?}")))
    };
    let permutation = letters.iter().map(place).collect::<Result<Vec<_>>>()?;
    if permutation.len() != x.letters.len() {
        return Err(node.invalid("its result has not the axes of its operands"));
    }
    Ok(Lettered { value: b.transpose(node, &x.value, permutation)?, letters: letters.to_vec() })
}

/// The product of two operands, as stacks of matrices, summed over what is not needed.
fn product(b: &mut Builder, node: &Node, [x, y]: [&Lettered; 2], needed: &[char]) -> Result<Lettered> {
    let kept = |other: &Lettered| [needed, &other.letters].concat();
    let (x, y) = (summed(b, node, x, &kept(y))?, summed(b, node, y, &kept(x))?);
    let shared = |letter: &&char| y.letters.contains(letter);
    let pick = |from: &Lettered, wanted: &dyn Fn(&char) -> bool| -> Vec<char> {
        from.letters.iter().copied().filter(|letter| wanted(letter)).collect()
    };
    let stack = pick(&x, &|letter| shared(&letter) && needed.contains(letter));
    let inner = pick(&x, &|letter| shared(&letter) && !needed.contains(letter));
    let rows = pick(&x, &|letter| !shared(&letter));
    let columns = pick(&y, &|letter| !x.letters.contains(letter));
    let x = ordered(b, node, &x, &[&stack[..], &rows, &inner].concat())?;
    let y = ordered(b, node, &y, &[&stack[..], &inner, &columns].concat())?;
    let (from, to) = (b.shape(&x.value), b.shape(&y.value));
    let (count, height) = (stack.len(), rows.len());
    let size = |shape: &[usize]| shape.iter().product::<usize>();
    let whole = size(&from[..count]);
    let [m, k, n] =
        [size(&from[count..count + height]), size(&from[count + height..]), size(&to[count + inner.len()..])];
    if from[..count] != to[..count] || from[count + height..] != to[count..count + inner.len()] {
        return Err(node.invalid(format!("shapes {from:?} and {to:?}")));
    }
    let stacked =
        |sizes: [usize; 2]| if count == 0 { sizes.to_vec() } else { vec![whole, sizes[0], sizes[1]] };
    let (left, right) =
        (b.reshape(node, &x.value, stacked([m, k]))?, b.reshape(node, &y.value, stacked([k, n]))?);
    let result = b.product(node, &left, &right)?;
    let shape = [&from[..count + height], &to[count + inner.len()..]].concat();
    let value = b.reshape(node, &result, shape)?;
    Ok(Lettered { value, letters: [stack, rows, columns].concat() })
}
