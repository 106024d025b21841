//! The deletions, in the order that survives a crash.

use crate::belongings::{self, Part};
use crate::survey::Survey;
use crate::{Intent, Output, Ports};
use backup_core::names::{self, ObjectKey, SnapshotName};
use backup_core::ports::CallErrorKind;
use backup_core::{CallError, Error, Instant, Run};
use futures_util::{StreamExt, stream};

/// Deletions under way at a time.
const DELETES_IN_FLIGHT: usize = 8;

/// What went wrong on the way; the rest of the plan is done nevertheless.
struct Troubles {
    first: Option<Error>,
    count: usize,
}

impl Troubles {
    fn add(&mut self, what: &str, error: CallError) {
        let message = format!("{what} could not be deleted: {error}");
        let error = Error {
            message,
            ..Error::from(error)
        };
        tracing::warn!(error_name = %error.name, "{error}");
        self.count += 1;
        self.first.get_or_insert(error);
    }

    fn raise(self) -> Result<(), Error> {
        let Some(error) = self.first else { return Ok(()) };
        let more = match self.count {
            0 | 1 => String::new(),
            count => format!("; {} more failed too", count - 1),
        };
        let message = format!(
            "{}{more}; everything else of the plan was done, re-drive the run to finish it",
            error.message
        );
        Err(Error { message, ..error })
    }
}

/// Carries the intent out: backups, leftovers, snapshots. Nothing stops at a failure; the first is raised last.
///
/// A backup is deleted once its manifest is, whatever becomes of the rest; one whose manifest is still there is kept.
pub(crate) async fn all<P: Ports>(
    ports: &P,
    run: &Run,
    survey: &Survey,
    intent: Intent,
    output: &mut Output,
    snapshot_trouble: Option<Error>,
) -> Result<(), Error> {
    let mut troubles = Troubles {
        count: usize::from(snapshot_trouble.is_some()),
        first: snapshot_trouble,
    };
    let needed = survey.still_needed(&intent.plan);
    let planned = intent.plan.delete.len();
    for decision in intent.plan.delete.iter().rev() {
        let mut objects = of_backup(survey, run, decision.instant);
        objects.retain(|(_, key)| !needed.contains(key));
        in_order(ports, objects, output, &mut troubles).await;
    }
    output.kept += planned.saturating_sub(output.deleted);
    for orphan in intent.sweep {
        let part = |key: &ObjectKey| belongings::part(&run.cache, orphan.instant, key).unwrap_or(Part::Data);
        let objects = orphan.objects.iter().filter(|key| !needed.contains(*key));
        let objects = objects.map(|key| (part(key), key.clone())).collect();
        let gone = in_order(ports, objects, output, &mut troubles).await;
        output.swept += usize::from(gone);
    }
    for (name, _) in intent.snapshots.delete {
        snapshot(ports, run, &name, output, &mut troubles).await;
    }
    troubles.raise()
}

/// Everything of a backup: what is listed in its folder and follows our grammar, and what lies outside.
fn of_backup(survey: &Survey, run: &Run, instant: Instant) -> Vec<(Part, ObjectKey)> {
    let folder = survey.listing.0.get(&instant).into_iter();
    let listed = folder.flat_map(|folder| &folder.objects);
    let inside = listed.filter_map(|object| {
        let part = belongings::part(&run.cache, instant, &object.key)?;
        Some((part, object.key.clone()))
    });
    let manifest = survey.ours.get(&instant).into_iter();
    let outside = manifest
        .flat_map(belongings::outside)
        .map(|key| (Part::Data, key));
    let own = (Part::Manifest, names::manifest_key(&run.cache, instant));
    inside
        .filter(|(part, _)| *part != Part::Manifest)
        .chain(outside)
        .chain([own])
        .collect()
}

/// Manifest, data, evidence; a part begins only when the one before it is gone altogether.
async fn in_order<P: Ports>(
    ports: &P,
    objects: Vec<(Part, ObjectKey)>,
    output: &mut Output,
    troubles: &mut Troubles,
) -> bool {
    for part in [Part::Manifest, Part::Data, Part::Evidence] {
        let keys = objects.iter().filter(|(of, _)| *of == part).map(|(_, key)| key);
        // Collected first: a stream that held the closure would not be `Send` for every lifetime.
        let deletions: Vec<_> = keys
            .map(|key| async move { (key, ports.delete_object(key).await) })
            .collect();
        let mut answers = stream::iter(deletions).buffer_unordered(DELETES_IN_FLIGHT);
        let mut whole = true;
        while let Some((key, answer)) = answers.next().await {
            match answer {
                Ok(()) => {
                    output.objects_deleted += 1;
                    output.deleted += usize::from(part == Part::Manifest);
                }
                Err(error) => {
                    whole = false;
                    troubles.add(&format!("object `{key}`"), error);
                }
            }
        }
        if !whole {
            return false;
        }
    }
    true
}

async fn snapshot<P: Ports>(
    ports: &P,
    run: &Run,
    name: &SnapshotName,
    output: &mut Output,
    troubles: &mut Troubles,
) {
    match ports.delete_snapshot(run.cache.kind, name).await {
        Ok(()) => output.snapshots_deleted += 1,
        Err(error) if error.kind == CallErrorKind::SnapshotNotFound => {}
        Err(error) if error.kind == CallErrorKind::InvalidSnapshotState => output.warnings.push(format!(
            "snapshot `{name}` could not be deleted: it is busy, the next run tries again"
        )),
        Err(error) => troubles.add(&format!("snapshot `{name}`"), error),
    }
}
