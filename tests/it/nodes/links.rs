//! Machines with links between them that can be cut: network namespaces around one that leads from each to each. Needs root and
//! iproute2.

use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use crate::server::etcd::Place;

/// In the namespace that leads from each to each, its name.
const INSIDE: &str = "BOORDTABEL_LINKS";

/// Namespaces, which are gone when this is dropped.
struct Made {
    hub: String,
    names: Vec<&'static str>,
}

/// The links, for who is in the middle of them.
pub struct Links {
    hub: String,
    names: Vec<&'static str>,
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output().unwrap();
    assert!(output.status.success(), "ip {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn namespace(hub: &str, name: &str) -> String {
    format!("{hub}-{name}")
}

/// Whether there can be such machines.
pub fn can_be() -> bool {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    is_root && Command::new("ip").arg("-V").output().is_ok_and(|output| output.status.success())
}

/// Runs a test of this program once more in the middle of such machines; it must succeed.
pub fn run_inside(test: &str, names: &[&'static str]) {
    let made = Made::new(names);
    let this = std::env::current_exe().unwrap();
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &made.hub]).arg(this).args(["--exact", test, "--nocapture"]);
    assert!(command.env(INSIDE, &made.hub).status().unwrap().success(), "see above");
}

impl Made {
    fn new(names: &[&'static str]) -> Self {
        let made = Self { hub: format!("boordtabel-{}", std::process::id()), names: names.to_vec() };
        let hub = &*made.hub;
        ip(&["netns", "add", hub]);
        ip(&["-n", hub, "link", "set", "lo", "up"]);
        ip(&["netns", "exec", hub, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
        for (at, name) in names.iter().enumerate() {
            let (own, middle) = (namespace(hub, name), format!("10.99.{at}.254"));
            ip(&["netns", "add", &own]);
            ip(&["-n", &own, "link", "set", "lo", "up"]);
            ip(&["link", "add", "name", name, "netns", hub, "type", "veth", "peer", "name", "wire", "netns", &own]);
            for (within, link, address) in [(hub, *name, &middle), (&own, "wire", &format!("10.99.{at}.1"))] {
                ip(&["-n", within, "address", "add", &format!("{address}/24"), "dev", link]);
                ip(&["-n", within, "link", "set", "dev", link, "up"]);
            }
            ip(&["-n", &own, "route", "add", "default", "via", &middle]);
        }
        made
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let all = self.names.iter().map(|name| namespace(&self.hub, name)).chain([self.hub.clone()]);
        all.for_each(|it| _ = Command::new("ip").args(["netns", "delete", &it]).status());
    }
}

impl Links {
    /// The links, when this is the run in the middle of them.
    pub fn inside(names: &[&'static str]) -> Option<Self> {
        std::env::var(INSIDE).ok().map(|hub| Self { hub, names: names.to_vec() })
    }

    fn at(&self, name: &str) -> usize {
        self.names.iter().position(|it| *it == name).unwrap()
    }

    /// Where that one is.
    pub fn place(&self, name: &str) -> Place {
        Place { namespace: Some(namespace(&self.hub, name)), address: format!("10.99.{}.1", self.at(name)) }
    }

    /// From now on, or no longer, nothing that one sends comes to another; neither hears why.
    pub fn cut(&self, from: &str, to: &str, is_cut: bool) {
        let (from, to) = (self.place(from).address, self.place(to).address);
        ip(&["rule", if is_cut { "add" } else { "delete" }, "from", &from, "to", &to, "blackhole"]);
    }

    /// From now on, or no longer, the machine is as if its cable was pulled: clients do not reach it either.
    pub fn unplug(&self, name: &str, is_cut: bool) {
        ip(&["link", "set", "dev", name, if is_cut { "down" } else { "up" }]);
    }
}
