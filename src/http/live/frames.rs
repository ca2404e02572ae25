//! WebSocket frames (RFC 6455): bytes to messages, messages to bytes.

use actix_http::ws::{CloseReason, OpCode, Parser, ProtocolError};
use actix_web::web::{self, Bytes, BytesMut};
use futures_util::StreamExt as _;

use crate::graphql::core::error::FieldError;

/// Most bytes of a close frame's reason: a control frame has 125, the code takes two.
const REASON_BYTES_MAX: usize = 123;

/// A message that came in.
#[derive(Debug)]
pub enum Incoming {
    /// Text, whole.
    Text(String),
    /// The client asks whether we are there.
    Ping(Bytes),
    /// The client is there.
    Pong,
    /// The client closes.
    Close,
}

/// Why a socket is closed: code and reason, as the client gets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The code.
    pub code: u16,
    /// The reason.
    pub reason: String,
}

impl Closing {
    /// For that reason.
    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

/// What comes in over a socket.
pub struct Frames {
    payload: web::Payload,
    buffer: BytesMut,
    /// The beginning of a text that comes in several frames.
    begun: Option<BytesMut>,
    message_bytes: usize,
}

impl Frames {
    /// Reads messages of at most so many bytes.
    pub fn new(payload: web::Payload, message_bytes: usize) -> Self {
        Self { payload, buffer: BytesMut::new(), begun: None, message_bytes }
    }

    /// The next message: waits for it. `None` when the connection is gone. Dropping the wait loses nothing.
    ///
    /// # Errors
    /// When what comes is no message that we take.
    pub async fn next(&mut self) -> Result<Option<Incoming>, Closing> {
        loop {
            if let Some(message) = self.parse()? {
                return Ok(Some(message));
            }
            match self.payload.next().await {
                Some(Ok(bytes)) => self.buffer.extend_from_slice(&bytes),
                Some(Err(_)) | None => return Ok(None),
            }
        }
    }

    /// Waits until the client has closed, or is gone.
    pub async fn until_closed(&mut self) {
        while let Ok(Some(incoming)) = self.next().await {
            if matches!(incoming, Incoming::Close) {
                return;
            }
        }
    }

    fn parse(&mut self) -> Result<Option<Incoming>, Closing> {
        loop {
            let announced = announced_bytes(&self.buffer);
            let frame = Parser::parse(&mut self.buffer, true, self.message_bytes).map_err(|error| match error {
                ProtocolError::Overflow => self.too_large(announced),
                other => Closing::new(1002, other.to_string()),
            })?;
            let Some((is_last, code, payload)) = frame else { return Ok(None) };
            let payload = payload.unwrap_or_default();
            match code {
                OpCode::Text if self.begun.is_none() => self.begun = Some(BytesMut::new()),
                OpCode::Continue if self.begun.is_some() => {}
                OpCode::Ping if is_last => return Ok(Some(Incoming::Ping(payload.freeze()))),
                OpCode::Pong if is_last => return Ok(Some(Incoming::Pong)),
                OpCode::Close => return Ok(Some(Incoming::Close)),
                OpCode::Binary => return Err(Closing::new(4400, "Invalid message received: send JSON as text")),
                _ => return Err(Closing::new(1002, "a frame that does not continue what was begun")),
            }
            let mut text = self.begun.take().unwrap_or_default();
            if text.len() + payload.len() > self.message_bytes {
                return Err(self.too_large(text.len() + payload.len()));
            }
            text.extend_from_slice(&payload);
            if is_last {
                let text = String::from_utf8(text.to_vec());
                return text
                    .map(|text| Some(Incoming::Text(text)))
                    .map_err(|_| Closing::new(1007, "the text is no UTF-8"));
            }
            self.begun = Some(text);
        }
    }

    fn too_large(&self, found: usize) -> Closing {
        let hint = "send it with POST";
        let error = FieldError::limit("bytes of a message", self.message_bytes, found, hint);
        Closing::new(1009, format!("{}: {}; {hint}", error.code, error.message))
    }
}

/// How long the frame that begins there says it is.
fn announced_bytes(buffer: &[u8]) -> usize {
    let wide = |bytes: &[u8]| bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let length = match buffer {
        [_, length, rest @ ..] => match length & 0x7f {
            126 => wide(&rest[..rest.len().min(2)]),
            127 => wide(&rest[..rest.len().min(8)]),
            short => u64::from(short),
        },
        _ => 0,
    };
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// A message as bytes.
fn frame(code: OpCode, payload: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(payload.len() + 10);
    Parser::write_message(&mut bytes, payload, code, true, false);
    bytes.freeze()
}

/// A text.
pub fn text(text: &[u8]) -> Bytes {
    frame(OpCode::Text, text)
}

/// Asks whether the client is there.
pub fn ping() -> Bytes {
    frame(OpCode::Ping, b"")
}

/// Answers a ping.
pub fn pong(asked: &[u8]) -> Bytes {
    frame(OpCode::Pong, asked)
}

/// Closes. A reason that is too long is cut.
pub fn close(closing: &Closing) -> Bytes {
    let mut reason = closing.reason.as_str();
    while reason.len() > REASON_BYTES_MAX {
        reason = &reason[..reason.floor_char_boundary(reason.len() - 1)];
    }
    let mut bytes = BytesMut::new();
    let reason = CloseReason { code: closing.code.into(), description: Some(reason.to_owned()) };
    Parser::write_close(&mut bytes, Some(reason), false);
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_between_letters() {
        let bytes = close(&Closing::new(4400, "é".repeat(100)));
        assert_eq!(bytes.len(), 2 + 2 + 122);
        assert!(std::str::from_utf8(&bytes[4..]).unwrap().chars().all(|letter| letter == 'é'));
    }

    #[test]
    fn the_announced_length_is_read_from_any_part_of_a_frame() {
        for (bytes, length) in [
            (&[][..], 0),
            (&[0x81, 0x85, 1, 2, 3, 4], 5),
            (&[0x81, 0xfe, 0x01, 0x00, 9], 256),
            (&[0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 9, 9, 9, 9], 65_536),
        ] {
            assert_eq!(announced_bytes(bytes), length, "{bytes:?}");
        }
    }
}
