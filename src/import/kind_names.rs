//! By which names of files, sheets and tables a kind is known.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::analysis::listing::Listing;
use crate::import::field::labels;
use crate::model::Kind;

/// A name without what people write in different ways.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

/// The names by which a kind is known, ours first; none for a Dutch name that two kinds have.
fn names() -> &'static HashMap<String, Option<Kind>> {
    static NAMES: OnceLock<HashMap<String, Option<Kind>>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: HashMap<String, Option<Kind>> = HashMap::new();
        for kind in Kind::ALL {
            // The Dutch term, or more of it: `Maatregel`, `Maatregelen`.
            let labels = labels(kind.info().doc).map(plain);
            let theirs: HashSet<String> =
                labels.flat_map(|label| ["", "en", "s"].map(|ending| format!("{label}{ending}"))).collect();
            for name in theirs {
                names.entry(name).and_modify(|known| *known = None).or_insert(Some(*kind));
            }
        }
        let ours =
            Kind::ALL.iter().flat_map(|kind| [(plain(kind.file()), Some(*kind)), (plain(kind.name()), Some(*kind))]);
        names.extend(ours);
        names
    })
}

/// The kind of a file, sheet or table name: `budget-lines`, `Budget lines`, `BudgetLine`.
pub fn kind_named(name: &str) -> Option<Kind> {
    names().get(&plain(name)).copied().flatten()
}

/// What is said of a file or a sheet that is named after a list of computed values; none where it is not.
pub fn computed(name: &str, stem: &str) -> Option<(String, &'static str)> {
    let message = format!("`{name}` has values that are computed: they follow from the records, and are not imported");
    Listing::from_word(stem).map(|_| (message, "leave it out, and import the records that they are computed of"))
}
