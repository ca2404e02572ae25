//! `boordtabel import`

mod arguments;
mod batch;
mod changes;
mod files;
mod plan;
mod rejects;
mod send;
mod told;

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::cli::failure::Failure;
use crate::cli::settings::Settings;
use crate::cli::words::{count_of, progress};
use crate::import::bulk::Request;
use arguments::FailOn;
pub use arguments::Import;
use batch::Batch;
pub use batch::Body;
use files::Own;
use rejects::Marked;
pub use send::{new_key, send};

impl Import {
    /// Runs the command.
    pub fn run(self, settings: &Settings) -> Result<(), Failure> {
        let (inputs, read) = match &self.apply {
            Some(path) => (vec![path.clone()], None),
            None => (files::find(&self.paths)?, Some(self.options()?)),
        };
        self.check_outputs(&inputs)?;
        let bar = progress("reading");
        let (batch, mut request) = match (&self.apply, read) {
            (Some(path), _) => plan::read(path)?,
            (None, options) => (Batch::read(&inputs, &options.unwrap_or_default(), &bar)?, self.request()),
        };
        if self.changes.is_some() {
            request.changes = Some(usize::MAX);
        }
        request.idempotency_key = self.key.clone().map_or_else(send::new_key, Ok)?;
        // What a file has wrong as a whole keeps everything out, and so does a row when it is all or nothing: then the server
        // is only asked what else is wrong.
        let blocked = !batch.faults.is_empty() || !batch.refused.is_empty() && !self.good_rows;
        request.dry_run = self.dry_run || self.plan.is_some() || blocked;
        bar.set_message("sending");
        let nowhere = if self.begin { self.to.begin(settings, request.dry_run)? } else { None };
        let data = nowhere.as_ref().map_or_else(|| settings.data.clone(), |folder| folder.path().to_owned());
        let client = self.to.clone().client(&Settings { data, ..settings.clone() })?;
        if self.fail_on.is_some() && !batch.notes.is_empty() {
            // What is warned of in the files is known already.
            request.dry_run = true;
        }
        if self.fail_on.is_some() && !request.dry_run {
            // What is warned of is known before anything is written; exactly that is then done.
            let told = send::send(&client, &Request { dry_run: true, ..request.clone() }, &batch.body, &bar)?;
            if told["warnings"].as_array().is_some_and(|warnings| !warnings.is_empty()) {
                bar.finish_and_clear();
                return self.end(&batch, &request, told, blocked);
            }
            request.expect_digest = request.expect_digest.or(told["digest"].as_str().map(str::to_owned));
        }
        let report = send::send(&client, &request, &batch.body, &bar)?;
        bar.finish_and_clear();
        self.end(&batch, &request, report, blocked)
    }

    /// Tells what came of it, and writes what is to be kept.
    fn end(&self, batch: &Batch, request: &Request, report: Json, blocked: bool) -> Result<(), Failure> {
        let findings = told::findings(batch, &report);
        let warnings_told = told::warnings(batch, &report);
        told::show_changes(&report);
        told::show_findings(&findings);
        told::show_warnings(&warnings_told);
        told::show_counts(&report);
        let mut for_programs = told::report(batch, &report, &findings, &warnings_told, &request.idempotency_key);
        // Only what is in may leave the rest to be sent alone.
        let is_in =
            !request.dry_run && !blocked && matches!(report["status"].as_str(), Some("COMMITTED" | "UNCHANGED"));
        let rejects = match self.rejects.as_deref().and_then(Marked::of) {
            // The whole file, to be corrected and imported again, whatever came of it.
            Some(marked) => self.write_marked(marked, batch, &findings)?,
            None if is_in => self.write_rejects(batch, &report, &findings)?,
            None => None,
        };
        if let Some(path) = &self.changes {
            let count = changes::write(path, &report)?;
            println!("{} in `{}`", count_of(count, "change"), path.display());
        }
        if let Some(path) = &self.report {
            for_programs["rejects"] = rejects.as_ref().map(|path| path.display().to_string()).into();
            files::write(path, files::marked(Own::Report, &for_programs).as_bytes())?;
        }
        let problems = usize::try_from(for_programs["problemCount"].as_u64().unwrap_or_default()).unwrap_or(usize::MAX);
        if problems > 0 {
            return Err(self.refused(
                problems,
                rejects.as_deref().filter(|_| is_in),
                rejects.as_deref(),
                batch,
                &findings,
            ));
        }
        let warnings = for_programs["warnings"].as_array().map_or(0, Vec::len);
        if warnings > 0 && self.fail_on == Some(FailOn::Warning) {
            let message = format!("the data has {}; nothing was written", count_of(warnings, "warning"));
            return Err(Failure::data(message, "correct the files, or leave out --fail-on warning to have them taken"));
        }
        if let Some(path) = &self.plan {
            plan::write(path, request, &report, batch)?;
            let begin = if self.begin { " --begin" } else { "" };
            let (path, place) = (path.display(), "with --data or --url as here");
            println!("the plan is in `{path}`; do it with: boordtabel import --apply {path}{begin}, {place}");
        }
        Ok(())
    }

