//! A data folder that is one node of several: it joins the log that they share, and follows it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::Ledger;
use crate::cluster::{Entry, LogError, LogId, Node, SharedLog};
use crate::commit::error::CommitError;
use crate::commit::link::{Link, LinkState, NEARLY_FULL_PERCENT};
use crate::commit::planted;
use crate::commit::writer::Writer;
use crate::commit::writer::shared::read;

/// A pause before what failed is tried again.
const PAUSE: Duration = Duration::from_millis(300);
/// How often the log is asked how far it is.
const LOOK: Duration = Duration::from_secs(1);
/// After so many looks it is also told how far this node is, and asked how much room it has.
const TELL_EACH: u64 = 5;
/// After so many looks it lets go of what nobody needs.
const TRUNCATE_EACH: u64 = 60;
/// So many entries stay in the log, whoever needs them.
const KEPT: u64 = 1_000;
/// What a node needs is kept until it has been silent for so long.
const NEEDED: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The same, where the log has little room left.
const NEEDED_IN_NEED: Duration = Duration::from_secs(60 * 60);

impl Ledger {
    /// Joins the log that several nodes share, beginning it where nobody has, and follows it from now on. A node that was in it
    /// before joins also when the log is away, as soon as it is there.
    ///
    /// # Errors
    /// When the folder cannot be a node of that log, or nobody can say.
    pub fn join(&mut self, log: Box<dyn SharedLog>, name: &str, clock: fn() -> i64) -> Result<(), CommitError> {
        let link = Arc::new(Link::new(log, name.to_owned(), &self.folder));
        self.writer().link(Arc::clone(&link));
        let known = link.id_in_folder()?;
        let joined = join(&link, &self.writer).and_then(|()| catch_up(&link, &self.writer));
        match joined {
            Err(CommitError::Cluster(error)) if error.is_passing() && known.is_some() => {
                tracing::warn!(reason = %error, "the cluster's log is away: reading goes on, writing does not");
            }
            joined => joined?,
        }
        follow(&link, &self.writer, &self.folder)?;
        look_after(&link, &self.writer, clock, &self.folder)?;
        self.link = Some(link);
        Ok(())
    }

    /// The last entry of the log that it shares with other nodes, asked now; the first of all when it is for itself.
    ///
    /// # Errors
    /// When the log does not say.
    pub fn latest_entry(&self) -> Result<u64, CommitError> {
        let Some(link) = &self.link else { return Ok(0) };
        let head = link.log().head().map_err(CommitError::Cluster)?.map_or(0, |head| head.sequence);
        link.heard(Some(head));
        Ok(head)
    }

    /// How it stands to the log that it shares with other nodes; none when it is for itself.
    pub fn link_state(&self) -> Option<LinkState> {
        self.link.as_ref().map(|link| link.state())
    }
}

type TheWriter = Mutex<Writer>;

/// Joins the log, when the node has what the log has, up to some entry that is there still.
fn join(link: &Link, writer: &TheWriter) -> Result<(), CommitError> {
    let own = link.id_in_folder()?;
    let found = link.log().id().map_err(CommitError::Cluster)?;
    let id: LogId = match (own, found) {
        (Some(own), Some(found)) if own != found => {
            return Err(CommitError::Cluster(LogError::Lost("it is not the one that this folder belongs to".into())));
        }
        (Some(_), None) => {
            return Err(CommitError::Cluster(LogError::Lost("there is none below that prefix".into())));
        }
        (_, Some(found)) => found,
        (None, None) => begin(link, writer)?,
    };
    check(link, writer)?;
    writer.lock().unwrap_or_else(PoisonError::into_inner).joined();
    link.joined(id)
}

/// Begins a log after what this node has.
fn begin(link: &Link, writer: &TheWriter) -> Result<LogId, CommitError> {
    let end = {
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.adopt_tokens()?;
        writer.end().clone()
    };
    let (id, is_new) = link.log().begin(end.sequence - 1, end.previous).map_err(CommitError::Cluster)?;
    if is_new {
        tracing::info!(entry = end.sequence - 1, "the cluster's log begins with what this node has");
    }
    Ok(id)
}

/// Whether the node's journal and the log are of one history.
fn check(link: &Link, writer: &TheWriter) -> Result<(), CommitError> {
    let end = writer.lock().unwrap_or_else(PoisonError::into_inner).end().clone();
    let last = end.sequence - 1;
    link.applied(last);
    let head = link.log().head().map_err(CommitError::Cluster)?;
    let lost = |what: String| Err(CommitError::Cluster(LogError::Lost(what)));
    let Some(head) = head else { return lost("nothing stands in it".into()) };
    if head.sequence < last {
        return lost(format!("it ends with entry {}, and this node has {last}", head.sequence));
    }
    match link.log().at(last).map_err(CommitError::Cluster)? {
        Some(entry) if entry.chain != end.previous => lost(format!("entry {last} is another one than this node has")),
        Some(_) => Ok(()),
        None => match link.log().first().map_err(CommitError::Cluster)? {
            // What comes next says whether it follows.
            Some(first) if first <= last + 1 => Ok(()),
            first => Err(CommitError::Cluster(LogError::Truncated { first: first.unwrap_or_default() })),
        },
    }
}

