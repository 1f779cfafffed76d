//! Operations that the engine has no kernel for: the reference executor's.

use candle_core::{DType, Device, Tensor, Var};

use crate::plan::{Operand, Plan, Shape, Step};
use crate::reference::Reference;
use crate::{Error, Result};

use super::super::lanes::Instructions;
use super::super::rule::{Memories, Remembers, Rule};

/// One step of a plan on the reference executor; its values are stored as the plan says.
#[derive(Debug)]
pub(crate) struct Borrowed {
    name: &'static str,
    /// None where candle does not take the constants.
    reference: Option<Reference>,
    /// Shapes of the operands that are values, and of the result.
    operands: Vec<Shape>,
    result: Shape,
}

impl Borrowed {
    /// Takes a step out of its plan.
    pub(crate) fn new(plan: &Plan, step: &Step) -> Self {
        let values: Vec<usize> = step.inputs.iter().filter_map(Operand::value).collect();
        let operands: Vec<Shape> = values.iter().map(|&value| plan.values[value].clone()).collect();
        let result = plan.values[step.output].clone();
        let own = Plan {
            input: 0,
            values: operands.iter().chain([&result]).cloned().collect(),
            constants: plan.constants_of(step),
            steps: vec![Step { inputs: renumbered(step), output: operands.len(), ..step.clone() }],
            outputs: vec![(String::new(), operands.len())],
        };
        let reference = Reference::new(&own, &Device::Cpu, DType::F32).ok();
        Self { name: step.op.name(), reference, operands, result }
    }

    fn tensors(&self, inputs: &[&[f32]]) -> Result<Vec<Tensor>> {
        let tensor = |(input, shape): (&&[f32], &Shape)| {
            Ok(Tensor::from_slice(input, shape.as_slice(), &Device::Cpu)?)
        };
        inputs.iter().zip(&self.operands).map(tensor).collect()
    }

    fn run(&self, tensors: Vec<Tensor>) -> Result<Tensor> {
        let reference =
            self.reference.as_ref().ok_or_else(|| Error::Usage("constants that do not fit".into()))?;
        Ok(reference.run_with(tensors.into_iter().enumerate())?.swap_remove(0))
    }

    fn slopes(&self, input: usize, inputs: &[&[f32]], from: &[f32]) -> Result<Option<Vec<f32>>> {
        let mut tensors = self.tensors(inputs)?;
        let variable = Var::from_tensor(&tensors[input])?;
        tensors[input] = variable.as_tensor().clone();
        let seed = Tensor::from_slice(from, self.result.as_slice(), &Device::Cpu)?;
        let slopes = (self.run(tensors)? * seed)?.sum_all()?.backward()?;
        slopes.get(&variable).map(|slopes| Ok(slopes.flatten_all()?.to_vec1()?)).transpose()
    }
}

/// The step's operands, whose values count up from 0.
fn renumbered(step: &Step) -> Vec<Operand> {
    let mut count = 0..;
    let operand = |operand: &Operand| match operand {
        Operand::Value(_) => Operand::Value(count.next().unwrap_or_default()),
        constant @ Operand::Constant(_) => *constant,
    };
    step.inputs.iter().map(operand).collect()
}

// The shapes were checked when the network was resolved, so candle has no reason to fail; if it does, the result is
// not a number anywhere, which nobody takes for one.
impl Rule for Borrowed {
    fn remembers(&self) -> Remembers {
        Remembers::Inputs
    }

    fn borrowed(&self) -> Option<&'static str> {
        Some(self.name)
    }

    fn forward(&self, _: Instructions, inputs: &[&[f32]], output: &mut [f32]) {
        let result = self.tensors(inputs).and_then(|tensors| self.run(tensors));
        match result.and_then(|result| Ok(result.flatten_all()?.to_vec1::<f32>()?)) {
            Ok(result) if result.len() == output.len() => output.copy_from_slice(&result),
            _ => output.fill(f32::NAN),
        }
    }

    fn gradient(&self, _: Instructions, input: usize, memories: &Memories<'_>, from: &[f32], to: &mut [f32]) {
        match self.slopes(input, memories.inputs, from) {
            Ok(Some(slopes)) => to.iter_mut().zip(slopes).for_each(|(to, slope)| *to += slope),
            Ok(None) => {}
            Err(_) => to.fill(f32::NAN),
        }
    }
}
