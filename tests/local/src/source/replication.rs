//! The replication protocol from a replica's side, as far as the first full copy: no client library speaks it.
//!
//! After `SYNC` the server sends newlines while it prepares, then `$<length>` and that many bytes, or `$EOF:<mark>` and
//! bytes up to the 40-byte mark (replication.c, `readSyncBulkPayload`).

use crate::source::{Address, SourceError};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

/// Length of the mark behind `$EOF:` (replication.c, `CONFIG_RUN_ID_SIZE`).
const MARK: usize = 40;
/// The longest line that is read before it counts as another protocol.
const LINE_MAX: u64 = 1024;

/// How long and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands.
    pub connect: Duration,
    /// Without a single byte; a server that prepares its data sends a newline every second.
    pub silence: Duration,
    /// Largest file in bytes.
    pub bytes: u64,
}

impl Default for Limits {
    /// Five seconds, half a minute, 2 GiB.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(30),
            bytes: 2 << 30,
        }
    }
}

/// Writes the server's data, as of now, to `out` as an RDB file; gives its size in bytes.
///
/// `version` is the server's own, announced so that it writes its newest format: Valkey 9 writes RDB 80 to a replica
/// that says so, and RDB 11 to any other.
pub fn copy_rdb(
    address: &Address,
    version: Option<&str>,
    limits: Limits,
    out: &mut dyn Write,
) -> Result<u64, SourceError> {
    let stream = connect(address, limits)?;
    let mut replica = Replica {
        address,
        stream: BufReader::new(stream),
        limits,
        copied: 0,
    };
    replica.introduce(version)?;
    replica.send(&redis::cmd("SYNC").get_packed_command())?;
    match replica.announcement()? {
        Announced::Length(length) => replica.copy_length(length, out)?,
        Announced::Mark(mark) => replica.copy_to_mark(&mark, out)?,
    }
    Ok(replica.copied)
}

