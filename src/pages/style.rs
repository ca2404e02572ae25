//! The style sheet of all pages.

use std::sync::OnceLock;

/// The style sheet of all pages.
pub const STYLE: &str = include_str!("../../web/pages/style.css");

/// The name under which the style sheet is served: another one for each content, so that browsers may keep it for ever.
pub fn style_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| format!("pages-{}.css", &blake3::hash(STYLE.as_bytes()).to_hex()[..12]))
}
