//! The whole product in one process: the real state machine file, the real function libraries, the fake world,
//! virtual time, and the rule that tells of failures.

mod definition;
mod event;
mod functions;
mod schedule;

pub use definition::fill_in;
pub use event::{EventForm, status_change};
pub use functions::{Functions, Interference, Meddle};
pub use schedule::{Fired, START_MAX_AGE, START_RETRIES};

use crate::asl::{
    Clock, Environment, Execution, HistoryEvent, NotRedrivable, Run, StartExecution, StateMachine, StateType,
    Status,
};
use crate::ports::{Disturb, Ports, ReadExecution};
use crate::trace::{By, Caller, Ending, Trace, What};
use crate::world::s3::Versioning;
use crate::world::{ACCOUNT, Config, World};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The state machine file as it is deployed.
pub const BACKUP: &str = include_str!("../../../../statemachine/backup.asl.json");
/// The deployment's name.
pub const DEPLOYMENT: &str = "main";
/// The backup bucket.
pub const BUCKET: &str = "snapkeep-backups-000000000000";

/// The definition with its placeholders filled in for one account and Region.
///
/// # Panics
///
/// Where the file has a placeholder that no deployment fills.
pub fn deployed(definition: &str, region: &str, account: &str) -> String {
    let arn = |function: &str| format!("arn:aws:lambda:{region}:{account}:function:{function}");
    #[expect(
        clippy::expect_used,
        reason = "a stage without its state machine can show nothing"
    )]
    fill_in(definition, arn).expect("every placeholder is known")
}

/// The states of [`BACKUP`] that call a function, those inside Maps included, as the file has them: what sweeps go over.
///
/// # Panics
///
/// Where the state machine file is refused; a test of its own says why.
pub fn task_states() -> Vec<String> {
    #[expect(clippy::expect_used, reason = "a sweep without its states can show nothing")]
    let machine = StateMachine::parse(&deployed(BACKUP, "eu-west-1", ACCOUNT)).expect("the file is accepted");
    let tasks = machine
        .states()
        .into_iter()
        .filter(|state| state.state_type == StateType::Task);
    tasks.map(|state| state.name).collect()
}

/// The executions of a stage by ARN.
#[derive(Default)]
struct Executions(Mutex<BTreeMap<String, Arc<Run>>>);

impl Executions {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Run>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadExecution for Executions {
    fn execution(&self, arn: &str) -> Option<Arc<Execution>> {
        self.lock().get(arn).map(|run| Arc::new(run.snapshot()))
    }
}

/// One deployment with its world and its clock.
#[derive(Clone)]
pub struct Stage {
    /// The functions' ports; the world is behind them.
    pub ports: Ports,
    /// The functions, and what meddles with their calls.
    pub functions: Arc<Functions>,
    /// What the events about executions tell; [`EventForm::Encrypted`] unless changed.
    pub event_form: EventForm,
    /// What jitter is drawn from.
    pub seed: u64,
    executions: Arc<Executions>,
    /// The queue of what was not delivered.
    queue: Arc<Mutex<Vec<String>>>,
    definition: String,
}

/// How long Lambda waits before it calls an asynchronous function again (developer guide, "How Lambda handles errors
/// and retries with asynchronous invocation"): two retries, as deployed.
const ASYNC_RETRIES: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

impl Stage {
    /// An empty world with a bucket that lets `ElastiCache` write, and a topic.
    pub fn new(clock: Arc<dyn Clock>, seed: u64) -> Self {
        let mut world = World::new(Config::default(), seed);
        let topic_arn = world.put_topic("snapkeep-alerts");
        // A name of our own cannot be refused; if it were, every run would fail by name.
        let _ = world.put_bucket(BUCKET, Versioning::Enabled).map(|_| ());
        let _ = world.grant_export(BUCKET);
        Self::over(world, topic_arn, clock)
    }

