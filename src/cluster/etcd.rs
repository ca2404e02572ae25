//! The log in etcd: a key for each entry, and a transaction for each append that holds only where it follows.

use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::announced::{self, Announcement};
use super::gateway::{Access, Gateway, READ, bytes, text};
use super::log::{
    APPEND_BYTES_MAX, APPEND_MAX, Appended, Entry, INLINE_BYTES_MAX, LogError, LogId, Node, Room, SharedLog,
};
use super::member::{self, Member, room_of};
use super::nodes;
use super::parts::{self, Named};

/// So long an append may take: whoever writes is to know within three seconds.
const APPEND: Duration = Duration::from_millis(1_700);
/// So many entries are read at once.
const READ_MAX: usize = 100;
/// An entry of so many bytes is announced: writing its parts takes longer than others take to write.
const ANNOUNCED_BYTES: usize = 1 << 20;
/// How an entry begins: a name, and the version of the form.
const TITLE: &[u8; 6] = b"BTLOG\0";
/// The form of entries: which version of the program reads them.
const FORM: u16 = 1;
/// What an entry says stands in it.
const INLINE: u8 = 0;
/// What an entry says stands in parts.
const IN_PARTS: u8 = 1;

/// The log of one register in etcd.
pub struct EtcdLog {
    gateway: Gateway,
    prefix: String,
    announcement: Announcement,
}

fn is_large(entry: &Entry) -> bool {
    entry.payload.len() > INLINE_BYTES_MAX
}

fn value_of(entry: &Entry) -> Vec<u8> {
    let (kind, rest) = if is_large(entry) {
        (IN_PARTS, Named::of(&entry.payload).to_bytes())
    } else {
        (INLINE, entry.payload.clone())
    };
    [&TITLE[..], &FORM.to_be_bytes(), &entry.id, &entry.chain, &[kind], &rest].concat()
}

impl EtcdLog {
    /// The log below that prefix, such as `/boordtabel`, of the etcd that is reached like that.
    ///
    /// # Errors
    /// With what is wrong with how it is to be reached.
    pub fn new(access: &Access, prefix: &str) -> Result<Self, String> {
        Ok(Self {
            gateway: Gateway::new(access)?,
            prefix: prefix.trim_end_matches('/').to_owned(),
            announcement: Announcement::default(),
        })
    }

    /// Each member, and what it tells of itself.
    pub fn members(&self) -> Vec<Member> {
        member::all(&self.gateway)
    }

    /// Whether the prefix may be read and written.
    ///
    /// # Errors
    /// Why not.
    pub fn may(&self) -> Result<(), LogError> {
        let key = text(format!("{}/may", self.prefix).as_bytes());
        self.gateway
            .call("/v3/kv/put", &json!({ "key": key, "value": text(b"yes") }), READ)
            .map_err(LogError::without_effect)?;
        self.ask(&json!({ "key": key })).map(|_| ())
    }

    fn key(&self, sequence: u64) -> String {
        text(format!("{}/log/{sequence:020}", self.prefix).as_bytes())
    }

    /// The key after those of all entries.
    fn end(&self) -> String {
        text(format!("{}/log/:", self.prefix).as_bytes())
    }

    fn begun(&self) -> String {
        text(format!("{}/begun", self.prefix).as_bytes())
    }

    /// An entry as it stands there, and what it says of its parts, if it is in parts.
    fn entry(&self, found: &Json) -> Result<(Entry, Option<Named>), LogError> {
        let (key, value) = (bytes(&found["key"])?, bytes(&found["value"])?);
        let number = String::from_utf8_lossy(&key).rsplit('/').next().and_then(|number| number.parse().ok());
        let damaged = || LogError::Damaged(format!("`{}` is no entry", String::from_utf8_lossy(&key)));
        let sequence = number.ok_or_else(damaged)?;
        let (form, rest) = value.strip_prefix(TITLE).and_then(<[u8]>::split_first_chunk::<2>).ok_or_else(damaged)?;
        let form = u16::from_be_bytes(*form);
        if form > FORM {
            return Err(LogError::Newer(form));
        }
        let (id, rest) = rest.split_first_chunk::<16>().ok_or_else(damaged)?;
        let (chain, rest) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
        let (kind, rest) = rest.split_first().ok_or_else(damaged)?;
        let (payload, named) = match *kind {
            INLINE => (rest.to_vec(), None),
            IN_PARTS => (Vec::new(), Some(Named::from_bytes(rest).ok_or_else(damaged)?)),
            _ => return Err(damaged()),
        };
        Ok((Entry { sequence, id: *id, chain: *chain, payload }, named))
    }

