//! Verifies what was asked for, and prints what was found.

use crate::args::Args;
use crate::files::{self, Input, Named};
use crate::order::in_order;
use crate::outcome::{Found, Outcome, Totals};
use crate::problem::Problem;
use crate::progress::Progress;
use crate::report::{self, Look};
use crate::scan::{BUFFER, Scan};
use crate::{clock, json};
use console::Term;
use rdb::Options;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// Exit status of what did not come to an end.
const FAILED: u8 = 2;

/// Does what the arguments ask for; gives the exit status.
pub(crate) fn run(args: &Args) -> ExitCode {
    let progress = Progress::new(Term::stderr().features().is_attended());
    match all(args, &progress) {
        Ok(totals) => totals.exit_code(),
        // The reader went away, so nobody is left to be told; not all was said, so it is no success either.
        Err(Problem::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(FAILED),
        Err(problem) => {
            complain(&problem);
            ExitCode::from(FAILED)
        }
    }
}

fn all(args: &Args, progress: &Progress) -> Result<Totals, Problem> {
    let now = args.now.unwrap_or_else(clock::now);
    let options = Options::new(now.as_millisecond()).with_largest(args.largest);
    let scan = Scan {
        options: if args.show_keys {
            options.with_names()
        } else {
            options
        },
        progress: progress.clone(),
    };
    let began = clock::stopwatch();
    let inputs = files::expand(&args.paths);
    let expected = inputs.len();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let outcomes = in_order(inputs, args.jobs(cores, expected), move || verifier(scan.clone()));
    let printer = Printer {
        args,
        look: Look::of_stdout(now),
        progress,
    };
    let mut totals = Totals::default();
    for outcome in outcomes.map_err(Problem::Thread)? {
        totals.add(&outcome);
        printer.outcome(&outcome, expected)?;
    }
    printer.totals(&totals, began.elapsed())?;
    match expected - totals.inputs() {
        0 => Ok(totals),
        missing => Err(Problem::Missing { missing }),
    }
}

/// What one thread does with each input: it reads it into a buffer of its own.
fn verifier(scan: Scan) -> impl FnMut(Named) -> Outcome {
    let mut buffer = vec![0; BUFFER];
    move |(path, input): (String, Result<Input, Problem>)| match input {
        Ok(input) => scan.verify(path, &input, &mut buffer),
        Err(problem) => Outcome::unreadable(path, problem),
    }
}

/// Prints in the form that was asked for.
struct Printer<'a> {
    args: &'a Args,
    look: Look,
    progress: &'a Progress,
}

impl Printer<'_> {
    fn outcome(&self, outcome: &Outcome, of: usize) -> Result<(), Problem> {
        let text = if self.args.json {
            json::line(outcome)
        } else if self.args.quiet {
            report::line(outcome, &self.look)
        } else {
            report::full(outcome, of, &self.look)
        };
        self.progress.suspend(|| {
            if let Found::Unreadable(problem) = &outcome.found {
                complain(problem);
            }
            print(&text)
        })
    }

    fn totals(&self, totals: &Totals, took: Duration) -> Result<(), Problem> {
        if self.args.json || self.args.quiet || totals.inputs() < 2 {
            return Ok(());
        }
        print(&report::totals(totals, took, &self.look))
    }
}

fn print(text: &str) -> Result<(), Problem> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Problem::Write)
}

/// One line on standard error; where that is closed, the exit status has to do.
fn complain(problem: &Problem) {
    let _ = writeln!(io::stderr(), "error: {}", problem.line());
}
