//! What readers without a token get, where not everything is for everybody.

use serde_json::{Value as Json, json};

use crate::http::assert_refused;
use crate::live::local::Socket;
use crate::support::{Answer, Server, arg};

pub struct Chosen {
    pub server: Server,
    token: String,
    _home: tempfile::TempDir,
}

impl Chosen {
    pub fn start(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("token");
        let all = ["--demo", "--log", "error", "--token-file", arg(&file)];
        let server = Server::start(&[&all, arguments].concat());
        let token = std::fs::read_to_string(&file).unwrap().trim().to_owned();
        Self { server, token, _home: home }
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    pub fn public(&self, query: &str) -> Answer {
        self.server.post(&json!({ "query": query }))
    }

    pub fn with_token(&self, query: &str) -> Json {
        let body = json!({ "query": query }).to_string();
        let json = self.server.post_bytes(body.as_bytes(), &[("Authorization", &self.bearer())]).json();
        assert!(json.get("errors").is_none(), "{query}: {json}");
        json["data"].clone()
    }
}

#[test]
fn reading_may_take_a_token() {
    let chosen = Chosen::start(&["--read", "token"]);
    let paths = [
        "/",
        "/scoreboard",
        "/graphql?query={__typename}",
        "/schema.graphql",
        "/docs",
        "/export/measures.csv",
        "/graphiql/",
        "/nothing",
    ];
    for path in paths {
        let refused = chosen.server.get(path, &[]);
        assert_refused(&refused, 401, "UNAUTHENTICATED");
        assert_eq!(refused.header("www-authenticate"), "Bearer", "{path}");
        assert_refused(&chosen.server.get(path, &[("Authorization", "Bearer bt_wrong")]), 401, "UNAUTHENTICATED");
        let answer = chosen.server.get(path, &[("Authorization", &chosen.bearer())]);
        assert_ne!(answer.status, 401, "{path}");
        assert!(!answer.header("cache-control").contains("public"), "{path}: {}", answer.header("cache-control"));
    }
    assert_refused(&chosen.public("{__typename}"), 401, "UNAUTHENTICATED");
    assert_eq!(chosen.with_token("{__typename}")["__typename"], "Query");
    for path in ["/livez", "/readyz", "/health"] {
        assert_eq!(chosen.server.get(path, &[]).status, 200, "{path}");
    }
    // A browser's socket shows its token when it begins.
    let mut socket = Socket::connect(chosen.server.address, &[]);
    socket.init(&json!({ "Authorization": chosen.bearer() }));
    let mut nobody = Socket::connect(chosen.server.address, &[]);
    nobody.send(&json!({ "type": "connection_init" }));
    assert_eq!(nobody.ends().code, 4403);
    let events = [("Accept", "text/event-stream")];
    assert_refused(&chosen.server.get("/graphql?query=subscription{changes{behind}}", &events), 401, "UNAUTHENTICATED");
}

#[test]
fn what_is_hidden_is_hidden_from_the_public_alone() {
    let chosen = Chosen::start(&["--hide", "introspection,suggestions,explorer,history,authors"]);
    let forbidden = |query: &str| {
        let json = chosen.public(query).json();
        assert_eq!(json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{query}: {json}");
        assert!(json["data"].is_null(), "{json}");
        chosen.with_token(query);
    };
    forbidden("{ __schema { types { name } } }");
    forbidden("{ a: __type(name: \"Query\") { name } }");
    forbidden("{ commits { nodes { author } } }");
    forbidden("fragment F on Query { changes(from: 0) { commits { author } } } { ...F }");
    forbidden("{ at(asOf: { revision: 1 }) { measures { totalCount } } }");
    forbidden("{ compare(from: { revision: 0 }, to: { revision: 1 }, first: 1) { totalCount } }");
    forbidden("{ measures(first: 1) { nodes { history { author } } } }");
    let id = chosen.with_token("{ at(asOf: { revision: 1 }) { measures(first: 1) { nodes { id } } } }");
    let id = id["at"]["measures"]["nodes"][0]["id"].as_str().unwrap();
    forbidden(&format!("{{ node(id: \"{id}\") {{ id }} }}"));
    let refused = chosen.server.get("/export/measures.csv?revision=1", &[]);
    assert_refused(&refused, 403, "FORBIDDEN");
    for path in [
        "/schema.graphql",
        "/schema.json",
        "/docs",
        "/docs/Measure",
        "/docs?q=name",
        "/graphiql",
        "/graphiql/index.html",
    ] {
        assert_eq!(chosen.server.get(path, &[]).status, 401, "{path}");
        assert_ne!(chosen.server.get(path, &[("Authorization", &chosen.bearer())]).status, 401, "{path}");
    }
    let wrong = chosen.public("{ mesures { totalCount } }").text();
    assert!(!wrong.contains("measures") && wrong.contains("mesures"), "{wrong}");
    for path in [
        "/export/mesures.csv",
        "/export/measures.csv?where={nme:{eq:1}}",
        "/export/plan.xlsx?kinds=mesures",
        "/graphql?query={mesures{key}}",
    ] {
        let told = chosen.server.get(path, &[("Accept", "text/csv")]).text();
        assert!(!told.contains("did you mean"), "{path}: {told}");
    }
    let near = "{ measure(key: \"invoeng\") { key } }";
    assert!(!chosen.public(near).text().contains("\"invoeg\""), "{}", chosen.public(near).text());
    assert_eq!(chosen.public("{ __typename measures { totalCount } }").status, 200);
    let mut socket = Socket::connect(chosen.server.address, &[]).ready();
    socket.subscribe("s", "subscription { changes(after: 0) { commit { author } } }");
    assert_eq!(socket.next().unwrap()["payload"][0]["extensions"]["code"], "FORBIDDEN");
}

/// Where history is hidden the pages do without it, and say of their own accord that it takes a token.
#[test]
fn pages_do_without_what_is_hidden() {
    let chosen = Chosen::start(&["--hide", "history,explorer,introspection"]);
    let page = |path: &str| chosen.server.get(path, &[("Accept", "text/html"), ("Accept-Language", "en")]);
    let home = page("/");
    assert_eq!(home.status, 200, "{}", home.text());
    for link in ["change?", "\"changes", "graphiql", "docs\"", "schema.graphql", "asOf="] {
        assert!(!home.text().contains(link), "{link}: {}", home.text());
    }
    for path in ["/scoreboard", "/norms", "/guides"] {
        let text = page(path).text();
        let linked = ["graphiql/", "docs\"", "schema.graphql\"", "asOf="].into_iter().find(|it| text.contains(it));
        assert_eq!(linked, None, "{path}: {text}");
    }
    for path in ["/changes", "/change?from=0&to=1", "/plans?asOf=1", "/?history=true&at=commits"] {
        let refused = page(path);
        assert!(matches!(refused.status, 403 | 404), "{path}: {}", refused.status);
        assert!(refused.header("content-type").starts_with("text/html"), "{path}");
    }
    assert!(page("/changes").text().contains("not for readers without a token"), "{}", page("/changes").text());
    assert_refused(&chosen.server.get("/changes.json", &[]), 403, "FORBIDDEN");
    let bearer = chosen.bearer();
    let with_token = |path: &str| chosen.server.get(path, &[("Authorization", &bearer)]);
    for path in ["/changes", "/change?from=0&to=1", "/docs/Measure"] {
        assert_eq!(with_token(path).status, 200, "{path}");
    }
    let home = with_token("/");
    assert!(home.text().contains("\"changes\"") && home.text().contains("docs\""), "{}", home.text());
    assert_eq!(home.header("cache-control"), "private, no-cache");
    assert!(home.header("vary").contains("Authorization"));
}

/// A token that is not good is refused wherever a token could matter, and counts as one that was tried.
#[test]
fn a_bad_token_is_refused_on_every_page() {
    let chosen = Chosen::start(&["--share-local", "--limit", "share_failures=20"]);
    // A proxy that asks for passwords may pass them on: pages are read all the same, as by anybody.
    let passed_on = [("Authorization", "Basic dTpw")];
    let read = ["/", "/guides", "/export/measures.csv"].map(|path| chosen.server.get(path, &passed_on).status);
    assert_eq!(read, [200, 200, 401]);
    let bad = [("Authorization", "Bearer bt_none")];
    for path in ["/", "/norms", "/docs", "/guides", "/schema.json", "/graphiql/", "/export/measures.csv", "/nothing"] {
        assert_refused(&chosen.server.get(path, &bad), 401, "UNAUTHENTICATED");
    }
    for path in ["/livez", "/readyz", "/icon.svg"] {
        assert_eq!(chosen.server.get(path, &bad).status, 200, "{path}: it is the same for everybody");
    }
    let is_over = (0..20).any(|_| chosen.server.get("/norms", &bad).status == 429);
    assert!(is_over, "it counts among those that fail");
    assert_eq!(chosen.server.get("/guides", &[]).status, 200);
}

/// Who shows no token reads nothing by spelling an address in another way, or by saying that it wants a socket.
#[test]
fn no_spelling_leads_past_what_takes_a_token() {
    let hidden = Chosen::start(&["--hide", "introspection,explorer"]);
    for path in ["/schema%2Ejson", "/%73chema.graphql", "/%67raphiql/", "/docs/%4Deasure"] {
        assert_refused(&hidden.server.get(path, &[]), 401, "UNAUTHENTICATED");
    }
    let closed = Chosen::start(&["--read", "token"]);
    let socket = [("Upgrade", "websocket")];
    for path in ["/", "/export/measures.csv", "/schema.json", "/graphql/stream?query={__typename}"] {
        assert_refused(&closed.server.get(path, &socket), 401, "UNAUTHENTICATED");
    }
    let posted = closed.server.post_bytes(b"{\"query\":\"{__typename}\"}", &socket);
    assert_refused(&posted, 401, "UNAUTHENTICATED");
}

#[test]
fn authors_have_pseudonyms() {
    let chosen = Chosen::start(&["--hide", "authors"]);
    let query = "{ commits(first: 1) { nodes { author } } measures(first: 1) { nodes { history { author } } } }";
    let named = chosen.with_token(query).to_string();
    assert!(named.contains("\"demo\""), "{named}");
    let told = chosen.public(query).json()["data"].clone();
    let author = told["commits"]["nodes"][0]["author"].as_str().unwrap();
    assert!(author.starts_with("author-") && !told.to_string().contains("demo"), "{told}");
    assert_eq!(told["measures"]["nodes"][0]["history"][0]["author"], author, "the same name has the same one");
    let page = chosen.server.get("/changes", &[("Accept", "text/html")]);
    assert!(page.status != 200 || page.text().contains(author), "{}", page.text());
    let table = chosen.server.get("/graphql?query={commits(first:1){nodes{author}}}", &[("Accept", "text/csv")]);
    assert!(table.text().contains(author), "{}", table.text());
}

#[test]
fn the_public_sees_what_was_tagged() {
    let home = tempfile::tempdir().unwrap();
    let token = crate::server::token(home.path(), "admin");
    let arguments = ["--data", arg(home.path()), "--log", "error", "--public-edition", "latest"];
    let server = Server::start(&arguments);
    let bearer = format!("Bearer {token}");
    let send = |query: &str, variables: Json| {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let json = server.post_bytes(body.as_bytes(), &[("Authorization", &bearer)]).json();
        assert!(json.get("errors").is_none(), "{json}");
        json["data"].clone()
    };
    let commit = |rows: Json| {
        let input = crate::server::with_common(json!({ "rows": rows }));
        let done = send(crate::server::IMPORT, json!({ "input": input }));
        assert_eq!(done["importRows"]["status"], "COMMITTED", "{done}");
        done["importRows"]["revision"].as_u64().unwrap()
    };
    let names = "{ organisations { nodes { name } } }";
    commit(json!([{ "organisation": { "key": "body", "name": "First" } }]));
    let nothing = server.post(&json!({ "query": names }));
    assert!(nothing.text().contains("nothing is published yet"), "{}", nothing.text());
    let tag = |key: &str, revision: u64| {
        commit(json!([{ "edition": { "key": key, "title": key, "taggedRevision": revision } }]))
    };
    tag("printed", 1);
    commit(json!([{ "organisation": { "key": "body", "name": "Draft" } }]));
    let public = || server.ask(names)["organisations"]["nodes"][0]["name"].clone();
    assert_eq!(public(), "First");
    assert_eq!(send(names, json!({}))["organisations"]["nodes"][0]["name"], "Draft");
    for (path, accept) in [
        ("/export/organisations.csv", "*/*"),
        ("/graphql?query={organisations{nodes{name}}}", "text/csv"),
        ("/graphql?query={organisations{nodes{name}}}", "application/json"),
    ] {
        let text = server.get(path, &[("Accept", accept)]).text();
        assert!(text.contains("First") && !text.contains("Draft"), "{path}: {text}");
    }
    for query in
        ["{ commits { nodes { reason } } }", "{ at(asOf: { revision: 3 }) { organisations { nodes { name } } } }"]
    {
        assert_eq!(server.post(&json!({ "query": query })).json()["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }
    // A cursor of a state that is not published leads nowhere.
    let cursor = send("{ organisations(first: 1) { edges { cursor } } }", json!({}));
    let cursor = cursor["organisations"]["edges"][0]["cursor"].as_str().unwrap();
    let paged = server.post(
        &json!({ "query": format!("{{ organisations(first: 1, before: \"{cursor}\") {{ nodes {{ name }} }} }}") }),
    );
    assert!(!paged.text().contains("Draft"), "{}", paged.text());
    // Pages show a reader what the API does.
    let page = |headers: &[(&str, &str)]| server.get("/", headers);
    let (open, own) = (page(&[]), page(&[("Authorization", &bearer)]));
    let names_tag = |answer: &Answer| answer.header("etag").to_owned();
    assert_eq!((open.status, own.status), (200, 200), "{}", open.text());
    assert!(names_tag(&open) != names_tag(&own) && own.header("cache-control").contains("private"));
    assert!(!open.text().contains("\"changes\"") && own.text().contains("\"changes\""), "{}", open.text());
    tag("corrected", 3);
    assert_eq!(public(), "Draft");
}
