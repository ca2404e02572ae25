//! Shares: what one client address, or one token, may have of the server, so that there is something left for others. What is used
//! within a minute is counted as a bucket that fills up again evenly; what is used at the same time, by those who hold a part of it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, UnitWeighter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::commit::access::Identity;
use crate::graphql::core::error::FieldError;
use crate::graphql::core::limits::Limits;
use crate::http::wire::background;
use crate::http::wire::bucket::{Bucket, seconds};
use crate::http::wire::client::Client;

/// What an account takes in memory, with its place in the map; rounded up.
const ACCOUNT_BYTES: usize = 640;
/// So many requests are taken at once, where the share of a minute has as many: those of a page and its parts.
const REQUESTS_AT_ONCE: usize = 100;
/// So long is worked at once for one that has rested: some pages.
const QUICK_AT_ONCE_US: usize = 100_000;
/// When to come back for what others of the same share hold now.
const HELD_RETRY_S: u64 = 1;
/// The same for sockets and event streams, which are held for long.
const LIVE_RETRY_S: u64 = 10;

/// Whose account it is. Of an IPv6 address the network counts: whoever has one address of it has all.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    V4([u8; 4]),
    V6([u8; 8]),
    Token([u8; 16]),
}

impl Key {
    fn of_address(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => {
                let octets = address.octets();
                Self::V6(std::array::from_fn(|at| octets[at]))
            }
        }
    }

    fn of_token(name: &str) -> Self {
        let hash = blake3::hash(name.as_bytes());
        Self::Token(std::array::from_fn(|at| hash.as_bytes()[at]))
    }
}

/// What one client address, or one token, uses.
pub struct Account {
    /// "this address", "this token".
    whose: &'static str,
    requests: Option<Bucket>,
    cost: Option<Bucket>,
    /// Microseconds.
    quick: Option<Bucket>,
    /// Until when it gives way, because it took more time than it had.
    behind: Mutex<Option<Instant>>,
    failures: Option<Bucket>,
    running: AtomicUsize,
    connections: AtomicUsize,
    live: AtomicUsize,
    long: Arc<Semaphore>,
}

/// Which count a part is held of.
type Count = fn(&Account) -> &AtomicUsize;

/// There is no part left.
#[derive(Debug)]
pub struct Full;

/// A part of a share, held until this is dropped.
pub struct Part {
    account: Arc<Account>,
    count: Count,
}

impl Drop for Part {
    fn drop(&mut self) {
        (self.count)(&self.account).fetch_sub(1, Ordering::Relaxed);
    }
}

impl Account {
    fn new(whose: &'static str, limits: &Limits) -> Self {
        Self {
            whose,
            requests: Bucket::new(limits.share_requests, REQUESTS_AT_ONCE),
            cost: Bucket::new(limits.share_cost, limits.cost),
            quick: Bucket::new(limits.share_quick_ms.saturating_mul(1_000), QUICK_AT_ONCE_US),
            behind: Mutex::new(None),
            failures: Bucket::new(limits.share_failures, limits.share_failures),
            running: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            live: AtomicUsize::new(0),
            long: Arc::new(Semaphore::new(limits.share_long.clamp(1, Semaphore::MAX_PERMITS))),
        }
    }

    /// Holds one of at most so many; none when there is none left.
    fn hold(self: &Arc<Self>, count: Count, most: usize) -> Option<Part> {
        let part = Part { account: Arc::clone(self), count };
        let found = count(self).fetch_add(1, Ordering::Relaxed) + 1;
        (most == 0 || found <= most).then_some(part)
    }

    /// Counts a request.
    fn request(&self, limits: &Limits) -> Result<(), FieldError> {
        let Some(bucket) = &self.requests else { return Ok(()) };
        bucket.take(1).map_err(|wait| {
            let most = limits.share_requests;
            FieldError::share(
                format!("{} has sent more than its share of {most} requests a minute", self.whose),
                seconds(wait),
            )
        })
    }
}

/// Who pays for a request: the client's address, and the token that it shows. Whoever is on this machine itself pays nothing.
#[derive(Clone, Default)]
pub struct Payer {
    accounts: Vec<Arc<Account>>,
    /// What the request cost so far, for the log.
    spent: Option<Arc<AtomicUsize>>,
}

