//! An HTTP/1 server that listens on the loopback interface only and can leave a request without an answer.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Whatever may go wrong while a body is read.
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A response with any kind of body.
pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, BodyError>>;

/// The connection is to be dropped without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped without an answer")]
pub(crate) struct NoAnswer;

/// Answers requests.
pub(crate) trait Respond: Send + Sync + 'static {
    /// Answers one request, or has its connection dropped.
    fn respond(self: Arc<Self>, request: Request<Incoming>) -> BoxFuture<'static, Result<Answer, NoAnswer>>;
}

/// A taken port of 127.0.0.1 on which nobody answers yet.
#[derive(Debug)]
pub(crate) struct Port {
    listener: TcpListener,
    address: SocketAddr,
}

impl Port {
    /// Takes a port; 0 takes a free one.
    pub(crate) async fn take(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to answer.
    pub(crate) fn serve(self, responder: Arc<dyn Respond>) -> Server {
        Server {
            address: self.address,
            accepting: tokio::spawn(accept(self.listener, responder)),
        }
    }
}

/// A server that runs until it is dropped; its connections end with it.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, responder: Arc<dyn Respond>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that failed while it was accepted is its client's trouble.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, Arc::clone(&responder)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, responder: Arc<dyn Respond>) {
    // Without it every small answer waits for a delayed ACK, some 40 ms; a failure costs only that.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| Arc::clone(&responder).respond(request));
    // It ends with an error when the client hangs up or an answer is withheld: both are meant.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// A whole body.
pub(crate) fn full(bytes: impl Into<Bytes>) -> UnsyncBoxBody<Bytes, BodyError> {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// An answer with a status and a whole body.
pub(crate) fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(full(body));
    *answer.status_mut() = status;
    let content_type = hyper::header::HeaderValue::from_static(content_type);
    answer
        .headers_mut()
        .insert(hyper::header::CONTENT_TYPE, content_type);
    answer
}
