//! Asking the API: of a server at an address, or of the register's own folder when no server runs on it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::Value as Json;
use tempfile::TempDir;
use ureq::SendBody;

use crate::cli::failure::Failure;
use crate::cli::settings::Settings;
use crate::cli::words::now_ms;
use crate::commit::Ledger;
use crate::commit::access::Identity;
use crate::graphql::core::limits::Limits;
use crate::graphql::{AllowedOperations, Api, GraphqlRequest};
use crate::secret;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(600);
/// Pauses before a request is sent again when no answer comes, or one that says to come back: a write is done once, whatever is
/// sent twice.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(10)];

/// Where the register is.
#[derive(Args, Clone, Debug)]
pub struct Where {
    /// Address of a server, such as http://127.0.0.1:8080; without it the register in --data is opened
    #[arg(long, env = "BOORDTABEL_URL", value_name = "URL")]
    url: Option<String>,
    /// Token for the server, from the environment: as a flag, everybody on this machine can see it, so give --token-file
    #[arg(long, env = "BOORDTABEL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// File that holds the token for the server, which others may not read; without it, the credential `boordtabel-token` of systemd
    #[arg(long, env = "BOORDTABEL_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Somebody who answers.
pub enum Client {
    /// The register's own folder.
    Local(Arc<Api>),
    /// A server.
    Remote {
        /// Its address, without a slash at the end.
        url: String,
        /// The token to send.
        token: Option<String>,
        /// The connection.
        agent: ureq::Agent,
    },
}

/// Where systemd puts what `LoadCredential=boordtabel-token:…` names.
fn credential() -> Option<PathBuf> {
    let file = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?).join("boordtabel-token");
    file.exists().then_some(file)
}

impl Where {
    /// The token to show.
    fn token(&self) -> Result<Option<String>, Failure> {
        if let Some(file) = self.token_file.clone().or_else(|| self.token.is_none().then(credential).flatten()) {
            let hint = "give the file that `boordtabel token create --out` made, or another with --token-file";
            return secret::read(&file).map(Some).map_err(|reason| Failure::usage(reason, hint));
        }
        if std::env::args_os()
            .any(|argument| argument.to_string_lossy().starts_with("--token=") || argument == "--token")
        {
            eprintln!("warning: everybody on this machine can see --token; write it into a file and give --token-file");
        }
        Ok(self.token.clone())
    }

    /// Makes room for a register where there is none. A dry run leaves nothing behind: then it is a folder that goes with what is given
    /// back, and the register is to be looked for there.
    ///
    /// # Errors
    /// When a server is asked, or the disk refuses.
    pub fn begin(&self, settings: &Settings, dry_run: bool) -> Result<Option<TempDir>, Failure> {
        if self.url.is_some() {
            return Err(Failure::usage("a server has its register already", "leave --begin out"));
        }
        let made = if !dry_run {
            std::fs::create_dir_all(&settings.data).map(|()| None)
        } else if settings.data.exists() {
            Ok(None)
        } else {
            tempfile::tempdir().map(Some)
        };
        made.map_err(|cause| {
            Failure::machine(
                format!("cannot make `{}`: {cause}", settings.data.display()),
                "give another folder with --data",
            )
        })
    }

    /// Opens the register or makes ready to ask the server.
    ///
    /// # Errors
    /// When the register does not open.
    pub fn client(self, settings: &Settings) -> Result<Client, Failure> {
        let token = self.token()?;
        match self.url {
            Some(url) => {
                let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT));
                let url = url.trim_end_matches('/').trim_end_matches("/graphql").to_owned();
                Ok(Client::Remote { url, token, agent: config.build().into() })
            }
            None => Ok(Client::Local(local(&settings.data)?)),
        }
    }
}

fn local(data: &Path) -> Result<Arc<Api>, Failure> {
    if !data.exists() {
        let message = format!("there is no register in `{}`", data.display());
        let hint = "give the register's folder with --data, or a server with --url; to begin a register there, import with --begin";
        return Err(Failure::usage(message, hint));
    }
    let ledger = Ledger::open(data).map_err(|error| {
        let failure = Failure::from(error);
        Failure { hint: format!("{}; or ask the server that has it open, with --url", failure.hint), ..failure }
    })?;
    Ok(Arc::new(Api::new(Arc::new(ledger), Limits::default(), now_ms)))
}

impl Client {
    /// The `data` of an answer.
    ///
    /// # Errors
    /// When nobody answers, or the request is refused.
    pub fn ask(&self, query: &str, variables: Json) -> Result<Json, Failure> {
        let answer = match self {
            Self::Local(api) => {
                let Some(request) = GraphqlRequest::new(query, variables) else {
                    return Err(Failure::usage("the variables are no object", "report this"));
                };
                let answer = api.execute(request, &Identity::local("cli"), AllowedOperations::All);
                serde_json::from_slice(&answer.to_json()).map_err(|error| unreadable(&error))?
            }
            Self::Remote { .. } => {
                let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
                self.post("/graphql", "application/json", body.as_bytes())?
            }
        };
        refused(&answer)?;
        Ok(answer["data"].clone())
    }