/// Turns among the long work of a share.
pub struct Turn(#[expect(dead_code, reason = "given back when dropped")] Vec<OwnedSemaphorePermit>);

impl Payer {
    /// Pays for what a request costs.
    ///
    /// # Errors
    /// When a share is used up.
    pub fn pay(&self, cost: usize, limits: &Limits) -> Result<(), FieldError> {
        if let Some(spent) = &self.spent {
            spent.fetch_add(cost, Ordering::Relaxed);
        }
        for account in &self.accounts {
            let Some(bucket) = &account.cost else { continue };
            bucket.take(cost).map_err(|wait| {
                let (whose, most) = (account.whose, limits.share_cost);
                let message =
                    format!("{whose} has used up its share of {most} of cost a minute; this request costs {cost}");
                FieldError::share(message, seconds(wait))
            })?;
        }
        Ok(())
    }

    /// The same, for a request whose cost is counted there too.
    pub fn counting(self, spent: Option<Arc<AtomicUsize>>) -> Self {
        Self { spent, ..self }
    }

    /// Notes for how long a request kept those waiting who share its thread.
    pub fn spend(&self, time: Duration) {
        for account in &self.accounts {
            let Some(bucket) = &account.quick else { continue };
            if let Err(wait) = bucket.take(usize::try_from(time.as_micros()).unwrap_or(usize::MAX)) {
                *account.behind.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_add(wait);
            }
        }
    }

    /// Has this thread, one of those for long work, give way to what is answered at once, where one of those pays who have a share.
    pub fn work_beside(&self) {
        if !self.accounts.is_empty() {
            background::give_way();
        }
    }

    /// Whether it gives way to others, because it has taken its time already.
    pub fn gives_way(&self) -> bool {
        let behind = |account: &Arc<Account>| {
            account.quick.is_some()
                && account
                    .behind
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .is_some_and(|until| Instant::now() < until)
        };
        self.accounts.iter().any(behind)
    }

    /// Waits for a turn among the long work of its shares.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn turn(&self, limits: &Limits) -> Result<Turn, FieldError> {
        let mut turns = Vec::new();
        for account in &self.accounts {
            let wait = Duration::from_millis(limits.wait_ms as u64);
            match tokio::time::timeout(wait, Arc::clone(&account.long).acquire_owned()).await {
                Ok(Ok(turn)) => turns.push(turn),
                _ => {
                    let (whose, most) = (account.whose, limits.share_long);
                    let message =
                        format!("{whose} has {most} requests running already that take long, which is its share");
                    return Err(FieldError::share(message, HELD_RETRY_S));
                }
            }
        }
        Ok(Turn(turns))
    }

    /// Holds a place for a socket or an event stream.
    ///
    /// # Errors
    /// When its shares have none left.
    pub fn follow(&self, limits: &Limits) -> Result<Vec<Part>, FieldError> {
        let hold = |account: &Arc<Account>| {
            account.hold(|account| &account.live, limits.share_live).ok_or_else(|| {
                let (whose, most) = (account.whose, limits.share_live);
                let message = format!("{whose} has {most} sockets and event streams open already, which is its share");
                FieldError::share(message, LIVE_RETRY_S)
            })
        };
        self.accounts.iter().map(hold).collect()
    }
}

/// Whoever holds a part of an account still has it.
#[derive(Clone)]
struct Held;

impl Lifecycle<Key, Arc<Account>> for Held {
    type RequestState = ();

    fn is_pinned(&self, _: &Key, account: &Arc<Account>) -> bool {
        Arc::strong_count(account) > 1
    }

    fn begin_request(&self) {}

    fn on_evict(&self, (): &mut (), _: Key, _: Arc<Account>) {}
}

/// All accounts of late, in a bounded number of bytes: one that was not used for long is full again anyway.
pub struct Shares {
    limits: Limits,
    accounts: Cache<Key, Arc<Account>, UnitWeighter, DefaultHashBuilder, Held>,
    /// Whether requests of this machine itself have a share as well.
    counts_local: bool,
}

impl Shares {
    /// Nobody has used anything yet.
    pub fn new(limits: Limits, counts_local: bool) -> Self {
        let most = (limits.shares_bytes / ACCOUNT_BYTES).max(64);
        let mut options = OptionsBuilder::new();
        options.estimated_items_capacity(most).weight_capacity(most as u64).shards(16);
        let options = options.build().expect("both capacities are set");
        let hasher = DefaultHashBuilder::default();
        Self { limits, accounts: Cache::with_options(options, UnitWeighter, hasher, Held), counts_local }
    }

    fn account(&self, key: Key, whose: &'static str) -> Arc<Account> {
        let make = || Ok::<_, std::convert::Infallible>(Arc::new(Account::new(whose, &self.limits)));
        let Ok(account) = self.accounts.get_or_insert_with(&key, make);
        account
    }

    /// The account of a client; none where no share is kept.
    pub fn of_client(&self, client: &Client) -> Option<Arc<Account>> {
        (self.counts_local || !client.is_local)
            .then(|| self.account(Key::of_address(client.address), "this client address"))
    }

    /// Counts a request of a client, and holds a place for it until it is answered.
    ///
    /// # Errors
    /// When its share is used up.
    pub fn request(&self, account: Option<&Arc<Account>>) -> Result<Option<Part>, FieldError> {
        let Some(account) = account else { return Ok(None) };
        let running = account.hold(|account| &account.running, self.limits.share_running).ok_or_else(|| {
            let (whose, most) = (account.whose, self.limits.share_running);
            FieldError::share(format!("{whose} has {most} requests running already, which is its share"), HELD_RETRY_S)
        })?;
        account.request(&self.limits)?;
        Ok(Some(running))
    }

