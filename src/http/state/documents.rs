//! Documents that clients name instead of sending them: those of a folder that is read at the start and on SIGHUP, by `documentId`, and those
//! that clients have sent with their SHA-256, as Apollo's automatic persisted queries do.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use actix_web::http::StatusCode;
use serde_json::Value as Json;

use crate::graphql::core::error::{ErrorCode, FieldError};
use crate::graphql::{Api, Given};
use crate::http::state::cache::Recent;
use crate::http::wire::refusal::{Refusal, bad_request};

/// How a request names its document.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// The document itself.
    pub query: Option<String>,
    /// `documentId`
    pub id: Option<String>,
    /// `extensions.persistedQuery.sha256Hash`
    pub hash: Option<String>,
}

/// The documents that clients may name.
#[derive(Debug)]
pub struct Documents {
    given: HashMap<String, Arc<str>>,
    /// Where each document that was given stands, for those who have to correct it.
    sources: Vec<(String, Arc<str>)>,
    only_given: bool,
    sent: Recent<[u8; 32], Arc<str>>,
}

impl Documents {
    /// Knows those of the server's own pages, and keeps at most so many bytes of those that clients send.
    pub fn new(bytes_max: usize) -> Self {
        let mut documents =
            Self { given: HashMap::new(), sources: Vec::new(), only_given: false, sent: Recent::new(bytes_max) };
        // Whoever makes pages of their own may begin with ours.
        crate::pages::documents().for_each(|text| documents.give(None, text, "a page of the server".into()));
        documents
    }

