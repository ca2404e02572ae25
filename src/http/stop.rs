//! How a server is told to stop.

/// Waits for SIGTERM or SIGINT.
pub async fn wait_for_signal() {
    use actix_web::rt::signal;
    #[cfg(unix)]
    {
        let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
            return std::future::pending().await;
        };
        let terminated = std::pin::pin!(terminate.recv());
        let interrupted = std::pin::pin!(signal::ctrl_c());
        futures_util::future::select(terminated, interrupted).await;
    }
    #[cfg(not(unix))]
    let _ = signal::ctrl_c().await;
}