/// Takes all that the log has by now.
fn catch_up(link: &Link, writer: &TheWriter) -> Result<(), CommitError> {
    let head = link.log().head().map_err(CommitError::Cluster)?.map_or(0, |head| head.sequence);
    loop {
        let next = writer.lock().unwrap_or_else(PoisonError::into_inner).end().sequence;
        link.heard(Some(head));
        if next > head {
            return Ok(());
        }
        take(link, writer, link.log().read(next).map_err(CommitError::Cluster)?)?;
    }
}

/// Takes entries that were read, which are read outside the turn of who writes.
fn take(link: &Link, writer: &TheWriter, entries: Vec<Entry>) -> Result<(), CommitError> {
    let entries = if planted::has(planted::FOLLOW_WITHOUT_ORDER) { planted::in_disorder(entries) } else { entries };
    let came = entries.into_iter().map(read).collect::<Result<Vec<_>, _>>();
    let taken = came.and_then(|came| writer.lock().unwrap_or_else(PoisonError::into_inner).take(came));
    if let Err(error) = &taken {
        failed(link, error);
    }
    taken
}

/// What an error means for the link.
fn failed(link: &Link, error: &CommitError) {
    match error {
        CommitError::Cluster(error) => link.failed(error),
        // A full disk, or one that failed, is told by the journal.
        CommitError::Journal(_) => {}
        error => link.broke(error.to_string()),
    }
}

/// Follows the log as long as the folder is open, on a thread of its own.
fn follow(link: &Arc<Link>, writer: &Arc<TheWriter>, folder: &std::path::Path) -> Result<(), CommitError> {
    let (link, writer) = (Arc::clone(link), Arc::downgrade(writer));
    start("follow", folder, move || {
        while let Some(next) = next(&link, &writer) {
            let followed = next.and_then(|next| {
                let mut failed = None;
                let mut each = |entries| {
                    link.heard(None);
                    let Some(writer) = writer.upgrade() else { return false };
                    failed = take(&link, &writer, entries).err();
                    failed.is_none() && !link.is_ended()
                };
                let told = link.log().follow(next, &mut each).map_err(CommitError::Cluster);
                failed.map_or(told, Err)
            });
            if let Err(error) = followed {
                failed(&link, &error);
                tracing::debug!(reason = %error, "following is begun again");
                std::thread::sleep(PAUSE);
            }
        }
    })
}

/// The entry that comes next, when the node is joined, for which it is tried; none when nobody follows any more.
fn next(link: &Link, writer: &Weak<TheWriter>) -> Option<Result<u64, CommitError>> {
    let writer = writer.upgrade().filter(|_| !link.is_ended())?;
    let joined = if link.is_joined() { Ok(()) } else { join(link, &writer) };
    Some(joined.map(|()| writer.lock().unwrap_or_else(PoisonError::into_inner).end().sequence))
}

/// Looks after the log as long as the folder is open, on a thread of its own: how far it is, how much room it has, what may go.
fn look_after(
    link: &Arc<Link>,
    writer: &Arc<TheWriter>,
    clock: fn() -> i64,
    folder: &std::path::Path,
) -> Result<(), CommitError> {
    let (link, writer) = (Arc::clone(link), Arc::downgrade(writer));
    start("cluster", folder, move || {
        let mut heard = Heard::default();
        for look in 0_u64.. {
            let begun = Instant::now();
            let Some(writer) = writer.upgrade().filter(|_| !link.is_ended()) else { break };
            let looked = look_once(&link, &writer, &mut heard, look, clock());
            drop(writer);
            if let Err(error) = looked {
                failed(&link, &error);
                tracing::debug!(reason = %error, "the cluster's log does not tell how it does");
            }
            std::thread::sleep(LOOK.saturating_sub(begun.elapsed()));
        }
    })
}

