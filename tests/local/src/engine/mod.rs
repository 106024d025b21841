//! The embedded AWS as one thing that can be opened, driven and asked.
//!
//! ```text
//! Engine::open(EngineConfig) ─> endpoint() for any AWS client
//!        ├─ start / redrive / stop / wait / quiet / subscribe      executions of the real state machine
//!        ├─ world()                                                caches, grants, faults, contents
//!        └─ messages() / calls() / activity() / fingerprints()     what came of it
//! ```

mod clock;
mod definition;
mod driver;
mod error;
mod executions;
mod notice;
mod rule;

pub use clock::PacedClock;
pub(crate) use clock::wall_clock;
pub use definition::{Fingerprint, StateMachineError};
pub use error::StatesError;
pub use executions::{Executions, INTERRUPTED, Started};
pub use notice::Notice;

use crate::home::{Home, HomeError, SharedWorld};
use crate::lambda::{Host, HostConfig, HostError, Limits, Tamper};
use crate::wire::loopback::Port;
use crate::wire::{Call, Endpoint, Place, Recorder, RecordingError};
use jiff::Timestamp;
use serde_json::Value;
use sim::asl::{Execution, Invoke, Status, Why};
use sim::stage::EventForm;
use sim::world::elasticache::Timings;
use sim::world::s3::Versioning;
use sim::world::sns::StoredMessage;
use sim::world::{ACCOUNT, AwsError, World};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;

/// What every bucket's name begins with here: S3 reserves it, so no real bucket can have it (S3 user guide, bucket
/// naming rules).
pub const BUCKET_PREFIX: &str = "sthree-";

/// What to open.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// The state folder.
    pub home: PathBuf,
    /// The state machine file.
    pub state_machine: PathBuf,
    /// Has a folder per function, each with a `bootstrap`.
    pub functions: PathBuf,
    /// The Region of everything.
    pub region: String,
    /// How many times faster than the wall clock waits pass.
    pub speed: f64,
    /// Port of the endpoint; 0 takes a free one.
    pub port: u16,
    /// What all random choices of the world and of executions are drawn from.
    pub seed: u64,
    /// Name of the deployment.
    pub deployment: String,
    /// The backup bucket; begins with [`BUCKET_PREFIX`].
    pub bucket: String,
    /// The topic of messages.
    pub topic: String,
    /// Limits of functions that `limits_of` does not name.
    pub limits: Limits,
    /// Limits by function.
    pub limits_of: BTreeMap<String, Limits>,
    /// How long jobs of `ElastiCache` take, in virtual time.
    pub timings: Timings,
    /// How much the events about executions tell.
    pub event_form: EventForm,
}

impl EngineConfig {
    /// The usual settings for a state folder, a state machine file and a folder of functions.
    pub fn new(
        home: impl Into<PathBuf>,
        state_machine: impl Into<PathBuf>,
        functions: impl Into<PathBuf>,
    ) -> Self {
        Self {
            home: home.into(),
            state_machine: state_machine.into(),
            functions: functions.into(),
            region: "eu-west-1".to_owned(),
            speed: 600.0,
            port: 0,
            seed: 1,
            deployment: "local".to_owned(),
            bucket: format!("{BUCKET_PREFIX}snapkeep"),
            topic: "snapkeep".to_owned(),
            limits: Limits::default(),
            limits_of: BTreeMap::new(),
            timings: Timings::default(),
            event_form: EventForm::default(),
        }
    }

    fn topic_arn(&self) -> String {
        format!("arn:aws:sns:{}:{ACCOUNT}:{}", self.region, self.topic)
    }

    fn place(&self) -> Place {
        Place {
            region: self.region.clone(),
            account: ACCOUNT.to_owned(),
        }
    }

    fn state_machine_arn(&self) -> String {
        let file = self
            .state_machine
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let name = file.split('.').next().unwrap_or_default();
        format!("arn:aws:states:{}:{ACCOUNT}:stateMachine:{name}", self.region)
    }

    /// What the functions read from their environment.
    fn variables(&self, endpoint: &str) -> BTreeMap<String, String> {
        let pairs = [
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("SNAPKEEP_BUCKET", self.bucket.clone()),
            ("SNAPKEEP_DEPLOYMENT", self.deployment.clone()),
            ("SNAPKEEP_TOPIC_ARN", self.topic_arn()),
        ];
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

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
        let host = Arc::new(Host::new(host_config(&config, &home, &port))?);
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
        let endpoint = Endpoint::start(
            port,
            Arc::clone(&world),
            Arc::clone(&executions),
            config.place(),
            Arc::clone(&recorder),
        );
        Ok(Self {
            config,
            endpoint,
            executions,
            world,
            host,
            tamper,
            home,
            recorder,
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

fn host_config(config: &EngineConfig, home: &Home, port: &Port) -> HostConfig {
    HostConfig {
        functions: config.functions.clone(),
        logs: home.logs(),
        region: config.region.clone(),
        variables: config.variables(&format!("http://{}", port.address())),
        limits: config.limits,
        limits_of: config.limits_of.clone(),
    }
}
