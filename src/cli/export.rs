//! `boordtabel export`

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::analysis::listing::Listing;
use crate::cli::client::{Client, Download, Where, encode};
use crate::cli::failure::Failure;
use crate::cli::settings::Settings;
use crate::cli::words::{count_of, progress};
use crate::export::csv::Dialect;
use crate::export::{Choice, Export, ExportError, Form};
use crate::graphql::core::as_of::register_named;
use crate::graphql::core::error::FieldError;
use crate::graphql::tabular::select::Selection;
use crate::model::Kind;

/// Write records to files that `import` takes back: a CSV file for each kind, a workbook, JSON Lines, or a data package. Computed values too,
/// for reading.
#[derive(Args, Debug)]
pub struct ExportFiles {
    /// Kinds, named as their files: measures, budget-lines; and lists of computed values: trends, attainments [default: all kinds that
    /// have records]
    #[arg(value_name = "KINDS", value_parser = what)]
    kinds: Vec<What>,
    #[command(flatten)]
    from: Where,
    /// Form of the files; zip is a data package
    #[arg(long, default_value = "csv", value_parser = form())]
    format: Form,
    /// File to write, or folder for several; - is stdout [default: this folder]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// How CSV is written: for programs, or for Excel with Belgian settings
    #[arg(long, default_value = "standard", value_parser = dialect())]
    dialect: Dialect,
    /// The state to write: a revision, an instant or an edition [default: the current one]
    #[arg(long, value_name = "NAME")]
    revision: Option<String>,
    /// Only records that fulfil this, of one kind: as in a query, {year: {gte: 2020}}, or in JSON
    #[arg(long = "where", value_name = "CONDITION")]
    filter: Option<String>,
    /// In this order, of one kind: as in a query, [{field: YEAR}], or in JSON
    #[arg(long, value_name = "ORDER")]
    order_by: Option<String>,
    /// Leave out where things were printed, in CSV and workbooks: for reading, not for import
    #[arg(long)]
    without_sources: bool,
    /// Put the names of what records refer to beside the keys, in workbooks: for reading, not for import
    #[arg(long)]
    with_names: bool,
}

/// What is exported: the records of a kind, or computed values.
#[derive(Clone, Copy, Debug)]
enum What {
    Kind(Kind),
    Listing(Listing),
}

fn what(text: &str) -> Result<What, String> {
    let known = || Kind::ALL.iter().map(|kind| kind.file()).chain(Listing::all().map(Listing::word));
    let kind = Kind::ALL.iter().copied().find(|kind| kind.file() == text).map(What::Kind);
    kind.or(Listing::from_word(text).map(What::Listing)).ok_or_else(|| {
        let near = crate::model::problem::nearest(text, known());
        near.first().map_or_else(|| "no such kind".to_owned(), |near| format!("no such kind; did you mean `{near}`?"))
    })
}

fn form() -> impl clap::builder::TypedValueParser<Value = Form> {
    let words = Form::VOCABULARY.words.iter().map(|(word, _)| *word);
    PossibleValuesParser::new(words).map(|word| Form::from_word(&word).expect("it is one of the words"))
}

fn dialect() -> impl clap::builder::TypedValueParser<Value = Dialect> {
    let words = Dialect::VOCABULARY.words.iter().map(|(word, _)| *word);
    PossibleValuesParser::new(words).map(|word| Dialect::from_word(&word).expect("it is one of the words"))
}

/// A file to be made.
struct Wanted {
    choice: Choice,
    /// Whether it is made although it holds no record.
    also_empty: bool,
}

