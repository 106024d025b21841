//! Where things are unless the command line says otherwise.

use crate::cli::{CliError, Global};
use crate::engine::{Engine, EngineConfig};
use crate::source::staged;
use std::path::{Path, PathBuf};

/// The repository that this was built from, as short as it can be said from here.
pub(crate) fn repository() -> PathBuf {
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built_from = built_from.canonicalize().unwrap_or(built_from);
    let here = std::env::current_dir().ok();
    let from_here = here.and_then(|here| built_from.strip_prefix(here).ok().map(Path::to_owned));
    from_here.unwrap_or(built_from)
}

/// Where everything lies that can be made again, as `make` has it.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from)
}

impl Global {
    /// The state folder.
    pub fn home(&self) -> PathBuf {
        self.home
            .clone()
            .unwrap_or_else(|| target().join("snapkeep-local"))
    }

    /// The virtual environment that may have a server.
    pub fn environment(&self) -> PathBuf {
        self.venv.clone().unwrap_or_else(|| target().join("venv"))
    }

    /// Where the functions are; an error where there are none.
    fn functions(&self) -> Result<PathBuf, CliError> {
        let folder = self.functions.clone().unwrap_or_else(|| target().join("lambda"));
        let entries = std::fs::read_dir(&folder).map_err(|_| CliError::NoFunctions(folder.clone()))?;
        let has_any = entries
            .flatten()
            .any(|entry| entry.path().join("bootstrap").is_file());
        // A process is started in its function's folder, so a relative path would lead elsewhere.
        let absolute = folder.canonicalize().map_err(CliError::io(&folder, "read"))?;
        if has_any {
            Ok(absolute)
        } else {
            Err(CliError::NoFunctions(folder))
        }
    }

    /// What to open; `change` sets what is not on the command line.
    pub(crate) fn config(&self, change: impl FnOnce(&mut EngineConfig)) -> Result<EngineConfig, CliError> {
        let state_machine = self.state_machine.clone();
        let state_machine =
            state_machine.unwrap_or_else(|| repository().join("statemachine/backup.asl.json"));
        let mut config = EngineConfig::new(self.home(), state_machine, self.functions()?);
        config.speed = self.speed;
        change(&mut config);
        Ok(config)
    }
}

/// Opens the embedded AWS, with the sources of earlier backups attached again.
pub async fn open(config: EngineConfig) -> Result<Engine, CliError> {
    let engine = Engine::open(config).await?;
    let home = engine.home().root().to_owned();
    let attached = engine
        .world()
        .edit(|world, _| staged::attach_all(&home, &mut world.contents))?;
    attached.map_err(CliError::io(home.join("sources"), "read"))?;
    Ok(engine)
}
