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
    let is_level = |word: &&str| levels.iter().any(|level| level.eq_ignore_ascii_case(word.trim()));
    let is_part = |word: &&str| word.contains('=') || word.contains('[');
    if let Some(word) = text.split(',').find(|word| !is_level(word) && !is_part(word)) {
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
        ] {
            assert!(filter(text).is_ok(), "{text}");
        }
        for text in ["verbose", "", "info,", "boordtabel", "info,boordtabel=loud"] {
            let failure = filter(text).unwrap_err();
            assert!(
                failure.message.contains(text) && failure.hint.contains("--log info"),
                "{text}: {}",
                failure.message
            );
        }
    }
}