    /// Holds a connection from that address.
    ///
    /// # Errors
    /// When its share has none left.
    pub fn connect(&self, client: &Client) -> Result<Option<Part>, Full> {
        let account = if client.is_proxy { None } else { self.of_client(client) };
        let hold = |account: Arc<Account>| {
            account.hold(|account| &account.connections, self.limits.share_connections).ok_or(Full)
        };
        account.map(hold).transpose()
    }

    /// Who pays for a request of somebody with that account. A token pays too, for each request that shows it.
    pub fn payer(&self, account: Option<Arc<Account>>, identity: &Identity) -> Payer {
        let Some(account) = account else { return Payer::default() };
        let token = (!identity.is_anonymous()).then(|| self.account(Key::of_token(&identity.name), "this token"));
        Payer { accounts: [Some(account), token].into_iter().flatten().collect(), spent: None }
    }

    /// Counts a request that shows a token that is good.
    ///
    /// # Errors
    /// When the token's share is used up.
    pub fn shown(&self, account: Option<&Arc<Account>>, identity: &Identity) -> Result<(), FieldError> {
        if account.is_none() {
            return Ok(());
        }
        self.account(Key::of_token(&identity.name), "this token").request(&self.limits)
    }

    /// Counts a token that is not good.
    ///
    /// # Errors
    /// When there were too many of the client.
    pub fn failed(&self, account: Option<&Arc<Account>>) -> Result<(), FieldError> {
        let Some(bucket) = account.and_then(|account| account.failures.as_ref()) else { return Ok(()) };
        bucket.take(1).map_err(|wait| {
            let most = self.limits.share_failures;
            let message = format!("this client address has shown more than {most} tokens a minute that are not good");
            FieldError::share(message, seconds(wait))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        Client { address: address.parse().unwrap(), is_local: false, is_proxy: false }
    }

    #[test]
    fn each_address_has_its_own_share_and_a_network_of_ipv6_one() {
        let shares = Shares::new(Limits { share_requests: 2, ..Limits::default() }, false);
        let request = |address: &str| shares.request(shares.of_client(&client(address)).as_ref()).map(drop);
        for _ in 0..2 {
            request("192.0.2.1").unwrap();
            request("192.0.2.2").unwrap();
        }
        let refused = request("192.0.2.1").unwrap_err();
        assert_eq!(refused.retry_after_s, Some(30), "of two a minute: {}", refused.message);
        request("2001:db8::1").unwrap();
        request("2001:db8::ffff:0:0:1").unwrap();
        assert!(request("2001:db8::2").is_err());
        request("2001:db8:0:1::1").unwrap();
    }

    #[test]
    fn what_is_held_comes_back_and_who_holds_is_not_forgotten() {
        let limits = Limits { share_running: 1, shares_bytes: 0, ..Limits::default() };
        let shares = Shares::new(limits, false);
        let account = |address: &str| shares.of_client(&client(address));
        let held = shares.request(account("192.0.2.1").as_ref()).unwrap();
        // So many others come that accounts are forgotten.
        for number in 0..100_000_u32 {
            let address = std::net::Ipv4Addr::from(0x0a00_0000 + number).to_string();
            shares.request(account(&address).as_ref()).unwrap();
        }
        assert!(shares.accounts.len() < 200, "{} accounts are kept", shares.accounts.len());
        assert!(shares.request(account("192.0.2.1").as_ref()).is_err(), "it is running still");
        drop(held);
        shares.request(account("192.0.2.1").as_ref()).unwrap();
    }

    #[test]
    fn a_request_dearer_than_all_of_a_share_takes_all_of_it() {
        let limits = Limits { share_cost: 1_000, ..Limits::default() };
        let shares = Shares::new(limits, false);
        let payer = shares.payer(shares.of_client(&client("192.0.2.1")), &Identity::anonymous());
        payer.pay(5_000, &limits).unwrap();
        let refused = payer.pay(500, &limits).unwrap_err();
        assert_eq!(refused.retry_after_s, Some(30), "{}", refused.message);
    }

    #[test]
    fn this_machine_itself_has_all_that_there_is() {
        let shares = Shares::new(Limits { share_requests: 1, ..Limits::default() }, false);
        let local = Client { address: [127, 0, 0, 1].into(), is_local: true, is_proxy: false };
        assert!(shares.of_client(&local).is_none());
    }

    #[test]
    fn an_account_takes_no_more_than_is_said() {
        let semaphore = size_of::<Semaphore>() + 16;
        assert!(size_of::<Account>() + 16 + semaphore + size_of::<Key>() + 64 <= ACCOUNT_BYTES);
    }
}