    /// An entry whole.
    fn whole(&self, found: &Json) -> Result<Entry, LogError> {
        let (mut entry, named) = self.entry(found)?;
        if let Some(named) = named {
            parts::read(&self.gateway, &self.prefix, &mut entry, named)?;
        }
        Ok(entry)
    }

    /// Nothing is written by reading, so that an unknown outcome is none.
    fn ask(&self, body: &Json) -> Result<Json, LogError> {
        self.gateway.call("/v3/kv/range", body, READ).map_err(LogError::without_effect)
    }

    /// The first or last entry, without what it says in parts.
    fn one(&self, order: &str) -> Result<Option<Entry>, LogError> {
        let found = self.ask(&json!({
            "key": self.key(0), "range_end": self.end(), "limit": "1", "sort_order": order, "sort_target": "KEY",
        }))?;
        found["kvs"].as_array().and_then(|all| all.first()).map(|found| Ok(self.entry(found)?.0)).transpose()
    }

    /// Entries from that one on, and etcd's own revision when they were read.
    fn read_at(&self, from: u64) -> Result<(Vec<Entry>, u64), LogError> {
        let found =
            self.ask(&json!({ "key": self.key(from), "range_end": self.end(), "limit": READ_MAX.to_string() }))?;
        let mut entries = Vec::new();
        for found in found["kvs"].as_array().into_iter().flatten() {
            match self.whole(found) {
                Ok(entry) => entries.push(entry),
                // What was read before is as good as ever, and the rest is asked for again.
                Err(error) if entries.is_empty() => return Err(error),
                Err(_) => break,
            }
        }
        if entries.first().is_none_or(|entry| entry.sequence != from) {
            // Either nothing is there yet, or no more: the beginning and the end tell.
            let lost = || LogError::Lost("nothing stands in it".into());
            let first = self.one("ASCEND")?.ok_or_else(lost)?.sequence;
            if first > from {
                return Err(LogError::Truncated { first });
            }
            let last = self.one("DESCEND")?.ok_or_else(lost)?.sequence;
            if last + 1 < from {
                return Err(LogError::Lost(format!("it ends with entry {last}, and {} was there", from - 1)));
            }
        }
        for (entry, expected) in entries.iter().zip(from..) {
            if entry.sequence != expected {
                return Err(LogError::Damaged(format!("entry {expected} is missing")));
            }
        }
        let revision = found["header"]["revision"].as_str().and_then(|revision| revision.parse().ok());
        Ok((entries, revision.unwrap_or_default()))
    }

