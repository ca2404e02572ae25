//! Descriptions and instants as files have them.

/// A description on one line.
pub(super) fn prose(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ").replace(['*', '`'], "")
}

/// Milliseconds since 1970 as whole seconds: `2021-02-15T09:30:00Z`.
pub(super) fn instant(ms: i64) -> String {
    jiff::Timestamp::from_second(ms.div_euclid(1000)).unwrap_or_default().to_string()
}
