//! TLS by rustls. The certificate is read again when its files change, so that a renewed one needs no restart.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, crypto::CryptoProvider};

use crate::secret;

/// How often the files are looked at, at most: when a client connects.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// The least version of TLS that is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// 1.2 and 1.3.
    #[default]
    Tls12,
    /// 1.3 alone.
    Tls13,
}

/// The files of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The certificate and those that it rests on, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

/// When files were changed, and their sizes.
type FileVersion = Vec<Option<(SystemTime, u64)>>;

impl Files {
    fn stamp(&self) -> FileVersion {
        let stamp = |path| fs::metadata(path).ok().and_then(|it| Some((it.modified().ok()?, it.len())));
        [&self.certificate, &self.key].map(stamp).to_vec()
    }

    fn read(&self, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
        let told = |path: &PathBuf, cause: &dyn std::fmt::Display| format!("cannot use `{}`: {cause}", path.display());
        let certificates = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|cause| told(&self.certificate, &cause))?;
        if certificates.is_empty() {
            return Err(told(&self.certificate, &"it holds no certificate"));
        }
        secret::check(&self.key)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|cause| told(&self.key, &cause))?;
        CertifiedKey::from_der(certificates, key, provider)
            .map_err(|cause| told(&self.key, &format!("it does not fit the certificate: {cause}")))
    }
}

/// The certificate in use.
#[derive(Debug)]
pub struct Certificate {
    provider: Arc<CryptoProvider>,
    now: Mutex<Now>,
}

#[derive(Clone, Debug)]
struct Now {
    files: Files,
    key: Arc<CertifiedKey>,
    /// Of the files that were read last, whether they were good or not.
    stamp: FileVersion,
    looked: Instant,
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.looked.elapsed() >= BETWEEN_LOOKS {
            now.looked = Instant::now();
            let stamp = now.files.stamp();
            if stamp != now.stamp {
                match now.files.read(&self.provider) {
                    Ok(key) => {
                        tracing::info!(certificate = %now.files.certificate.display(), "the new certificate is in use");
                        now.key = Arc::new(key);
                    }
                    // Perhaps one of the two is not there yet: when it comes, the stamp is another.
                    Err(reason) => tracing::warn!(reason, "the certificate before stays in use"),
                }
                now.stamp = stamp;
            }
        }
        Some(Arc::clone(&now.key))
    }
}

impl Certificate {
    /// The one in these files.
    ///
    /// # Errors
    /// With what is wrong with them.
    pub fn new(files: Files) -> Result<Arc<Self>, String> {
        let provider = Arc::new(ring::default_provider());
        let now = Now::read(files, &provider)?;
        Ok(Arc::new(Self { provider, now: Mutex::new(now) }))
    }

    /// From now on the one that another has.
    pub fn become_like(&self, other: &Self) {
        let lock = |certificate: &Self| certificate.now.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = lock(other);
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// The configuration of a server that shows it.
    ///
    /// # Errors
    /// When there is none.
    pub fn config(self: &Arc<Self>, least: Version) -> Result<ServerConfig, String> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider));
        let versions: &[_] = match least {
            Version::Tls12 => &[&rustls::version::TLS13, &rustls::version::TLS12],
            Version::Tls13 => &[&rustls::version::TLS13],
        };
        let builder = builder.with_protocol_versions(versions).map_err(|cause| cause.to_string())?;
        Ok(builder.with_no_client_auth().with_cert_resolver(Arc::<Self>::clone(self)))
    }
}

impl Now {
    fn read(files: Files, provider: &CryptoProvider) -> Result<Self, String> {
        let stamp = files.stamp();
        let key = Arc::new(files.read(provider)?);
        Ok(Self { files, key, stamp, looked: Instant::now() })
    }
}
