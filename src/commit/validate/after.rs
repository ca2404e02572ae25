//! The register that there would be, as rules ask it.

use std::collections::HashMap;

use crate::model::{Key, Kind, Record};

/// A record as it will be, if it will be there.
pub type After<'r, 'f> = &'f dyn Fn(Kind, &Key) -> Option<&'r Record>;

/// The records of a scope that go because no row has them.
pub type Going<'a> = HashMap<(Kind, &'a Key), ()>;