    /// Sends a body to a path of the server, again when no answer comes.
    ///
    /// # Errors
    /// When nobody answers, or what comes is no JSON.
    pub fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Result<Json, Failure> {
        self.post_from(path, content_type, body.len() as u64, &mut || Ok(Box::new(body)))
    }

    /// The same with a body of that length that is read anew each time.
    ///
    /// # Errors
    /// As above.
    pub fn post_from<'b>(
        &self,
        path: &str,
        content_type: &str,
        length: u64,
        body: &mut dyn FnMut() -> std::io::Result<Box<dyn Read + 'b>>,
    ) -> Result<Json, Failure> {
        let Self::Remote { url, token, agent } = self else {
            return Err(Failure::usage("there is no server to send to", "give --url"));
        };
        let mut pauses = PAUSES.iter();
        loop {
            let mut request = agent.post(format!("{url}{path}")).header("Content-Type", content_type);
            if let Some(token) = token {
                request = request.header("Authorization", format!("Bearer {token}"));
            }
            request = request.header("Content-Length", length.to_string());
            let mut bytes = body()
                .map_err(|cause| Failure::machine(format!("what is sent does not read: {cause}"), "try again"))?;
            let read = request.send(SendBody::from_reader(&mut bytes)).and_then(|mut response| {
                let status = response.status();
                response.body_mut().with_config().limit(u64::MAX).read_to_string().map(|text| (status, text))
            });
            let pause = pauses.next();
            let told = match (read, pause) {
                (Ok((status, _)), Some(_)) if matches!(status.as_u16(), 429 | 502 | 504) => format!("answers {status}"),
                (Ok((status, text)), _) => {
                    return serde_json::from_str(&text).map_err(|_| {
                        Failure::machine(format!("`{url}` answers {status} without JSON"), "check --url")
                    });
                }
                (Err(error), Some(_)) => format!("does not answer: {error}"),
                (Err(error), None) => {
                    let message = format!("`{url}` does not answer: {error}");
                    return Err(Failure::machine(message, "check --url and that the server runs"));
                }
            };
            let pause = pause.copied().unwrap_or_default();
            eprintln!("`{url}` {told}; asking again in {pause:?}");
            std::thread::sleep(pause);
        }
    }
}

/// A file as the server gives it.
pub struct Download {
    /// The revision that it shows.
    pub revision: String,
    /// How many records it holds.
    pub records: usize,
}

impl Client {
    /// Writes what a path of the server gives, piece by piece.
    ///
    /// # Errors
    /// When nobody answers, the request is refused, or the file cannot be written.
    pub fn download(&self, path: &str, out: &mut dyn std::io::Write) -> Result<Download, Failure> {
        let Self::Remote { url, token, agent } = self else {
            return Err(Failure::usage("there is no server to ask", "give --url"));
        };
        let mut request = agent.get(format!("{url}{path}"));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let mut answer = request.call().map_err(|error| {
            Failure::machine(format!("`{url}` does not answer: {error}"), "check --url and that the server runs")
        })?;
        if !answer.status().is_success() {
            let text = answer.body_mut().read_to_string().unwrap_or_default();
            refused(&serde_json::from_str(&text).unwrap_or_default())?;
            let message = format!("`{url}{path}` answers {}", answer.status());
            return Err(Failure::machine(message, "check --url"));
        }
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (revision, records) = (header("Boordtabel-Revision").to_owned(), header("Boordtabel-Records").parse());
        let mut body = answer.body_mut().with_config().limit(u64::MAX).reader();
        std::io::copy(&mut body, out)
            .map_err(|error| Failure::machine(format!("the file did not come whole: {error}"), "try again"))?;
        Ok(Download { revision, records: records.unwrap_or_default() })
    }
}

fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::machine(format!("the answer does not read: {error}"), "report this")
}

/// A refusal as a failure: of the token or the request, or of the server.
pub fn refused(answer: &Json) -> Result<(), Failure> {
    let Some(error) = answer["errors"].get(0) else { return Ok(()) };
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let (message, hint) = (text(&error["message"]), text(&error["extensions"]["hint"]));
    Err(match error["extensions"]["code"].as_str() {
        Some("INTERNAL_SERVER_ERROR" | "UNAVAILABLE" | "REQUEST_TIMEOUT") => Failure::machine(message, hint),
        _ => Failure::usage(message, hint),
    })
}

/// Text as it stands in an address.
pub fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
