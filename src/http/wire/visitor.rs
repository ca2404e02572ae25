//! Who is at the other end of a request: the client's address, and its account among the shares. It is found out once, before
//! anything else is done, and goes with the request.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

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
}

impl Visitor {
    /// Looks who sends a request, counts it, and notes it for those who answer. The part is held until it is answered.
    ///
    /// # Errors
    /// When it cannot be told, or its share is used up.
    pub fn admit(http: &HttpRequest, proxies: &Proxies, shares: &Shares) -> Result<Option<Part>, FieldError> {
        let peer = http.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
        let client = proxies.client(peer, http.headers())?;
        let account = shares.of_client(&client);
        let visitor = Self { client, account };
        http.extensions_mut().insert(visitor.clone());
        shares.request(visitor.account.as_ref())
    }

    /// The account of whoever sent a request.
    pub fn account(http: &HttpRequest) -> Option<Arc<Account>> {
        http.extensions().get::<Self>().and_then(|visitor| visitor.account.clone())
    }
}
