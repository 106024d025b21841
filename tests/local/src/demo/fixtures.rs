//! Files for machines without a server: `tests/fixtures/rdb/demo/<cache>-<shard>.rdb`.

use crate::cli::{CliError, Global, Screen};
use crate::demo::stage::{CACHES, Cache};
use crate::source::dataset::{Recipe, fill};
use crate::source::{Limits, LiveContent, Program, Server, Setup, start_shards};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Ordinary keys in a bundled cache: every shape is there once, and the repository stays small.
const COUNT: u32 = 200;

/// The bundled files by content id; an error names one that is missing.
pub(crate) fn bundled() -> Result<BTreeMap<String, PathBuf>, CliError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/rdb/demo");
    let mut files = BTreeMap::new();
    for content in CACHES.iter().flat_map(Cache::contents) {
        let file = folder.join(file_name(&content));
        File::open(&file).map_err(CliError::io(&file, "read"))?;
        files.insert(content, file);
    }
    Ok(files)
}

/// Makes the bundled files anew, with a real server.
pub fn write(global: &Global, folder: &Path, screen: &Screen) -> Result<(), CliError> {
    let environment = global.environment();
    let program = Program::find(&environment).ok_or(CliError::NoServer(environment))?;
    fs::create_dir_all(folder).map_err(CliError::io(folder, "written"))?;
    for cache in &CACHES {
        let servers = if cache.is_cluster() {
            start_shards(&program, cache.shards)?
        } else {
            vec![Server::start(&program, Setup::Plain)?]
        };
        fill(
            &servers,
            &Recipe {
                count: COUNT,
                random: None,
                ..cache.recipe
            },
        )?;
        for (content, server) in cache.contents().zip(&servers) {
            let path = folder.join(file_name(&content));
            let mut file = File::create(&path).map_err(CliError::io(&path, "written"))?;
            LiveContent::new(server.address(), Limits::default()).copy_to(&mut file)?;
            screen.print(&format!("✔ {} from {program}", path.display()));
        }
    }
    Ok(())
}

fn file_name(content: &str) -> String {
    format!("{}.rdb", content.replace('/', "-"))
}
