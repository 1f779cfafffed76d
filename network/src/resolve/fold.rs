//! Folding: normalisation and bias disappear into the products before them.

use super::super::plan::{Binary, Constant, ConstantId, Conv, Op, Operand, Plan, Step, ValueId, are_whole};

/// Elements that are looked at most: many times those of a large network. Without an end, a small file could ask for
/// one large constant to be scaled by each of thousands of steps.
const MAX_SCALED: usize = 1 << 30;

/// Folds affine steps and added constants into the convolution, product or affine step that they
/// follow, then drops what no output needs.
pub(super) fn fold(mut plan: Plan) -> Plan {
    merge(&mut plan, MAX_SCALED);
    drop_unused(&mut plan);
    plan
}

/// Folds what can be folded, until more than `most` elements were looked at.
fn merge(plan: &mut Plan, most: usize) {
    let (mut i, mut scaled) = (0, 0);
    while i < plan.steps.len() {
        let Some(producer) = sole_producer(plan, i).filter(|_| scaled <= most) else {
            i += 1;
            continue;
        };
        let before = plan.steps[producer].op.constants();
        scaled += before.iter().map(|&id| plan.constants[id].elements.len()).sum::<usize>();
        if absorb(plan, producer, i) {
            plan.steps[producer].output = plan.steps[i].output;
            plan.steps.remove(i);
            free_unused(plan, &before);
        } else {
            i += 1;
        }
    }
}

/// The step that makes the first operand of step `i`, if nothing else uses that operand.
fn sole_producer(plan: &Plan, i: usize) -> Option<usize> {
    let value = match plan.steps[i].inputs.first()? {
        Operand::Value(id) => *id,
        Operand::Constant(_) => return None,
    };
    let uses = plan.steps.iter().flat_map(|s| &s.inputs).filter(|&&o| o == Operand::Value(value)).count();
    let is_output = plan.outputs.iter().any(|(_, id)| *id == value);
    (uses == 1 && !is_output).then(|| plan.steps[..i].iter().position(|s| s.output == value)).flatten()
}

/// Merges step `i` into `producer`, if the two have a common form.
fn absorb(plan: &mut Plan, producer: usize, i: usize) -> bool {
    match (plan.steps[producer].op.clone(), plan.steps[i].op.clone()) {
        (Op::Conv(Conv { weight, .. }) | Op::Linear { weight, .. }, Op::Affine { scale, .. })
            if are_whole(&plan.constants[weight].elements) && !are_whole(&plan.constants[scale].elements) =>
        {
            return false;
        }
        (Op::Conv(mut conv), Op::Affine { scale, shift }) => {
            let per_channel =
                plan.constants[conv.weight].elements.len() / plan.constants[scale].elements.len();
            conv.bias = Some(scaled_bias(plan, conv.bias, scale, shift));
            conv.weight = scaled(plan, conv.weight, scale, |index, _| index / per_channel);
            plan.steps[producer].op = Op::Conv(conv);
        }
        (Op::Linear { weight, bias }, Op::Affine { scale, shift }) if rank(plan, i) == 2 => {
            let bias = Some(scaled_bias(plan, bias, scale, shift));
            let weight = scaled(plan, weight, scale, |index, channels| index % channels);
            plan.steps[producer].op = Op::Linear { weight, bias };
        }
        (Op::Affine { scale: s, shift: t }, Op::Affine { scale, shift }) => {
            let shift = scaled_bias(plan, Some(t), scale, shift);
            let scale = scaled(plan, s, scale, |index, channels| index % channels);
            plan.steps[producer].op = Op::Affine { scale, shift };
        }
        (Op::Linear { weight, bias: None }, Op::Binary(Binary::Add)) => {
            let columns = plan.constants[weight].shape[1];
            match plan.steps[i].inputs.get(1) {
                Some(&Operand::Constant(id)) if plan.constants[id].shape == [columns] => {
                    plan.steps[producer].op = Op::Linear { weight, bias: Some(id) };
                }
                _ => return false,
            }
        }
        _ => return false,
    }
    true
}

fn rank(plan: &Plan, step: usize) -> usize {
    plan.values[plan.steps[step].output].len()
}

/// The constant with each element multiplied by the scale of its channel.
fn scaled(
    plan: &mut Plan,
    id: ConstantId,
    scale: ConstantId,
    channel: impl Fn(usize, usize) -> usize,
) -> ConstantId {
    let factors = &plan.constants[scale].elements;
    let old = &plan.constants[id];
    let elements =
        old.elements.iter().enumerate().map(|(i, x)| x * factors[channel(i, factors.len())]).collect();
    let shape = old.shape.clone();
    plan.constants.push(Constant { shape, elements });
    plan.constants.len() - 1
}

/// `bias * scale + shift`, where a missing bias is 0.
fn scaled_bias(
    plan: &mut Plan,
    bias: Option<ConstantId>,
    scale: ConstantId,
    shift: ConstantId,
) -> ConstantId {
    let Some(bias) = bias else { return shift };
    let scaled = scaled(plan, bias, scale, |index, _| index);
    let (bias, shift) = (plan.constants[scaled].elements.clone(), &plan.constants[shift].elements);
    plan.constants[scaled].elements = bias.iter().zip(shift).map(|(b, s)| b + s).collect();
    scaled
}

