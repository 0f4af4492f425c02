//! https on loopback: a certificate authority of the test, and what ends TLS before a server that speaks plain HTTP.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Issues certificates that nobody trusts who was not told to.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("random numbers are there");
        Self(CertifiedIssuer::self_signed(params, key).expect("the parameters are sound"))
    }

    /// Its own certificate, as `--ca` takes it.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    fn server(&self, name: &str) -> ServerConfig {
        let key = KeyPair::generate().expect("random numbers are there");
        let params = CertificateParams::new([name.to_owned()]).expect("the name is one");
        let certificate = params.signed_by(&key, &self.0).expect("the parameters are sound");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("it was just written");
        let config = ServerConfig::builder().with_no_client_auth();
        config.with_single_cert(vec![certificate.der().clone()], key).expect("the key is that of the certificate")
    }
}

/// Ends TLS and hands what comes to a server of plain HTTP, byte by byte, until it is dropped.
pub(crate) struct Terminator {
    /// Where it listens, under the name that is certified.
    pub(crate) url: String,
    runtime: Option<Runtime>,
}

impl Terminator {
    /// Stands before `plain`, a URL, with a certificate of `authority` for `certified`.
    pub(crate) fn start(authority: &Authority, certified: &str, plain: &str) -> Self {
        let behind = plain.strip_prefix("http://").expect("a URL of plain http").to_owned();
        let acceptor = TlsAcceptor::from(Arc::new(authority.server(certified)));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        listener.set_nonblocking(true).expect("sockets can");
        let port = listener.local_addr().expect("it is bound").port();
        let runtime = Runtime::new().expect("threads are there");
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("it does not block");
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(stream, acceptor.clone(), behind.clone()));
            }
        });
        Self { url: format!("https://localhost:{port}"), runtime: Some(runtime) }
    }
}

impl Drop for Terminator {
    /// Without waiting: a test may be async itself.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A connection that fails is the client's to notice.
async fn pass(stream: TcpStream, acceptor: TlsAcceptor, behind: String) -> std::io::Result<()> {
    let mut outside = acceptor.accept(stream).await?;
    let mut inside = TcpStream::connect(behind).await?;
    tokio::io::copy_bidirectional(&mut outside, &mut inside).await?;
    Ok(())
}
