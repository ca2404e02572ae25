//! What may happen to nodes, to members of etcd, to the links between them, to clocks and to room.

use boordtabel::cluster::{Access, EtcdLog, SharedLog as _};

use super::checker::{Run, Slot};
use super::*;
use crate::server::Dice;

/// What changes the time that a program is told; the distribution has it.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
/// Room that a member has in the long run: a few minutes of commits, and soon filled by others.
pub(super) const QUOTA_BYTES: &str = "33554432";
/// So long a node is stopped before the log lets go of what it needs: longer than what it follows stays open.
const STOPPED_LONG: Duration = Duration::from_secs(12);
/// So many entries the log keeps then: those who go on need the latest.
const KEPT: u64 = 50;

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    KillNode,
    StopNode,
    KillMember,
    StopMember,
    /// A node has lost its disk, and begins with a backup of another one, while everybody writes.
    LoseNode,
    /// A node and the members do not hear each other.
    CutNode,
    /// A member and the others do not hear each other; clients hear all.
    CutMember,
    /// Nothing comes from a node or member to a member; what is sent the other way comes.
    CutOneWay,
    /// Nobody reaches a node, and it reaches nobody.
    UnplugNode,
    UnplugMember,
    SetClock,
    FillRoom,
    /// The log lets go of what a node needs that is stopped.
    LetGo,
}

use Harm::*;

/// What happens every day: nothing else is needed for it.
pub(super) const EVERYDAY: [Harm; 5] = [KillNode, StopNode, KillMember, StopMember, LoseNode];

/// What can happen on this machine; says what cannot, and why.
pub(super) fn all_possible(has_links: bool) -> Vec<Harm> {
    let mut all = EVERYDAY.to_vec();
    all.push(LetGo);
    let (has_clock, has_room) = (Path::new(FAKETIME).exists(), Path::new("/usr/bin/etcdctl").exists());
    let parts = [
        (has_links, &[CutNode, CutMember, CutOneWay, UnplugNode, UnplugMember][..], "root and iproute2"),
        (has_clock, &[SetClock], "libfaketime"),
        (has_room, &[FillRoom], "etcd-client"),
    ];
    for (is_possible, harms, needed) in parts {
        if is_possible {
            all.extend(harms);
        } else {
            eprintln!("passed over: {harms:?} needs {needed}");
        }
    }
    all
}

/// What the guide says to do when etcd's room is full.
pub(super) fn commands_that_make_room() -> String {
    let guide = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cluster.md")).unwrap();
    let section = guide.split("## When etcd's room is full").nth(1).expect("the guide has that section");
    let block = section.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    block.expect("it has commands").replace("/somebody-else/", "/filler/")
}

/// Fills the room of etcd, as another user of it may, until it takes nothing more.
pub(super) fn fill(etcd: &Etcd) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let text = |of: &[u8]| base64::Engine::encode(&base64::prelude::BASE64_STANDARD, of);
    for number in 0..200 {
        let key = format!("/filler/{number:03}");
        let body = json!({ "key": text(key.as_bytes()), "value": text(&vec![number; 1 << 20]) });
        let answer = agent.post(format!("{}/v3/kv/put", etcd.urls[0])).send(body.to_string());
        let told = answer.ok().and_then(|mut answer| answer.body_mut().read_to_string().ok()).unwrap_or_default();
        if told.contains("space exceeded") {
            return;
        }
    }
    panic!("etcd's room is not full");
}