    /// A stage over a world that has the bucket and the topic already.
    pub fn over(world: World, topic_arn: String, clock: Arc<dyn Clock>) -> Self {
        let (region, account) = (world.config.region.clone(), world.config.account.clone());
        let executions = Arc::new(Executions::default());
        let ports = Ports {
            world: Arc::new(Mutex::new(world)),
            clock,
            bucket: BUCKET.to_owned(),
            topic_arn,
            executions: Arc::clone(&executions) as Arc<dyn ReadExecution>,
            disturb: Arc::new(()),
            trace: Trace::default(),
            caller: Caller::default(),
            fate: Arc::default(),
        };
        let functions = Arc::new(Functions::new(ports.clone(), region.clone()));
        Self {
            ports,
            functions,
            event_form: EventForm::default(),
            seed: 7,
            executions,
            queue: Arc::default(),
            definition: deployed(BACKUP, &region, &account),
        }
    }

    /// Another deployment in the same account: own functions and executions, the same world and bucket.
    #[must_use]
    pub fn deployment(&self, name: &str) -> Self {
        let functions =
            Functions::new(self.ports.clone(), self.functions.region().to_owned()).deployed_as(name);
        Self {
            functions: Arc::new(functions),
            ..self.clone()
        }
    }

    /// The same stage with another state machine file; executions that were begun before keep theirs.
    #[must_use]
    pub fn redefined(&self, definition: &str) -> Self {
        let world = self.ports.world();
        let definition = deployed(definition, &world.config.region, &world.config.account);
        drop(world);
        Self {
            definition,
            ..self.clone()
        }
    }

    /// The same stage whose calls are disturbed from now on; executions that were begun before are not.
    #[must_use]
    pub fn disturbed(&self, disturb: Arc<dyn Disturb>) -> Self {
        let ports = Ports {
            disturb,
            ..self.ports.clone()
        };
        let functions = Functions::new(ports.clone(), self.functions.region().to_owned());
        Self {
            functions: Arc::new(functions),
            ports,
            ..self.clone()
        }
    }

    /// Changes the world as a person does, from outside of the product.
    pub fn person<R>(&self, change: impl FnOnce(&mut World, jiff::Timestamp) -> R) -> R {
        self.ports.settle();
        let now = self.ports.clock.now();
        let mut world = self.ports.world();
        let result = change(&mut world, now);
        self.ports.trace.look(&world, &By::Person, now);
        result
    }

    /// Starts an execution and runs it to its end, with the message that its end brings about.
    pub async fn start(&self, name: &str, input: Value) -> Arc<Run> {
        let run = self.begin(name, input);
        self.drive(&run).await;
        run
    }

