//! What ends an answer, or makes a part of it null: time, size, and fields that fail.

use crate::graphql::core::definition::Ty;
use crate::graphql::core::error::FieldError;
use crate::graphql::execute::run::{Failed, Runner};
use crate::graphql::prepare::operation::SelectedField;

const SMALLER: &str = "ask for smaller pages or fewer fields";

impl Runner<'_, '_> {
    /// Whether the answer may go on.
    #[cold]
    pub(super) fn looked_at(&mut self, planned: &SelectedField) -> Result<(), Failed> {
        match self.late().or_else(|| self.too_long()) {
            Some(error) => self.exceeded(planned, error),
            None => Ok(()),
        }
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.json.len() > self.context.request.limits.answer_bytes
    }

    /// The error of an answer that is not there in time.
    pub(super) fn late(&self) -> Option<FieldError> {
        self.context.request.ended()
    }

    /// The error of an answer that has too many bytes.
    pub(super) fn too_long(&self) -> Option<FieldError> {
        let (limit, found) = (self.context.request.limits.answer_bytes, self.json.len());
        self.is_too_long()
            .then(|| FieldError::limit("bytes of an answer", limit, found, SMALLER).raised_by("answer_bytes"))
    }

    /// Ends the whole answer, here.
    pub(super) fn end(&mut self, error: FieldError) -> Result<(), Failed> {
        self.errors.clear();
        self.errors.push(self.at, error);
        Err(Failed::Ended)
    }

    /// Ends the whole answer; where something was written to the register, which must be told, only the nearest value that may
    /// be null. What stands in none is told whole: it is what the write itself came to.
    pub(super) fn exceeded(&mut self, planned: &SelectedField, error: FieldError) -> Result<(), Failed> {
        if self.context.effects.is_empty() {
            self.at = planned.at;
            return self.end(error);
        }
        if self.nullable == 0 {
            return Ok(());
        }
        self.report(planned, error);
        Err(Failed::Nulled)
    }

    pub(super) fn fail(&mut self, ty: &Ty, planned: &SelectedField, error: FieldError) -> Result<(), Failed> {
        self.report(planned, error);
        if matches!(ty, Ty::NonNull(_)) {
            return Err(Failed::Nulled);
        }
        self.json.extend(b"null");
        Ok(())
    }

    /// Says of a hint that a resolver has just given where it is.
    pub(super) fn place_hint(&mut self) {
        if let Some(hint) = self.context.hints.borrow_mut().last_mut().filter(|hint| hint.path.is_empty()) {
            hint.path = self.errors.path();
        }
    }

    pub(super) fn report(&mut self, planned: &SelectedField, error: FieldError) {
        self.errors.push(planned.at, error);
    }
}
