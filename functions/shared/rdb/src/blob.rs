//! The content of small collections that are stored as one string.

pub(crate) mod entry;
pub(crate) mod intset;
pub(crate) mod listpack;
pub(crate) mod stream;
pub(crate) mod ziplist;
pub(crate) mod zipmap;
