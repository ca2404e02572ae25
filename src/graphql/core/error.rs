//! What goes wrong with a request, as GraphQL errors with a code, the offending value and what to do.

use crate::model::problem::nearest;
use async_graphql::Pos;

use crate::model::problem::{MESSAGE_CHARS_MAX, at_most};
use crate::model::vocabulary::vocabulary;

vocabulary! {
    /// Why a request, or a field of it, is refused. A closed list: every code has a row in `docs/reference.md` and a test that provokes it.
    ErrorCode {
        /// The document is no GraphQL.
        ParseFailed = "GRAPHQL_PARSE_FAILED",
        /// The document asks for what the schema does not have.
        ValidationFailed = "GRAPHQL_VALIDATION_FAILED",
        /// The request itself is malformed: no document, no such operation, a body that is no JSON object.
        BadRequest = "BAD_REQUEST",
        /// The request came in a way in which it cannot be done: a mutation with GET.
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        /// There is nothing at the address.
        NotFound = "NOT_FOUND",
        /// The client takes none of the media types that there are; the hint names them.
        NotAcceptable = "NOT_ACCEPTABLE",
        /// The body is of a media type that is not taken; the hint names the one that is.
        UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
        /// The body did not come in time.
        RequestTimeout = "REQUEST_TIMEOUT",
        /// The request was meant for another server: its `Host` is none of this one.
        MisdirectedRequest = "MISDIRECTED_REQUEST",
        /// An argument or variable has a value that cannot be.
        BadUserInput = "BAD_USER_INPUT",
        /// A limit is exceeded; `limit` and `found` say which and by how much.
        LimitExceeded = "LIMIT_EXCEEDED",
        /// A client address, or a token, has used up its share of the server; `retryAfter` and the header `Retry-After` say in how many seconds there is more.
        TooManyRequests = "TOO_MANY_REQUESTS",
        /// The request needs a token with a stronger role than the one that it has, or comes from a page of another site that is not let in.
        Forbidden = "FORBIDDEN",
        /// The token that the request has is not known, or was revoked.
        Unauthenticated = "UNAUTHENTICATED",
        /// It cannot be done now: the disk refused the write, writing has stopped, the server is busy or stopping, or nobody waits any more; the message says which.
        Unavailable = "UNAVAILABLE",
        /// The revision that the request names is not there.
        RevisionUnavailable = "REVISION_UNAVAILABLE",
        /// The server does not know the document of that hash; send it once with its text.
        PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND",
        /// The server takes only documents that it was given, and this hash is of none of them.
        PersistedQueryNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED",
        /// The server takes only documents that it was given, and this is none of them.
        PersistedQueryOnly = "PERSISTED_QUERY_ONLY",
        /// Our fault. The log of the server has the cause.
        Internal = "INTERNAL_SERVER_ERROR",
    }
}

/// An error of a field or of a whole request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// What kind.
    pub code: ErrorCode,
    /// One sentence that names the offending value.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The limit and what was found, when one is exceeded.
    pub limit: Option<(u64, u64)>,
    /// In how many seconds it may be sent again, when that is known.
    pub retry_after_s: Option<u64>,
}

impl FieldError {
    /// An error of that code.
    pub fn new(code: ErrorCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let message = at_most(MESSAGE_CHARS_MAX, message.into());
        Self { code, message, hint: hint.into(), limit: None, retry_after_s: None }
    }
    /// A bad value.
    pub fn input(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadUserInput, message, hint)
    }
    /// A limit exceeded.
    pub fn limit(what: &str, limit: usize, found: usize, hint: impl Into<String>) -> Self {
        let message = format!("{what}: at most {limit} are allowed, found {found}");
        Self { limit: Some((limit as u64, found as u64)), ..Self::new(ErrorCode::LimitExceeded, message, hint) }
    }
    /// A share that is used up for so many seconds.
    pub fn share(message: impl Into<String>, retry_after_s: u64) -> Self {
        let hint = format!("send it again after {retry_after_s} s, and less at once; `Retry-After` says so too");
        Self { retry_after_s: Some(retry_after_s), ..Self::new(ErrorCode::TooManyRequests, message, hint) }
    }
    /// The error of a limit, with the setting that raises it.
    pub fn raised_by(mut self, setting: &str) -> Self {
        self.message = self.message.replace(" are allowed,", &format!(" are allowed (`--limit {setting}=…`),"));
        self
    }
}

/// A step of the path to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A response key.
    Field(String),
    /// An index of a list.
    Index(usize),
}

impl Step {
    /// As the specification writes it.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Field(name) => name.as_str().into(),
            Self::Index(index) => (*index).into(),
        }
    }
}

/// An error in an answer.
#[derive(Clone, Debug)]
pub struct GraphqlError {
    /// The error.
    pub error: Box<FieldError>,
    /// Where in the document.
    pub locations: Vec<Pos>,
    /// Where in the answer.
    pub path: Vec<Step>,
}

impl From<FieldError> for GraphqlError {
    fn from(error: FieldError) -> Self {
        Self { error: Box::new(error), locations: Vec::new(), path: Vec::new() }
    }
}

impl GraphqlError {
    /// As the specification writes it.
    pub fn to_json(&self) -> serde_json::Value {
        let mut extensions = serde_json::json!({ "code": self.error.code.word() });
        if !self.error.hint.is_empty() {
            extensions["hint"] = self.error.hint.as_str().into();
        }
        if let Some((limit, found)) = self.error.limit {
            extensions["limit"] = limit.into();
            extensions["found"] = found.into();
        }
        if let Some(seconds) = self.error.retry_after_s {
            extensions["retryAfter"] = seconds.into();
        }
        let mut json = serde_json::json!({ "message": self.error.message, "extensions": extensions });
        if !self.locations.is_empty() {
            let locations = self.locations.iter().map(|at| serde_json::json!({ "line": at.line, "column": at.column }));
            json["locations"] = locations.collect();
        }
        if !self.path.is_empty() {
            json["path"] = self.path.iter().map(Step::to_json).collect();
        }
        json
    }
}

/// Longest name for which near ones are looked for, in bytes.
const NEAR_BYTES_MAX: usize = 60;

/// Names near a wrong one, to be put before a hint; nothing when there are none.
pub fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    if name.is_empty() || name.len() > NEAR_BYTES_MAX {
        return String::new();
    }
    let near: Vec<String> = nearest(name, known).iter().map(|name| format!("`{name}`")).collect();
    if near.is_empty() { String::new() } else { format!("did you mean {}? ", near.join(" or ")) }
}

/// The line and column of a byte.
pub fn locate(text: &str, at: u32) -> Pos {
    let before = &text[..text.floor_char_boundary(at as usize)];
    let (mut line, mut column) = (1, 1);
    let mut letters = before.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\n' || (letter == '\r' && letters.peek() != Some(&'\n')) {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    Pos { line, column }
}