    /// Starts an execution without running it.
    ///
    /// # Panics
    ///
    /// Where the state machine file is refused; a test of its own says why.
    pub fn begin(&self, name: &str, input: Value) -> Arc<Run> {
        let (region, account) = {
            let world = self.ports.world();
            (world.config.region.clone(), world.config.account.clone())
        };
        let params = StartExecution {
            state_machine_arn: format!("arn:aws:states:{region}:{account}:stateMachine:backup"),
            role_arn: None,
            name: name.to_owned(),
            input,
            definition: self.definition.clone(),
            seed: self.seed,
        };
        #[expect(
            clippy::expect_used,
            reason = "a stage without its state machine can show nothing"
        )]
        let run = Execution::start(params, self.ports.clock.now())
            .and_then(Run::new)
            .expect("the file is accepted");
        let run = Arc::new(run);
        let (arn, input) = run.with(|e| (e.execution_arn.clone(), e.input.clone()));
        self.executions.lock().insert(arn.clone(), Arc::clone(&run));
        self.tell(|| What::ExecutionStarted { arn, input });
        run
    }

    /// Goes on with a stored execution, which takes the place of the one that this stage has under its name.
    ///
    /// # Panics
    ///
    /// Where the definition that it was started with is refused.
    pub fn resume(&self, execution: Execution) -> Arc<Run> {
        let arn = execution.execution_arn.clone();
        #[expect(
            clippy::expect_used,
            reason = "it was accepted when the execution was started"
        )]
        let run = Arc::new(Run::new(execution).expect("the file is accepted"));
        self.executions.lock().insert(arn, Arc::clone(&run));
        run
    }

    /// Runs an execution to its end, then lets the rule on its status tell of it, as EventBridge does.
    pub async fn drive(&self, run: &Run) -> Status {
        let invoke = Arc::clone(&self.functions);
        let status = run
            .run(&Environment::new(Arc::clone(&self.ports.clock), invoke))
            .await;
        self.tell(|| run.with(ended));
        if matches!(status, Status::Failed | Status::TimedOut | Status::Aborted) {
            let execution = run.snapshot();
            let id = format!("{}-{}", execution.name, execution.redrive_count);
            let event = status_change(&execution, self.event_form, &id, self.ports.clock.now());
            self.deliver(&execution.execution_arn, event).await;
        }
        status
    }

    /// Delivers an event about an execution to `notify`: a failing target is tried twice more, then the event is laid
    /// into the queue of what was not delivered.
    pub async fn deliver(&self, execution_arn: &str, event: Value) -> bool {
        let caller = Caller {
            execution: Some(execution_arn.to_owned()),
            ..Caller::of("notify")
        };
        self.call_later(caller, event, execution_arn).await
    }

    /// Calls a function as an event or a schedule does, without waiting for an answer: one that fails is called twice
    /// more, then what it was called with is laid into the queue of what was not delivered.
    async fn call_later(&self, caller: Caller, payload: Value, about: &str) -> bool {
        let mut waits = ASYNC_RETRIES.into_iter();
        loop {
            if self.functions.call(caller.clone(), payload.clone()).await.is_ok() {
                return true;
            }
            let Some(wait) = waits.next() else {
                self.undelivered(about);
                return false;
            };
            self.ports.clock.sleep(wait).await;
        }
    }

    fn undelivered(&self, about: &str) {
        let about = about.to_owned();
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.push(about.clone());
        drop(queue);
        self.tell(|| What::Undelivered { about });
    }

    /// Takes what lies in the queue of what was not delivered: ARNs of executions that nobody was told of, names of
    /// executions that were never started, `watch`.
    pub fn take_undelivered(&self) -> Vec<String> {
        std::mem::take(&mut *self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets an ended execution with its history, as Step Functions does 90 days after its end; nothing can be asked
    /// about it any more. A season of a thousand caches would not fit into memory otherwise.
    pub fn forget(&self, run: &Run) {
        let arn = run.with(|execution| execution.execution_arn.clone());
        self.executions.lock().remove(&arn);
    }

    /// Re-drives an execution and runs it to its end.
    pub async fn redrive(&self, run: &Run) -> Result<Status, NotRedrivable> {
        run.redrive(self.ports.clock.now())?;
        let (arn, redrive_count) = run.with(|e| (e.execution_arn.clone(), e.redrive_count));
        self.tell(|| What::ExecutionRedriven { arn, redrive_count });
        Ok(self.drive(run).await)
    }

    /// Lets AWS finish what is due, then tells the trace what the executions did.
    fn tell(&self, what: impl FnOnce() -> What) {
        self.ports.settle();
        let now = self.ports.clock.now();
        self.ports.trace.tell(&By::StateMachine, now, what);
    }
}

fn ended(execution: &Execution) -> What {
    What::ExecutionEnded {
        arn: execution.execution_arn.clone(),
        ending: Ending {
            status: execution.status.to_string(),
            error: execution.error.clone(),
            cause: execution.cause.clone(),
            state: failed_state(execution),
            events: execution.history.len(),
            transitions: execution.transitions,
            redrive_count: execution.redrive_count,
        },
    }
}

/// The state in which the execution ended: the one whose failure ended it, by the chain of events that led to its end,
/// or the one that was entered last where it was stopped or its time was up.
fn failed_state(execution: &Execution) -> Option<String> {
    let entered = |event: &HistoryEvent| event.entered().map(str::to_owned);
    match execution.status {
        Status::Running | Status::Succeeded => None,
        Status::TimedOut | Status::Aborted => execution.history.iter().rev().find_map(entered),
        Status::Failed => {
            let mut at = execution.history.last();
            while let Some(event) = at {
                if let Some(name) = entered(event) {
                    return Some(name);
                }
                let previous = event.previous_event_id.checked_sub(1)?;
                at = execution.history.get(usize::try_from(previous).ok()?);
            }
            None
        }
    }
}
