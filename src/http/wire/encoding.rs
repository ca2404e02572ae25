//! Compression, by what the client takes. What is kept in memory is kept compressed too, once it was asked for.

use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use crate::http::wire::background::run_blocking;
use crate::http::wire::flight::{Held, Pieces};
use crate::http::wire::refusal::later;

/// Shorter bodies stay as they are: the headers would outweigh what is saved.
const BYTES_MIN: usize = 1_024;

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Brotli.
    Br,
    /// Zstandard.
    Zstd,
    /// gzip.
    Gzip,
}

impl Coding {
    /// In the order in which they are preferred where the client has no preference. Programs say of Zstandard that they take it and
    /// then cannot, where what they run on is older than they are.
    const ALL: [Self; 3] = [Self::Br, Self::Zstd, Self::Gzip];
    /// The same for a browser, which knows what it takes. Zstandard packs a page that is made anew in a sixth of Brotli's time, which is up to a
    /// third of the whole, and a fifth less small.
    const OF_BROWSERS: [Self; 3] = [Self::Zstd, Self::Br, Self::Gzip];

    /// Its name in `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Br => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// The coding that an `Accept-Encoding` header prefers; none when it takes none, or rather no coding at all.
    pub fn preferred(accept: Option<&str>) -> Option<Self> {
        Self::first_of(Self::ALL, accept)
    }

    fn first_of(order: [Self; 3], accept: Option<&str>) -> Option<Self> {
        let ranges: Vec<(&str, f32)> = accept?
            .split(',')
            .map(|range| {
                let (name, parameters) = range.split_once(';').unwrap_or((range, ""));
                let quality = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |text| text.trim().parse().ok());
                (name.trim(), quality.unwrap_or(0.0))
            })
            .collect();
        let quality = |name: &str| {
            let named = |wanted: &str| ranges.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            named(name).or_else(|| named("*")).map(|(_, quality)| *quality)
        };
        let plain = quality("identity").filter(|_| accept.is_some_and(|it| it.contains("identity"))).unwrap_or(0.0);
        let mut best = None;
        for coding in order {
            let quality = quality(coding.name()).unwrap_or(0.0);
            if quality > 0.0 && quality >= plain && best.is_none_or(|(_, other)| quality > other) {
                best = Some((coding, quality));
            }
        }
        best.map(|(coding, _)| coding)
    }

    /// The coding that a request prefers.
    pub fn asked(http: &HttpRequest) -> Option<Self> {
        Self::preferred(accepted(http))
    }

    /// The coding of a page for the browser that requests it.
    pub fn asked_by_browser(http: &HttpRequest) -> Option<Self> {
        Self::first_of(Self::OF_BROWSERS, accepted(http))
    }

    fn pack(self, bytes: &[u8]) -> Vec<u8> {
        const FAILS: &str = "a Vec takes everything";
        match self {
            Self::Br => {
                let mut packed = Vec::new();
                // Quality 5 of 11, windows of 1 MiB: as small as gzip's best in less time than gzip takes.
                let mut writer = brotli::CompressorWriter::new(&mut packed, 4_096, 5, 20);
                writer.write_all(bytes).expect(FAILS);
                drop(writer);
                packed
            }
            Self::Zstd => zstd::bulk::compress(bytes, 3).expect(FAILS),
            Self::Gzip => {
                let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
                writer.write_all(bytes).expect(FAILS);
                writer.finish().expect(FAILS)
            }
        }
    }
}

fn accepted(http: &HttpRequest) -> Option<&str> {
    http.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok())
}

/// A body in every coding that was asked for so far.
#[derive(Clone, Debug)]
pub struct Body {
    plain: Bytes,
    packed: Arc<[OnceLock<Bytes>; 3]>,
}

impl Body {
    /// A body that nobody asked for yet.
    pub fn new(plain: impl Into<Bytes>) -> Self {
        Self { plain: plain.into(), packed: Arc::default() }
    }

    /// Its bytes without coding.
    pub fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// Whether it takes long to pack it that way.
    pub fn is_work(&self, coding: Option<Coding>) -> bool {
        const LONG: usize = 64 * 1024;
        self.plain.len() > LONG && coding.is_some_and(|coding| self.packed[coding as usize].get().is_none())
    }

    /// Its bytes, in that coding where that is worth it.
    pub fn encoded(&self, coding: Option<Coding>) -> (Bytes, Option<Coding>) {
        match coding {
            Some(coding) if self.plain.len() >= BYTES_MIN => {
                let packed = self.packed[coding as usize].get_or_init(|| coding.pack(&self.plain).into());
                (packed.clone(), Some(coding))
            }
            _ => (self.plain.clone(), None),
        }
    }
}

/// Sends a body in that coding; a long one is packed beside. It has room until it is sent, when it needs any.
///
/// # Errors
/// With the answer that says that the server is stopping.
pub async fn send(
    mut response: HttpResponseBuilder,
    body: Body,
    coding: Option<Coding>,
    mut held: Held,
) -> Result<HttpResponse, HttpResponse> {
    let (bytes, coding) = if body.is_work(coding) {
        run_blocking(move || body.encoded(coding)).await.map_err(later)?
    } else {
        body.encoded(coding)
    };
    if let Some(coding) = coding {
        response.insert_header((header::CONTENT_ENCODING, coding.name()));
    }
    held.shrink_to(bytes.len());
    Ok(response.body(Pieces::new(bytes, held)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_says_what_it_takes() {
        for (accept, coding) in [
            (None, None),
            (Some(""), None),
            (Some("identity"), None),
            (Some("gzip, deflate, br, zstd"), Some(Coding::Br)),
            (Some("gzip, deflate"), Some(Coding::Gzip)),
            (Some("GZIP;q=0.5, zstd;q=0.6"), Some(Coding::Zstd)),
            (Some("br;q=0, *"), Some(Coding::Zstd)),
            (Some("*"), Some(Coding::Br)),
            (Some("*;q=0"), None),
            (Some("deflate"), None),
            (Some("identity;q=1, gzip;q=0.5"), None),
            (Some("gzip;q=x"), None),
        ] {
            assert_eq!(Coding::preferred(accept), coding, "{accept:?}");
        }
    }

    #[test]
    fn packed_once_and_only_where_it_is_worth_it() {
        let long = Body::new("figure ".repeat(10_000));
        for coding in Coding::ALL {
            assert!(long.is_work(Some(coding)));
            let (bytes, named) = long.encoded(Some(coding));
            assert!(named == Some(coding) && bytes.len() < 1_000, "{coding:?}: {} bytes", bytes.len());
            assert!(!long.is_work(Some(coding)));
            assert_eq!(long.encoded(Some(coding)).0.as_ptr(), bytes.as_ptr());
        }
        let short = Body::new("figure");
        assert_eq!(short.encoded(Some(Coding::Br)), (Bytes::from_static(b"figure"), None));
    }
}