    /// The transaction that appends entries where they follow, in that log.
    fn append(&self, log: &LogId, entries: &[Entry], yields: bool) -> Result<Appended, LogError> {
        let first = &entries[0];
        let created = |sequence, result| json!({ "key": self.key(sequence), "target": "CREATE", "result": result, "create_revision": "0" });
        let read = |sequence| json!({ "request_range": { "key": self.key(sequence) } });
        let put = |entry: &Entry| json!({ "request_put": { "key": self.key(entry.sequence), "value": text(value_of(entry)) } });
        let (begun, announced) = (self.begun(), announced::key_of(&self.prefix));
        let mut compare = vec![
            json!({ "key": begun, "target": "VALUE", "result": "EQUAL", "value": text(log) }),
            created(first.sequence - 1, "GREATER"),
            created(first.sequence, "EQUAL"),
        ];
        if yields && !self.announcement.is_own() {
            compare.push(json!({ "key": announced, "target": "CREATE", "result": "EQUAL", "create_revision": "0" }));
        }
        let body = json!({
            "compare": compare,
            "success": entries.iter().map(put).collect::<Vec<_>>(),
            "failure": [
                { "request_range": { "key": begun } }, read(first.sequence - 1), read(first.sequence),
                { "request_range": { "key": announced } },
            ],
        });
        // The very same transaction is sent again where no answer comes: its condition lets it through once. So this is no blind
        // retry; that would be the same payload under the next number.
        let answer = self.gateway.call("/v3/kv/txn", &body, APPEND)?;
        if answer["succeeded"] == true {
            return Ok(Appended::Done);
        }
        let there = |at: usize| answer["responses"][at]["response_range"]["kvs"].get(0);
        if bytes(&there(0).unwrap_or(&Json::Null)["value"])? != log {
            return Err(LogError::Lost("it was begun anew".into()));
        }
        match (there(1), there(2).map(|found| self.entry(found)).transpose()?) {
            (_, Some((found, _))) if found.id == first.id => Ok(Appended::Done),
            (_, Some(_)) => Ok(Appended::Overtaken),
            (None, None) => {
                Err(LogError::Lost(format!("entry {} is not there, after which this comes", first.sequence - 1)))
            }
            (Some(_), None) if there(3).is_some() => Ok(Appended::Announced),
            // What was announced came or went meanwhile: it is tried again.
            (Some(_), None) if yields => Ok(Appended::Announced),
            (Some(_), None) => Err(LogError::Damaged("etcd refused what it should have taken".into())),
        }
    }
}

impl SharedLog for EtcdLog {
    fn id(&self) -> Result<Option<LogId>, LogError> {
        let found = self.ask(&json!({ "key": self.begun() }))?;
        let Some(found) = found["kvs"].get(0) else { return Ok(None) };
        let id = bytes(&found["value"])?.try_into();
        id.map(Some).map_err(|_| LogError::Damaged("its name is none".into()))
    }

