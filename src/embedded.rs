//! What the build put into the binary: the explorer and the demonstration data.

use std::io::Read as _;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Unpacks an embedded file.
pub fn unpack(packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).expect("the build packed it");
    bytes
}

/// The demonstration data as files.
pub fn demo() -> Files {
    DEMO.iter().map(|(name, packed)| ((*name).to_owned(), unpack(packed))).collect()
}

/// Files by name.
pub type Files = Vec<(String, Vec<u8>)>;

/// The invented years after the demonstration data, and the rounds of the last one, one after the other, each with its files.
pub fn demo_years() -> Vec<(String, Files)> {
    let mut years: Vec<(String, Files)> = Vec::new();
    for (path, packed) in YEARS {
        let Some((year, name)) = path.split_once('/') else { continue };
        if years.last().is_none_or(|(last, _)| last != year) {
            years.push((year.to_owned(), Files::new()));
        }
        if let Some((_, files)) = years.last_mut() {
            files.push((name.to_owned(), unpack(packed)));
        }
    }
    // By name: what comes within a year (`2023-q1`) after the year itself.
    years.sort_by(|a, b| a.0.cmp(&b.0));
    years
}
