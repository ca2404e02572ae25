//! Who is at the other end of a request: the client's address, and its account among the shares. It is found out once, before
//! anything else is done, and goes with the request.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use actix_web::{HttpMessage as _, HttpRequest};

use crate::graphql::core::error::FieldError;
use crate::http::wire::client::{Client, Proxies};
use crate::http::wire::share::{Account, Part, Shares};

/// Who is at the other end.
#[derive(Clone)]
pub struct Visitor {
    /// From where.
    pub client: Client,
    /// Its account, where one is kept.
    pub account: Option<Arc<Account>>,
    /// The number of its request, for answers and logs.
    pub id: Arc<str>,
    /// What it cost so far.
    pub spent: Arc<AtomicUsize>,
    /// How often it had changed what readers without a token get, when the request came.
    pub public: u64,
}

impl Visitor {
    /// Looks who sends a request, counts it, and notes it for those who answer. The part is held until it is answered.
    ///
    /// # Errors
    /// When it cannot be told, or its share is used up.
    pub fn admit(
        http: &HttpRequest,
        proxies: &Proxies,
        shares: &Shares,
        public: u64,
    ) -> Result<Option<Part>, FieldError> {
        let peer = http.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
        let client = proxies.client(peer, http.headers())?;
        let account = shares.of_client(&client);
        let visitor = Self { client, account, id: next_id(), spent: Arc::default(), public };
        http.extensions_mut().insert(visitor.clone());
        shares.request(visitor.account.as_ref())
    }

    /// From where a request comes, in words for a log; nothing that the client says itself.
    pub fn origin(http: &HttpRequest) -> Option<String> {
        let extensions = http.extensions();
        extensions.get::<Self>().map(|visitor| format!("{} request {}", visitor.client.address, visitor.id))
    }

    /// Who is at the other end of a request.
    pub fn of(http: &HttpRequest) -> Option<Self> {
        http.extensions().get::<Self>().cloned()
    }

    /// What the request cost so far.
    pub fn cost(&self) -> usize {
        self.spent.load(Ordering::Relaxed)
    }

    /// The account of whoever sent a request.
    pub fn account(http: &HttpRequest) -> Option<Arc<Account>> {
        http.extensions().get::<Self>().and_then(|visitor| visitor.account.clone())
    }
}

/// A number that no other request of any server has: the moment at which this one began, and how many came since.
fn next_id() -> Arc<str> {
    static BEGAN: LazyLock<u64> = LazyLock::new(|| {
        let mut bytes = [0; 8];
        // Without randomness it is still the only one of this program.
        let _ = getrandom::fill(&mut bytes);
        u64::from_le_bytes(bytes) >> 24
    });
    static LAST: AtomicU64 = AtomicU64::new(0);
    format!("{:010x}-{}", *BEGAN, LAST.fetch_add(1, Ordering::Relaxed) + 1).into()
}
