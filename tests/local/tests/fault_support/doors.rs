//! Endpoints that are there and are of no use: a function is shown one in place of AWS.

use super::calls::{COPY, LIST, READ, STATUS};
use super::{ALWAYS, Cell, End, Fault};
use std::io;
use std::net::Ipv4Addr;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// What a client meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Nothing listens.
    Refuses,
    /// The connection is accepted and reset.
    Resets,
    /// The other side speaks no TLS.
    Plain,
    /// The other side has a certificate that nobody vouches for.
    Untrusted,
}

/// Connections that wait to be accepted.
const BACKLOG: u32 = 16;

/// A door that is there until this is dropped.
pub(crate) struct Opened {
    /// For `AWS_ENDPOINT_URL`.
    pub(crate) url: String,
    kept: Kept,
}

/// What keeps the port.
enum Kept {
    /// A socket that is bound and does not listen, so that nobody else gets its port.
    Bound {
        _socket: TcpSocket,
    },
    Accepting(JoinHandle<()>),
}

impl Drop for Opened {
    fn drop(&mut self) {
        if let Kept::Accepting(accepting) = &self.kept {
            accepting.abort();
        }
    }
}

impl Door {
    /// Opens it on a free port.
    pub(crate) fn open(self) -> io::Result<Opened> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = socket.local_addr()?;
        let (scheme, kept) = match self {
            Self::Refuses => ("http", Kept::Bound { _socket: socket }),
            Self::Resets => ("http", self.accepting(socket.listen(BACKLOG)?)),
            Self::Plain => ("https", self.accepting(socket.listen(BACKLOG)?)),
            Self::Untrusted => {
                let shaking = shake_hands(socket.listen(BACKLOG)?, certificate()?);
                ("https", Kept::Accepting(tokio::spawn(shaking)))
            }
        };
        Ok(Opened {
            url: format!("{scheme}://{address}"),
            kept,
        })
    }

    fn accepting(self, listener: TcpListener) -> Kept {
        Kept::Accepting(tokio::spawn(accept(listener, self)))
    }

    async fn meet(self, mut stream: TcpStream) -> io::Result<()> {
        if self == Self::Resets {
            // A connection that lingers for no time is reset when it is dropped.
            return stream.set_zero_linger();
        }
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            .await
    }
}

async fn accept(listener: TcpListener, door: Door) {
    while let Ok((stream, _)) = listener.accept().await {
        // The client may be gone, which is what this is about.
        let _ = door.meet(stream).await;
    }
}

/// A server's configuration with a certificate of its own making.
fn certificate() -> io::Result<tokio_rustls::TlsAcceptor> {
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).map_err(io::Error::other)?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(io::Error::other)?;
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .map_err(io::Error::other)?;
    Ok(tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config)))
}

async fn shake_hands(listener: TcpListener, acceptor: tokio_rustls::TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        // The client refuses the certificate, which is what this is about.
        let _ = acceptor.accept(stream).await;
    }
}

const DOORS: [(Door, &str); 4] = [
    (Door::Refuses, "connection refused"),
    (Door::Resets, "connection reset"),
    (Door::Plain, "no TLS on the other side"),
    (Door::Untrusted, "a certificate that nobody vouches for"),
];

/// All doors: before a read and a mutation of `ElastiCache`, and before S3.
pub(crate) fn cells() -> Vec<Cell> {
    let cell = |call, (door, what): (Door, &str)| Cell {
        call,
        what: what.to_owned(),
        fault: Fault::Door(door),
        times: ALWAYS,
        limit: None,
        end: End::Fails("Backup.ServiceUnavailable"),
        told: 1,
        why: "what cannot be reached may be back after the next attempt, and was not",
    };
    let of_copy = DOORS.map(|door| cell(COPY, door));
    let others = [
        cell(STATUS, DOORS[0]),
        cell(READ, DOORS[1]),
        cell(LIST, DOORS[2]),
        cell(READ, DOORS[3]),
    ];
    of_copy.into_iter().chain(others).collect()
}
