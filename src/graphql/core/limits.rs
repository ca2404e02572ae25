//! Every limit of a request, in one place. From this list come the setting `--limit`, the field `limits` of the API, `/docs`
//! and the table of `docs/reference.md`, which a test compares.

use crate::register::query::Bounds;

/// A limit, for those who list or set it.
pub struct Limit {
    /// Its name, as it is set and told.
    pub name: &'static str,
    /// What it limits, with its unit.
    pub doc: &'static str,
    /// Its value.
    pub get: fn(&Limits) -> usize,
    set: fn(&mut Limits, usize),
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident = $default:expr,)+) => {
        /// How much one request may ask.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits { $($(#[doc = $doc])+ pub $name: usize,)+ }

        impl Default for Limits {
            fn default() -> Self { Self { $($name: $default,)+ } }
        }

        impl Limits {
            /// All of them, in their order.
            pub const ALL: &[Limit] = &[$(Limit {
                name: stringify!($name),
                doc: concat!($($doc,)+),
                get: |limits| limits.$name,
                set: |limits, value| limits.$name = value,
            },)+];
        }
    };
}

limits! {
    /// Bytes of a request's body.
    body_bytes = 1 << 20,
    /// Bytes of a body, with a token that may import; the rows of `POST /import` may take five times as much memory.
    import_bytes = 64 << 20,
    /// Milliseconds that a body may take to arrive.
    body_ms = 10_000,
    /// Milliseconds that a body may take, with a token that may import.
    import_ms = 60_000,
    /// Values in a request's JSON, all levels counted; a token that may import is not bound by it.
    json_values = 10_000,
    /// Bytes of a document.
    document_bytes = 64 * 1024,
    /// Tokens of a document: names, values, punctuation.
    tokens = 10_000,
    /// Brackets of a document that are open at once, fragments unfolded.
    nesting = 64,
    /// Depth of nested selections in a document, fragments unfolded.
    depth = 20,
    /// Fields of a document, fragments unfolded.
    fields = 5_000,
    /// Aliases of a document, fragments unfolded.
    aliases = 500,
    /// Directives of a document, fragments unfolded.
    directives = 100,
    /// Entries of a page when the request does not say.
    page_default = 100,
    /// Entries of a page at most.
    page_max = 1_000,
    /// Ids of one `nodes` lookup.
    ids = 1_000,
    /// Earlier states of the register that a request names, by cursors and by `at`.
    states = 20,
    /// Work that an answer may take at most: values, times the sizes of the pages and lists that they stand in, and records looked at.
    cost = 1_000_000,
    /// Milliseconds that a request may take once it was read.
    time_ms = 10_000,
    /// Milliseconds that the file of an export may take to be made; what is sent while it is made has no such bound.
    export_ms = 600_000,
    /// Bytes of an answer's data.
    answer_bytes = 64 << 20,
    /// Levels of a filter (`where`).
    filter_depth = 10,
    /// Conditions of all filters of a request together.
    filter_terms = 200,
    /// Values that all filters of a request compare with, such as those of `in`.
    filter_values = 2_000,
    /// Fields of one `orderBy`.
    order_fields = 8,
    /// Letters of a text that is searched for.
    search_chars = 200,
    /// Words of a text that is searched for.
    search_words = 20,
    /// Dimensions of one grouping (`groupBy`).
    dimensions = 6,
    /// Groups of one grouping.
    groups = 10_000,
    /// Errors told in one answer; further ones are left out.
    errors = 50,
    /// Sockets and event streams that are open at once.
    live_connections = 1_000,
    /// Operations at once on one socket or event stream.
    live_operations = 100,
    /// Milliseconds within which a socket says `connection_init`, or a reserved event stream is opened.
    live_init_ms = 5_000,
    /// Milliseconds between two signs of life that the server gives on a socket or event stream.
    live_ping_ms = 15_000,
    /// Milliseconds that a socket or event stream may read nothing; then it is closed and told from where to go on.
    live_stall_ms = 60_000,
    /// Bytes of a message that comes over a socket.
    socket_message_bytes = 1 << 20,
    /// Messages that come over one socket within ten seconds.
    socket_messages = 1_000,
    /// Milliseconds that a request waits: for the revision that its header `Boordtabel-Min-Revision` names, or for room among the answers in flight.
    wait_ms = 5_000,
    /// Bytes of answers that wait for their clients to take them, all clients together; a request beyond it waits, then is refused.
    flight_bytes = 256 << 20,
    /// Milliseconds within which a client must take the next 64 KiB of an answer; else its connection is cut.
    take_ms = 15_000,
    /// Bytes of answers that the server keeps in memory; 0 keeps none.
    cache_bytes = 32 << 20,
    /// Bytes of compiled operations that the server keeps in memory; 0 keeps none.
    operations_bytes = 16 << 20,
    /// Bytes of documents that clients sent with their hash, which the server keeps in memory.
    documents_bytes = 4 << 20,
    /// Connections at once, of each worker; further ones wait.
    connections = 1_000,
    /// Milliseconds that a connection may be idle between two requests.
    keep_alive_ms = 15_000,
    /// Requests of one client address, or of one token, within a minute, a tenth of them at once; 0 for any number.
    share_requests = 6_000,
    /// Cost of the requests of one client address, or of one token, within a minute; 0 for any.
    share_cost = 60_000_000,
    /// Milliseconds of a minute for which requests of one client address, or of one token, are worked on at once; those beyond it give way to others.
    share_quick_ms = 600,
    /// Requests of one client address, or of one token, that are answered at once; 0 for any number.
    share_running = 64,
    /// Requests of one client address, or of one token, that are answered at once on threads of their own, because they take long; further ones wait.
    share_long = 4,
    /// Connections of one client address; further ones are cut. Those of a trusted proxy are not counted; 0 for any number.
    share_connections = 256,
    /// Sockets and event streams of one client address, or of one token; 0 for any number.
    share_live = 100,
    /// Tokens that are not good, of one client address, within a minute; 0 for any number.
    share_failures = 20,
    /// Bytes of what is known of the shares of client addresses and tokens.
    shares_bytes = 8 << 20,
}

