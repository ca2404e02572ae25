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
pub fn demo() -> Vec<(String, Vec<u8>)> {
    DEMO.iter().map(|(name, packed)| ((*name).to_owned(), unpack(packed))).collect()
}
