//! The content of small collections that are stored as one string.

#[expect(dead_code, reason = "the walkers that hand out entries come with the next commit")]
pub(crate) mod entry;
pub(crate) mod intset;
pub(crate) mod listpack;
pub(crate) mod stream;
pub(crate) mod ziplist;
pub(crate) mod zipmap;
