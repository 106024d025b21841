//! What happens in the demo: four runs, one of which fails and is redriven.

use crate::cli::{CliError, Follow, Screen, follow};
use crate::demo::stage::{CACHES, Cache, Stage};
use crate::engine::Engine;
use crate::view::{mail, slack};
use backup_core::Instant;
use serde_json::json;
use sim::asl::{Execution, HistoryEvent, Status};
use sim::world::AwsError;
use sim::world::sns::StoredMessage;

/// A run of the demo.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) cache: Cache,
    pub(crate) name: String,
    pub(crate) instant: Instant,
}

/// The demo as it goes.
pub(crate) struct Story<'a> {
    engine: &'a Engine,
    stage: &'a Stage,
    screen: &'a Screen,
    /// The runs so far, oldest first; the last one is the one that fails.
    pub(crate) runs: Vec<Told>,
    /// The failed run's record before it was redriven.
    pub(crate) failed: Option<Execution>,
    /// How many manifests the failed run had left before it was redriven.
    pub(crate) manifests_of_failed: usize,
    /// Messages that were there before.
    pub(crate) old_messages: usize,
}

impl<'a> Story<'a> {
    pub(crate) fn new(engine: &'a Engine, stage: &'a Stage, screen: &'a Screen) -> Result<Self, CliError> {
        let old_messages = engine.messages()?.len();
        let (runs, failed, manifests_of_failed) = (Vec::new(), None, 0);
        Ok(Self {
            engine,
            stage,
            screen,
            runs,
            failed,
            manifests_of_failed,
            old_messages,
        })
    }

    /// Messages that came since the beginning.
    pub(crate) fn messages(&self) -> Result<Vec<StoredMessage>, CliError> {
        Ok(self.engine.messages()?.split_off(self.old_messages))
    }

    /// The three caches, all at once.
    pub(crate) async fn back_up_all(&mut self) -> Result<(), CliError> {
        let notices = self.engine.subscribe();
        let follows = CACHES
            .iter()
            .map(|cache| self.start(*cache))
            .collect::<Result<Vec<_>, _>>()?;
        follow(self.engine, notices, &follows, self.screen).await?;
        self.engine.quiet().await;
        Ok(())
    }

    /// A run of `orders` that cannot export, and its alert.
    pub(crate) async fn fail(&mut self) -> Result<(), CliError> {
        let bucket = self.engine.config().bucket.clone();
        self.engine.world().edit(|world, _| {
            if let Some(bucket) = world.bucket_mut(&bucket) {
                bucket.policy = None;
            }
        })?;
        let notices = self.engine.subscribe();
        let run = self.start(CACHES[0])?;
        follow(self.engine, notices, std::slice::from_ref(&run), self.screen).await?;
        self.engine.quiet().await;
        self.failed = Some(self.record(&run.name)?);
        self.manifests_of_failed = self.manifests()?;
        if let Some(alert) = self.messages()?.last() {
            self.show(alert);
        }
        Ok(())
    }

    /// The grant comes back, and the failed run goes on.
    pub(crate) async fn mend(&mut self) -> Result<(), CliError> {
        let bucket = &self.engine.config().bucket;
        let granted: Result<(), AwsError> =
            self.engine.world().edit(|world, _| world.grant_export(bucket))?;
        granted.map_err(|error| CliError::Catalogue(error.to_string()))?;
        let Some(run) = self.runs.last().cloned() else {
            return Ok(());
        };
        let before: Vec<HistoryEvent> = self.record(&run.name)?.history;
        let notices = self.engine.subscribe();
        let name = run.name;
        self.engine.redrive(&name).map_err(|source| CliError::Run {
            run: name.clone(),
            source,
        })?;
        let label = run.cache.id.to_owned();
        let ends = follow(
            self.engine,
            notices,
            &[Follow { name, label, before }],
            self.screen,
        )
        .await?;
        self.engine.quiet().await;
        if ends == [Status::Succeeded]
            && let Some(message) = self.messages()?.last()
        {
            self.screen.print("");
            let subject = message.subject.as_deref().unwrap_or_default();
            self.screen
                .print(&format!("│ From:    {}\n│ Subject: {subject}", mail::FROM));
        }
        Ok(())
    }

    /// A run's record.
    pub(crate) fn record(&self, name: &str) -> Result<Execution, CliError> {
        self.engine.execution(name).map_err(|source| CliError::Run {
            run: name.to_owned(),
            source,
        })
    }

    fn start(&mut self, cache: Cache) -> Result<Follow, CliError> {
        let now = self.engine.now();
        let Some(instant) = Instant::of(now) else {
            return Err(CliError::Catalogue(format!("the clock shows `{now}`")));
        };
        let name = format!("{}-{instant}", cache.id);
        let input = json!({
            "cache": {"kind": cache.kind, "id": cache.id},
            "plan": self.stage.plan(),
            "scheduledTime": instant.timestamp(),
        });
        self.engine
            .start(input, Some(&name))
            .map_err(|source| CliError::Run {
                run: name.clone(),
                source,
            })?;
        self.runs.push(Told {
            cache,
            name: name.clone(),
            instant,
        });
        Ok(Follow {
            name,
            label: cache.id.to_owned(),
            before: Vec::new(),
        })
    }

    fn manifests(&self) -> Result<usize, CliError> {
        let Some(run) = self.runs.last() else { return Ok(0) };
        let bucket = &self.engine.config().bucket;
        let all = self
            .engine
            .world()
            .call(|world, now| crate::cli::backups(world, bucket, now))??;
        let own = |(_, manifest): &&(String, backup_core::manifest::Manifest)| {
            manifest.cache.id.as_str() == run.cache.id && manifest.instant() == run.instant
        };
        Ok(all.iter().filter(own).count())
    }

    /// The alert, as mail and as chat show it.
    fn show(&self, alert: &StoredMessage) {
        let subject = alert.subject.as_deref().unwrap_or_default();
        self.screen.print("\nThe alert in a mail program:\n\n");
        self.screen.print(&mail::text(subject, alert.body_for("email")));
        self.screen.print("\nThe same in Slack:\n\n");
        match slack::text(alert.body_for("default"), self.screen.width()) {
            Ok(card) => self.screen.print(&card),
            Err(error) => self.screen.print(&format!("✘ Slack would not show it: {error}")),
        }
    }
}
