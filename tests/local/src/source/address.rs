//! Where a server listens, and who is asking.

use crate::source::SourceError;
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, RedisConnectionInfo};
use std::fmt;

/// A server's address with what it takes to be let in. It shows itself without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    username: Option<String>,
    password: Option<String>,
}

impl Address {
    /// A server of this machine that lets everybody in.
    pub fn loopback(port: u16) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
            username: None,
            password: None,
        }
    }

    /// Reads `redis://[user:password@]host[:port]`, or `valkey://…`; the port is 6379 unless given.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let wrong = || SourceError::Address {
            text: without_password(text),
        };
        if text.starts_with("rediss://") || text.starts_with("valkeys://") {
            return Err(SourceError::Tls {
                address: without_password(text),
            });
        }
        if !["redis://", "valkey://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
        {
            return Err(wrong());
        }
        let info = text.into_connection_info().map_err(|_| wrong())?;
        let ConnectionAddr::Tcp(host, port) = info.addr() else {
            return Err(wrong());
        };
        let settings = info.redis_settings();
        Ok(Self {
            host: host.clone(),
            port: *port,
            username: settings.username().map(str::to_owned),
            password: settings.password().map(str::to_owned),
        })
    }

    /// Host name or IP address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `AUTH`'s arguments; none where there is no password.
    pub(crate) fn auth(&self) -> Option<Vec<&str>> {
        let password = self.password.as_deref()?;
        Some(self.username.as_deref().into_iter().chain([password]).collect())
    }

    /// For the client library. It tells the server no name of a library, which old servers would refuse.
    pub(crate) fn connection_info(&self) -> redis::RedisResult<ConnectionInfo> {
        let mut settings = RedisConnectionInfo::default().set_skip_set_lib_name();
        if let Some(username) = &self.username {
            settings = settings.set_username(username);
        }
        if let Some(password) = &self.password {
            settings = settings.set_password(password);
        }
        let info = ConnectionAddr::Tcp(self.host.clone(), self.port).into_connection_info()?;
        Ok(info.set_redis_settings(settings))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// The text with whatever stands between the scheme and the last `@` left out.
fn without_password(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let rest = rest
        .rsplit_once('@')
        .map_or_else(|| rest.to_owned(), |(_, host)| format!("…@{host}"));
    if scheme.is_empty() {
        rest
    } else {
        format!("{scheme}://{rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(&str, &str), &str>) {
        let parsed = Address::parse(text);
        let seen = parsed.as_ref().map(|address| {
            (
                address.to_string(),
                address
                    .auth()
                    .map_or_else(|| "-".to_owned(), |auth| auth.join(" ")),
            )
        });
        match (seen, expected) {
            (Ok((shown, auth)), Ok(expected)) => {
                assert_eq!((shown.as_str(), auth.as_str()), expected, "{text}");
            }
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{text}: {error}"),
            (seen, _) => panic!("{text}: {seen:?}"),
        }
    }

    #[test]
    fn addresses_are_read_or_refused_without_their_password() {
        check("redis://localhost:6380", Ok(("localhost:6380", "-")));
        check("redis://10.0.0.1", Ok(("10.0.0.1:6379", "-")));
        check("valkey://10.0.0.1:7000", Ok(("10.0.0.1:7000", "-")));
        check("redis://:secret@h:1", Ok(("h:1", "secret")));
        check("redis://me:se%20cret@h:1", Ok(("h:1", "me se cret")));
        check("localhost:6379", Err("`localhost:6379` is no address"));
        check(
            "me:secret@localhost:6379",
            Err("`…@localhost:6379` is no address"),
        );
        check("redis://", Err("is no address"));
        check("redis://h:port", Err("is no address"));
        check("http://h", Err("is no address"));
        check("rediss://me:secret@h:1", Err("`rediss://…@h:1` asks for TLS"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let address = Address::parse("redis://me:secret@h:1").unwrap();
        assert_eq!(format!("{address} {address:?}"), "h:1 Address(h:1)");
    }
}
