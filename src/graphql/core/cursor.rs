//! Cursors, and what part of a list the arguments of a connection ask for.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::graphql::core::args::Args;
use crate::graphql::core::error::FieldError;
use crate::graphql::core::limits::Limits;
use crate::graphql::core::list_query::ListQuery;
use crate::model::Key;
use crate::model::text::shortened;
use crate::register::{OrderKey, Revision};

/// Where a page begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The revision that is paged through.
    pub revision: Revision,
    /// Names the list, and what is asked of it: see [`fingerprint`].
    pub fingerprint: String,
    /// The place in the list.
    pub place: OrderKey,
}

impl Cursor {
    /// The cursor of a place in the list of that fingerprint at that revision.
    pub fn at(revision: Revision, fingerprint: &str, place: OrderKey) -> Self {
        Self { revision, fingerprint: fingerprint.to_owned(), place }
    }

    /// As the API shows it: opaque.
    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD
            .encode(format!("{}~{}.{}.{}", self.revision, self.fingerprint, self.place.0, self.place.1))
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// When it is none of ours.
    pub fn decode(text: &str) -> Result<Self, FieldError> {
        let parse = || {
            let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let [revision, position, key] = text.splitn(3, '.').collect::<Vec<_>>().try_into().ok()?;
            let (revision, fingerprint) = revision.split_once('~').unwrap_or((revision, ""));
            // What stands in the key's part of an order need not be a key: it may have blanks.
            let place = (position.parse().ok()?, Key::join(&[&key]));
            Some(Self { revision: revision.parse().ok()?, fingerprint: fingerprint.to_owned(), place })
        };
        parse().ok_or_else(|| {
            FieldError::input(
                format!("`{}` is no cursor", shortened(text, 80)),
                "take a cursor from `edges.cursor` or `pageInfo` of an earlier page, unchanged",
            )
        })
    }
}

/// Names a list, so that a cursor of it is known from those of other lists, and what is asked of it, if anything.
pub fn fingerprint(list: &str, query: Option<&ListQuery>) -> String {
    let list = &blake3::hash(list.as_bytes()).to_hex()[..8];
    query.map_or_else(|| list.to_owned(), |query| format!("{list}~{}", query.fingerprint))
}

/// The revisions that the cursors among these arguments pin.
///
/// # Errors
/// When a cursor is none of ours.
pub fn pins(args: &Args) -> Result<impl Iterator<Item = Revision>, FieldError> {
    let cursors: Result<Vec<Cursor>, FieldError> =
        ["after", "before"].iter().filter_map(|name| args.text(name)).map(Cursor::decode).collect();
    Ok(cursors?.into_iter().map(|cursor| cursor.revision))
}

fn size(args: &Args, name: &str, limits: &Limits) -> Result<Option<usize>, FieldError> {
    let Some(given) = args.int(name) else { return Ok(None) };
    let size = usize::try_from(given)
        .map_err(|_| FieldError::input(format!("`{name}` cannot be {given}"), "give a number from 0 on"))?;
    if size > limits.page_max {
        return Err(FieldError::limit(
            &format!("entries of a page (`{name}`)"),
            limits.page_max,
            size,
            "ask for smaller pages and follow `pageInfo.endCursor`",
        )
        .raised_by("page_max"));
    }
    Ok(Some(size))
}

/// How many entries, and from which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// From the beginning.
    First(usize),
    /// From the end.
    Last(usize),
}

/// What part of a list the arguments of a connection ask for.
#[derive(Clone, Debug)]
pub struct Window {
    /// The revision that the cursors pin.
    pub pinned: Option<Revision>,
    /// Entries after this place.
    pub after: Option<OrderKey>,
    /// Entries before this place.
    pub before: Option<OrderKey>,
    /// How many.
    pub size: Size,
}

impl Window {
    /// Reads the arguments of the list of that fingerprint.
    ///
    /// # Errors
    /// When they contradict each other, exceed the limits, or have a cursor of another list.
    pub fn read(args: &Args, limits: &Limits, fingerprint: &str) -> Result<Self, FieldError> {
        let [after, before] = ["after", "before"].map(|name| args.text(name).map(Cursor::decode).transpose());
        let (after, before) = (after?, before?);
        let of_list = |fingerprint: &str| fingerprint.split('~').next().map(str::to_owned);
        if let Some(cursor) = [&after, &before].into_iter().flatten().find(|cursor| cursor.fingerprint != fingerprint) {
            return Err(if of_list(&cursor.fingerprint) == of_list(fingerprint) {
                FieldError::input(
                    "the cursor was made with another `where` or `orderBy` than this list has",
                    "ask with the same `where` and `orderBy` as the page that gave the cursor, or begin without one",
                )
            } else {
                FieldError::input(
                    "the cursor is of another list, or of the list of another record",
                    "give a cursor back to the list that it came from, or begin without one",
                )
            });
        }
        let size = match (size(args, "first", limits)?, size(args, "last", limits)?) {
            (Some(_), Some(_)) => {
                return Err(FieldError::input("`first` and `last` are both given", "give one of the two"));
            }
            (None, Some(last)) => Size::Last(last),
            (first, None) => Size::First(first.unwrap_or(limits.page_default)),
        };
        let pinned = after.as_ref().or(before.as_ref()).map(|cursor| cursor.revision);
        if let (Some(after), Some(before)) = (&after, &before)
            && after.revision != before.revision
        {
            let (after, before) = (after.revision, before.revision);
            let message = format!("`after` is of revision {after}, `before` of revision {before}");
            return Err(FieldError::input(message, "use cursors of one list"));
        }
        Ok(Self { pinned, after: after.map(|cursor| cursor.place), before: before.map(|cursor| cursor.place), size })
    }
}
