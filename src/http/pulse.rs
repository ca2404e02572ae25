//! Whether the threads that answer still move. Each of them says so four times a second; a thread of its own looks, tells the log when
//! one is stuck, and tells systemd that all is well only while none is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;

/// How often a thread says that it moves.
const BEAT: Duration = Duration::from_millis(250);
/// One that has not moved for so long is stuck.
const STUCK: Duration = Duration::from_secs(5);
/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// The pulses of all threads that answer.
pub struct Pulse {
    began: Instant,
    /// When each moved last, in milliseconds since the beginning; none yet where it is the largest number.
    beats: Vec<AtomicU64>,
    next: AtomicUsize,
}

impl Pulse {
    /// Of so many threads.
    pub fn new(threads: usize) -> Arc<Self> {
        let beats = (0..threads).map(|_| AtomicU64::new(u64::MAX)).collect();
        Arc::new(Self { began: Instant::now(), beats, next: AtomicUsize::new(0) })
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The thread that calls this says from now on that it moves.
    pub fn beat(self: &Arc<Self>) {
        let (pulse, at) = (Arc::clone(self), self.next.fetch_add(1, Ordering::Relaxed));
        actix_web::rt::spawn(async move {
            while let Some(beat) = pulse.beats.get(at) {
                beat.store(pulse.now_ms(), Ordering::Relaxed);
                sleep(BEAT).await;
            }
        });
    }

    /// For how long the slowest thread has not moved.
    pub fn lag(&self) -> Duration {
        let now_ms = self.now_ms();
        let lags = self.beats.iter().map(|beat| beat.load(Ordering::Relaxed)).filter(|beat| *beat != u64::MAX);
        let most = lags.map(|beat| now_ms.saturating_sub(beat)).max().unwrap_or_default();
        Duration::from_millis(most).saturating_sub(BEAT)
    }

    /// Looks after the threads as long as the program runs.
    pub fn watch(self: &Arc<Self>) {
        let pulse = Arc::clone(self);
        let watch = move || {
            let mut is_stuck = false;
            loop {
                std::thread::sleep(LOOK);
                let lag = pulse.lag();
                if lag < STUCK {
                    notify("WATCHDOG=1");
                } else if !is_stuck {
                    tracing::error!(seconds = lag.as_secs(), "a thread that answers requests does not move");
                }
                is_stuck = lag >= STUCK;
            }
        };
        if let Err(cause) = std::thread::Builder::new().name("watchdog".into()).spawn(watch) {
            tracing::warn!(%cause, "nobody looks whether the threads that answer move");
        }
    }
}

/// Tells systemd how it goes, where that started the program (`sd_notify`).
pub fn notify(state: &str) {
    #[cfg(target_os = "linux")]
    {
        use std::os::linux::net::SocketAddrExt as _;
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::net::{SocketAddr, UnixDatagram};
        let Some(name) = std::env::var_os("NOTIFY_SOCKET") else { return };
        let address = match name.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name),
            None => SocketAddr::from_pathname(&name),
        };
        let sent = address.and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
        if let Err(cause) = sent {
            tracing::debug!(%cause, "systemd does not hear how it goes");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = state;
}
