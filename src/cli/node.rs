//! Settings of a server that is one node of several.

use std::path::PathBuf;

use clap::Args;

#[cfg(feature = "cluster")]
use crate::cli::failure::Failure;
#[cfg(feature = "cluster")]
use crate::cluster::{Access, EtcdLog};

/// Settings of a node, as given by flag or environment. What is not given is none.
#[derive(Args, Clone, Debug, Default)]
pub struct GivenToNode {
    /// Address of a member of the etcd that orders the commits of several nodes, such as `https://10.0.0.1:2379`; several with commas,
    /// or the flag again. None for a server that is alone
    #[arg(long, env = "BOORDTABEL_CLUSTER", value_name = "URL", value_delimiter = ',')]
    pub cluster: Vec<String>,
    /// Below which name the nodes of one register meet in etcd [default: /boordtabel]
    #[arg(long, env = "BOORDTABEL_CLUSTER_PREFIX", value_name = "PREFIX")]
    pub cluster_prefix: Option<String>,
    /// The name of this node among the others; each has its own
    #[arg(long, env = "BOORDTABEL_CLUSTER_NODE", value_name = "NAME")]
    pub cluster_node: Option<String>,
    /// File with the certificates that those of etcd rest on, as PEM; without it, those of the system
    #[arg(long, env = "BOORDTABEL_CLUSTER_CA", value_name = "FILE")]
    pub cluster_ca: Option<PathBuf>,
    /// File with the certificate that this node shows to etcd, as PEM
    #[arg(long, env = "BOORDTABEL_CLUSTER_CERT", value_name = "FILE")]
    pub cluster_cert: Option<PathBuf>,
    /// File with the private key of --cluster-cert, as PEM
    #[arg(long, env = "BOORDTABEL_CLUSTER_KEY", value_name = "FILE")]
    pub cluster_key: Option<PathBuf>,
    /// User of etcd, who needs to be allowed nothing but the prefix
    #[arg(long, env = "BOORDTABEL_CLUSTER_USER", value_name = "NAME")]
    pub cluster_user: Option<String>,
    /// File with the password of --cluster-user
    #[arg(long, env = "BOORDTABEL_CLUSTER_PASSWORD_FILE", value_name = "FILE")]
    pub cluster_password_file: Option<PathBuf>,
}

/// Settings of a node in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSettings {
    /// Members of etcd; none when the server is alone.
    pub cluster: Vec<String>,
    /// Below which name the nodes meet.
    pub cluster_prefix: String,
    /// The name of this one.
    pub cluster_node: Option<String>,
    /// The certificates that those of etcd rest on.
    pub cluster_ca: Option<PathBuf>,
    /// The certificate that is shown to etcd.
    pub cluster_cert: Option<PathBuf>,
    /// Its private key.
    pub cluster_key: Option<PathBuf>,
    /// The user of etcd.
    pub cluster_user: Option<String>,
    /// The file with the password.
    pub cluster_password_file: Option<PathBuf>,
}

impl NodeSettings {
    /// Puts the layers together.
    pub fn resolve(given: GivenToNode, file: GivenToNode) -> Self {
        Self {
            cluster: if given.cluster.is_empty() { file.cluster } else { given.cluster },
            cluster_prefix: given.cluster_prefix.or(file.cluster_prefix).unwrap_or_else(|| "/boordtabel".into()),
            cluster_node: given.cluster_node.or(file.cluster_node),
            cluster_ca: given.cluster_ca.or(file.cluster_ca),
            cluster_cert: given.cluster_cert.or(file.cluster_cert),
            cluster_key: given.cluster_key.or(file.cluster_key),
            cluster_user: given.cluster_user.or(file.cluster_user),
            cluster_password_file: given.cluster_password_file.or(file.cluster_password_file),
        }
    }

    /// Whether the server is one node of several.
    pub fn is_node(&self) -> bool {
        !self.cluster.is_empty()
    }

    /// The log that the nodes share, and the name of this one.
    ///
    /// # Errors
    /// With what is wrong with the settings.
    #[cfg(feature = "cluster")]
    pub fn log(&self) -> Result<(EtcdLog, String), Failure> {
        let letters = |name: &&String| {
            !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.'))
        };
        let Some(name) = self.cluster_node.as_ref().filter(letters) else {
            let message = "a node needs a name of letters, digits, `-`, `_` and `.`";
            return Err(Failure::usage(message, "give it with --cluster-node, each node its own"));
        };
        Ok((self.reach()?, name.clone()))
    }

    /// The log that the nodes share.
    ///
    /// # Errors
    /// With what is wrong with the settings.
    #[cfg(feature = "cluster")]
    pub fn reach(&self) -> Result<EtcdLog, Failure> {
        let pair = |one: &Option<PathBuf>, other: &Option<PathBuf>| one.clone().zip(other.clone());
        if self.cluster_cert.is_some() != self.cluster_key.is_some() {
            let hint = "give --cluster-cert and --cluster-key";
            return Err(Failure::usage("etcd wants both a certificate and its key", hint));
        }
        if self.cluster_user.is_some() != self.cluster_password_file.is_some() {
            let hint = "give --cluster-user and --cluster-password-file";
            return Err(Failure::usage("etcd wants both a user and a password", hint));
        }
        if !self.cluster_prefix.starts_with('/') || self.cluster_prefix.trim_end_matches('/').is_empty() {
            let message = format!("`{}` is no prefix", self.cluster_prefix);
            return Err(Failure::usage(message, "write for example --cluster-prefix /boordtabel"));
        }
        let access = Access {
            endpoints: self.cluster.clone(),
            authority: self.cluster_ca.clone(),
            certificate: pair(&self.cluster_cert, &self.cluster_key),
            user: self.cluster_user.clone().zip(self.cluster_password_file.clone()),
        };
        EtcdLog::new(&access, &self.cluster_prefix)
            .map_err(|reason| Failure::usage(reason, "correct --cluster and what goes with it"))
    }
}
