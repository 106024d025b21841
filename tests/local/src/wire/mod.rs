//! One loopback endpoint that speaks for every service.

pub(crate) mod loopback;

/// The only access key that is let in.
pub const ACCESS_KEY: &str = "test";

/// The secret that goes with it.
pub const SECRET_KEY: &str = "test";
