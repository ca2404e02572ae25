//! Answers kept in memory. An answer is a function of the program, the request, the role, and the tables that the request can
//! read. So its `ETag` is made of the first three and of the state in which those tables are: the hash of the journal at the last
//! revision that changed any of them. Two data folders never share one, and a commit of other tables leaves it as it is. The last
//! answer to each request is kept, and given as long as its tag is the current one.

use std::hash::Hash;

use actix_web::HttpRequest;
use actix_web::http::header::{ETag, EntityTag, Header as _, IfNoneMatch};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::commit::access::Identity;
use crate::embedded;
use crate::graphql::GraphqlRequest;
use crate::graphql::core::public::Public;
use crate::http::wire::encoding::Body;
use crate::register::{Revision, TableSet};

/// Names a request: what its answers are kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a request of somebody; of all in a role there is one, but where readers without a token get something else.
    pub fn of(request: &GraphqlRequest, identity: &Identity, public: &Public) -> Self {
        let mut hasher = blake3::Hasher::new();
        // Another program may answer in another way.
        hasher.update(embedded::BUILD.as_bytes());
        hasher.update(&[0]);
        hasher.update(identity.role.word().as_bytes());
        if public.is_restricted() && identity.is_anonymous() {
            hasher.update(format!("{public:?}").as_bytes());
        }
        hasher.update(&request.digest());
        Self(*hasher.finalize().as_bytes())
    }

    /// The key of something that is made of the answer to that request in a way that `how` names.
    pub fn made(self, how: &[u8; 32]) -> Self {
        Self(*blake3::Hasher::new().update(&self.0).update(how).finalize().as_bytes())
    }

    /// Names the answer to that request in the state that `chain` names: another data folder has another one.
    pub fn in_state(self, chain: &[u8; 32]) -> Tag {
        Tag(*blake3::Hasher::new().update(&self.0).update(chain).finalize().as_bytes())
    }
}

/// Names an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag([u8; 32]);

impl Tag {
    /// Whether the client has the answer of that tag already.
    pub fn is_known(self, http: &HttpRequest) -> bool {
        match IfNoneMatch::parse(http) {
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.entity())),
            // The client has something, but says not what.
            _ => false,
        }
    }

    /// As an entity tag: weak, because the same answer comes compressed or not.
    fn entity(self) -> EntityTag {
        let text = self.0.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        EntityTag::new_weak(text)
    }

    /// The header that tells it.
    pub fn etag(self) -> ETag {
        ETag(self.entity())
    }
}

/// An answer as it is kept.
#[derive(Clone, Debug)]
pub struct CachedBody {
    /// The body.
    pub body: Body,
    /// The revision that the body says.
    pub revision: Revision,
    /// Its name.
    pub tag: Tag,
    /// The tables that the request can read; none when it is good whatever changes.
    pub tables: Option<TableSet>,
}

/// The last answers to the requests of late, in at most so many bytes.
pub type Answers = Recent<Key, CachedBody>;

/// What was used of late, in at most so many bytes.
#[derive(Debug)]
pub struct Recent<K, V> {
    bytes_max: usize,
    /// None when nothing is to be kept.
    kept: Option<Cache<K, Weighed<V>, Bytes>>,
}

/// A value, and about how many bytes it takes.
type Weighed<V> = (V, usize);

#[derive(Clone, Debug)]
struct Bytes;

impl<K, V> Weighter<K, Weighed<V>> for Bytes {
    fn weight(&self, _: &K, (_, bytes): &Weighed<V>) -> u64 {
        *bytes as u64
    }
}

/// About how many bytes a value takes: for how many there is room is only a beginning.
const USUAL_BYTES: usize = 16 * 1024;

impl<K: Hash + Eq + Copy, V: Clone> Recent<K, V> {
    /// Keeps nothing yet.
    pub fn new(bytes_max: usize) -> Self {
        // In one piece: of several, none has room for what may take half of all.
        let options = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity((bytes_max / USUAL_BYTES).max(16))
            .weight_capacity(bytes_max as u64)
            .build()
            .expect("all that has to be said is said");
        let lifecycle = DefaultLifecycle::default();
        let kept =
            (bytes_max > 0).then(|| Cache::with_options(options, Bytes, DefaultHashBuilder::default(), lifecycle));
        Self { bytes_max, kept }
    }

    /// What is kept by that key.
    pub fn get(&self, key: K) -> Option<V> {
        self.kept.as_ref()?.get(&key).map(|(value, _)| value)
    }

    /// Keeps a value that takes about so many bytes, unless that is too much.
    pub fn put(&self, key: K, value: V, bytes: usize) {
        // What stands around a value in the map.
        let bytes = bytes.saturating_add(128);
        if let Some(kept) = self.kept.as_ref().filter(|_| bytes <= self.bytes_max / 2) {
            kept.insert(key, (value, bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let recent: Recent<u32, u32> = Recent::new(20_000);
        recent.put(0, 0, 872);
        for key in 1..100 {
            recent.put(key, key, 872);
            assert_eq!(recent.get(0), Some(0), "used after {key} others");
            assert_eq!(recent.get(key), Some(key));
        }
        let there = (0..100).filter(|key| recent.get(*key).is_some()).count();
        assert!((10..=20).contains(&there), "{there} of a thousand bytes each");
        recent.put(200, 200, 10_000);
        assert_eq!(recent.get(200), None, "too large");
        // A newer value of a key takes the room that it takes, not that of the one before.
        let grows: Recent<u32, u32> = Recent::new(20_000);
        (0..9).for_each(|key| grows.put(key, key, 0));
        (0..9).for_each(|key| grows.put(key, key, 9_000));
        assert!((0..9).filter(|key| grows.get(*key).is_some()).count() <= 3, "of nine thousand bytes each in twenty");
        let nothing: Recent<u32, u32> = Recent::new(0);
        nothing.put(1, 1, 0);
        assert_eq!(nothing.get(1), None);
    }
}