    /// Reads a folder: each `.graphql` file is a document, each `.json` file an object of documents by their ids, as code
    /// generators write it. With `only`, no other documents are taken.
    ///
    /// # Errors
    /// With what cannot be read.
    pub fn read(&mut self, folder: &Path, only: bool) -> Result<(), String> {
        let told = |path: &Path, cause: &dyn std::fmt::Display| format!("cannot read `{}`: {cause}", path.display());
        for entry in std::fs::read_dir(folder).map_err(|cause| told(folder, &cause))? {
            let path = entry.map_err(|cause| told(folder, &cause))?.path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            if !matches!(ending, Some("graphql" | "gql" | "json")) {
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(|cause| told(&path, &cause))?;
            let source = path.display();
            if ending != Some("json") {
                self.give(None, &text, source.to_string());
                continue;
            }
            let documents: HashMap<String, String> = serde_json::from_str(&text)
                .map_err(|cause| told(&path, &format!("it is no object of documents by their ids: {cause}")))?;
            documents.iter().for_each(|(id, text)| self.give(Some(id), text, format!("{source}, `{id}`")));
        }
        self.only_given = only;
        tracing::info!(documents = self.given.len(), folder = %folder.display(), "documents read");
        Ok(())
    }

    fn give(&mut self, id: Option<&str>, text: &str, source: String) {
        let document: Arc<str> = text.into();
        self.sources.push((source, Arc::clone(&document)));
        self.given.extend(id.map(|id| (id.to_owned(), document.clone())));
        self.given.insert(id_of(&sha256(text)), document);
    }

    /// Compiles the documents that were given. One that is wrong is no reason not to serve the others: the
    /// log says where it stands and what is wrong, as does the answer to whoever names it.
    pub fn compile(&mut self, api: &Api) -> Given {
        let mut given = Given::default();
        self.sources.sort();
        for (source, text) in std::mem::take(&mut self.sources) {
            let Err(errors) = api.compile(&text, &mut given) else { continue };
            let more = if errors.len() > 1 { format!(" (and {} more)", errors.len() - 1) } else { String::new() };
            let at = errors[0].locations.first().map(|at| format!("line {}, column {}: ", at.line, at.column));
            // A syntax error says it itself.
            let at = at.filter(|_| !errors[0].error.message.starts_with("line ")).unwrap_or_default();
            let reason = format!("{at}{}{more}", errors[0].error.message);
            let hint = errors[0].error.hint.as_str();
            tracing::warn!(document = source, reason, hint, "a document is wrong: requests that name it are refused");
        }
        given
    }

    /// The text of the document that a request names.
    ///
    /// # Errors
    /// When it names none, or one that is not known or not allowed.
    pub fn text(&self, named: Named) -> Result<String, Refusal> {
        match named {
            Named { query: Some(_), id: Some(_), .. } => {
                Err(bad_request("`query` and `documentId` are both given", "send one of the two"))
            }
            Named { id: Some(id), .. } => self.by_id(&id),
            Named { query, hash: Some(hash), .. } => self.by_hash(&hash, query),
            Named { query: Some(query), .. }
                if !self.only_given || self.given.contains_key(&id_of(&sha256(&query))) =>
            {
                Ok(query)
            }
            Named { query: Some(_), .. } => {
                let hint = "have the document put into the server's folder of documents";
                let message = "the server takes only documents that it was given, and this is none of them";
                Err(refusal(StatusCode::BAD_REQUEST, ErrorCode::PersistedQueryOnly, message, hint))
            }
            Named { .. } => Err(bad_request("there is no `query`", "send {\"query\": \"…\"}, or a `documentId`")),
        }
    }

    fn by_id(&self, id: &str) -> Result<String, Refusal> {
        let sent = || self.sent.get(digits(id.strip_prefix("sha256:")?)?);
        self.given.get(id).cloned().or_else(sent).map(|text| text.to_string()).ok_or_else(|| {
            let message = format!("the server knows no document `{id}`");
            let hint =
                "send `sha256:` and the hash in lower case of a document that the server was given, or the document";
            refusal(StatusCode::BAD_REQUEST, ErrorCode::PersistedQueryNotFound, message, hint)
        })
    }

    fn by_hash(&self, hash: &str, query: Option<String>) -> Result<String, Refusal> {
        let wanted = digits(hash).ok_or_else(|| {
            let hint = "send `sha256Hash` as 64 hexadecimal digits, and `version` 1";
            bad_request(format!("`{hash}` is no SHA-256"), hint)
        })?;
        let given = self.given.get(&id_of(&wanted));
        match query {
            Some(query) if sha256(&query) != wanted => {
                Err(bad_request("provided sha does not match query", "make the hash of the text that you send"))
            }
            Some(query) if given.is_none() && self.only_given => {
                self.text(Named { query: Some(query), ..Named::default() })
            }
            Some(query) => {
                self.sent.put(wanted, query.as_str().into(), query.len());
                Ok(query)
            }
            // That is how the protocol goes on, so it is no failure of HTTP. The messages are what clients look for.
            None => match given.cloned().or_else(|| self.sent.get(wanted)) {
                Some(text) => Ok(text.to_string()),
                None if self.only_given => {
                    let hint = "send the `documentId` of a document that the server was given";
                    let code = ErrorCode::PersistedQueryNotSupported;
                    Err(refusal(StatusCode::OK, code, "PersistedQueryNotSupported", hint))
                }
                None => {
                    let hint = "send the request again with `query` beside the hash";
                    Err(refusal(StatusCode::OK, ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound", hint))
                }
            },
        }
    }
}

fn refusal(status: StatusCode, code: ErrorCode, message: impl Into<String>, hint: &str) -> Refusal {
    Refusal { status, error: FieldError::new(code, message, hint) }
}

/// The hash that `extensions` names.
///
/// # Errors
/// When it names one in another way than Apollo does.
pub fn hash(extensions: &Json) -> Result<Option<String>, Refusal> {
    let Some(persisted) = extensions.get("persistedQuery").filter(|it| !it.is_null()) else { return Ok(None) };
    match (persisted["version"].as_u64(), persisted["sha256Hash"].as_str()) {
        (Some(1), Some(hash)) => Ok(Some(hash.to_owned())),
        _ => Err(bad_request(
            "`extensions.persistedQuery` is of an unknown form",
            "send {\"version\": 1, \"sha256Hash\": \"…\"}",
        )),
    }
}

fn sha256(text: &str) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().try_into().expect("a SHA-256 has 32 bytes")
}

fn id_of(hash: &[u8; 32]) -> String {
    let mut id = "sha256:".to_owned();
    hash.iter().for_each(|byte| write!(id, "{byte:02x}").expect("a String takes everything"));
    id
}

fn digits(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, place) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[place..place + 2], 16).ok()?;
    }
    Some(bytes)
}
