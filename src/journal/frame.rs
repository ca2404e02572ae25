//! Frames: the checksummed, hash-chained pieces that a journal's segments are made of.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `BTJ1` |
//! | 1 | 1 when this is the last part of its entry, 0 when more follow |
//! | 3 | how many bytes before this frame may not have been on the medium when it was written |
//! | 4 | length of the payload |
//! | 4 | number of the part within its entry, from 0 |
//! | 8 | sequence number of the entry |
//! | 32 | hash of the frame before |
//! | 4 | CRC-32C of all of the above and the payload |
//! | … | payload |
//!
//! Numbers are little-endian. The hash of a frame is BLAKE3 over its header and payload.
//!
//! The three bytes tell what a frame proves. Everything that lies further before it was on the medium when it was written; so a
//! hole there is damage, while a hole among what was not yet synced is what a power cut leaves of writes that nobody was told of.

/// Length of a frame's header.
pub const HEADER_BYTES: usize = 60;
/// Most payload bytes of one frame.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;
/// Most bytes of one entry.
pub const ENTRY_BYTES_MAX: usize = 1 << 30;
/// So many bytes or more before a frame that are not synced: it proves nothing about what lies before it.
pub const UNSYNCED_MAX: u32 = (1 << 24) - 1;
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
    /// How many bytes before this frame may not have been on the medium when it was written, up to [`UNSYNCED_MAX`].
    pub unsynced: u32,
    /// Hash of the frame before.
    pub previous: Hash,
    /// Length of the payload.
    pub length: usize,
    checksum: u32,
}

/// What a frame says of itself.
#[derive(Clone, Copy)]
pub struct PartHead {
    /// Sequence number of the entry.
    pub sequence: u64,
    /// Number of the part within its entry, from 0.
    pub part: u32,
    /// Whether the entry ends here.
    pub last: bool,
    /// How many bytes before it may not be on the medium yet.
    pub unsynced: u64,
}

/// Appends a frame to `bytes` and gives its hash.
pub fn write(bytes: &mut Vec<u8>, place: PartHead, previous: &Hash, payload: &[u8]) -> Hash {
    assert!(payload.len() <= PAYLOAD_BYTES_MAX, "the journal cuts entries into parts");
    let start = bytes.len();
    let unsynced = u32::try_from(place.unsynced).map_or(UNSYNCED_MAX, |bytes| bytes.min(UNSYNCED_MAX));
    bytes.extend(MAGIC);
    bytes.push(u8::from(place.last));
    bytes.extend(&unsynced.to_le_bytes()[..3]);
    bytes.extend(u32::try_from(payload.len()).expect("at most 1 MiB").to_le_bytes());
    bytes.extend(place.part.to_le_bytes());
    bytes.extend(place.sequence.to_le_bytes());
    bytes.extend(previous);
    let checksum = crc32c::crc32c_append(crc32c::crc32c(&bytes[start..]), payload);
    bytes.extend(checksum.to_le_bytes());
    bytes.extend(payload);
    hash(&bytes[start..start + HEADER_BYTES], payload)
}

/// The hash after an entry, where frames say nothing of what was on the medium: for journals that are the same everywhere.
pub fn chained(previous: &Hash, sequence: u64, payload: &[u8]) -> Hash {
    let parts = payload.len().div_ceil(PAYLOAD_BYTES_MAX).max(1);
    let mut hash = *previous;
    for part in 0..parts {
        let from = part * PAYLOAD_BYTES_MAX;
        let payload = &payload[from..payload.len().min(from + PAYLOAD_BYTES_MAX)];
        let (number, last) = (u32::try_from(part).unwrap_or(u32::MAX), part + 1 == parts);
        let place = PartHead { sequence, part: number, last, unsynced: UNSYNCED_MAX.into() };
        hash = write(&mut Vec::with_capacity(HEADER_BYTES + payload.len()), place, &hash, payload);
    }
    hash
}

fn hash(header: &[u8], payload: &[u8]) -> Hash {
    *blake3::Hasher::new().update(header).update(payload).finalize().as_bytes()
}

/// Reads a header; `None` when these bytes are none.
pub fn read_header(bytes: &[u8; HEADER_BYTES]) -> Option<Header> {
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    let length = number(8) as usize;
    let framed = bytes[..4] == MAGIC && bytes[4] <= 1 && length <= PAYLOAD_BYTES_MAX;
    framed.then(|| Header {
        sequence: u64::from_le_bytes(bytes[16..24].try_into().expect("eight bytes")),
        part: number(12),
        last: bytes[4] == 1,
        unsynced: u32::from_le_bytes([bytes[5], bytes[6], bytes[7], 0]),
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