impl ExportFiles {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        if self.without_sources && !matches!(self.format, Form::Csv | Form::Xlsx) {
            let message = "only CSV and workbooks can leave out the sources";
            return Err(Failure::usage(message, "leave out --without-sources, or give --format csv"));
        }
        if self.with_names && self.format != Form::Xlsx {
            let message = "only workbooks have names beside the keys";
            return Err(Failure::usage(message, "leave out --with-names, or give --format xlsx"));
        }
        let selection = Selection { filter: self.filter.clone(), order: self.order_by.clone() };
        if !selection.is_empty() && (self.kinds.len() != 1 || self.format == Form::Package) {
            let message = "--where and --order-by are about the records of one kind, or the values of one list";
            return Err(Failure::usage(message, "name one kind, such as observations, and a format other than zip"));
        }
        let of_values = self.kinds.iter().any(|it| matches!(it, What::Listing(_)));
        if of_values && (self.format == Form::Package || self.with_names) {
            let message = "a data package, and names beside the keys, are of records";
            return Err(Failure::usage(
                message,
                "name kinds alone, or give --format csv, jsonl or xlsx without --with-names",
            ));
        }
        let files = self.files();
        let to_stdout = self.out.as_deref() == Some(Path::new("-"));
        if to_stdout && files.len() > 1 {
            return Err(Failure::usage("several files do not go to stdout", "name one kind, or give --format jsonl"));
        }
        let client = self.from.clone().client(settings)?;
        let mut revision = self.revision.clone();
        for Wanted { choice, also_empty } in &files {
            if to_stdout {
                fetch(&client, choice, &selection, revision.as_deref(), &mut std::io::stdout().lock())?;
                continue;
            }
            let path = self.path(choice, files.len() > 1)?;
            let bar = progress("exporting");
            let done = write(&path, *also_empty, |file| fetch(&client, choice, &selection, revision.as_deref(), file))?;
            bar.finish_and_clear();
            if done.records > 0 || *also_empty {
                let records = count_of(done.records, "record");
                println!("{}: {records} of revision {}", path.display(), done.revision);
            }
            // All files show the same state, also while others write.
            revision = Some(done.revision);
        }
        Ok(())
    }

    fn files(&self) -> Vec<Wanted> {
        let also_empty = !self.kinds.is_empty() || self.format != Form::Csv;
        let (mut kinds, mut listings) = (Vec::new(), Vec::new());
        for what in &self.kinds {
            match what {
                What::Kind(kind) => kinds.push(*kind),
                What::Listing(listing) => listings.push(*listing),
            }
        }
        if self.kinds.is_empty() {
            kinds = Kind::ALL.to_vec();
        }
        let (form, dialect, sources) = (self.format, self.dialect, !self.without_sources);
        let names = self.with_names;
        let wanted = |kinds: Vec<Kind>, whole| {
            let choice = Choice { kinds, listing: None, whole, form, dialect, sources, names };
            Wanted { choice, also_empty }
        };
        // Each list of values is a file of its own.
        let of_values = listings.into_iter().map(|listing| {
            let choice = Choice { listing: Some(listing), ..wanted(Vec::new(), false).choice };
            Wanted { choice, also_empty }
        });
        let of_values: Vec<Wanted> = of_values.collect();
        let mut files: Vec<Wanted> = match form {
            _ if kinds.is_empty() => Vec::new(),
            Form::Csv => kinds.into_iter().map(|kind| wanted(vec![kind], false)).collect(),
            Form::Package => vec![wanted(kinds, true)],
            Form::Xlsx | Form::JsonLines => {
                let whole = kinds.len() > 1;
                vec![wanted(kinds, whole)]
            }
        };
        files.extend(of_values);
        files
    }

    /// Where a file goes. Its folder is made where it is not there.
    fn path(&self, choice: &Choice, several: bool) -> Result<PathBuf, Failure> {
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from("."));
        let is_folder = several || out.is_dir() || out.to_string_lossy().ends_with('/');
        let path = if is_folder { out.join(choice.file_name()) } else { out };
        let folder = path.parent().unwrap_or(Path::new(""));
        if !folder.as_os_str().is_empty() {
            std::fs::create_dir_all(folder).map_err(|cause| cannot_write(folder, &cause))?;
        }
        Ok(path)
    }
}

/// Writes a file under another name until it is whole.
fn write(
    path: &Path,
    also_empty: bool,
    fetch: impl FnOnce(&mut File) -> Result<Download, Failure>,
) -> Result<Download, Failure> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = File::create(&part).map_err(|cause| cannot_write(path, &cause))?;
    let fetched = fetch(&mut file);
    let written = match &fetched {
        Ok(done) if done.records > 0 || also_empty => std::fs::rename(&part, path),
        _ => std::fs::remove_file(&part),
    };
    let done = fetched?;
    written.map_err(|cause| cannot_write(path, &cause))?;
    Ok(done)
}

/// Writes what is chosen, from the server or the folder.
fn fetch(
    client: &Client,
    choice: &Choice,
    selection: &Selection,
    revision: Option<&str>,
    out: &mut dyn Write,
) -> Result<Download, Failure> {
    let api = match client {
        Client::Remote { .. } => return client.download(&address(choice, selection, revision), out),
        Client::Local(api) => api,
    };
    let refused = |error: FieldError| Failure::usage(error.message, error.hint);
    let register = register_named(api.ledger(), revision).map_err(refused)?;
    let revision = register.revision().to_string();
    let listed = match choice.kinds.as_slice() {
        [kind] if !selection.is_empty() => Some(api.select(&register, *kind, selection).map_err(refused)?.into()),
        _ => None,
    };
    let computed = match choice.listing {
        Some(listing) => Some(api.select_computed(&register, listing, selection).map_err(refused)?),
        None => None,
    };
    let export = Export { register, choice: choice.clone(), listed, computed };
    let records = export.records();
    let failed = |error: ExportError| Failure::machine(error.to_string(), error.hint());
    let cannot = |cause: &std::io::Error| Failure::machine(format!("cannot write: {cause}"), "see that there is room");
    for piece in export.pieces().map_err(failed)? {
        piece.and_then(|piece| out.write_all(&piece)).map_err(|cause| cannot(&cause))?;
    }
    out.flush().map_err(|cause| cannot(&cause))?;
    Ok(Download { revision, records })
}

/// Where the server has what is chosen.
fn address(choice: &Choice, selection: &Selection, revision: Option<&str>) -> String {
    let name = Choice { sources: true, names: false, ..choice.clone() }.file_name();
    let mut parameters = Vec::new();
    if let Some(revision) = revision {
        parameters.push(format!("asOf={}", encode(revision)));
    }
    for (name, text) in [("where", &selection.filter), ("orderBy", &selection.order)] {
        parameters.extend(text.as_ref().map(|text| format!("{name}={}", encode(text))));
    }
    if matches!(choice.form, Form::Csv | Form::Xlsx) {
        parameters.push(format!("sources={}", u8::from(choice.sources)));
    }
    if choice.names {
        parameters.push("names=1".to_owned());
    }
    if choice.form == Form::Csv {
        parameters.push(format!("dialect={}", choice.dialect));
    }
    if choice.whole {
        let kinds: Vec<&str> = choice.kinds.iter().map(|kind| kind.file()).collect();
        parameters.push(format!("kinds={}", kinds.join(",")));
    }
    format!("/export/{name}?{}", parameters.join("&"))
}

fn cannot_write(path: &Path, cause: &std::io::Error) -> Failure {
    Failure::machine(format!("cannot write `{}`: {cause}", path.display()), "choose another place with --out")
}
