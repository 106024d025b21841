//! The interpreter of Amazon States Language, feature by feature, on small machines in virtual time.

mod definition;
mod events;
mod map;
mod redrive;
mod retry;
mod states;
mod support;
