//! The HTTP server: the only home of actix.
#![expect(
    clippy::result_large_err,
    reason = "a refusal is an answer already; it is made once a request, not passed far"
)]

mod door;
mod files;
mod graphql;
mod health;
mod live;
mod metrics;
mod options;
mod pulse;
mod reading;
mod reload;
mod state;
mod stop;
pub mod wire;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_server::ServerBuilder;
use actix_web::dev::Service as _;
use actix_web::{App, HttpRequest, guard, web};
use arc_swap::ArcSwap;

use self::files::{docs, export, import, pages, site};
use self::graphql::endpoint;
use self::live::{events, socket};
use self::wire::{connections, upgrade};
use crate::commit::Ledger;
use crate::graphql::Api;
use metrics::Metrics;
pub use options::Options;
use pulse::Pulse;
pub use reload::Reload;
use state::cache::Answers;
pub use state::documents::Documents;
use state::live::Live;
use state::policy::Policy;
use state::shared::{Files, Shared};
use wire::bucket::Bucket;
pub use wire::client::Proxies;
use wire::connections::Keeping;
pub use wire::cors::Cors;
use wire::flight::Flight;
pub use wire::host::Hosts;
use wire::issuer::Issuer;
pub use wire::issuer::Trust;
pub use wire::jwt::Grant;
use wire::pace::Patience;
use wire::refusal::{page, refuse_method};
use wire::share::Shares;
use wire::tls::Certificate;

/// So many refusals a minute are written to the audit log; the others stand in the metrics alone.
const NOTED_A_MINUTE: usize = 600;
/// How often it is written down when tokens were last used.
const NOTED_EVERY: Duration = Duration::from_secs(30);
/// How many requests that take long each worker does at once; others wait for their turn.
const BLOCKING_MAX: usize = 8;

/// Why a server cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The port is not to be had.
    #[error("{0}")]
    Port(#[from] io::Error),
    /// The certificate is not good.
    #[error("{0}")]
    Certificate(String),
    /// The issuer of others' tokens cannot be used.
    #[error("{0}")]
    Issuer(String),
}

/// A server that has its port but does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<rustls::ServerConfig>,
    certificate: Option<Arc<Certificate>>,
    workers: usize,
    stop_timeout_s: u64,
    metrics: Option<TcpListener>,
    shared: web::Data<Shared>,
}

