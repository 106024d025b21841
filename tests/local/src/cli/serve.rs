//! `serve`: the endpoints for any AWS client, until a signal ends it.

use crate::cli::{CliError, Global, Screen, open};
use crate::demo::{CACHES, Servers, Stage};
use crate::engine::Engine;
use crate::wire::{ACCESS_KEY, SECRET_KEY};
use std::process::ExitCode;

/// Opens the embedded AWS on a port, puts the three caches into it, and says how to reach it.
pub(crate) async fn run(global: &Global, port: u16, screen: &Screen) -> Result<ExitCode, CliError> {
    let engine = open(global.config(|config| config.port = port)?).await?;
    let _stage = Stage::set(&engine, global, Servers::Wanted, screen)?;
    screen.print(&invitation(&engine));
    // Only a signal ends it, and that is heard further up.
    std::future::pending().await
}

fn invitation(engine: &Engine) -> String {
    let region = &engine.config().region;
    let bucket = &engine.config().bucket;
    let cache = CACHES[0];
    let machine = engine.executions().state_machine_arn();
    format!(
        "\nThe embedded AWS is up. In another terminal:\n\n  \
         export AWS_ENDPOINT_URL={endpoint}\n  \
         export AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY} AWS_DEFAULT_REGION={region}\n\n\
         Then, for example:\n\n  \
         aws elasticache describe-replication-groups\n  \
         aws stepfunctions start-execution --state-machine-arn {machine} \\\n    \
         --input '{{\"cache\": {{\"kind\": \"{kind}\", \"id\": \"{id}\"}}}}'\n  \
         aws stepfunctions list-executions --state-machine-arn {machine}\n  \
         aws elasticache describe-snapshots\n  \
         aws s3 ls --recursive s3://{bucket}\n\n\
         State is kept in {home}. Ctrl-C ends it.",
        endpoint = engine.endpoint(),
        kind = cache.kind,
        id = cache.id,
        home = engine.home().root().display(),
    )
}