fn connect(address: &Address, limits: Limits) -> Result<TcpStream, SourceError> {
    let failed = |source| SourceError::Connect {
        address: address.clone(),
        source,
    };
    let resolved = (address.host(), address.port())
        .to_socket_addrs()
        .map_err(failed)?;
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for socket in resolved {
        match TcpStream::connect_timeout(&socket, limits.connect) {
            Ok(stream) => {
                stream.set_read_timeout(Some(limits.silence)).map_err(failed)?;
                stream.set_write_timeout(Some(limits.connect)).map_err(failed)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(failed(last))
}

/// What the server says is coming.
enum Announced {
    Length(u64),
    Mark([u8; MARK]),
}

struct Replica<'a> {
    address: &'a Address,
    stream: BufReader<TcpStream>,
    limits: Limits,
    copied: u64,
}

impl Replica<'_> {
    /// Who we are and what we understand. A server that does not know an option says so and goes on without it.
    fn introduce(&mut self, version: Option<&str>) -> Result<(), SourceError> {
        if let Some(arguments) = self.address.auth() {
            let answer = self.ask("AUTH", &arguments)?;
            if !answer.starts_with('+') {
                return Err(SourceError::Authentication {
                    address: self.address.clone(),
                    answer,
                });
            }
        }
        self.ask("REPLCONF", &["capa", "eof"])?;
        self.ask("REPLCONF", &["rdb-only", "1"])?;
        if let Some(version) = version {
            self.ask("REPLCONF", &["version", version])?;
        }
        Ok(())
    }

    fn ask(&mut self, command: &'static str, arguments: &[&str]) -> Result<String, SourceError> {
        self.send(&redis::cmd(command).arg(arguments).get_packed_command())?;
        let answer = self.line()?;
        if answer.starts_with("-NOAUTH") || answer.starts_with("-WRONGPASS") {
            return Err(SourceError::Authentication {
                address: self.address.clone(),
                answer,
            });
        }
        if answer.starts_with("-NOPERM") {
            return Err(SourceError::Refused {
                address: self.address.clone(),
                command,
                answer,
            });
        }
        if !answer.starts_with(['+', '-']) {
            return Err(SourceError::Protocol {
                address: self.address.clone(),
                answer,
            });
        }
        Ok(answer)
    }

    fn send(&mut self, packed: &[u8]) -> Result<(), SourceError> {
        let sent = self.stream.get_mut().write_all(packed);
        sent.map_err(|source| self.broken_off(source))
    }

    fn announcement(&mut self) -> Result<Announced, SourceError> {
        let line = loop {
            let line = self.line()?;
            if !line.is_empty() {
                break line;
            }
        };
        if line.starts_with('-') {
            return Err(SourceError::Refused {
                address: self.address.clone(),
                command: "SYNC",
                answer: line,
            });
        }
        let announced = line
            .strip_prefix('$')
            .and_then(|form| match form.strip_prefix("EOF:") {
                Some(mark) => mark.as_bytes().try_into().ok().map(Announced::Mark),
                None => form.parse().ok().map(Announced::Length),
            });
        announced.ok_or_else(|| SourceError::Protocol {
            address: self.address.clone(),
            answer: line,
        })
    }

    /// The next line without its end.
    fn line(&mut self) -> Result<String, SourceError> {
        let mut line = Vec::new();
        let read = self.stream.by_ref().take(LINE_MAX).read_until(b'\n', &mut line);
        read.map_err(|source| self.broken_off(source))?;
        if line.is_empty() {
            return Err(self.broken_off(io::ErrorKind::UnexpectedEof.into()));
        }
        if line.last() != Some(&b'\n') {
            let answer = String::from_utf8_lossy(&line).chars().take(40).collect();
            return Err(SourceError::Protocol {
                address: self.address.clone(),
                answer,
            });
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    fn copy_length(&mut self, length: u64, out: &mut dyn Write) -> Result<(), SourceError> {
        self.check_size(length)?;
        while self.copied < length {
            let left = usize::try_from(length - self.copied).unwrap_or(usize::MAX);
            let taken = {
                let chunk = self.stream.fill_buf();
                let chunk = chunk.map_err(|source| broken_off(self.address, self.copied, source))?;
                let chunk = &chunk[..chunk.len().min(left)];
                out.write_all(chunk).map_err(SourceError::Store)?;
                chunk.len()
            };
            self.took(taken)?;
        }
        Ok(())
    }

    /// Holds back as many bytes as the mark has, because only what follows tells whether they are the mark.
    fn copy_to_mark(&mut self, mark: &[u8; MARK], out: &mut dyn Write) -> Result<(), SourceError> {
        let mut held = Vec::with_capacity(MARK * 2);
        while held != mark {
            let taken = {
                let chunk = self.stream.fill_buf();
                let chunk = chunk.map_err(|source| broken_off(self.address, self.copied, source))?;
                held.extend_from_slice(chunk);
                chunk.len()
            };
            let done = held.len().saturating_sub(MARK);
            out.write_all(&held[..done]).map_err(SourceError::Store)?;
            held.drain(..done);
            self.took(taken)?;
            self.check_size(self.copied)?;
        }
        self.copied -= MARK as u64;
        Ok(())
    }

    fn took(&mut self, taken: usize) -> Result<(), SourceError> {
        if taken == 0 {
            return Err(self.broken_off(io::ErrorKind::UnexpectedEof.into()));
        }
        self.stream.consume(taken);
        self.copied += taken as u64;
        Ok(())
    }

    fn check_size(&self, bytes: u64) -> Result<(), SourceError> {
        if bytes <= self.limits.bytes {
            return Ok(());
        }
        Err(SourceError::TooLarge {
            address: self.address.clone(),
            limit: self.limits.bytes,
        })
    }

    fn broken_off(&self, source: io::Error) -> SourceError {
        broken_off(self.address, self.copied, source)
    }
}

fn broken_off(address: &Address, bytes: u64, source: io::Error) -> SourceError {
    SourceError::BrokenOff {
        address: address.clone(),
        bytes,
        source,
    }
}

#[cfg(test)]
mod tests;
