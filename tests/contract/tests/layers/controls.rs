//! The workspace as it stands, and for each rule one with a thing wrong.

use crate::rules::{
    adapters_know_only_the_core, core_and_rdb_stand_alone, function_libraries_know_core_and_rdb, is_function,
    libraries_of_the_product_have_no_executor, no_feature_is_for_tests, only_backup_aws_names_the_sdk,
    only_backup_lambda_names_the_runtime, sdk_and_runtime_stand_behind_bin,
    the_product_does_not_know_its_tests,
};
use contract::repository::{Dependency, Package, Workspace};

type Rule = fn(&Workspace) -> Vec<String>;

/// Crates that the rules call by name.
const SHARED: [&str; 4] = ["backup-core", "rdb", "backup-aws", "backup-lambda"];

/// A crate of the workspace, to be broken.
#[expect(clippy::unwrap_used, reason = "a control that names no crate must not pass")]
fn package<'w>(workspace: &'w mut Workspace, name: &str) -> &'w mut Package {
    let found = workspace.packages.iter_mut().find(|package| package.name == name);
    found.unwrap()
}

/// Adds a dependency, on one of ours where it has a folder.
fn depend(workspace: &mut Workspace, from: &str, on: &str, kind: Option<&str>, folder: Option<&str>) {
    let path = folder.map(|folder| workspace.workspace_root.join(folder));
    let dependency = Dependency {
        name: on.to_owned(),
        kind: kind.map(str::to_owned),
        optional: false,
        path,
    };
    package(workspace, from).dependencies.push(dependency);
}

/// A rule, one thing that breaks it, and what it then says.
type Control = (Rule, fn(&mut Workspace), &'static str);

const CONTROLS: [Control; 15] = [
    (
        core_and_rdb_stand_alone,
        |w| depend(w, "backup-core", "rdb", None, Some("functions/shared/rdb")),
        "`backup-core` depends on `rdb`",
    ),
    (
        core_and_rdb_stand_alone,
        |w| depend(w, "rdb", "sim", Some("dev"), Some("tests/sim")),
        "`rdb` depends on `sim`",
    ),
    (
        adapters_know_only_the_core,
        |w| depend(w, "backup-aws", "prune", None, Some("functions/prune")),
        "`backup-aws` depends on `prune`",
    ),
    (
        function_libraries_know_core_and_rdb,
        |w| depend(w, "notify", "prune", None, Some("functions/prune")),
        "`notify` depends on `prune`",
    ),
    (
        function_libraries_know_core_and_rdb,
        |w| {
            package(w, "prune")
                .dependencies
                .iter_mut()
                .for_each(|d| d.optional = false);
        },
        "`prune` depends on `backup-aws`",
    ),
    (
        only_backup_aws_names_the_sdk,
        |w| depend(w, "sim", "aws-smithy-types", Some("dev"), None),
        "`sim` depends on `aws-smithy-types`",
    ),
    (
        only_backup_lambda_names_the_runtime,
        |w| depend(w, "prune", "lambda_runtime", None, None),
        "`prune` depends on `lambda_runtime`",
    ),
    (
        libraries_of_the_product_have_no_executor,
        |w| depend(w, "backup-core", "tokio", None, None),
        "`backup-core` depends on `tokio`",
    ),
    (
        libraries_of_the_product_have_no_executor,
        |w| depend(w, "verify-object", "tokio-util", Some("build"), None),
        "`verify-object` depends on `tokio-util`",
    ),
    (
        the_product_does_not_know_its_tests,
        |w| depend(w, "prune", "sim", Some("dev"), Some("tests/sim")),
        "`prune` depends on `sim`",
    ),
    (
        sdk_and_runtime_stand_behind_bin,
        |w| {
            package(w, "prune")
                .features
                .insert("default".into(), vec!["bin".into()]);
        },
        "`prune` has features",
    ),
    (
        sdk_and_runtime_stand_behind_bin,
        |w| {
            package(w, "prune")
                .dependencies
                .retain(|d| d.name != "backup-lambda");
        },
        "`prune` misses `dep:backup-lambda`",
    ),
    (
        sdk_and_runtime_stand_behind_bin,
        |w| {
            package(w, "prune")
                .targets
                .iter_mut()
                .for_each(|t| t.required_features.clear());
        },
        "`prune` has binaries that require [[]]",
    ),
    (
        sdk_and_runtime_stand_behind_bin,
        |w| {
            package(w, "prune")
                .targets
                .retain(|t| !t.kind.contains(&"bin".to_owned()));
        },
        "`prune` has binaries that require []",
    ),
    (
        no_feature_is_for_tests,
        |w| {
            package(w, "backup-aws")
                .features
                .insert("mock".into(), Vec::new());
        },
        "`backup-aws` has the feature `mock`",
    ),
];

#[test]
fn no_rule_has_a_complaint() {
    let workspace = Workspace::read().unwrap();
    for (rule, ..) in CONTROLS {
        assert_eq!(rule(&workspace), Vec::<String>::new());
    }
    for name in SHARED {
        assert!(
            workspace.packages.iter().any(|p| p.name == name),
            "the rules speak of `{name}`"
        );
    }
    let functions = workspace
        .packages
        .iter()
        .filter(|p| is_function(&workspace, p))
        .count();
    assert!(
        functions >= 7,
        "the rules speak of functions, and there are {functions}"
    );
}

#[test]
fn every_rule_sees_what_breaks_it() {
    let workspace = Workspace::read().unwrap();
    for (rule, break_it, says) in CONTROLS {
        let mut broken = workspace.clone();
        break_it(&mut broken);
        let said = rule(&broken);
        assert!(
            said.iter().any(|complaint| complaint.starts_with(says)),
            "{says}: {said:?}"
        );
    }
}