    /// What to do about problems.
    fn refused(
        &self,
        problems: usize,
        rejects: Option<&Path>,
        marked: Option<&Path>,
        batch: &Batch,
        findings: &[told::Finding],
    ) -> Failure {
        let count = count_of(problems, "problem");
        if let Some(path) = rejects {
            let hint =
                format!("correct the rows in `{}` and import that file{}", path.display(), self.again(path, false));
            return Failure::data(format!("the data has {count}; the good rows were written"), hint);
        }
        if let Some(path) = marked {
            let hint = format!(
                "correct what is marked in `{}` and import that file{}",
                path.display(),
                self.again(path, true)
            );
            return Failure::data(format!("the data has {count}; nothing was written"), hint);
        }
        let mut files: Vec<&str> = findings.iter().filter_map(told::Finding::file).collect();
        files.dedup();
        files.sort_unstable();
        files.dedup();
        let mut hint = match files.as_slice() {
            [] => "see what each problem says".to_owned(),
            [one] => format!("correct `{one}` and import it again"),
            [first, second] => format!("correct `{first}` and `{second}` and import all files again"),
            [first, .., last] => format!("correct `{first}` to `{last}` and import all files again"),
        };
        if !self.good_rows && batch.faults.is_empty() && problems < batch.len() && self.apply.is_none() {
            hint += "; with --good-rows the other rows are written, and these go to a file of their own";
        }
        Failure::data(format!("the data has {count}; nothing was written"), hint)
    }

    fn write_rejects(
        &self,
        batch: &Batch,
        report: &Json,
        findings: &[told::Finding],
    ) -> Result<Option<PathBuf>, Failure> {
        let lines = rejects::lines(batch, report, findings);
        if lines.is_empty() {
            return Ok(None);
        }
        let text = lines.concat();
        let path = match &self.rejects {
            Some(path) => files::write(path, text.as_bytes()).map(|()| path.clone())?,
            None => files::write_new("rejects", "jsonl", text.as_bytes())?,
        };
        println!("{} in `{}`", count_of(lines.len(), "rejected row"), path.display());
        Ok(Some(path))
    }

    fn write_marked(
        &self,
        marked: Marked,
        batch: &Batch,
        findings: &[told::Finding],
    ) -> Result<Option<PathBuf>, Failure> {
        let ([input], Some(path), false) = (self.paths.as_slice(), &self.rejects, findings.is_empty()) else {
            return Ok(None);
        };
        rejects::write_marked(marked, input, path, batch, findings, self.options()?.encoding)?;
        println!("the file with what is wrong marked: `{}`", path.display());
        Ok(Some(path.clone()))
    }

    fn check_outputs(&self, inputs: &[PathBuf]) -> Result<(), Failure> {
        let outputs = [
            (&self.rejects, Own::Rejects, "--rejects"),
            (&self.plan, Own::Plan, "--plan"),
            (&self.report, Own::Report, "--report"),
        ];
        if let (Some(path), Some(marked)) = (&self.rejects, self.rejects.as_deref().and_then(Marked::of)) {
            marked.check(path, inputs)?;
        }
        if let Some(path) = self.changes.as_ref().filter(|path| path.exists()) {
            let message = format!("`{}` is there already", path.display());
            return Err(Failure::usage(message, "give another name with --changes"));
        }
        for (path, own, option) in outputs {
            if let Some(path) = path {
                files::check_output(path, own, option, inputs)?;
            }
        }
        Ok(())
    }
}
