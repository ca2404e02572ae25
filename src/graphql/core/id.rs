//! Ids: what names a record among those of all kinds.

use async_graphql::Value as Input;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::graphql::core::args::Args;
use crate::model::{Key, Kind};
use crate::register::Revision;

/// What names a record among those of all kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id {
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub key: Key,
    /// The revision that it is read at; none for the current one.
    pub past: Option<Revision>,
}

impl Id {
    /// As the API shows it: opaque.
    pub fn encode(&self) -> String {
        let past = self.past.map(|revision| format!("@{revision}")).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}{past}:{}", self.kind, self.key))
    }

    /// Reads an id; `None` when it is none of ours.
    pub fn decode(id: &str) -> Option<Self> {
        let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let (head, key) = text.split_once(':')?;
        let (kind, past) = match head.split_once('@') {
            Some((kind, revision)) => (kind, Some(revision.parse().ok()?)),
            None => (head, None),
        };
        let kind = *Kind::ALL.iter().find(|known| known.name() == kind)?;
        Some(Self { kind, key: Key::parse(key).ok()?, past })
    }
}

/// Arguments that name one record, or several: by its id, or as an object that may have it.
const NAMING_ONE: &str = "id";
const NAMING_SEVERAL: [&str; 2] = ["ids", "representations"];

/// Whether an argument of that name names records.
pub fn names_records(argument: &str) -> bool {
    argument == NAMING_ONE || NAMING_SEVERAL.contains(&argument)
}

/// How many records these arguments name in a list; none when they have no such list.
pub fn named_count(args: &Args) -> Option<usize> {
    NAMING_SEVERAL.iter().find_map(|name| match args.get(name)? {
        Input::List(named) => Some(named.len()),
        _ => None,
    })
}

/// The revisions that the ids among these arguments lead to.
pub fn revisions_of_ids(args: &Args) -> impl Iterator<Item = Revision> {
    let lists = NAMING_SEVERAL.into_iter().chain([NAMING_ONE]).filter_map(|name| match args.get(name)? {
        Input::List(named) => Some(named.as_slice()),
        one => Some(std::slice::from_ref(one)),
    });
    lists.flatten().filter_map(|named| {
        let id = match named {
            Input::Object(fields) => fields.get("id")?,
            id => id,
        };
        let Input::String(id) = id else { return None };
        Id::decode(id)?.past
    })
}
