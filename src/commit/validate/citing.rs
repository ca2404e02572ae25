//! Who cites what goes: the records whose values, not their fields, refer to others. Of them the register knows only whether there
//! are any; which they are is found with one look at all records for all that goes together.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{Key, Kind};
use crate::register::relation::{for_each_inner, inner_sources};
use crate::register::{Node, Register};

/// The records that cite, by what they cite; looked for when somebody first asks.
#[derive(Default)]
pub struct Citing<'r>(OnceCell<ByCited<'r>>);

type ByCited<'r> = HashMap<(Kind, Key), Vec<&'r Arc<Node>>>;

impl<'r> Citing<'r> {
    /// The records that cite one of those that go, in the order of their kinds and in their default order.
    pub fn of<'g, I: Iterator<Item = (Kind, &'g Key)>>(
        &self,
        register: &'r Register,
        kind: Kind,
        key: &Key,
        going: impl FnOnce() -> I,
    ) -> &[&'r Arc<Node>] {
        if !register.is_cited(kind, key) {
            return &[];
        }
        let all = self.0.get_or_init(|| {
            let cited = going().filter(|(kind, key)| register.is_cited(*kind, key));
            let mut all: ByCited<'r> = cited.map(|(kind, key)| ((kind, key.clone()), Vec::new())).collect();
            let leads = |source: &Kind| all.keys().any(|(kind, _)| inner_sources(*kind).any(|it| it == *source));
            let sources: Vec<Kind> = Kind::ALL.iter().copied().filter(leads).collect();
            for node in sources.into_iter().flat_map(|source| register.all(source)) {
                for_each_inner(&node.record, &mut |_, kind, key| {
                    let citing = all.get_mut(&(kind, key));
                    if let Some(citing) = citing.filter(|it| it.last().is_none_or(|last| !Arc::ptr_eq(last, node))) {
                        citing.push(node);
                    }
                });
            }
            all
        });
        all.get(&(kind, key.clone())).map_or(&[], Vec::as_slice)
    }
}
