//! The embedded AWS as one thing that can be opened, driven and asked.
//!
//! ```text
//! Engine::open(EngineConfig) ─> endpoint() for any AWS client
//!        ├─ start / redrive / stop / wait / quiet / subscribe      executions of the real state machine
//!        ├─ world()                                                caches, grants, faults, contents
//!        └─ messages() / calls() / activity() / fingerprints()     what came of it
//! ```

mod clock;
mod config;
mod definition;
mod driver;
mod error;
mod executions;
mod notice;
mod rule;

pub use clock::PacedClock;
pub(crate) use clock::wall_clock;
pub use config::{BUCKET_PREFIX, EngineConfig};
pub use definition::{Fingerprint, StateMachineError};
pub use error::StatesError;
pub use executions::{Executions, INTERRUPTED, Started};
pub use notice::Notice;

use crate::home::{Home, HomeError, SharedWorld};
use crate::lambda::{Host, HostError, Tamper};
use crate::wire::loopback::Port;
use crate::wire::{Call, Disturbances, Endpoint, Recorder, RecordingError, Services};
use jiff::Timestamp;
use serde_json::Value;
use sim::asl::{Execution, Invoke, Status, Why};
use sim::world::s3::Versioning;
use sim::world::sns::StoredMessage;
use sim::world::{AwsError, World};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

