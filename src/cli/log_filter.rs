//! What is logged.

use tracing_subscriber::EnvFilter;

use crate::cli::failure::Failure;

/// A filter of the log.
///
/// # Errors
/// When the text is none, or would log nothing by mistake.
pub fn filter(text: &str) -> Result<EnvFilter, Failure> {
    let told =
        |cause: &str| Failure::usage(format!("`{text}` is no log filter: {cause}"), "write for example --log info");
    // A word that is no level would be taken for a part of the program, and nothing else be logged.
    let levels = ["error", "warn", "info", "debug", "trace", "off"];
    let parts = ["boordtabel", "access", "actix", "rustls", "sled", "tokio", "ureq"];
    let is_level = |it: &str| levels.iter().any(|level| level.eq_ignore_ascii_case(it)) || it.parse::<u8>().is_ok();
    let is_part = |it: &str| it.contains(['=', '[']) || parts.iter().any(|part| it.starts_with(part));
    let words = || text.split(',').map(str::trim);
    let is_none = |it: &&str| !it.is_empty() && !is_level(it) && !is_part(it);
    if let Some(word) = words().find(is_none).or_else(|| words().all(str::is_empty).then_some("")) {
        return Err(told(&format!("`{word}` is none of {}", levels.join(", "))));
    }
    EnvFilter::try_new(text).map_err(|cause| told(&cause.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_would_log_nothing_by_mistake_is_refused() {
        for text in [
            "info",
            "off",
            "WARN",
            "info,actix=warn,actix_http=off",
            "boordtabel=debug",
            "boordtabel[commit]=debug",
            "info, warn",
            "info,",
            "boordtabel",
            "2",
        ] {
            assert!(filter(text).is_ok(), "{text}");
        }
        for text in ["verbose", "", ",", "info,loud", "info,boordtabel=loud"] {
            let failure = filter(text).unwrap_err();
            assert!(
                failure.message.contains(text) && failure.hint.contains("--log info"),
                "{text}: {}",
                failure.message
            );
        }
    }
}
