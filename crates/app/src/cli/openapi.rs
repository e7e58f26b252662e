//! `guildhall openapi`

use super::say;

pub(super) fn run() -> anyhow::Result<()> {
    say(adapter_http::openapi().to_pretty_json()?);
    Ok(())
}