    fn begin(&self, after: u64, chain: [u8; 32]) -> Result<(LogId, bool), LogError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|cause| LogError::Away(cause.to_string()))?;
        let first = Entry { sequence: after, id, chain, payload: Vec::new() };
        let begun = self.begun();
        let body = json!({
            "compare": [{ "key": begun, "target": "CREATE", "result": "EQUAL", "create_revision": "0" }],
            "success": [
                { "request_put": { "key": begun, "value": text(id) } },
                { "request_put": { "key": self.key(after), "value": text(value_of(&first)) } },
            ],
            "failure": [{ "request_range": { "key": begun } }],
        });
        let answer = self.gateway.call("/v3/kv/txn", &body, APPEND)?;
        if answer["succeeded"] == true {
            return Ok((id, true));
        }
        let found: LogId = bytes(&answer["responses"][0]["response_range"]["kvs"][0]["value"])?
            .try_into()
            .map_err(|_| LogError::Damaged("its name is none".into()))?;
        Ok((found, found == id))
    }

    fn head(&self) -> Result<Option<Entry>, LogError> {
        self.one("DESCEND")
    }

    fn at(&self, sequence: u64) -> Result<Option<Entry>, LogError> {
        let found = self.ask(&json!({ "key": self.key(sequence) }))?;
        found["kvs"].get(0).map(|found| Ok(self.entry(found)?.0)).transpose()
    }

    fn first(&self) -> Result<Option<u64>, LogError> {
        Ok(self.one("ASCEND")?.map(|entry| entry.sequence))
    }

    fn read(&self, from: u64) -> Result<Vec<Entry>, LogError> {
        self.read_at(from).map(|(entries, _)| entries)
    }

    fn append_if(&self, log: &LogId, entries: &[Entry], yields: bool) -> Result<Appended, LogError> {
        let Some(first) = entries.first() else { return Ok(Appended::Done) };
        let large = || entries.iter().filter(|entry| is_large(entry));
        let size = entries.iter().filter(|entry| !is_large(entry)).map(|entry| entry.payload.len()).sum();
        let is_in_order = entries.iter().zip(first.sequence..).all(|(entry, expected)| entry.sequence == expected);
        if entries.len() > APPEND_MAX || size > APPEND_BYTES_MAX {
            return Err(LogError::TooLarge { entries: entries.len(), bytes: size });
        }
        if first.sequence == 0 || !is_in_order {
            return Err(LogError::Refused("the entries are not numbered one after the other, from 1".into()));
        }
        let bytes: usize = large().map(|entry| entry.payload.len()).sum();
        if bytes >= ANNOUNCED_BYTES && !self.announcement.make(&self.gateway, &self.prefix)? && yields {
            return Ok(Appended::Announced);
        }
        large().try_for_each(|entry| {
            parts::write(&self.gateway, &self.prefix, entry, || self.announcement.keep(&self.gateway))
        })?;
        let appended = self.append(log, entries, yields);
        match appended {
            Ok(Appended::Overtaken | Appended::Announced) => {
                large().for_each(|entry| parts::take_back(&self.gateway, &self.prefix, entry));
            }
            Ok(Appended::Done) if bytes >= ANNOUNCED_BYTES => self.announcement.end(&self.gateway),
            _ => {}
        }
        appended
    }

    fn is_announced(&self) -> Result<bool, LogError> {
        let found = self.ask(&json!({ "key": announced::key_of(&self.prefix) }))?;
        Ok(found["kvs"].get(0).is_some() && !self.announcement.is_own())
    }

    fn follow(&self, from: u64, each: &mut dyn FnMut(Vec<Entry>) -> bool) -> Result<(), LogError> {
        let mut next = from;
        let revision = loop {
            let (entries, revision) = self.read_at(next)?;
            let is_all = entries.is_empty();
            next += entries.len() as u64;
            if !is_all && !each(entries) {
                return Ok(());
            }
            if is_all {
                break revision;
            }
        };
        let create = json!({ "create_request": {
            "key": self.key(next), "range_end": self.end(), "start_revision": (revision + 1).to_string(), "filters": ["NODELETE"],
        }});
        let stream = self.gateway.stream("/v3/watch", &create)?;
        // However it ends, whoever follows reads on from where it is.
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let Ok(told) = serde_json::from_str::<Json>(&line) else { return Ok(()) };
            if told["result"]["canceled"] == true || told.get("error").is_some() {
                return Ok(());
            }
            let mut entries = Vec::new();
            for event in told["result"]["events"].as_array().into_iter().flatten() {
                let entry = self.whole(&event["kv"])?;
                // What was left out is read.
                if entry.sequence != next {
                    return Ok(());
                }
                next += 1;
                entries.push(entry);
            }
            if !entries.is_empty() && !each(entries) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn truncate_before(&self, sequence: u64) -> Result<(), LogError> {
        let last = self.head()?.map_or(0, |entry| entry.sequence);
        let before = sequence.min(last);
        let parts = |sequence| text(parts::key_of(&self.prefix, sequence).as_bytes());
        for (from, to) in [(self.key(0), self.key(before)), (parts(0), parts(before))] {
            self.gateway.call("/v3/kv/deleterange", &json!({ "key": from, "range_end": to }), APPEND)?;
        }
        Ok(())
    }

    fn room(&self) -> Result<Room, LogError> {
        let (mut rooms, mut failed) = (Vec::new(), None);
        for endpoint in self.gateway.endpoints() {
            match self.gateway.page(endpoint, "/metrics") {
                Ok((page, _)) => rooms.push(room_of(&page)),
                Err(error) => failed = Some(error),
            }
        }
        let fullest = rooms.into_iter().max_by_key(Room::percent);
        fullest.ok_or_else(|| failed.unwrap_or_else(|| LogError::Away("no member tells".into())))
    }

    fn tell(&self, node: &Node) -> Result<(), LogError> {
        nodes::tell(&self.gateway, &self.prefix, node)
    }

    fn nodes(&self) -> Result<Vec<Node>, LogError> {
        nodes::all(&self.gateway, &self.prefix)
    }
}
