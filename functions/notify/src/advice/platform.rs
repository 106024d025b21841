//! The rows of the names that Step Functions and Lambda give (developer guide, *Handling errors in Step
//! Functions workflows*).

use super::Advice;
use backup_core::Mend;

/// Names of Step Functions and Lambda; a star stands for the rest of a family, after the exact ones.
pub const PLATFORM: &[(&str, Advice)] = &[
    (
        "States.Timeout",
        Advice {
            meaning: "a state took longer than it may, on every attempt",
            first: "Look at the function's log in CloudWatch: did it wait for AWS, or was it never \
                    started? A concurrency limit of 0 looks like this too.",
            mend: Mend::Redrive,
        },
    ),
    (
        "States.DataLimitExceeded",
        Advice {
            meaning: "the data between two states grew over 256 KiB",
            first: "This is a fault of snapkeep for a cache of so many shards. Report it with the \
                    execution's ARN; a re-drive would grow the same data.",
            mend: Mend::NewRun,
        },
    ),
    (
        "States.Runtime",
        Advice {
            meaning: "the state machine could not go on with the data it had",
            first: "Read the cause below. A history that is full is no fault: the run waited and was re-driven \
                    until nothing more fits. All else is a fault of the state machine, or a function answered \
                    in a new form: roll back the last deployment, or report it with the execution's ARN.",
            mend: Mend::NewRun,
        },
    ),
    (
        "States.QueryEvaluationError",
        Advice {
            meaning: "an expression in the state machine failed on the data it had",
            first: "This is a fault of the state machine, or a function answered in a new form. Roll back \
                    the last deployment, or report it with the execution's ARN.",
            mend: Mend::NewRun,
        },
    ),
    (
        "States.Permissions",
        Advice {
            meaning: "the state machine may not call what the state calls",
            first: "Allow the state machine's role lambda:InvokeFunction on the function that the cause \
                    names.",
            mend: Mend::Redrive,
        },
    ),
    (
        "States.*",
        Advice {
            meaning: "Step Functions ended the state by itself",
            first: "Read the cause below and the failed state in the console.",
            mend: Mend::Redrive,
        },
    ),
    (
        "Lambda.TooManyRequestsException",
        Advice {
            meaning: "Lambda had no room to run the function for about 20 minutes",
            first: "See what uses up the account's concurrency in {region}, or reserve some for this \
                    function.",
            mend: Mend::Wait,
        },
    ),
    (
        "Lambda.Unknown",
        Advice {
            meaning: "the function ended without an answer",
            first: "Look at the function's log in CloudWatch: out of memory is the usual reason, and the \
                    last line shows it. Give it more.",
            mend: Mend::Redrive,
        },
    ),
    (
        "Lambda.*",
        Advice {
            meaning: "Lambda could not run the function, after several attempts",
            first: "Look at the AWS Health Dashboard for Lambda in {region}, and whether the function that \
                    the cause names still exists.",
            mend: Mend::Wait,
        },
    ),
    (
        "Sandbox.Timedout",
        Advice {
            meaning: "the function ran into its own time limit, on every attempt",
            first: "Look at the function's log in CloudWatch for what it waited for; a slow answer of AWS \
                    passes, a missing network route does not.",
            mend: Mend::Redrive,
        },
    ),
    (
        "Runtime.ExitError",
        Advice {
            meaning: "the function's process ended in the middle",
            first: "Look at the function's log in CloudWatch: out of memory is the usual reason, and the \
                    last line shows it. Give it more.",
            mend: Mend::Redrive,
        },
    ),
    (
        "Runtime.*",
        Advice {
            meaning: "Lambda could not start the function",
            first: "Look at the function's log in CloudWatch: a package for another architecture or \
                    without `bootstrap` looks like this. Deploy again.",
            mend: Mend::Redrive,
        },
    ),
];
