//! Logs: one JSON object a line, to standard output, which Lambda takes to CloudWatch.

use crate::Env;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The crates whose lines follow the level that is asked for, by the start of their module paths.
const OURS: [&str; 12] = [
    "backup_aws",
    "backup_core",
    "backup_lambda",
    "check_status",
    "copy_to_s3",
    "create_snapshot",
    "notify",
    "prune",
    "rdb",
    "record_backup",
    "verify_object",
    "watch",
];

/// Starts logging at the level of `AWS_LAMBDA_LOG_LEVEL`, Lambda's own variable for it.
pub(crate) fn init(env: &Env) {
    let level = level(env.optional("AWS_LAMBDA_LOG_LEVEL").as_deref());
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_target(false);
    // A second call in one process, as in tests, keeps the first one's choice.
    let _ = tracing_subscriber::registry()
        .with(targets(level))
        .with(lines)
        .try_init();
}

/// Only our own crates may say more than warnings: the SDK and the runtime log whole bodies below that.
fn targets(level: LevelFilter) -> Targets {
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(OURS.map(|name| (name, level)))
        // The span with the request id.
        .with_target("lambda_runtime::layers::trace", level.min(LevelFilter::INFO))
        // Repeats each failure without its fields; panics abort and never come by here.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
}

/// Lambda's words for levels; `FATAL` lies above what this code tells apart.
fn level(word: Option<&str>) -> LevelFilter {
    match word.map(str::to_ascii_uppercase).as_deref() {
        Some("TRACE") => LevelFilter::TRACE,
        Some("DEBUG") => LevelFilter::DEBUG,
        Some("WARN") => LevelFilter::WARN,
        Some("ERROR" | "FATAL") => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn levels_are_lambdas_words() {
        for (word, want) in [
            (None, LevelFilter::INFO),
            (Some("debug"), LevelFilter::DEBUG),
            (Some("TRACE"), LevelFilter::TRACE),
            (Some("WARN"), LevelFilter::WARN),
            (Some("FATAL"), LevelFilter::ERROR),
            (Some("loud"), LevelFilter::INFO),
        ] {
            assert_eq!(level(word), want, "{word:?}");
        }
    }

    #[test]
    fn only_our_crates_say_more_than_warnings() {
        let targets = targets(LevelFilter::TRACE);
        let (client, runtime) = ("aws_smithy_runtime::client", "lambda_runtime::layers");
        let (answers, trace) = (format!("{runtime}::api_response"), format!("{runtime}::trace"));
        for (target, level, want, why) in [
            ("prune::plan", Level::TRACE, true, "ours"),
            (client, Level::DEBUG, false, "bodies and credentials"),
            (client, Level::WARN, true, "a warning is news"),
            ("hyper::client", Level::INFO, false, "not ours"),
            (&answers, Level::TRACE, false, "whole events"),
            (&trace, Level::INFO, true, "the request id"),
        ] {
            assert_eq!(
                targets.would_enable(target, &level),
                want,
                "{target} {level}: {why}"
            );
        }
    }
}
