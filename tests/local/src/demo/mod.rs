//! The demo: three caches of three kinds backed up at once, a failure seen through to its mend, every exported file
//! restored and compared.
//!
//! ```text
//! stage   servers (or bundled files) and the three caches in the fake world
//! story   three runs at once; a fourth that fails, its alert, the mend, the redrive
//! proof   catalogue, what `watch` finds, restores, and the list of what had to be true
//! ```

mod fixtures;
mod proof;
mod stage;
mod story;

pub use fixtures::write as write_fixtures;
pub use stage::{CACHES, Cache, Servers, Stage};

use crate::cli::{CliError, Global, Screen, open};
use crate::demo::story::Story;
use crate::engine::{Engine, EngineConfig};
use crate::view::checks::{self, Check};
use crate::view::fingerprints;
use jiff::SignedDuration;
use sim::world::elasticache::Timings;

const OPENING: &str = "Snapkeep backs up three ElastiCache caches: the real state machine and the real function binaries, \
                       against an embedded AWS on this machine.";

/// Plays the demo; gives whether everything was true that had to be.
pub async fn run(global: &Global, servers: Servers, screen: &Screen) -> Result<bool, CliError> {
    let config = global.config(demo_timings)?;
    screen.print(&textwrap::fill(OPENING, usize::from(screen.width())));
    let engine = open(config).await?;
    introduce(&engine, screen)?;
    screen.heading("Data");
    let stage = Stage::set(&engine, global, servers, screen)?;
    let mut story = Story::new(&engine, &stage, screen)?;
    screen.heading("Three backups at once");
    story.back_up_all().await?;
    screen.heading("A fourth run, and the bucket no longer lets ElastiCache write");
    story.fail().await?;
    screen.heading("The grant is put back, and the run re-driven");
    story.mend().await?;
    let checks = proof::show(&engine, &stage, &story, screen).await?;
    conclude(&engine, &checks, screen);
    Ok(checks.iter().all(Check::holds))
}

/// How long jobs take here: long enough for the waits to grow, as they do on AWS.
fn demo_timings(config: &mut EngineConfig) {
    config.timings = Timings {
        snapshot: SignedDuration::from_mins(22),
        export: SignedDuration::from_mins(8),
        ..Timings::default()
    };
}

fn introduce(engine: &Engine, screen: &Screen) -> Result<(), CliError> {
    screen.heading("What runs (SHA-256)");
    let files = engine
        .fingerprints()
        .map_err(CliError::io(&engine.config().functions, "read"))?;
    screen.print(&fingerprints::text(&files, screen.width()));
    screen.print("");
    screen.print(&format!("Endpoint      {}", engine.endpoint()));
    screen.print(&format!("State folder  {}", engine.home().root().display()));
    screen.print(&format!(
        "Time          waits pass {} times faster",
        engine.config().speed
    ));
    Ok(())
}

fn conclude(engine: &Engine, all: &[Check], screen: &Screen) {
    screen.heading("What had to be true");
    screen.print(&checks::text(all, screen.width()));
    let failed = all.iter().filter(|check| !check.holds()).count();
    screen.print("");
    if failed == 0 {
        screen.print(&format!("All {} are true.", all.len()));
    } else {
        screen.print(&format!("{failed} of {} are not true.", all.len()));
    }
    screen.print("\nTo look around:\n\n");
    let run = "cargo run -q -p local -- --home";
    let home = engine.home().root().display();
    for what in ["runs", "show orders-…", "catalogue", "watch", "serve"] {
        screen.print(&format!("  {run} {home} {what}"));
    }
}
