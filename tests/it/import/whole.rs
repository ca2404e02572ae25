//! The whole plan in one mutation.

use boordtabel::commit::Edit;
use boordtabel::import;
use serde_json::{Value as Json, json};

use super::small::Small;
use crate::server::{Dice, journal, row};

/// Every record of the 2021 plan as a row.
pub fn plan() -> Vec<Json> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dwse-2021");
    let edits = import::read_files(&import::read_folder(folder.as_ref()).unwrap()).unwrap();
    let records = edits.iter().map(|edit| match edit {
        Edit::Put { record, .. } => row(record),
        other => panic!("{other:?} is no record"),
    });
    records.collect()
}

#[test]
fn a_second_import_changes_nothing_and_the_order_of_rows_means_nothing() {
    let mut rows = plan();
    let count = rows.len();
    let small = Small::empty();
    let mut digests = Vec::new();
    for seed in 0..3 {
        if seed > 0 {
            Dice(seed).shuffle(&mut rows);
        }
        let dry = small.import(json!({ "rows": rows, "dryRun": true }));
        assert_eq!((&dry["status"], &dry["counts"]["created"]), (&"WOULD_COMMIT".into(), &count.into()), "{dry}");
        digests.push(dry["digest"].clone());
    }
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");

    let first = small.import(json!({ "rows": rows, "expectDigest": digests[0] }));
    assert_eq!((&first["status"], &first["revision"]), (&"COMMITTED".into(), &1.into()), "{}", first["problems"]);
    assert_eq!(first["digest"], digests[0]);

    Dice(3).shuffle(&mut rows);
    let second = small.import(json!({ "rows": rows }));
    assert_eq!((&second["status"], &second["revision"]), (&"UNCHANGED".into(), &1.into()));
    assert_eq!((&second["counts"]["unchanged"], &second["changes"]), (&count.into(), &json!([])));
    assert_eq!(small.server.revision(), 1);

    // Nothing but the receipt of the second is new, and it does not hold the rows.
    let bytes: usize = journal(small.data()).iter().map(|(_, bytes)| bytes.len()).sum();
    small.import(json!({ "rows": rows }));
    let more = journal(small.data()).iter().map(|(_, bytes)| bytes.len()).sum::<usize>() - bytes;
    assert!((1..1000).contains(&more), "an import that changes nothing wrote {more} bytes");
}
