//! What all stored bytes have in common: a version, limits while reading, one configuration of `bincode`.

use bincode::{BorrowDecode, Encode};

/// Version of the stored form.
pub(super) const VERSION: u16 = 1;
/// Most bytes that decoding may claim: bincode without a limit aborts the process on a corrupt length.
pub(super) const LIMIT_BYTES: usize = 1 << 30;

/// Why bytes could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The bytes are not what was written.
    #[error("the stored bytes are damaged: {0}")]
    Damaged(String),
    /// The bytes were written by a later version of the program.
    #[error("the stored bytes have version {found}, this program knows versions up to {VERSION}")]
    Newer {
        /// The version found.
        found: u16,
    },
}

fn configuration() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<LIMIT_BYTES>()
}

/// The version stands first, so that bytes of a later form are told from damaged ones.
pub(super) fn check_version(bytes: &[u8]) -> Result<(), CodecError> {
    let mut rest = bytes;
    match take::<u16>(&mut rest)? {
        VERSION => Ok(()),
        found if found > VERSION => Err(CodecError::Newer { found }),
        found => Err(CodecError::Damaged(format!("there is no version {found}"))),
    }
}

pub(super) fn to_bytes(value: &impl Encode) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    append(&mut bytes, value);
    bytes
}

pub(super) fn append(bytes: &mut Vec<u8>, value: &impl Encode) {
    bincode::encode_into_std_write(value, bytes, bincode::config::standard()).expect("a Vec takes everything");
}

pub(super) fn take<'a, T: BorrowDecode<'a, ()>>(rest: &mut &'a [u8]) -> Result<T, CodecError> {
    let (value, used) = bincode::borrow_decode_from_slice(rest, configuration())
        .map_err(|error| CodecError::Damaged(error.to_string()))?;
    *rest = &rest[used..];
    Ok(value)
}
