//! The map inside a network, beside what the network says.

use super::plan::{Binary, Op, Operand, Plan, Step, ValueId};

/// The map is this many times smaller than the picture.
const REDUCTION: usize = 8;

impl Plan {
    /// The plan with one output, `(batch, elements)`: the network's first output, and after it the last residual sum at
    /// an eighth of the picture's size. Returns the elements of the first as well.
    ///
    /// A network that has no such sum keeps its output alone.
    pub(super) fn with_map(mut self) -> (Self, usize) {
        let Some((name, output)) = self.outputs.first().cloned() else { return (self, 0) };
        let batch = self.values[self.input][0];
        let row = self.append(Op::Reshape, vec![output], batch);
        let own = self.values[row][1];
        let row = match self.map() {
            Some(map) => {
                let map = self.append(Op::Reshape, vec![map], batch);
                self.append(Op::Concat { axis: 1 }, vec![row, map], batch)
            }
            None => row,
        };
        self.outputs = vec![(name, row)];
        (self, own)
    }

    /// The last residual sum at an eighth of the picture's size.
    fn map(&self) -> Option<ValueId> {
        let height = self.values[self.input][2] / REDUCTION;
        let sum = |step: &&Step| {
            let shape = &self.values[step.output];
            let values = step.inputs.iter().all(|input| matches!(input, Operand::Value(_)));
            step.op == Op::Binary(Binary::Add) && values && shape.len() == 4 && shape[2] == height
        };
        self.steps.iter().rev().find(sum).map(|step| step.output)
    }

    /// Another step, which makes rows of all elements of values, and its result.
    fn append(&mut self, op: Op, inputs: Vec<ValueId>, batch: usize) -> ValueId {
        let elements: usize = inputs.iter().map(|&i| self.values[i].iter().product::<usize>()).sum();
        let output = self.values.len();
        self.values.push(vec![batch, elements / batch]);
        let inputs = inputs.into_iter().map(Operand::Value).collect();
        self.steps.push(Step { op, inputs, output, name: "map".into() });
        output
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use candle_core::{Device, Tensor, Var};

    use super::super::engine::Program;
    use super::super::plan::{Unary, Window};
    use super::*;

    type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

    fn step(op: Op, inputs: &[ValueId], output: ValueId) -> Step {
        let inputs = inputs.iter().map(|&i| Operand::Value(i)).collect();
        Step { op, inputs, output, name: String::new() }
    }

    /// Minus twice the mean of a picture of 8 x 8 pixels, or with `sum` that of a sum inside.
    fn plan(sum: bool) -> Plan {
        let window = Window { size: [8; 2], stride: [8; 2], padding: [0; 4], dilation: [1; 2] };
        let mean = Op::AveragePool { window, count_padding: false };
        let twice = if sum { Op::Binary(Binary::Add) } else { Op::Unary(Unary::Abs) };
        let operands: &[ValueId] = if sum { &[1, 1] } else { &[1] };
        Plan {
            input: 0,
            values: vec![vec![1, 1, 8, 8], vec![1; 4], vec![1; 4], vec![1; 4]],
            constants: vec![],
            steps: vec![step(mean, &[0], 1), step(twice, operands, 2), step(Op::Unary(Unary::Neg), &[2], 3)],
            outputs: vec![("output".into(), 3)],
        }
    }

    #[test]
    fn the_last_sum_at_an_eighth_of_the_size_comes_after_the_output() -> Result<()> {
        let (plan, own) = plan(true).with_map();
        let picture = Var::from_tensor(&Tensor::full(0.25f32, (2, 1, 8, 8), &Device::Cpu)?)?;
        let rows = Arc::new(Program::compile(&plan)?).apply(&picture)?;
        assert_eq!((own, rows.to_vec2::<f32>()?), (1, vec![vec![-0.5, 0.5]; 2]));
        // Both have gradients: 2 / 64 of the map, and minus that of the output.
        let gradient = |column: usize| -> Result<f32> {
            let slopes = rows.narrow(1, column, 1)?.sum_all()?.backward()?;
            Ok(slopes.get(&picture).ok_or("no gradient")?.flatten_all()?.get(5)?.to_scalar()?)
        };
        assert_eq!(format!("{} {}", gradient(0)?, gradient(1)?), "-0.03125 0.03125");
        Ok(())
    }

    #[test]
    fn a_network_without_such_a_sum_keeps_its_output_alone() -> Result<()> {
        let (plan, own) = plan(false).with_map();
        let rows = Program::compile(&plan)?.forward(&[0.25; 64])?;
        assert_eq!((own, rows), (1, vec![vec![-0.25]]));
        Ok(())
    }
}
