//! Frames: the checksummed, hash-chained pieces that a journal's segments are made of.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `BTJ1` |
//! | 1 | 1 when this is the last part of its entry, 0 when more follow |
//! | 3 | zero |
//! | 4 | length of the payload |
//! | 4 | number of the part within its entry, from 0 |
//! | 8 | sequence number of the entry |
//! | 32 | hash of the frame before |
//! | 4 | CRC-32C of all of the above and the payload |
//! | … | payload |
//!
//! Numbers are little-endian. The hash of a frame is BLAKE3 over its header and payload.

/// Length of a frame's header.
pub const HEADER_BYTES: usize = 60;
/// Most payload bytes of one frame.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;
const MAGIC: [u8; 4] = *b"BTJ1";
const CHECKSUM_AT: usize = 56;

/// Hash of a frame: the next one names it.
pub type Hash = [u8; 32];

/// What a frame's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Sequence number of the entry.
    pub sequence: u64,
    /// Number of the part within its entry, from 0.
    pub part: u32,
    /// Whether the entry ends here.
    pub last: bool,
    /// Hash of the frame before.
    pub previous: Hash,
    /// Length of the payload.
    pub length: usize,
    checksum: u32,
}

/// Appends a frame to `bytes` and gives its hash.
pub fn write(bytes: &mut Vec<u8>, sequence: u64, part: u32, last: bool, previous: &Hash, payload: &[u8]) -> Hash {
    assert!(payload.len() <= PAYLOAD_BYTES_MAX, "the journal cuts entries into parts");
    let start = bytes.len();
    bytes.extend(MAGIC);
    bytes.extend([u8::from(last), 0, 0, 0]);
    bytes.extend(u32::try_from(payload.len()).expect("at most 1 MiB").to_le_bytes());
    bytes.extend(part.to_le_bytes());
    bytes.extend(sequence.to_le_bytes());
    bytes.extend(previous);
    let checksum = crc32c::crc32c_append(crc32c::crc32c(&bytes[start..]), payload);
    bytes.extend(checksum.to_le_bytes());
    bytes.extend(payload);
    hash(&bytes[start..start + HEADER_BYTES], payload)
}

fn hash(header: &[u8], payload: &[u8]) -> Hash {
    *blake3::Hasher::new().update(header).update(payload).finalize().as_bytes()
}

/// Reads a header; `None` when these bytes are none.
pub fn read_header(bytes: &[u8; HEADER_BYTES]) -> Option<Header> {
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    let length = number(8) as usize;
    let framed = bytes[..4] == MAGIC && bytes[4] <= 1 && bytes[5..8] == [0; 3] && length <= PAYLOAD_BYTES_MAX;
    framed.then(|| Header {
        sequence: u64::from_le_bytes(bytes[16..24].try_into().expect("eight bytes")),
        part: number(12),
        last: bytes[4] == 1,
        previous: bytes[24..56].try_into().expect("thirty-two bytes"),
        length,
        checksum: number(CHECKSUM_AT),
    })
}

/// The hash of the frame, when its checksum holds.
pub fn verify(header: &Header, header_bytes: &[u8; HEADER_BYTES], payload: &[u8]) -> Option<Hash> {
    let checksum = crc32c::crc32c_append(crc32c::crc32c(&header_bytes[..CHECKSUM_AT]), payload);
    (checksum == header.checksum).then(|| hash(header_bytes, payload))
}