/// Why the engine cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The state folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The state machine file.
    #[error(transparent)]
    StateMachine(#[from] StateMachineError),
    /// The functions' host.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The endpoint's port is taken.
    #[error("port {port} of 127.0.0.1 cannot be used; name another one")]
    Port {
        /// The port.
        port: u16,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A bucket name that a real bucket could have.
    #[error("bucket `{0}` could exist on AWS; its name must begin with `{BUCKET_PREFIX}`")]
    RealBucket(String),
    /// The bucket cannot be made.
    #[error("the bucket cannot be made")]
    Bucket(#[source] AwsError),
}

/// An open embedded AWS. Dropping it closes the endpoint, ends the functions' processes and frees the folder.
pub struct Engine {
    config: EngineConfig,
    endpoint: Endpoint,
    executions: Arc<Executions>,
    world: Arc<SharedWorld>,
    host: Arc<Host>,
    tamper: Arc<Tamper>,
    home: Arc<Home>,
    recorder: Arc<Recorder>,
    disturbances: Arc<Disturbances>,
}

impl Engine {
    /// Opens a state folder and starts to answer.
    pub async fn open(config: EngineConfig) -> Result<Self, EngineError> {
        if !config.bucket.starts_with(BUCKET_PREFIX) {
            return Err(EngineError::RealBucket(config.bucket));
        }
        let home = Arc::new(Home::open(&config.home)?);
        let stored = home.load_executions()?;
        let clock = Arc::new(PacedClock::new(epoch(&home, &stored), config.speed));
        let world = match home.load_world()? {
            Some(world) => world,
            None => new_world(&config, &home).map_err(EngineError::Bucket)?,
        };
        let shared = SharedWorld::new(world, Arc::clone(&clock), Arc::clone(&home), config.topic_arn());
        let world = Arc::new(shared);
        let port = Port::take(config.port)
            .await
            .map_err(|source| EngineError::Port {
                port: config.port,
                source,
            })?;
        let host = Arc::new(Host::new(config.host(&home, &port))?);
        let tamper = Arc::new(Tamper::new(Arc::clone(&host)));
        let definition = definition::load(&config.state_machine, |function| host.arn(function))?;
        let parts = executions::Parts {
            state_machine_arn: config.state_machine_arn(),
            definition,
            clock,
            invoke: Arc::<Tamper>::clone(&tamper) as Arc<dyn Invoke>,
            home: Arc::clone(&home),
            rule_target: rule::Target {
                function_arn: host.arn(rule::TARGET),
                form: config.event_form,
            },
            seed: config.seed,
        };
        let executions = Executions::open(parts, stored)?;
        let recorder = Arc::new(Recorder::new(home.calls()));
        let disturbances = Arc::new(Disturbances::new(host.processes()));
        let services = Services::new(
            Arc::clone(&world),
            Arc::clone(&executions),
            config.place(),
            Arc::clone(&recorder),
            Arc::clone(&disturbances),
        );
        let endpoint = Endpoint::start(port, services);
        Ok(Self {
            config,
            endpoint,
            executions,
            world,
            host,
            tamper,
            home,
            recorder,
            disturbances,
        })
    }

    /// Closes it and waits until the folder can be opened again. Dropping it closes it too, but a little later.
    pub async fn close(self) {
        let home = Arc::downgrade(&self.home);
        drop(self);
        // Tasks are dropped by the runtime at its next turn, and the folder's lock with the last of them.
        for _ in 0..1000 {
            if home.strong_count() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// URL of the endpoint, for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        self.endpoint.url()
    }

    /// What it was opened with.
    pub fn config(&self) -> &EngineConfig {
        &self.config
    }

    /// The state folder.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Present virtual time.
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Caches, grants, faults and contents. Contents are not saved: attach them after each opening.
    pub fn world(&self) -> &SharedWorld {
        &self.world
    }

    /// The executions, with everything that can be done to them.
    pub fn executions(&self) -> &Arc<Executions> {
        &self.executions
    }

    /// Starts an execution; without a name it gets a random one.
    pub fn start(&self, input: Value, name: Option<&str>) -> Result<Started, StatesError> {
        self.executions.start(name, input)
    }

    /// Has an ended execution go on from where it failed.
    pub fn redrive(&self, name: &str) -> Result<Timestamp, StatesError> {
        self.executions.redrive(name)
    }

    /// Stops a running execution.
    pub fn stop(&self, name: &str, why: Why) -> Result<Timestamp, StatesError> {
        self.executions.stop(name, why)
    }

    /// Waits until the execution has ended.
    pub async fn wait(&self, name: &str) -> Result<Status, StatesError> {
        self.executions.wait(name).await
    }

    /// Waits until every execution has ended and every alert is delivered or lost.
    pub async fn quiet(&self) {
        self.executions.quiet().await;
    }

    /// An execution's record.
    pub fn execution(&self, name: &str) -> Result<Execution, StatesError> {
        self.executions.get(name)
    }

    /// Notices from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Notice> {
        self.executions.subscribe()
    }

    /// What subscribers of the topic received, oldest first.
    pub fn messages(&self) -> Result<Vec<StoredMessage>, HomeError> {
        let topic = self.config.topic_arn();
        self.world.call(|world, _| world.messages(&topic).to_vec())
    }

    /// What the functions asked of AWS since this was opened, as IAM sees it, each distinct call once and in order.
    /// An error if there was a call of which nobody knows what it asks for.
    pub fn calls(&self) -> Result<Vec<Call>, RecordingError> {
        self.recorder.calls()
    }

    /// ARN of the topic.
    pub fn topic_arn(&self) -> String {
        self.config.topic_arn()
    }

    /// The functions' processes.
    pub fn functions(&self) -> &Host {
        &self.host
    }

    /// Interferences with calls of functions, for tests.
    pub fn tamper(&self) -> &Tamper {
        &self.tamper
    }

    /// Interferences with calls of AWS, for tests.
    pub fn disturbances(&self) -> &Disturbances {
        &self.disturbances
    }

    /// What takes part in every run: the state machine file and each bootstrap, with their SHA-256.
    pub fn fingerprints(&self) -> io::Result<Vec<Fingerprint>> {
        definition::fingerprints(&self.config.state_machine, &self.config.functions)
    }
}

impl Drop for Engine {
    /// If the folder cannot be written any more, the next opening goes by what was saved before.
    fn drop(&mut self) {
        let _ = self.home.save_clock(self.world.now());
    }
}

/// Virtual time goes on from where it was, and is never behind the wall clock.
fn epoch(home: &Home, executions: &[Execution]) -> Timestamp {
    let events = executions.iter().filter_map(|execution| execution.history.last());
    let known = events.map(|event| event.timestamp).chain(home.clock());
    known.fold(wall_clock(), Timestamp::max)
}

/// A world with the backup bucket, which lets exports in, and the topic.
fn new_world(config: &EngineConfig, home: &Home) -> Result<World, AwsError> {
    let settings = sim::world::Config {
        region: config.region.clone(),
        timings: config.timings.clone(),
        ..sim::world::Config::default()
    };
    let mut world = World::with_blobs(settings, config.seed, home.blobs());
    world.put_bucket(&config.bucket, Versioning::Enabled)?;
    world.grant_export(&config.bucket)?;
    world.put_topic(&config.topic);
    Ok(world)
}
