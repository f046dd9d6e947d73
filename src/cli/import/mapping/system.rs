//! The names of other systems, which mappings give to external ids and claims.

use anyhow::bail;

use crate::name::is_key;

/// Checks that a name matches `[a-z][a-z0-9_.-]{0,62}`.
pub(crate) fn check_system(system: &str) -> anyhow::Result<()> {
    if !is_key(system, "_.-") {
        bail!("system: `{system}` is not like [a-z][a-z0-9_.-]{{0,62}}");
    }
    Ok(())
}
