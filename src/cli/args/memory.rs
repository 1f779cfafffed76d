//! `--max-memory`

use clap::Args;

use visard::photo::Limits;

/// How much memory a run may take.
#[derive(Debug, Args)]
pub(in crate::cli) struct Memory {
    /// Refuse photos that would need more memory than this, for example 800M or 2G [default: 7G]
    ///
    /// At least 520M: the built-in networks take 512M. Networks of other files come on top.
    #[arg(long, value_name = "SIZE", value_parser = limits_within)]
    max_memory: Option<Limits>,
}

impl Memory {
    pub(in crate::cli) fn limits(&self) -> Limits {
        self.max_memory.unwrap_or_default()
    }
}

/// The limits of photos for an amount of memory.
fn limits_within(size: &str) -> Result<Limits, String> {
    Limits::within(bytes(size)?).ok_or("visard needs at least 520M".into())
}

/// A number of bytes, or one with K, M, G or T, for powers of 1024.
pub(super) fn bytes(size: &str) -> Result<u64, String> {
    let units = ["K", "M", "G", "T"].into_iter().zip([10, 20, 30, 40]);
    let upper = size.to_uppercase();
    let unit = units.into_iter().find_map(|(unit, bits)| Some((upper.strip_suffix(unit)?, 1_u64 << bits)));
    let (number, unit) = unit.unwrap_or((&upper, 1));
    let number = number.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.);
    let number = number.ok_or("write a number and K, M, G or T, for example 2G")?;
    Ok((number * unit as f64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_of_memory_is_a_number_with_a_unit() {
        let memory = |size| limits_within(size).map(|limits| limits.memory);
        for size in ["526M", "526m", "551550976", "538624K", "0.513671875G"] {
            assert_eq!(memory(size), Ok(2 << 20), "{size}");
        }
        assert_eq!(limits_within("8T"), Ok(Limits::default()));
        for size in ["", "M", "-1G", "NaN", "infT", "1e400", "2GB", "two"] {
            assert!(memory(size).unwrap_err().contains("for example 2G"), "{size}");
        }
        for size in ["0", "518M", "409600"] {
            assert!(memory(size).unwrap_err().contains("at least 520M"), "{size}");
        }
    }
}
