//! From a listener to the application: connections, plain or encrypted, each looked after by [`Paced`].

use std::future::ready;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol, Request};
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt as _, fn_service, map_config};
use actix_tls::accept::TlsError;
use actix_tls::accept::rustls_0_23::{Acceptor, TlsStream};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Extensions, Response};
use actix_web::http::header::HeaderMap;
use actix_web::rt::net::TcpStream;
use arc_swap::ArcSwap;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::http::wire::client::Proxies;
use crate::http::wire::pace::{Paced, Patience, Use};
use crate::http::wire::share::Shares;

/// How long a client may take to send a request's headers, and to agree on encryption.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a client may go on sending what is not read any more.
pub const CLOSING_TIMEOUT: Duration = Duration::from_millis(300);

/// How connections are kept.
#[derive(Clone)]
pub struct Keeping {
    /// How long one may be idle between two requests.
    pub alive: Duration,
    /// How long clients may take.
    pub patience: Patience,
    /// Which proxies are trusted.
    pub proxies: Arc<ArcSwap<Proxies>>,
    /// How many each client may have.
    pub shares: Arc<Shares>,
}

impl Keeping {
    /// Looks after a connection.
    fn accept(&self, io: TcpStream) -> Paced {
        // What a proxy has to say of its clients comes later.
        let client = io.peer_addr().ok().and_then(|peer| self.proxies.load().client(peer.ip(), &HeaderMap::new()).ok());
        let place = client.map_or(Ok(None), |client| self.shares.connect(&client));
        if place.is_err() {
            tracing::debug!(?client, "a client has more connections than its share: one is cut");
        }
        Paced::new(io, self.patience, place)
    }
}

/// Serves an application on a listener.
///
/// # Errors
/// When the listener cannot be had.
pub fn serve<F, I, S, B>(
    builder: ServerBuilder,
    listener: TcpListener,
    tls: Option<rustls::ServerConfig>,
    keeping: Keeping,
    application: F,
) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let address = listener.local_addr()?;
    let builder = match tls {
        None => builder.listen("http", listener, move || {
            let keeping = keeping.clone();
            let accepting = keeping.clone();
            let accept = fn_service(move |io: TcpStream| ready(Ok(accepting.accept(io))));
            accept.map(as_http).and_then(protocol(application(), address, keeping))
        })?,
        Some(mut tls) => {
            tls.alpn_protocols = vec![b"http/1.1".to_vec()];
            builder.listen("https", listener, move || {
                let mut acceptor = Acceptor::new(tls.clone());
                acceptor.set_handshake_timeout(HEADERS_TIMEOUT);
                let keeping = keeping.clone();
                let accepting = keeping.clone();
                let accept = fn_service(move |io: TcpStream| ready(Ok(accepting.accept(io))));
                let accept = accept.and_then(acceptor.map_err(TlsError::into_service_error));
                accept.map(as_http).and_then(protocol(application(), address, keeping).map_err(TlsError::Service))
            })?
        }
    };
    Ok(builder.run())
}

/// With the other side's address.
fn as_http<T: Carries>(io: T) -> (T, Protocol, Option<SocketAddr>) {
    let peer = io.peer();
    (io, Protocol::Http1, peer)
}

/// HTTP over connections of one sort.
fn protocol<T, I, S, B>(
    application: I,
    address: SocketAddr,
    keeping: Keeping,
) -> impl ServiceFactory<(T, Protocol, Option<SocketAddr>), Config = (), Response = (), Error = DispatchError, InitError = ()>
where
    T: AsyncRead + AsyncWrite + Carries + Unpin + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let application = application.into_factory().map_err(|error| error.into().error_response());
    HttpService::build()
        .keep_alive(keeping.alive)
        .client_request_timeout(HEADERS_TIMEOUT)
        .client_disconnect_timeout(CLOSING_TIMEOUT)
        // A client that sends no more has gone: what is done for it is given up.
        .h1_allow_half_closed(false)
        .local_addr(address)
        .on_connect_ext(|io: &T, found: &mut Extensions| {
            found.insert(io.used());
        })
        .finish(map_config(application, |()| AppConfig::default()))
}

/// A connection that is paced, encrypted or not.
trait Carries {
    fn used(&self) -> Rc<Use>;
    fn peer(&self) -> Option<SocketAddr>;
}

impl Carries for Paced {
    fn used(&self) -> Rc<Use> {
        Paced::used(self)
    }

    fn peer(&self) -> Option<SocketAddr> {
        Paced::peer(self)
    }
}

impl Carries for TlsStream<Paced> {
    fn used(&self) -> Rc<Use> {
        self.get_ref().0.used()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.get_ref().0.peer()
    }
}
