//! Ways from one list to the next, and on to the one after it, against lists that say themselves what stayed.

use proptest::prelude::*;

use super::super::delta::Delta;
use super::super::rows::{NONE, row};

/// A list after some of it is gone and other things came: each entry is told from all others.
fn next(list: &[u32], fresh: &mut u32, gone: &[bool], came: &[u8]) -> (Vec<u32>, Delta) {
    let is_gone = |at: usize| gone.get(at).copied().unwrap_or_default();
    let (mut later, mut new) = (Vec::new(), Vec::new());
    for at in 0..=list.len() {
        for _ in 0..came.get(at).copied().unwrap_or_default() {
            new.push(row(later.len()));
            later.push(*fresh);
            *fresh += 1;
        }
        later.extend(list.get(at).filter(|_| !is_gone(at)));
    }
    let gone = (0..list.len()).filter(|at| is_gone(*at)).map(row).collect();
    let count = later.len();
    (later, Delta::between(gone, new, count))
}

fn holds(earlier: &[u32], later: &[u32], delta: &Delta) -> Result<(), TestCaseError> {
    for (at, entry) in earlier.iter().enumerate() {
        let found = later.iter().position(|other| other == entry).map(row);
        prop_assert_eq!(delta.stays(row(at)), found, "row {} of {:?}", at, delta);
    }
    let carried = delta.carried(earlier, NONE);
    for (at, entry) in later.iter().enumerate() {
        let is_new = !earlier.contains(entry);
        prop_assert_eq!(carried[at], if is_new { NONE } else { *entry });
        prop_assert_eq!(delta.new_rows().contains(&row(at)), is_new);
    }
    let new: Vec<u32> = later.iter().copied().filter(|entry| !earlier.contains(entry)).collect();
    let applied = delta.applied(&earlier.iter().copied().collect(), new);
    prop_assert_eq!(applied.into_iter().collect::<Vec<_>>(), later);
    Ok(())
}

proptest! {
    #[test]
    fn two_ways_are_one(
        count in 0_u32..12,
        gone in prop::collection::vec(any::<bool>(), 0..12),
        came in prop::collection::vec(0_u8..3, 0..12),
        then_gone in prop::collection::vec(any::<bool>(), 0..20),
        then_came in prop::collection::vec(0_u8..3, 0..20),
    ) {
        let (first, mut fresh): (Vec<u32>, u32) = ((0..count).collect(), 100);
        let (second, there) = next(&first, &mut fresh, &gone, &came);
        let (third, on) = next(&second, &mut fresh, &then_gone, &then_came);
        holds(&first, &second, &there)?;
        holds(&second, &third, &on)?;
        holds(&first, &third, &there.then(&on))?;
    }
}