/// Frees the elements of constants that were replaced, where no other step uses them.
fn free_unused(plan: &mut Plan, constants: &[ConstantId]) {
    for id in constants {
        let operand = Operand::Constant(*id);
        let uses = |step: &Step| step.inputs.contains(&operand) || step.op.constants().contains(id);
        if !plan.steps.iter().any(uses) {
            plan.constants[*id] = Constant { shape: vec![0], elements: vec![] };
        }
    }
}

fn drop_unused(plan: &mut Plan) {
    let mut needed: Vec<bool> = vec![false; plan.values.len()];
    let mark = |needed: &mut Vec<bool>, id: ValueId| needed[id] = true;
    plan.outputs.iter().for_each(|(_, id)| mark(&mut needed, *id));
    let mut kept: Vec<Step> = vec![];
    for step in plan.steps.drain(..).rev() {
        if needed[step.output] {
            for operand in &step.inputs {
                if let Operand::Value(id) = operand {
                    mark(&mut needed, *id);
                }
            }
            kept.push(step);
        }
    }
    kept.reverse();
    plan.steps = kept;
    drop_constants(plan);
}

/// Frees the elements of constants that no step uses any more; their numbers stay valid.
fn drop_constants(plan: &mut Plan) {
    let mut used = vec![false; plan.constants.len()];
    for step in &plan.steps {
        step.op.constants().into_iter().for_each(|id| used[id] = true);
        for operand in &step.inputs {
            if let Operand::Constant(id) = operand {
                used[*id] = true;
            }
        }
    }
    for (constant, _) in plan.constants.iter_mut().zip(used).filter(|(_, used)| !used) {
        *constant = Constant { shape: vec![0], elements: vec![] };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Window;

    fn constant(shape: &[usize], elements: &[f32]) -> Constant {
        Constant { shape: shape.to_vec(), elements: elements.to_vec() }
    }

    fn step(op: Op, input: ValueId, output: ValueId) -> Step {
        Step { op, inputs: vec![Operand::Value(input)], output, name: String::new() }
    }

    fn convolution_then_affine(outputs: Vec<(String, ValueId)>) -> Plan {
        let window = Window { size: [1, 1], stride: [1, 1], padding: [0; 4], dilation: [1, 1] };
        let conv = Conv { weight: 0, bias: Some(1), groups: 1, window };
        Plan {
            input: 0,
            values: vec![vec![1, 1, 1, 1], vec![1, 2, 1, 1], vec![1, 2, 1, 1]],
            constants: vec![
                constant(&[2, 1, 1, 1], &[1., 2.]),
                constant(&[2], &[10., 20.]),
                constant(&[2], &[3., 4.]),
                constant(&[2], &[0.5, 0.25]),
            ],
            steps: vec![step(Op::Conv(conv), 0, 1), step(Op::Affine { scale: 2, shift: 3 }, 1, 2)],
            outputs,
        }
    }

    #[test]
    fn normalisation_after_a_convolution_becomes_its_weight_and_bias() {
        let plan = fold(convolution_then_affine(vec![("y".into(), 2)]));
        let [Step { op: Op::Conv(conv), output: 2, .. }] = plan.steps.as_slice() else {
            panic!("{:?}", plan.steps)
        };
        assert_eq!(plan.constants[conv.weight].elements, [3., 8.]);
        assert_eq!(plan.constants[conv.bias.unwrap()].elements, [30.5, 80.25]);
    }

    #[test]
    fn a_kernel_of_whole_numbers_is_not_scaled_to_fractions() {
        let mut plan = convolution_then_affine(vec![("y".into(), 2)]);
        plan.constants[2] = constant(&[2], &[0.1, 4.]);
        assert_eq!(fold(plan).steps.len(), 2);
    }

    #[test]
    fn a_convolution_whose_result_is_used_twice_is_not_changed() {
        let plan = fold(convolution_then_affine(vec![("x".into(), 1), ("y".into(), 2)]));
        assert_eq!(plan.steps.len(), 2);
        assert_eq!(plan.constants[0].elements, [1., 2.]);
    }

    /// Three normalisations, each twofold, after a convolution of weights 1 and 2.
    fn three_scales() -> Plan {
        let mut plan = convolution_then_affine(vec![("y".into(), 4)]);
        plan.constants[2] = constant(&[2], &[2., 2.]);
        plan.values.extend([vec![1, 2, 1, 1], vec![1, 2, 1, 1]]);
        plan.steps.extend([2, 3].map(|x| step(Op::Affine { scale: 2, shift: 3 }, x, x + 1)));
        plan
    }

    #[test]
    fn constants_that_were_replaced_take_no_memory() {
        let mut plan = three_scales();
        merge(&mut plan, usize::MAX);
        let kept: Vec<&[f32]> =
            plan.constants.iter().map(|c| &c.elements[..]).filter(|c| c.len() == 2).collect();
        assert_eq!(plan.steps.len(), 1);
        assert_eq!(
            kept.len(),
            4,
            "weight and bias, and scale and shift of the steps that are gone: {kept:?}"
        );
        assert!(kept.contains(&&[8., 16.][..]));
    }

    #[test]
    fn folding_has_an_end() {
        let mut plan = three_scales();
        merge(&mut plan, 7);
        assert_eq!(plan.steps.len(), 2, "4 elements were scaled, then 8");
    }

    #[test]
    fn steps_that_no_output_needs_are_dropped() {
        let plan = fold(convolution_then_affine(vec![("x".into(), 1)]));
        assert_eq!(plan.steps.len(), 1);
        assert!(plan.constants[2].elements.is_empty());
    }
}
