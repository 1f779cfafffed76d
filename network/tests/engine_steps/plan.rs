//! Plans that grow step by step.

use ingrad::plan::{Constant, Conv, Op, Operand, Plan, Shape, Step, Unary, Window};

/// Numbers between -1 and 1 that look random.
pub(crate) fn noise(count: usize, seed: usize) -> Vec<f32> {
    let mut state = (seed as u32).wrapping_mul(2_654_435_769).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.
    };
    (0..count).map(|_| next()).collect()
}

/// A plan that grows step by step; value 0 is the input.
pub(crate) struct Builder(pub(crate) Plan);

impl Builder {
    pub(crate) fn new(input: &[usize]) -> Self {
        Self(Plan {
            input: 0,
            values: vec![input.to_vec()],
            constants: vec![],
            steps: vec![],
            outputs: vec![],
        })
    }

    pub(crate) fn constant(&mut self, shape: &[usize]) -> usize {
        let elements = noise(shape.iter().product(), self.0.constants.len() + 7);
        self.0.constants.push(Constant { shape: shape.to_vec(), elements });
        self.0.constants.len() - 1
    }

    pub(crate) fn step(&mut self, op: Op, inputs: &[usize], shape: Shape) -> usize {
        self.with_operands(op, inputs.iter().map(|&i| Operand::Value(i)).collect(), shape)
    }

    pub(crate) fn with_operands(&mut self, op: Op, inputs: Vec<Operand>, shape: Shape) -> usize {
        self.0.values.push(shape);
        let output = self.0.values.len() - 1;
        self.0.steps.push(Step { op, inputs, output, name: format!("step{output}") });
        output
    }

    pub(crate) fn shape(&self, value: usize) -> Shape {
        self.0.values[value].clone()
    }

    pub(crate) fn same(&mut self, op: Op, input: usize) -> usize {
        self.step(op, &[input], self.shape(input))
    }

    pub(crate) fn unary(&mut self, unary: Unary, input: usize) -> usize {
        self.same(Op::Unary(unary), input)
    }

    pub(crate) fn transpose(&mut self, input: usize, permutation: &[usize]) -> usize {
        let shape = permutation.iter().map(|&axis| self.shape(input)[axis]).collect();
        self.step(Op::Transpose { permutation: permutation.to_vec() }, &[input], shape)
    }

    pub(crate) fn conv(&mut self, input: usize, out: usize, groups: usize, window: Window) -> usize {
        let [n, c, h, w] = self.shape(input)[..] else { panic!("pictures") };
        let weight = self.constant(&[out, c / groups, window.size[0], window.size[1]]);
        let bias = Some(self.constant(&[out]));
        let shape = vec![n, out, length(&window, 0, h), length(&window, 1, w)];
        self.step(Op::Conv(Conv { weight, bias, groups, window }), &[input], shape)
    }

    pub(crate) fn finish(mut self, output: usize) -> Plan {
        self.0.outputs = vec![("output".to_owned(), output)];
        self.0
    }
}

/// Positions of a window along an axis.
pub(crate) fn length(window: &Window, axis: usize, length: usize) -> usize {
    let span = (window.size[axis] - 1) * window.dilation[axis] + 1;
    (length + window.padding[axis] + window.padding[axis + 2] - span) / window.stride[axis] + 1
}

pub(crate) fn affine(build: &mut Builder, value: usize) -> usize {
    let channels = build.shape(value)[1];
    let (scale, shift) = (build.constant(&[channels]), build.constant(&[channels]));
    build.same(Op::Affine { scale, shift }, value)
}

pub(crate) fn prelu(build: &mut Builder, value: usize) -> usize {
    let channels = build.shape(value)[1];
    // Slopes of both signs: the sign of the result does not tell that of the operand.
    let slope = build.constant(&[channels]);
    build.same(Op::Prelu { slope }, value)
}
