//! Provides findings as the JSON that programs read: the very content of `findings.json`.

use model::findings::Findings;

/// Findings as indented JSON with a line end. Fails only where a value has no JSON form.
pub fn json(findings: &Findings) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(findings).map(|json| json + "\n")
}
