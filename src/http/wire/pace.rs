//! Connections whose clients must take what they are sent. One that takes a byte now and then would keep its answer, and its
//! place, for as long as it likes: so the connection ends when the next piece of an answer was not taken in time.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::rt::net::{ActixStream, Ready, TcpStream};
use actix_web::rt::time::{Sleep, sleep};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http::wire::share::{Full, Part};

/// What must be taken in time, in bytes.
pub const PIECE_BYTES: usize = 64 * 1024;
/// What the system may hold beside, unsent: as soon as half of it went out, it takes more. So what it takes tells what the client
/// took, but for what is on its way.
const UNSENT_BYTES: u32 = 2 * PIECE_BYTES as u32;

/// How long clients may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a piece of an answer.
    pub piece: Duration,
    /// For anything at all of those who follow the register: they are told before, so this is longer.
    pub follower: Duration,
}

/// What a connection is used for; those who answer a request find it with the connection.
#[derive(Debug, Default)]
pub struct Use {
    is_followed: Cell<bool>,
}

impl Use {
    /// A request begins: it asks for an answer, as far as is known.
    pub fn begin(&self) {
        self.is_followed.set(false);
    }

    /// Whether the register is followed over it.
    pub fn is_followed(&self) -> bool {
        self.is_followed.get()
    }

    /// From now on the register is followed over it.
    pub fn follow(&self) {
        self.is_followed.set(true);
    }
}

/// A connection.
pub struct Paced {
    io: TcpStream,
    used: Rc<Use>,
    patience: Patience,
    /// While the client takes less than there is to send.
    wait: Option<Wait>,
    /// Its place among those of its client; none when nobody counts, an error when there was none left.
    place: Result<Option<Part>, Full>,
}

struct Wait {
    timer: Pin<Box<Sleep>>,
    taken: usize,
}

impl Paced {
    /// Looks after a connection.
    pub fn new(io: TcpStream, patience: Patience, place: Result<Option<Part>, Full>) -> Self {
        let socket = SockRef::from(&io);
        // An answer or event goes out when it is there.
        let mut set = socket.set_tcp_nodelay(true);
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            // Where the other side is gone without a word, the system notices.
            set = set
                .and_then(|()| socket.set_tcp_user_timeout(Some(patience.follower)))
                .and_then(|()| socket.set_tcp_notsent_lowat(UNSENT_BYTES));
        }
        if let Err(error) = set {
            tracing::warn!(reason = %error, "a client that does not read may keep its connection for longer");
        }
        Self { io, used: Rc::default(), patience, wait: None, place }
    }

    /// The address of the other side.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.io.peer_addr().ok()
    }

    /// What it is used for.
    pub fn used(&self) -> Rc<Use> {
        Rc::clone(&self.used)
    }

    /// So many of these bytes were taken, or none yet.
    fn pace(
        &mut self,
        context: &mut Context<'_>,
        offered: usize,
        taken: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match &taken {
            Poll::Ready(Ok(bytes)) => {
                if let Some(wait) = &mut self.wait {
                    wait.taken += bytes;
                    if *bytes == offered || wait.taken >= PIECE_BYTES {
                        self.wait = None;
                    }
                }
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                let patience = if self.used.is_followed.get() { self.patience.follower } else { self.patience.piece };
                let wait = self.wait.get_or_insert_with(|| Wait { timer: Box::pin(sleep(patience)), taken: 0 });
                ready!(wait.timer.as_mut().poll(context));
                tracing::debug!(taken = wait.taken, "a client took too little of an answer: its connection is cut");
                // What is left is not sent any more.
                let _ = SockRef::from(&self.io).set_linger(Some(Duration::ZERO));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        taken
    }
}

impl AsyncRead for Paced {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.place.is_err() {
            // As if the client had gone: nothing is read, so nothing is answered.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.get_mut().io).poll_read(context, buffer)
    }
}

impl AsyncWrite for Paced {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let taken = Pin::new(&mut this.io).poll_write(context, bytes);
        this.pace(context, bytes.len(), taken)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let taken = Pin::new(&mut this.io).poll_write_vectored(context, slices);
        this.pace(context, slices.iter().map(|slice| slice.len()).sum(), taken)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(context)
    }
}

impl ActixStream for Paced {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_read_ready(&self.io, context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_write_ready(&self.io, context)
    }
}
