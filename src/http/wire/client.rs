//! From where a request comes: the address of the client, also where proxies stand between.
//!
//! A proxy writes down who called it, in `Forwarded` or in `X-Forwarded-For`. Anybody can write that: so it counts only when it comes
//! from a proxy that the operator trusts, and of its list only what trusted proxies have added.

use std::net::IpAddr;

use actix_web::http::header::{HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::graphql::core::error::{ErrorCode, FieldError};

/// So many proxies may stand one behind the other.
const HOPS_MAX: usize = 16;

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// Whether it is on this machine, without a proxy between.
    pub is_local: bool,
    /// Whether it is a proxy, as far as it told of anybody else.
    pub is_proxy: bool,
}

/// The proxies that are trusted.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Those at these addresses, such as `192.0.2.7`, or in these networks, such as `10.0.0.0/8`.
    ///
    /// # Errors
    /// When one is neither.
    pub fn new(named: &[String]) -> Result<Self, String> {
        let read = |text: &String| {
            let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| {
                format!(
                    "`{text}` is neither an address nor a network: write `192.0.2.7`, `10.0.0.0/8` or `2001:db8::/32`"
                )
            })
        };
        named.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a proxy at that address is trusted.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client of a request that came from that address.
    ///
    /// # Errors
    /// When a trusted proxy passes on two lists that tell of two clients: one of them is the client's own word.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Result<Client, FieldError> {
        let peer = peer.to_canonical();
        let direct = Client { address: peer, is_local: peer.is_loopback(), is_proxy: self.trusts(peer) };
        if !direct.is_proxy {
            return Ok(direct);
        }
        let (forwarded, listed) = (hops(headers, "forwarded", forwarded), hops(headers, "x-forwarded-for", listed));
        let found = match (self.nearest(&forwarded), self.nearest(&listed)) {
            (Some(one), Some(other)) if one != other => {
                let message =
                    format!("`Forwarded` says that the client is {one}, `X-Forwarded-For` that it is {other}");
                let hint = "have the proxy remove the one of the two that it does not write itself";
                return Err(FieldError::new(ErrorCode::BadRequest, message, hint));
            }
            (one, other) => one.or(other),
        };
        Ok(found.map_or(direct, |address| Client { address, is_local: false, is_proxy: false }))
    }

    /// Of a list that was written from left to right: the last that no trusted proxy is, or the one beyond which nobody can be told.
    fn nearest(&self, hops: &[Option<IpAddr>]) -> Option<IpAddr> {
        let mut last = None;
        for hop in hops.iter().rev().take(HOPS_MAX) {
            let Some(address) = *hop else { break };
            last = Some(address);
            if !self.trusts(address) {
                break;
            }
        }
        last
    }
}

/// All hops of a header, which may be there several times; none where one does not say an address.
fn hops(headers: &HeaderMap, name: &'static str, read: fn(&str) -> Vec<Option<IpAddr>>) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(HeaderName::from_static(name));
    lines.flat_map(|line| line.to_str().map_or_else(|_| vec![None], read)).collect()
}

/// `X-Forwarded-For: 192.0.2.1, 10.0.0.1`
fn listed(line: &str) -> Vec<Option<IpAddr>> {
    line.split(',').map(|hop| address(hop.trim())).collect()
}

/// `Forwarded: for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"` (RFC 7239)
fn forwarded(line: &str) -> Vec<Option<IpAddr>> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let mut cut = |letter: char, at: char| {
        if std::mem::take(&mut is_escaped) {
            return false;
        }
        match letter {
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        !is_quoted && letter == at
    };
    let elements: Vec<&str> = line.split(|letter| cut(letter, ',')).collect();
    let of_element = |element: &str| {
        let mut found = element.split(';').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
        });
        // Said twice, it says nothing.
        let value = found.next()?;
        if found.next().is_some() { None } else { address(value) }
    };
    elements.into_iter().map(of_element).collect()
}

/// An address, with or without a port: `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => {
            let (inside, port) = rest.split_once(']')?;
            let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
            is_port.then_some(inside)?
        }
        None => match text.split_once(':') {
            Some((before, port)) if !port.contains(':') && port.parse::<u16>().is_ok() => before,
            _ => text,
        },
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn client(trusted: &[&str], peer: &str, headers: &[(&'static str, &str)]) -> Result<String, String> {
        let trusted: Vec<String> = trusted.iter().map(|it| (*it).to_owned()).collect();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let client = Proxies::new(&trusted).unwrap().client(peer.parse().unwrap(), &map);
        client.map(|client| client.address.to_string()).map_err(|error| error.message)
    }

    #[test]
    fn only_a_trusted_proxy_tells_who_calls() {
        let told = [("x-forwarded-for", "192.0.2.1")];
        assert_eq!(client(&[], "127.0.0.1", &told).unwrap(), "127.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", &told).unwrap(), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &told).unwrap(), "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "::ffff:10.1.2.3", &told).unwrap(), "192.0.2.1");
        assert_eq!(client(&["::1"], "::1", &[("forwarded", "for=192.0.2.1;proto=https")]).unwrap(), "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &[]).unwrap(), "10.1.2.3");
        assert!(Proxies::new(&["nginx".into()]).unwrap_err().contains("`nginx`"));
    }

    #[test]
    fn of_a_list_only_what_trusted_proxies_added_counts() {
        let through = |list: &str| client(&["10.0.0.0/8"], "10.0.0.1", &[("x-forwarded-for", list)]).unwrap();
        for (list, expected) in [
            // What stands to the left is the client's own word.
            ("198.51.100.66, 192.0.2.1", "192.0.2.1"),
            ("10.9.9.9, 192.0.2.1", "192.0.2.1"),
            ("192.0.2.1, 10.0.0.2, 10.0.0.3", "192.0.2.1"),
            ("198.51.100.66, garbage, 10.0.0.2", "10.0.0.2"),
            ("unknown", "10.0.0.1"),
            ("", "10.0.0.1"),
            ("10.0.0.3", "10.0.0.3"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(through(list), expected, "{list}");
        }
        let twice = [("x-forwarded-for", "198.51.100.66"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(client(&["10.0.0.1"], "10.0.0.1", &twice).unwrap(), "192.0.2.1");
    }

    #[test]
    fn forwarded_is_read_as_its_rfc_says() {
        let through = |list: &str| client(&["10.0.0.0/8"], "10.0.0.1", &[("forwarded", list)]).unwrap();
        for (list, expected) in [
            ("For=\"[2001:db8::17]:4711\";by=10.0.0.1", "2001:db8::17"),
            ("for=192.0.2.43, for=10.0.0.7", "192.0.2.43"),
            ("for=198.51.100.66, proto=https;for=192.0.2.43", "192.0.2.43"),
            ("for=_hidden, for=10.0.0.7", "10.0.0.7"),
            ("for=198.51.100.66;for=192.0.2.1", "10.0.0.1"),
            ("host=\"a,for=198.51.100.66\";for=192.0.2.1", "192.0.2.1"),
            ("host=\"a\\\",for=198.51.100.66\";for=192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(through(list), expected, "{list}");
        }
    }

    #[test]
    fn two_lists_that_differ_are_refused() {
        let both = [("forwarded", "for=198.51.100.66"), ("x-forwarded-for", "192.0.2.1")];
        assert!(client(&["10.0.0.1"], "10.0.0.1", &both).unwrap_err().contains("198.51.100.66"));
        let same = [("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(client(&["10.0.0.1"], "10.0.0.1", &same).unwrap(), "192.0.2.1");
    }
}
