//! `boordtabel source`

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use crate::analysis::passages::{Cut, cut};
use crate::cli::client::Where;
use crate::cli::failure::Failure;
use crate::cli::import::{Body, new_key, send};
use crate::cli::settings::Settings;
use crate::cli::words::{count_of, progress};
use crate::import::bulk::Request;
use crate::model::Kind;

/// What turns a PDF into text.
const PDF_TO_TEXT: &str = "pdftotext";
/// A longer text is no plan.
const TEXT_BYTES_MAX: usize = 64 << 20;

/// Attach the text of a document, or take it away again.
///
/// Each citation of the document then has its `passage`, and `check` proves all of them. The text is part of the register: everybody who
/// may read that can read it, in exports too.
#[derive(Args, Debug)]
pub struct Source {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Attach a text in UTF-8, or a PDF, to a document, in place of what was attached before
    Add {
        /// Key of the document
        document: String,
        /// The text, or a PDF: that needs `pdftotext` of poppler-utils
        file: PathBuf,
        #[command(flatten)]
        rest: Rest,
    },
    /// Take the text of a document away again
    Remove {
        /// Key of the document
        document: String,
        #[command(flatten)]
        rest: Rest,
    },
}

/// What both take.
#[derive(Args, Debug)]
struct Rest {
    #[command(flatten)]
    register: Where,
    /// Why; stands in the history
    #[arg(long, default_value = "source", value_name = "TEXT")]
    reason: String,
    /// Only show what would change
    #[arg(long)]
    dry_run: bool,
    /// Idempotency key: the same key with the same text is done once [default: a new one]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl Source {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        match self.action {
            Action::Add { document, file, rest } => {
                let text = read(&file)?;
                let cuts = cut(&text);
                if cuts.is_empty() {
                    let message = format!("there is no text in `{}`", file.display());
                    let hint =
                        "a PDF of pictures needs its text recognised first; to take a text away, use `source remove`";
                    return Err(Failure::data(message, hint));
                }
                let done = rest.write(settings, &document, &cuts)?;
                tell(&done, &format!("{} attached to `{document}`", count_of(cuts.len(), "passage")))
            }
            Action::Remove { document, rest } => {
                let done = rest.write(settings, &document, &[])?;
                tell(&done, &format!("no text is attached to `{document}`"))
            }
        }
    }
}

impl Rest {
    /// Replaces the passages of a document: what is deleted is known before anything is written.
    fn write(self, settings: &Settings, document: &str, cuts: &[Cut<'_>]) -> Result<Json, Failure> {
        let bar = progress("sending");
        let mut body = Body::new()?;
        for (number, cut) in (1..).zip(cuts) {
            body.push(&row(document, number, cut));
        }
        body.flush()?;
        let client = self.register.client(settings)?;
        let request = Request {
            reason: self.reason,
            idempotency_key: self.key.map_or_else(new_key, Ok)?,
            mode: Some("REPLACE_SCOPE".to_owned()),
            scope: Some(Kind::Passage.file().to_owned()),
            within: Some(format!("{}/{document}", Kind::Document.one())),
            dry_run: true,
            expect_deletes: None,
            ..Request::default()
        };
        let told = send(&client, &request, &body, &bar)?;
        let deletes = told["counts"]["deleted"].as_u64();
        // What changes nothing is not sent again: whoever asks once more after a cut learns that it was done.
        let done = if told["status"] == "UNCHANGED" {
            told
        } else {
            let request = Request { dry_run: self.dry_run, expect_deletes: deletes, ..request };
            send(&client, &request, &body, &bar)?
        };
        bar.finish_and_clear();
        Ok(done)
    }
}

fn row(document: &str, number: u32, cut: &Cut<'_>) -> Json {
    json!({ "passage": {
        "documentKey": document, "number": number, "section": cut.section, "page": cut.page, "text": cut.text,
    } })
}

/// What came of it.
fn tell(done: &Json, says: &str) -> Result<(), Failure> {
    let problems = done["problems"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    if let Some(first) = problems.first() {
        let message = format!("{}; nothing was written", text(&first["message"]));
        return Err(Failure::data(message, text(&first["hint"])));
    }
    let count = |name: &str| done["counts"][name].as_u64().unwrap_or_default();
    println!(
        "{says}: {} created, {} updated, {} unchanged, {} deleted; {}, revision {}",
        count("created"),
        count("updated"),
        count("unchanged"),
        count("deleted"),
        text(&done["status"]),
        done["revision"]
    );
    Ok(())
}

/// The text of a file.
fn read(file: &Path) -> Result<String, Failure> {
    let unread = |cause: io::Error| {
        Failure::usage(format!("cannot read `{}`: {cause}", file.display()), "give a text in UTF-8, or a PDF")
    };
    let bytes = std::fs::read(file).map_err(unread)?;
    let bytes = if bytes.starts_with(b"%PDF-") { of_pdf(file)? } else { bytes };
    if bytes.len() > TEXT_BYTES_MAX {
        let message =
            format!("`{}` has {} bytes of text, at most {TEXT_BYTES_MAX} are taken", file.display(), bytes.len());
        return Err(Failure::data(message, "attach the part that is cited"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let message =
            format!("`{}` is no text in UTF-8: byte {} is not", file.display(), error.utf8_error().valid_up_to());
        Failure::data(message, "save it as a text in UTF-8, or give the PDF")
    })?;
    // A register holds no control characters but the ends of lines; the end of a page is read before it goes.
    let keeps = |letter: &char| !letter.is_control() || letter.is_whitespace();
    Ok(text.trim_start_matches('\u{feff}').chars().filter(keeps).collect())
}

/// The text of a PDF, page by page, as it lies on the page: so that the cells of a row stay together.
fn of_pdf(file: &Path) -> Result<Vec<u8>, Failure> {
    let run =
        Command::new(PDF_TO_TEXT).args(["-layout", "-enc", "UTF-8"]).arg(file).arg("-").stdin(Stdio::null()).output();
    let output = run.map_err(|cause| {
        let message = format!("`{PDF_TO_TEXT}` does not start: {cause}");
        Failure::machine(message, "install poppler-utils, or give the text of the PDF")
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let message = format!("`{PDF_TO_TEXT}` cannot read `{}`: {}", file.display(), said.trim());
        return Err(Failure::data(message, "give another PDF, or its text"));
    }
    Ok(output.stdout)
}
