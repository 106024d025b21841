//! What is swapped between the listing of an export and the look at its objects.

use super::GROUP;
use crate::asl::Status;
use crate::matrix::system::SystemCell;
use crate::matrix::system::deeds::{nothing, play, put, read, shard_key, source_is};
use jiff::SignedDuration;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) fn cells() -> [SystemCell; 2] {
    [swapped(), put_back()]
}

/// Garbage is put over the export between the listing and the look at the object itself: the next look finds it.
fn swapped() -> SystemCell {
    SystemCell::new(GROUP, "overwritten with garbage between listing and look", || {
        play("group", nothing, |act| async move {
            let (key, mut done) = (shard_key(&act, "0001"), false);
            let meddled = act.just_before("HeadObject", move |world, now| {
                if !done {
                    done = true;
                    put(world, &key, b"garbage", now);
                }
            });
            let run = meddled.spawn("run").ended().await;
            source_is(&act, Some("available"));
            run
        })
    })
}

/// The same, and the export is put back before it is looked at again: no piece of the garbage may be taken for it.
fn put_back() -> SystemCell {
    const NAME: &str = "overwritten with garbage between listing and look, then put back";
    SystemCell::new(GROUP, NAME, || {
        play("group", nothing, |act| async move {
            let (key, good) = (shard_key(&act, "0001"), Arc::new(Mutex::new(None)));
            let (at, kept) = (key.clone(), Arc::clone(&good));
            let meddled = act.just_before("HeadObject", move |world, now| {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.is_none() {
                    *kept = read(world, &at, None, now);
                    put(world, &at, b"garbage", now);
                }
            });
            let going = meddled.spawn("run");
            let is_over = || good.lock().is_ok_and(|good| good.is_some());
            while !is_over() && going.run.status() == Status::Running {
                act.pass(SignedDuration::from_millis(50)).await;
            }
            let body = good.lock().ok().and_then(|good| good.clone());
            let body = body.unwrap_or_default();
            act.stage.person(|world, now| put(world, &key, &body, now));
            going.ended().await
        })
    })
}
