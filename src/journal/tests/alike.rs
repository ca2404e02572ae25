use super::*;

/// What a node knows of the hash before anything is written is what it is then, in groups and alone, whatever the pieces.
#[test]
fn journals_that_are_alike_have_the_hashes_that_are_told_before() {
    let entries = [vec![], entry(7), vec![5; PAYLOAD_BYTES_MAX], vec![6; 2 * PAYLOAD_BYTES_MAX + 1], entry(3)];
    let mut ends = Vec::new();
    for group in [1, 2, 5] {
        let disk = Twin::default();
        let (mut journal, _) = open(&disk, 10_000_000).unwrap();
        journal.write_alike();
        let mut told = journal.end().clone();
        for entries in entries.chunks(group) {
            for (entry, sequence) in entries.iter().zip(told.sequence..) {
                told.previous = frame::chained(&told.previous, sequence, entry);
            }
            told.sequence += entries.len() as u64;
            journal.append_group(entries.iter().map(|entry| entry.chunks(1_000_003).map(<[u8]>::to_vec))).unwrap();
            assert_eq!(journal.end().previous, told.previous);
        }
        ends.push(journal.end().clone());
        assert_eq!(open(&disk, 10_000_000).unwrap().1, entries);
    }
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]));
}
