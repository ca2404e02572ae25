//! What is the same for everybody while the server runs: made once, on a thread of its own, and kept with its compressed forms.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ETag, EntityTag, Header as _, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse};
use tokio::sync::OnceCell;

use crate::http::wire::background::run_blocking;
use crate::http::wire::encoding::{self, Body, Coding};
use crate::http::wire::flight::Held;
use crate::http::wire::refusal::later;

/// Such a file, once it was asked for.
#[derive(Default)]
pub struct File(OnceCell<Made>);

/// Such files by their names. Only names that there are may be asked for: each stays.
#[derive(Default)]
pub struct Folder(Mutex<HashMap<String, Arc<File>>>);

impl Folder {
    /// The file of that name.
    pub fn file(&self, name: &str) -> Arc<File> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(files.entry(name.to_owned()).or_default())
    }
}

struct Made {
    body: Body,
    etag: EntityTag,
}

/// What is said of a file.
pub struct About {
    /// Its media type.
    pub media_type: &'static str,
    /// Its `Content-Security-Policy`, where that is not the strictest.
    pub policy: Option<&'static str>,
}

impl File {
    /// Answers it. `make` makes it the first time.
    pub async fn send(
        &self,
        http: &HttpRequest,
        about: &About,
        make: impl FnOnce() -> Vec<u8> + Send + 'static,
    ) -> HttpResponse {
        let made = self.0.get_or_try_init(|| {
            run_blocking(move || {
                let bytes = make();
                let etag = EntityTag::new_weak(blake3::hash(&bytes).to_hex()[..32].to_owned());
                Made { body: Body::new(bytes), etag }
            })
        });
        match made.await {
            Ok(made) => made.send(http, about).await,
            Err(error) => later(error),
        }
    }
}

impl Made {
    async fn send(&self, http: &HttpRequest, about: &About) -> HttpResponse {
        let known = match IfNoneMatch::parse(http) {
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.etag)),
            _ => false,
        };
        let mut answer = HttpResponse::Ok();
        answer
            .insert_header(ETag(self.etag.clone()))
            .insert_header((header::CACHE_CONTROL, "public, no-cache"))
            .insert_header((header::VARY, "Accept-Encoding, Authorization"));
        if let Some(policy) = about.policy {
            answer.insert_header((header::CONTENT_SECURITY_POLICY, policy));
        }
        if known {
            return answer.status(StatusCode::NOT_MODIFIED).finish();
        }
        answer.content_type(about.media_type);
        let sent = encoding::send(answer, self.body.clone(), Coding::asked(http), Held::default());
        sent.await.unwrap_or_else(|refusal| refusal)
    }
}