/// Does what the guide says.
pub(super) fn make_room(etcd: &Etcd) {
    let mut command = std::process::Command::new("sh");
    command.args(["-ec", &commands_that_make_room()]);
    command.envs([("ETCDCTL_API", "3"), ("ETCDCTL_ENDPOINTS", &etcd.endpoints())]);
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

impl Run {
    /// Whether the clocks of nodes can be set.
    fn has_clock(&self) -> bool {
        self.harms.contains(&SetClock)
    }

    /// What a node needs in its environment for its clock to be set.
    pub(super) fn clock(&self, nodes: &Nodes, name: &str) -> Vec<(&'static str, String)> {
        if !self.has_clock() {
            return Vec::new();
        }
        let file = nodes.folder(&format!("clock-{name}"));
        set(&file, "+0");
        vec![
            ("LD_PRELOAD", FAKETIME.to_owned()),
            ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
            ("FAKETIME_NO_CACHE", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("NO_FAKE_STAT", "1".into()),
        ]
    }

    fn rest(&self, dice: &mut Dice) -> Duration {
        let short = |dice: &mut Dice, most| 200 + dice.below(most) as u64;
        Duration::from_millis(match dice.below(12) {
            _ if !self.is_long => short(dice, 1_500),
            0 => 35_000,
            1 | 2 => 15_000,
            3..=5 => 6_000,
            _ => short(dice, 4_000),
        })
    }

    /// Does some harm, and lets it pass; gives what it was.
    pub(super) fn harm(&self, dice: &mut Dice, nodes: &mut Nodes, slots: &[Slot]) -> Harm {
        let (harm, rest) = (self.harms[dice.below(self.harms.len())], self.rest(dice));
        let member = if dice.below(2) == 0 { nodes.etcd.leader() } else { dice.below(3) };
        let (at, next) = (dice.below(slots.len()), dice.below(2) + 1);
        let (slot, other) = (&slots[at], &slots[(at + next) % slots.len()]);
        let others: Vec<usize> = (0..3).filter(|other| *other != member).collect();
        let name_of = |member: usize| ["m0", "m1", "m2"][member];
        let links = || self.links.as_ref().unwrap();
        let cut = |pairs: &[(&str, &str)]| {
            pairs.iter().for_each(|(from, to)| links().cut(from, to, true));
            std::thread::sleep(rest);
            pairs.iter().for_each(|(from, to)| links().cut(from, to, false));
        };
        let unplug = |name: &str| {
            links().unplug(name, true);
            std::thread::sleep(rest);
            links().unplug(name, false);
        };
        match harm {
            KillNode => {
                slot.kill();
                slot.put(self.start(nodes, slot.name));
            }
            StopNode => {
                slot.signal("-STOP");
                std::thread::sleep(rest);
                slot.signal("-CONT");
            }
            KillMember => {
                nodes.etcd.kill(member);
                std::thread::sleep(rest);
                nodes.etcd.restart(member);
            }
            StopMember => {
                nodes.etcd.signal(member, "-STOP");
                std::thread::sleep(rest);
                nodes.etcd.signal(member, "-CONT");
            }
            LoseNode => self.renew(nodes, slot, other),
            CutNode => {
                let pairs = |it| [(slot.name, name_of(it)), (name_of(it), slot.name)];
                cut(&(0..3).flat_map(pairs).collect::<Vec<_>>());
            }
            CutMember => {
                let pairs = |it: &usize| [(name_of(member), name_of(*it)), (name_of(*it), name_of(member))];
                cut(&others.iter().flat_map(pairs).collect::<Vec<_>>());
            }
            CutOneWay => {
                let from = [slot.name, name_of(others[next - 1])][dice.below(2)];
                cut(&[[(from, name_of(member)), (name_of(member), from)][dice.below(2)]]);
            }
            UnplugNode => unplug(slot.name),
            UnplugMember => unplug(name_of(member)),
            SetClock => {
                let by = ["+30", "-30", "+3600", "-3600", "+172800", "-172800", "+691200"][dice.below(7)];
                let file = nodes.folder(&format!("clock-{}", slot.name));
                set(&file, by);
                std::thread::sleep(rest);
                set(&file, "+0");
            }
            FillRoom => {
                fill(&nodes.etcd);
                std::thread::sleep(rest.min(Duration::from_secs(6)));
                make_room(&nodes.etcd);
            }
            LetGo => {
                slot.signal("-STOP");
                std::thread::sleep(STOPPED_LONG);
                let access = Access { endpoints: nodes.etcd.urls.clone(), ..Access::default() };
                let log = EtcdLog::new(&access, "/boordtabel").unwrap();
                let head = log.head().unwrap().unwrap().sequence;
                log.truncate_before(head.saturating_sub(KEPT)).unwrap();
                slot.signal("-CONT");
                until("word of what the node has", || slot.lacks_what_is_gone() || slot.entry() >= head);
                // It may have heard of it before it was stopped, or not see yet what it lacks: the others may lack it too.
                if slot.lacks_what_is_gone() {
                    self.renew(nodes, slot, other);
                }
            }
        }
        harm
    }

    /// Begins a node anew with a backup of another one, which serves meanwhile.
    fn renew(&self, nodes: &Nodes, slot: &Slot, other: &Slot) {
        slot.kill();
        let folder = nodes.folder(slot.name);
        std::fs::remove_dir_all(&folder).unwrap();
        run(&nodes.folder(other.name), &["backup", folder.to_str().unwrap()]);
        slot.put(self.start(nodes, slot.name));
    }
}

/// Sets a clock: the program reads the file whenever it asks for the time, so it is there whole.
fn set(file: &Path, by: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, by).unwrap();
    std::fs::rename(new, file).unwrap();
}
