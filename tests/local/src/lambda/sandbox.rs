//! One process of a function: it is started, asks for work over the Runtime API, answers, and is used again.

use crate::lambda::failure::Failure;
use crate::lambda::processes::Leash;
use crate::wire::loopback::Server;
use bytes::Bytes;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Child;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, sleep_until};

/// How long a process may take from its start to its first call of `next` (Lambda's init phase).
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// Work for a process.
#[derive(Debug)]
pub(crate) struct Job {
    /// `Lambda-Runtime-Aws-Request-Id`.
    pub(crate) request_id: String,
    /// The event, as JSON.
    pub(crate) payload: Bytes,
    /// `Lambda-Runtime-Invoked-Function-Arn`.
    pub(crate) arn: String,
    /// The function's time limit; the deadline counts from the hand-over.
    pub(crate) timeout: Duration,
}

/// What a process said over the Runtime API.
#[derive(Debug)]
pub(crate) enum Report {
    /// It asks for work.
    Ready,
    /// Its start failed.
    InitError(Bytes),
    /// A result.
    Response(String, Bytes),
    /// A function error.
    Error(String, Bytes),
}

/// The process's side of a sandbox, as the Runtime API sees it.
#[derive(Debug)]
pub(crate) struct Desk {
    jobs: Mutex<mpsc::Receiver<Job>>,
    reports: mpsc::UnboundedSender<Report>,
}

impl Desk {
    /// Tells the host something; nobody listens once the sandbox is being torn down.
    pub(crate) fn report(&self, report: Report) {
        let _ = self.reports.send(report);
    }

    /// Waits for work; `None` once the sandbox is gone.
    pub(crate) async fn next(&self) -> Option<Job> {
        let mut jobs = self.jobs.lock().await;
        self.report(Report::Ready);
        jobs.recv().await
    }
}

/// How an invocation shall be interfered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Not at all.
    Spared,
    /// The process is killed this long after it took the work.
    KilledAfter(Duration),
}

/// The host's side: the process and the channels to it. Dropping it kills the process.
#[derive(Debug)]
pub(crate) struct Sandbox {
    child: Child,
    jobs: mpsc::Sender<Job>,
    reports: mpsc::UnboundedReceiver<Report>,
    leash: Arc<Leash>,
    /// The process's Runtime API.
    _runtime_api: Server,
}

/// Both ends of the channels between a process and the host.
pub(crate) struct Link {
    desk: Arc<Desk>,
    jobs: mpsc::Sender<Job>,
    reports: mpsc::UnboundedReceiver<Report>,
}

impl Link {
    /// A new pair of channels.
    pub(crate) fn new() -> Self {
        let (jobs, job_queue) = mpsc::channel(1);
        let (report_queue, reports) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            jobs: Mutex::new(job_queue),
            reports: report_queue,
        });
        Self { desk, jobs, reports }
    }

    /// The process's end.
    pub(crate) fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk)
    }

    /// The host's end, with the process.
    pub(crate) fn sandbox(self, child: Child, runtime_api: Server, leash: Arc<Leash>) -> Sandbox {
        Sandbox {
            child,
            jobs: self.jobs,
            reports: self.reports,
            leash,
            _runtime_api: runtime_api,
        }
    }
}

/// What came first.
enum Heard {
    Said(Report),
    Exited(Option<ExitStatus>),
    TimeUp,
}

impl Sandbox {
    /// Whether the process is still there to be used again.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Whether the process is to get no further work.
    pub(crate) fn is_retired(&self) -> bool {
        self.leash.is_retired()
    }

    /// The process's id, unless it has ended.
    pub(crate) fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the process asks for work, then has it do the job.
    pub(crate) async fn run(&mut self, job: Job, fate: Fate) -> Result<Bytes, Failure> {
        let request_id = job.request_id.clone();
        let timeout = job.timeout;
        self.ready(&request_id).await?;
        let start = Instant::now();
        // It can only fail once the desk is gone, which the loop below hears of as an exit.
        let _ = self.jobs.send(job).await;
        let until = match fate {
            Fate::Spared => start + timeout,
            Fate::KilledAfter(delay) => start + delay.min(timeout),
        };
        loop {
            match self.hear(until).await {
                Heard::Said(Report::Response(id, body)) if id == request_id => return Ok(body),
                Heard::Said(Report::Error(id, body)) if id == request_id => {
                    return Err(Failure::Reported(body));
                }
                Heard::Said(_) => {}
                Heard::Exited(status) => return Err(Failure::Exited { request_id, status }),
                Heard::TimeUp => return Err(self.end(request_id, timeout, fate).await),
            }
        }
    }

    async fn ready(&mut self, request_id: &str) -> Result<(), Failure> {
        let until = Instant::now() + INIT_LIMIT;
        loop {
            match self.hear(until).await {
                Heard::Said(Report::Ready) => return Ok(()),
                Heard::Said(Report::InitError(body)) => return Err(Failure::Reported(body)),
                Heard::Said(_) => {}
                Heard::Exited(status) => {
                    return Err(Failure::Exited {
                        request_id: request_id.to_owned(),
                        status,
                    });
                }
                Heard::TimeUp => return Err(Failure::InitTimedOut { after: INIT_LIMIT }),
            }
        }
    }

    async fn hear(&mut self, until: Instant) -> Heard {
        tokio::select! {
            // What a process said before it ended counts.
            biased;
            Some(report) = self.reports.recv() => Heard::Said(report),
            status = self.child.wait() => Heard::Exited(status.ok()),
            () = self.leash.killed() => {
                // An error means that it has ended by itself, which is as good.
                let _ = self.child.kill().await;
                Heard::Exited(self.child.wait().await.ok())
            }
            () = sleep_until(until) => Heard::TimeUp,
        }
    }

    /// Kills the process, for its own lateness or because a test wants it to die.
    async fn end(&mut self, request_id: String, timeout: Duration, fate: Fate) -> Failure {
        // An error means that it has ended by itself, which is as good.
        let _ = self.child.kill().await;
        match fate {
            Fate::Spared => Failure::TimedOut {
                request_id,
                after: timeout,
            },
            Fate::KilledAfter(_) => Failure::Exited {
                request_id,
                status: self.child.wait().await.ok(),
            },
        }
    }
}
