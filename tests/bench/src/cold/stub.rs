//! An endpoint for all services that refuses every call, over HTTPS: over plain HTTP nobody would see what setting up
//! TLS costs.

use crate::Failure;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer};

/// A stub that answers as long as the runtime runs.
#[derive(Debug)]
pub(crate) struct Stub {
    /// `https://127.0.0.1:<port>`.
    pub(crate) endpoint: String,
    /// The root that vouches for it, in PEM.
    pub(crate) root: String,
    calls: Arc<AtomicU32>,
}

impl Stub {
    /// Begins to answer.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("https://{}", listener.local_addr()?);
        let (tls, root) = tls()?;
        let calls = Arc::default();
        tokio::spawn(accept(listener, tls, Arc::clone(&calls)));
        Ok(Self {
            endpoint,
            root,
            calls,
        })
    }

    /// How many calls there were since this was last asked.
    pub(crate) fn take_calls(&self) -> u32 {
        self.calls.swap(0, Ordering::Relaxed)
    }
}

/// TLS with a certificate of our own, and the root that vouches for it.
fn tls() -> Result<(TlsAcceptor, String), Failure> {
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    root.distinguished_name
        .push(DnType::CommonName, "start-up benchmark");
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
    let mut own = CertificateParams::new(["127.0.0.1".to_owned()])?;
    // Python 3.13 and later insist on it.
    own.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let chain = vec![own.signed_by(&key, &root)?.der().clone()];
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
    Ok((TlsAcceptor::from(Arc::new(config)), root.pem()))
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, calls: Arc<AtomicU32>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, tls.clone(), Arc::clone(&calls)));
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, calls: Arc<AtomicU32>) {
    // Without it an answer may wait 40 ms for a delayed ACK. Connections end in errors with killed processes.
    let _ = stream.set_nodelay(true);
    let Ok(stream) = tls.accept(stream).await else {
        return;
    };
    let refuse = service_fn(|request| {
        calls.fetch_add(1, Ordering::Relaxed);
        refuse(request)
    });
    let http = http1::Builder::new();
    let _ = http.serve_connection(TokioIo::new(stream), refuse).await;
}

/// With `AccessDenied`, which no SDK tries again: as S3 writes it, and at `/` as the Query services do.
async fn refuse(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let mut body = "<Error><Code>AccessDenied</Code><Message>refused</Message></Error>".to_owned();
    if request.uri().path() == "/" {
        body = format!("<ErrorResponse>{body}</ErrorResponse>");
    }
    request.into_body().collect().await?;
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = StatusCode::FORBIDDEN;
    Ok(response)
}