impl Server {
    /// Takes the port.
    ///
    /// # Errors
    /// When the port is not to be had, or the certificate is not good.
    pub fn bind(options: Options, ledger: Arc<Ledger>, clock: fn() -> i64) -> Result<Self, BindError> {
        let Options {
            listen,
            workers,
            stop_timeout_s,
            limits,
            mut documents,
            hosts,
            cors,
            proxies,
            share_local,
            subgraph,
            needs_token,
            public,
            tls,
            tls_min,
            metrics,
            oidc,
        } = options;
        let certificate = tls.map(Certificate::new).transpose().map_err(BindError::Certificate)?;
        let tls = certificate.as_ref().map(|it| it.config(tls_min)).transpose().map_err(BindError::Certificate)?;
        let issuer = oidc.map(|trust| Issuer::after(None, trust)).transpose().map_err(BindError::Issuer)?;
        let listener = TcpListener::bind(listen)?;
        let metrics = metrics.map(TcpListener::bind).transpose()?;
        let address = listener.local_addr()?;
        let mut api = Api::new(ledger.clone(), limits, clock);
        if subgraph {
            api.offer_subgraph();
        }
        api.restrict(public);
        api.give(documents.compile(&api));
        let hosts = hosts.listening_at(address.ip());
        let answers = Answers::new(limits.cache_bytes);
        let shared = web::Data::new(Shared {
            api: Arc::new(api),
            files: Files::default(),
            clock,
            ledger,
            answers,
            flight: Flight::new(&limits),
            policy: ArcSwap::from_pointee(Policy { documents, hosts, cors, needs_token, issuer }),
            live: Live::new(limits),
            shares: Arc::new(Shares::new(limits, share_local)),
            proxies: Arc::new(ArcSwap::from_pointee(proxies)),
            is_encrypted: tls.is_some(),
            metrics: Metrics::new(env!("CARGO_PKG_VERSION")),
            noted: Bucket::new(NOTED_A_MINUTE, 100).expect("it is not zero"),
        });
        Ok(Self { listener, address, tls, certificate, workers, stop_timeout_s, metrics, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it answers to any name at all.
    pub fn answers_to_any_name(&self) -> bool {
        !self.shared.policy().hosts.are_checked()
    }

    /// Where the metrics are told.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Where people find it.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// What takes other settings while it runs.
    pub fn reload(&self) -> Reload {
        Reload { shared: self.shared.clone(), certificate: self.certificate.clone(), address: self.address }
    }

    /// Answers until SIGTERM or SIGINT, then lets running requests finish.
    ///
    /// # Errors
    /// When the server cannot start or fails.
    pub fn run(self) -> io::Result<()> {
        let shared = self.shared;
        let followed = shared.clone();
        let pulse = Pulse::new(self.workers);
        metrics::count_panics();
        pulse.watch();
        if let Some(listener) = self.metrics {
            let (shared, pulse) = (shared.clone().into_inner(), Arc::clone(&pulse));
            metrics::listen(listener, move || shared.metrics.told(&health::now(&shared, pulse.lag())))?;
        }
        actix_web::rt::System::new().block_on(async move {
            let stall = followed.live.stall();
            let limits = *shared.api.limits();
            let application = move || {
                let of_all = shared.clone();
                pulse.beat();
                App::new()
                    .app_data(shared.clone())
                    .wrap_fn(move |mut request, service| {
                        let (visit, refusal) = door::enter(&mut request, &of_all);
                        let called = match refusal {
                            Some(answer) => Err(request.into_response(answer)),
                            None => Ok(service.call(request)),
                        };
                        let shared = of_all.clone();
                        async move {
                            let answer = match called {
                                Ok(answer) => answer.await?,
                                Err(answer) => answer,
                            };
                            Ok(visit.leave(answer, &shared).await)
                        }
                    })
                    .configure(routes)
            };
            let builder = ServerBuilder::new()
                .workers(self.workers)
                .worker_max_blocking_threads(BLOCKING_MAX)
                .max_concurrent_connections(limits.connections)
                .shutdown_timeout(self.stop_timeout_s)
                .disable_signals();
            let keeping = Keeping {
                alive: Duration::from_millis(limits.keep_alive_ms as u64),
                proxies: followed.proxies.clone(),
                shares: followed.shares.clone(),
                patience: Patience { piece: Duration::from_millis(limits.take_ms as u64), follower: 3 * stall },
            };
            let server = connections::serve(builder, self.listener, self.tls, keeping, application)?;
            let noted = followed.clone();
            actix_web::rt::spawn(async move {
                loop {
                    actix_web::rt::time::sleep(NOTED_EVERY).await;
                    if let Err(cause) = noted.ledger.audit().sync() {
                        tracing::warn!(%cause, "the audit log is not on the disk yet");
                    }
                    if let Err(cause) = noted.ledger.tokens().used().write() {
                        tracing::warn!(%cause, "when tokens were last used is not written down");
                    }
                }
            });
            pulse::notify("READY=1");
            let handle = server.handle();
            actix_web::rt::spawn(async move {
                stop::wait_for_signal().await;
                pulse::notify("STOPPING=1");
                tracing::info!("stopping: running requests may finish");
                followed.live.stop();
                handle.stop(true).await;
            });
            server.await
        })
    }
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/graphql")
                .route(web::get().guard(guard::fn_guard(upgrade::is_asked)).to(socket::get))
                .route(web::get().guard(guard::fn_guard(events::is_asked)).to(events::get))
                .route(web::post().guard(guard::fn_guard(events::is_asked)).to(events::post))
                .route(web::post().to(endpoint::post))
                .route(web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(endpoint::get))
                .default_service(web::to(|| async { refuse_method("GET, HEAD, POST") })),
        )
        .service(web::resource("/graphql/stream").default_service(web::to(events::any)))
        .service(
            web::resource("/import")
                .route(web::post().to(import::post))
                .default_service(web::to(|| async { refuse_method("POST") })),
        )
        .service(page("/export/{name}", export::get))
        .configure(site::routes)
        .configure(docs::routes)
        .service(page("/start.css", pages::style))
        .service(page("/icon.svg", pages::icon))
        .service(page("/schema.graphql", pages::schema))
        .service(page("/schema.json", pages::introspection))
        .service(page("/livez", health::live))
        .service(page("/readyz", health::ready))
        .service(page("/health", health::health))
        .service(page("/graphiql", pages::explorer))
        .service(page("/graphiql/{path:.*}", pages::explorer_file))
        .default_service(web::to(|http: HttpRequest| async move { site::nothing(&http) }));
}
