//! What every kind of record offers besides its fields.

use crate::model::value::Composite;
use crate::model::{Key, Kind, Problems};

/// What every kind of record offers besides its fields.
pub trait RecordType: Composite {
    /// Its kind.
    const KIND: Kind;
    /// Its natural key, unique within the kind.
    fn key(&self) -> Key;
    /// Its place in the default order, before the key: the document's own order where there is one.
    fn position(&self) -> i64 {
        0
    }
    /// What takes the key's part in the default order, where the words of the key do not sort as the document does.
    fn order(&self) -> Option<Key> {
        None
    }
    /// Fills in the fields that follow from others: deprecated ones from those that took their place, or the other way round.
    fn settle(&mut self) {}
    /// What one record by itself can have wrong beyond its fields' types.
    fn check(&self, _: &mut Problems) {}
}
