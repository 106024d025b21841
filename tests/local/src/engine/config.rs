//! What an engine is opened with, and what its parts are told of it.

use crate::home::Home;
use crate::lambda::{HostConfig, Limits};
use crate::wire::Place;
use crate::wire::loopback::Port;
use sim::stage::EventForm;
use sim::world::ACCOUNT;
use sim::world::elasticache::Timings;
use std::collections::BTreeMap;
use std::path::PathBuf;

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
    /// Variables of single functions, in place of those that every function gets.
    pub variables_of: BTreeMap<String, BTreeMap<String, String>>,
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
            variables_of: BTreeMap::new(),
        }
    }

    pub(super) fn topic_arn(&self) -> String {
        format!("arn:aws:sns:{}:{ACCOUNT}:{}", self.region, self.topic)
    }

    pub(super) fn place(&self) -> Place {
        Place {
            region: self.region.clone(),
            account: ACCOUNT.to_owned(),
        }
    }

    pub(super) fn state_machine_arn(&self) -> String {
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

    /// What the functions' host is to be told.
    pub(super) fn host(&self, home: &Home, port: &Port) -> HostConfig {
        HostConfig {
            functions: self.functions.clone(),
            logs: home.logs(),
            region: self.region.clone(),
            variables: self.variables(&format!("http://{}", port.address())),
            variables_of: self.variables_of.clone(),
            limits: self.limits,
            limits_of: self.limits_of.clone(),
        }
    }
}