fn look_once(link: &Link, writer: &TheWriter, heard: &mut Heard, look: u64, now_ms: i64) -> Result<(), CommitError> {
    let log = link.log();
    if link.is_joined() && look.is_multiple_of(TELL_EACH) && log.id().map_err(CommitError::Cluster)? != link.id() {
        return Err(CommitError::Cluster(LogError::Lost("it is not the one that this folder belongs to".into())));
    }
    let head = log.head().map_err(CommitError::Cluster)?;
    let state = link.state();
    link.heard(head.map(|head| head.sequence));
    // Who follows may listen to a member that is cut off from the others, and hears nothing.
    if link.is_joined() && link.state().head > state.applied.max(link.state().applied) {
        catch_up(link, writer)?;
    }
    if look.is_multiple_of(TELL_EACH) && link.is_joined() {
        let applied = link.state().applied;
        let revision = writer.lock().unwrap_or_else(PoisonError::into_inner).revision();
        let version = env!("CARGO_PKG_VERSION").into();
        let node = Node { name: link.name().to_owned(), applied, revision, version, told_ms: now_ms };
        // First how much room there is: where there is none, nothing can be told.
        link.measured(log.room().map_err(CommitError::Cluster)?);
        log.tell(&node).map_err(CommitError::Cluster)?;
    }
    if look % TRUNCATE_EACH == TRUNCATE_EACH - 1 && link.is_joined() {
        let nodes = heard.silence(&log.nodes().map_err(CommitError::Cluster)?, Instant::now());
        if let Some(before) = not_needed(&nodes, &link.state()) {
            log.truncate_before(before).map_err(CommitError::Cluster)?;
        }
    }
    Ok(())
}

/// What each node said last, and when that was heard first: by a clock of this machine that nobody sets. What theirs say is
/// not compared, or one that is wrong would make the others seem gone.
#[derive(Default)]
struct Heard(HashMap<String, (i64, Instant)>);

impl Heard {
    /// The entry that each node has, and for how long it has been silent.
    fn silence(&mut self, nodes: &[Node], now: Instant) -> Vec<(u64, Duration)> {
        let mut each = |node: &Node| {
            let heard = self.0.entry(node.name.clone()).or_insert((node.told_ms, now));
            if heard.0 != node.told_ms {
                *heard = (node.told_ms, now);
            }
            (node.applied, now.saturating_duration_since(heard.1))
        };
        nodes.iter().map(&mut each).collect()
    }
}

/// Before which entry nobody needs any.
fn not_needed(nodes: &[(u64, Duration)], state: &LinkState) -> Option<u64> {
    let is_tight = state.room.is_some_and(|room| room.percent() >= NEARLY_FULL_PERCENT);
    let within = if is_tight { NEEDED_IN_NEED } else { NEEDED };
    let needed = nodes.iter().filter(|(_, silent)| *silent <= within).map(|(applied, _)| *applied);
    let before = needed.chain([state.applied]).min()?.min(state.head.saturating_sub(KEPT));
    (before > 1).then_some(before)
}

fn start(name: &str, folder: &std::path::Path, run: impl FnOnce() + Send + 'static) -> Result<(), CommitError> {
    let started = std::thread::Builder::new().name(name.into()).spawn(run);
    let doing = "start what follows the cluster for";
    started.map(|_| ()).map_err(|cause| CommitError::Files { doing, path: folder.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Room;

    #[test]
    fn what_a_node_needs_is_kept_as_long_as_it_is_heard_of() {
        let state = |used| LinkState {
            name: "a".into(),
            unheard: Duration::ZERO,
            head: 10_000,
            applied: 9_990,
            room: Some(Room { used, quota: 100 }),
            broken: None,
        };
        let nodes = [(9_980, Duration::ZERO), (5_000, NEEDED_IN_NEED + Duration::from_secs(1))];
        assert_eq!(not_needed(&nodes, &state(10)), Some(5_000), "it may come back");
        assert_eq!(not_needed(&nodes, &state(60)), Some(9_000), "it would cost the others their room");
        assert_eq!(not_needed(&[(5_000, NEEDED + Duration::from_secs(1))], &state(10)), Some(9_000));
        assert_eq!(not_needed(&[(0, Duration::ZERO)], &state(60)), None);
    }

    #[test]
    fn a_clock_that_is_wrong_makes_no_node_seem_gone() {
        let node = |name: &str, told_ms| {
            let version = String::new();
            Node { name: name.into(), applied: 1, revision: 0, version, told_ms }
        };
        let (mut heard, begun) = (Heard::default(), Instant::now());
        let mut at = |passed_s, told: [i64; 2]| {
            let nodes = [node("a", told[0]), node("b", told[1])];
            let silent = heard.silence(&nodes, begun + Duration::from_secs(passed_s));
            silent.into_iter().map(|(_, silent)| silent.as_secs()).collect::<Vec<_>>()
        };
        let month_ms = 30 * 24 * 60 * 60 * 1_000;
        assert_eq!(at(0, [0, month_ms]), [0, 0]);
        assert_eq!(at(60, [60_000, month_ms + 60_000]), [0, 0]);
        assert_eq!(at(120, [120_000, 60_000]), [0, 0], "it was set right");
        assert_eq!(at(180, [120_000, 120_000]), [60, 0], "this one says nothing");
    }
}
