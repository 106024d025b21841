//! The way of an alert: what was asked, was it told, what is known, tell it, remember it.

use crate::asked::Asked;
use crate::described::{self, Told};
use crate::event::{Ending, StatusEvent};
use crate::links::Arn;
use crate::marker::{self, FORMAT_VERSION, Marker};
use crate::message::{self, Failure, LastGood};
use crate::{Output, Ports, Settings, text};
use backup_core::ports::{FailedState, ReadHistory};
use backup_core::{Error, ObjectKey, catalogue};
use tracing::warn;

/// Tells a failure once per failed attempt of an execution.
///
/// Only the publish itself can fail this: what cannot be looked up is said to be unknown in the message. A
/// marker that cannot be written after the publish is a warning in the log and `marked: false` in the output,
/// because failing would make Lambda repeat the event and with it the message.
pub(crate) async fn tell<P: Ports>(
    ports: &P,
    settings: &Settings,
    event: StatusEvent,
) -> Result<Output, Error> {
    let Some(ending) = Ending::of(&event.status) else {
        let status = text::name(&event.status);
        return Ok(Output::silent(format!("status `{status}` is no failure")));
    };
    let told = described::complete(ports, event).await;
    let event = &told.event;
    let asked = Asked::read(event.input.as_ref(), event.started_at, &settings.deployment);
    let run = asked.cache.as_ref().zip(asked.instant);
    let marker = event
        .redrive_count
        .map(|count| (marker::key(run, event.execution_name(), count), count));
    if let Some((key, count)) = &marker
        && let Some(key) = told_under(ports, event, key, *count).await
    {
        return Ok(Output::silent(format!(
            "`{key}` shows that this attempt was told"
        )));
    }
    let failure = gather(ports, settings, ending, told, asked).await;
    let message = message::failure(&failure).publish_params();
    ports.publish(&message).await?;
    let is_marked = match &marker {
        None => false,
        Some((key, count)) => remember(ports, key, *count, &failure).await,
    };
    Ok(Output::told(message.subject, Some(is_marked)))
}

/// The marker that shows that the attempt was told. It lies at `key` or, where an earlier delivery could not read the
/// execution's input, under the execution's name.
async fn told_under<P: Ports>(
    ports: &P,
    event: &StatusEvent,
    key: &ObjectKey,
    redrive_count: u32,
) -> Option<ObjectKey> {
    let unknown = marker::key(None, event.execution_name(), redrive_count);
    if is_told(ports, key, event).await {
        return Some(key.clone());
    }
    (unknown != *key && is_told(ports, &unknown, event).await).then_some(unknown)
}

async fn is_told<P: Ports>(ports: &P, key: &ObjectKey, event: &StatusEvent) -> bool {
    let told = marker::is_told(ports, key, &event.execution_arn).await;
    told.unwrap_or_else(|error| {
        warn!(%key, execution_arn = event.execution_arn, %error, "marker not readable, telling anyway");
        false
    })
}

async fn gather<P: Ports>(
    ports: &P,
    settings: &Settings,
    ending: Ending,
    told: Told,
    asked: Asked,
) -> Failure {
    let Told { event, unread, .. } = told;
    let history = if told.is_redriven_since {
        // What failed last in it is of the later attempt, or will be before it is read.
        FailedState::default()
    } else {
        failed_state(ports, &event.execution_arn).await
    };
    let (error, cause) = told_error(ending, &event, &history);
    let arn = Arn::parse(&event.execution_arn);
    let not_redrivable = event.not_redrivable();
    Failure {
        deployment: settings.deployment.clone(),
        bucket: settings.bucket.clone(),
        region: arn.map_or(settings.region.clone(), |arn| arn.region.to_owned()),
        account: arn.map(|arn| text::name(arn.account)),
        ending,
        state: history.state.as_deref().map(text::name),
        error,
        cause,
        last_good: last_good(ports, &asked, unread.is_some()).await,
        cache: asked.cache_text,
        cache_id: asked.cache.map(|cache| cache.id.to_string()),
        plan: asked.plan,
        owner: asked.owner,
        instant: asked.instant,
        execution_arn: event.execution_arn,
        state_machine_arn: event.state_machine_arn,
        input: event.input,
        unread,
        redrive_count: event.redrive_count,
        is_redriven_since: told.is_redriven_since,
        not_redrivable,
        started_at: event.started_at,
        stopped_at: event.stopped_at,
        now: event.time,
    }
}

async fn failed_state<P: ReadHistory>(ports: &P, execution_arn: &str) -> FailedState {
    ports.failed_state(execution_arn).await.unwrap_or_else(|error| {
        warn!(execution_arn, %error, "history not readable, telling without the state");
        FailedState::default()
    })
}

/// Error name and text from one source: of a failed execution the event's own, of one that was ended from
/// outside the last failed attempt that its history knows, which is more than `States.Timeout`.
fn told_error(
    ending: Ending,
    event: &StatusEvent,
    history: &FailedState,
) -> (Option<String>, Option<String>) {
    let from_event = (&event.error, &event.cause);
    let from_history = (&history.error, &history.cause);
    let (first, second) = match ending {
        Ending::Failed => (from_event, from_history),
        Ending::TimedOut | Ending::Aborted => (from_history, from_event),
    };
    let (error, cause) = if first.0.is_some() { first } else { second };
    let (error_type, cause) = cause.as_deref().map(text::lambda_cause).unzip();
    let error = error.clone().or(error_type.flatten());
    (error.as_deref().map(text::name), cause)
}

async fn last_good<P: Ports>(ports: &P, asked: &Asked, is_unread: bool) -> LastGood {
    let (Some(cache), Some(owner)) = (&asked.cache, &asked.owner) else {
        let why = if is_unread {
            "cache and plan stand in the execution's input"
        } else {
            "the execution's input does not tell cache and plan"
        };
        return LastGood::Unread(why.to_owned());
    };
    match catalogue::last_good(ports, cache, owner).await {
        Ok(None) => LastGood::None,
        Ok(Some(manifest)) => LastGood::of(&manifest),
        Err(error) => {
            warn!(%cache, %owner, %error, "catalogue not readable, telling without the last good backup");
            LastGood::Unread(text::name(&error.message))
        }
    }
}

async fn remember<P: Ports>(ports: &P, key: &ObjectKey, redrive_count: u32, failure: &Failure) -> bool {
    let marker = Marker {
        format_version: FORMAT_VERSION,
        owner: failure.owner.clone(),
        execution_arn: failure.execution_arn.clone(),
        redrive_count,
        status: failure.ending.as_str().to_owned(),
        error: failure.error.clone(),
        state: failure.state.clone(),
        time: failure.now,
    };
    let written = marker::write(ports, key, &marker).await;
    if let Err(error) = &written {
        warn!(%key, %error, "marker not written, a second delivery would be told again");
    }
    written.is_ok()
}
