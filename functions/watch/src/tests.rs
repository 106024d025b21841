//! `watch` over a bucket in memory.

mod looks;
mod markers;
mod refusals;
mod repeated;
mod world;
