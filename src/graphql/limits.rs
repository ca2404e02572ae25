//! Every limit of a request, in one place.

/// How much one request may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a document.
    pub document_bytes: usize,
    /// Depth of nested selections in a document, fragments unfolded.
    pub depth: usize,
    /// Fields of a document, fragments unfolded.
    pub fields: usize,
    /// Directives of a document, fragments unfolded.
    pub directives: usize,
    /// Entries of a page when the request does not say.
    pub page_default: usize,
    /// Entries of a page at most.
    pub page_max: usize,
    /// Ids of one `nodes` lookup.
    pub ids: usize,
    /// Bytes of an answer's data.
    pub answer_bytes: usize,
    /// Errors told in one answer; further ones are left out.
    pub errors: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 64 * 1024,
            depth: 20,
            fields: 5_000,
            directives: 100,
            page_default: 100,
            page_max: 1_000,
            ids: 1_000,
            answer_bytes: 64 << 20,
            errors: 50,
        }
    }
}