impl Limits {
    /// How much the filters and orders of a request may ask.
    pub fn query_bounds(&self) -> Bounds {
        let Self { filter_depth, filter_terms, filter_values, order_fields, .. } = *self;
        Bounds { depth: filter_depth, terms: filter_terms, values: filter_values, order: order_fields }
    }

    /// Changes one, as a setting writes it: `depth=30`.
    ///
    /// # Errors
    /// When there is no such limit, or the value is none. The message says which.
    pub fn set(&mut self, text: &str) -> Result<(), String> {
        let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` is not of the form NAME=NUMBER"))?;
        let limit = Self::ALL.iter().find(|limit| limit.name == name.trim()).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|limit| limit.name).collect();
            format!("there is no limit `{}`; there are {}", name.trim(), known.join(", "))
        })?;
        // The API tells them as `Int`.
        let value = value.trim().replace('_', "");
        let number: i32 = value.parse().ok().filter(|number| *number >= 0).ok_or_else(|| {
            format!("`{}` cannot be `{value}`: it is a whole number from 0 to {}", limit.name, i32::MAX)
        })?;
        (limit.set)(self, usize::try_from(number).unwrap_or_default());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_set_by_name() {
        let mut limits = Limits::default();
        limits.set("depth=30").unwrap();
        limits.set(" answer_bytes = 1_000 ").unwrap();
        assert_eq!(limits, Limits { depth: 30, answer_bytes: 1_000, ..Limits::default() });
        for (wrong, part) in [
            ("depth", "NAME=NUMBER"),
            ("dept=3", "document_bytes"),
            ("depth=-1", "`-1`"),
            ("depth=2147483648", "from 0 to 2147483647"),
            ("depth=", "``"),
        ] {
            let told = limits.set(wrong).unwrap_err();
            assert!(told.contains(part), "{told}");
        }
    }
}
