//! Clamping as one differentiable operation: candle's own goes over the picture some thirty times
//! for its gradient.

use candle_core::{CpuStorage, CustomOp1, DType, Layout, Result, Shape, Tensor, bail};

/// Values outside `low..=high` become the nearer end; their gradient is 0.
pub(super) fn clamp(values: &Tensor, low: f32, high: f32) -> Result<Tensor> {
    values.contiguous()?.apply_op1(Clamp { low, high })
}

struct Clamp {
    low: f32,
    high: f32,
}

impl CustomOp1 for Clamp {
    fn name(&self) -> &'static str {
        "clamp"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let Some((start, end)) = layout.contiguous_offsets() else { bail!("clamping needs dense values") };
        let values = &storage.as_slice::<f32>()?[start..end];
        let clamped = values.iter().map(|value| value.clamp(self.low, self.high)).collect();
        Ok((CpuStorage::F32(clamped), layout.shape().clone()))
    }

    fn bwd(&self, values: &Tensor, clamped: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let inside = values.eq(clamped)?.to_dtype(DType::F32)?;
        Ok(Some((gradient * inside)?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn only_values_inside_keep_their_gradient() -> Result<()> {
        let values = Var::new(&[-1f32, 0.25, 2.], &Device::Cpu)?;
        let clamped = clamp(values.as_tensor(), 0., 1.)?;
        assert_eq!(clamped.to_vec1::<f32>()?, [0., 0.25, 1.]);
        let gradient = (clamped * 3.)?.sum_all()?.backward()?.remove(&values);
        assert_eq!(gradient.map(|g| g.to_vec1::<f32>()).transpose()?, Some(vec![0., 3., 0.]));
        Ok(())
    }
}
