//! By which names the server may be called. A page of another site can have a name of its own lead to this machine; the browser
//! then takes the server for a part of that site, and sends its name as `Host`. So a server that is for this machine only
//! answers to names that nobody else can have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use crate::graphql::core::error::ErrorCode;
use crate::http::wire::refusal::refuse;

/// The names that the server answers to.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    named: Vec<String>,
    is_local: bool,
}

impl Hosts {
    /// These names, such as `board.example.org`, besides literal addresses and `localhost`.
    ///
    /// # Errors
    /// When one is none.
    pub fn new(named: Vec<String>) -> Result<Self, String> {
        let named: Vec<String> = named.into_iter().map(|name| name.to_ascii_lowercase()).collect();
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        match named.iter().find(|name| name.is_empty() || !name.bytes().all(letter)) {
            Some(name) => Err(format!(
                "`{name}` is no name of a host: it is of the form `board.example.org`, without scheme, port and path"
            )),
            None => Ok(Self { named, is_local: false }),
        }
    }

    /// The same for a server that listens at that address.
    pub fn listening_at(self, address: IpAddr) -> Self {
        Self { is_local: address.to_canonical().is_loopback(), ..self }
    }

    /// Whether names are looked at at all: always on this machine only, elsewhere when there are some.
    pub fn are_checked(&self) -> bool {
        self.is_local || !self.named.is_empty()
    }

    /// The answer to a request that is for somebody else.
    pub fn refusal(&self, http: &HttpRequest) -> Option<HttpResponse> {
        if !self.are_checked() {
            return None;
        }
        let headers = http.headers().get_all(header::HOST).map(|host| host.to_str().unwrap_or_default());
        // A request line may name the host too, and then that counts; so both must be right.
        let mut called = headers.chain(http.uri().authority().map(|authority| authority.as_str()));
        let wrong = called.find(|host| !self.answers_to(host))?;
        let hint = "call it by its address, by `localhost`, or by a name that it was given with --host";
        let message = format!("this server does not answer to the name `{wrong}`");
        Some(refuse(StatusCode::MISDIRECTED_REQUEST, ErrorCode::MisdirectedRequest, &message, hint))
    }

    /// Whether a `Host`, with or without a port, is one of ours. Ports are not compared: what passes one on may have another.
    fn answers_to(&self, host: &str) -> bool {
        let Some(name) = name_of(host) else { return false };
        if let Some(literal) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            return literal.parse::<Ipv6Addr>().is_ok();
        }
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        name == "localhost" || name.parse::<Ipv4Addr>().is_ok() || self.named.contains(&name)
    }
}

/// A host without its port.
fn name_of(host: &str) -> Option<&str> {
    let end = host.rfind(']').map_or(0, |bracket| bracket + 1);
    match host[end..].find(':') {
        None => Some(host),
        Some(colon) => {
            let (name, port) = host.split_at(end + colon);
            port[1..].bytes().all(|byte| byte.is_ascii_digit()).then_some(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_nobody_else_can_have() {
        let hosts = Hosts::new(vec!["Board.Example.org".into()]).unwrap().listening_at([127, 0, 0, 1].into());
        for ours in [
            "localhost",
            "LocalHost:8080",
            "localhost.",
            "127.0.0.1",
            "127.0.0.1:1",
            "10.0.0.1:80",
            "[::1]",
            "[::1]:8080",
            "board.example.org",
            "board.example.org.:443",
        ] {
            assert!(hosts.answers_to(ours), "{ours}");
        }
        for foreign in [
            "",
            ":8080",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "board.example.org.evil.example",
            "evil.example:127.0.0.1",
            "localhost:evil",
            "localhost@evil.example",
            "[::1",
            "[evil]",
            "[::1].evil.example",
            "::1",
            "127.0.0.1 evil.example",
            "2130706433.",
        ] {
            assert!(!hosts.answers_to(foreign), "{foreign}");
        }
        for bad in ["", "https://a.example", "a.example:80", "a.example/x", "*", "[::1]"] {
            assert!(Hosts::new(vec![bad.into()]).unwrap_err().contains(&format!("`{bad}`")), "{bad}");
        }
    }

    #[test]
    fn names_count_on_this_machine_and_where_some_are_given() {
        let checked = |named: &[&str], address: &str| {
            let named = named.iter().map(|name| (*name).to_owned()).collect();
            Hosts::new(named).unwrap().listening_at(address.parse().unwrap()).are_checked()
        };
        for local in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert!(checked(&[], local), "{local}");
        }
        for open in ["0.0.0.0", "::", "192.0.2.1"] {
            assert!(!checked(&[], open) && checked(&["board.example.org"], open), "{open}");
        }
    }
}
