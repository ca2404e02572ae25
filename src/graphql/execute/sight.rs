//! What readers without a token may ask, where whoever runs the server has chosen that they may not ask everything.

use std::sync::Arc;

use crate::commit::access::Identity;
use crate::graphql::core::error::{ErrorCode, FieldError, GraphqlError};
use crate::graphql::core::exchange::Answer;
use crate::graphql::core::execution::fetch;
use crate::graphql::core::id::revisions_of_ids;
use crate::graphql::core::public::{Hidden, Public, Sight};
use crate::graphql::execute::api::{Api, one};
use crate::graphql::prepare::bound::BoundRef;
use crate::graphql::prepare::operation::{SelectedField, SelectionSet};
use crate::model::{Kind, Record};
use crate::register::{Register, Revision};

impl Api {
    /// From now on, readers without a token get this.
    pub fn restrict(&self, public: Public) {
        self.public.store(Arc::new(public));
    }

    /// What there is for readers without a token.
    pub fn public(&self) -> Arc<Public> {
        self.public.load_full()
    }

    /// What somebody may see.
    pub fn sight(&self, identity: &Identity) -> Sight {
        if !identity.is_anonymous() {
            return Sight::default();
        }
        let public = self.public.load();
        if !public.is_restricted() {
            return Sight::default();
        }
        // Who has the journal has the names.
        let first = self.ledger.chain(1).unwrap_or_default();
        let key = blake3::derive_key("boordtabel 2026-11 pseudonyms of authors", &first);
        let until = public.edition.as_ref().map(|name| self.published(name).unwrap_or_default());
        // What was tagged is read as it was then, and nothing of how it came to be.
        let hidden = Hidden { history: public.hidden.history || public.edition.is_some(), ..public.hidden };
        Sight { hidden, until, key }
    }

    /// The register that somebody reads.
    ///
    /// # Errors
    /// When it is that of an edition which is not there.
    pub fn register_for(&self, identity: &Identity) -> Result<Arc<Register>, FieldError> {
        let public = self.public.load();
        let Some(name) = public.edition.as_ref().filter(|_| identity.is_anonymous()) else {
            return Ok(self.ledger.register());
        };
        let Some(revision) = self.published(name) else {
            let message = if name.is_empty() {
                "nothing is published yet: no edition was tagged".to_owned()
            } else {
                format!("nothing is published yet: there is no edition `{name}`")
            };
            let hint = "ask whoever runs the server, or show a token";
            return Err(FieldError::new(ErrorCode::RevisionUnavailable, message, hint));
        };
        let current = self.ledger.register();
        if revision == current.revision() { Ok(current) } else { fetch(&self.ledger, revision) }
    }

    /// The revision of the edition of that name, or where it is empty of the latest.
    fn published(&self, name: &str) -> Option<Revision> {
        let register = self.ledger.register();
        let editions = register.all(Kind::Edition).filter_map(|node| match &node.record {
            Record::Edition(edition) if name.is_empty() || edition.key.as_str() == name => {
                Revision::try_from(edition.tagged_revision).ok()
            }
            _ => None,
        });
        editions.max()
    }

    /// Whether somebody may ask this.
    ///
    /// # Errors
    /// When it asks for what they do not get.
    pub(super) fn check_sight(
        &self,
        bound: BoundRef<'_>,
        root: &SelectionSet,
        sight: &Sight,
    ) -> Result<(), Vec<GraphqlError>> {
        if !sight.hidden.introspection && !sight.hidden.history {
            return Ok(());
        }
        look(bound, root, sight, true).map_err(one)
    }

    /// Takes from an answer what somebody does not get: names near a wrong one.
    pub fn redact(&self, identity: &Identity, answer: &mut Answer) {
        let hidden = self.public.load().hidden;
        if identity.is_anonymous() && hidden.suggestions {
            answer.errors.iter_mut().for_each(|error| hidden.redact(&mut error.error));
            answer.hints.iter_mut().for_each(|hint| hint.near.clear());
        }
    }
}

fn look(bound: BoundRef<'_>, set: &SelectionSet, sight: &Sight, is_root: bool) -> Result<(), FieldError> {
    for selected in bound.fields(set).filter_map(SelectedField::selected) {
        let name: &str = &selected.field.name;
        let tells_schema = is_root && matches!(name, "__schema" | "__type" | "_service");
        let tells_history = name == "history" || is_root && matches!(name, "commits" | "changes" | "compare" | "at");
        let names_state = bound.args(selected.slot).is_ok_and(|args| revisions_of_ids(args).next().is_some());
        if tells_schema && sight.hidden.introspection || sight.hidden.history && (tells_history || names_state) {
            let message = format!("`{name}` is not for readers without a token here");
            let hint = "send `Authorization: Bearer` with a token; whoever runs the server makes one";
            return Err(FieldError::new(ErrorCode::Forbidden, message, hint));
        }
        selected.sets.iter().try_for_each(|set| look(bound, set, sight, false))?;
    }
    Ok(())
}
