//! The one-way rules, each as a function from the workspace to its complaints.

use contract::repository::{Dependency, Package, Target, Workspace};

/// Asks `wrong` about each crate and dependency of the workspace.
fn complaints(
    workspace: &Workspace,
    wrong: impl Fn(&Package, &Dependency, Option<&str>) -> bool,
    why: &str,
) -> Vec<String> {
    let mut found = Vec::new();
    for package in &workspace.packages {
        for dependency in &package.dependencies {
            let path = dependency
                .path
                .as_deref()
                .and_then(|path| workspace.relative(path).to_str());
            if wrong(package, dependency, path) {
                found.push(format!(
                    "`{}` depends on `{}`: {why}",
                    package.name, dependency.name
                ));
            }
        }
    }
    found
}

pub(crate) fn is_function(workspace: &Workspace, package: &Package) -> bool {
    let folder = workspace.folder(package);
    folder.starts_with("functions/") && !folder.starts_with("functions/shared/")
}

pub(crate) fn core_and_rdb_stand_alone(workspace: &Workspace) -> Vec<String> {
    // The tests of `rdb` ask for the crate itself, with its command line.
    let wrong = |package: &Package, dependency: &Dependency, ours: Option<&str>| {
        ["backup-core", "rdb"].contains(&package.name.as_str())
            && ours.is_some()
            && dependency.name != package.name
    };
    complaints(workspace, wrong, "it depends on nothing of ours")
}

pub(crate) fn adapters_know_only_the_core(workspace: &Workspace) -> Vec<String> {
    let wrong = |package: &Package, dependency: &Dependency, ours: Option<&str>| {
        ["backup-aws", "backup-lambda"].contains(&package.name.as_str())
            && ours.is_some()
            && dependency.name != "backup-core"
    };
    complaints(workspace, wrong, "of ours it knows only `backup-core`")
}

pub(crate) fn function_libraries_know_core_and_rdb(workspace: &Workspace) -> Vec<String> {
    let wrong = |package: &Package, dependency: &Dependency, ours: Option<&str>| {
        let allowed = ["backup-core", "rdb"].contains(&dependency.name.as_str());
        is_function(workspace, package) && ours.is_some() && !dependency.optional && !allowed
    };
    complaints(
        workspace,
        wrong,
        "what is not core or scanner stands behind `bin`",
    )
}

pub(crate) fn only_backup_aws_names_the_sdk(workspace: &Workspace) -> Vec<String> {
    let wrong = |package: &Package, dependency: &Dependency, _: Option<&str>| {
        dependency.name.starts_with("aws-") && package.name != "backup-aws"
    };
    complaints(workspace, wrong, "AWS's crates are named by `backup-aws` alone")
}

pub(crate) fn only_backup_lambda_names_the_runtime(workspace: &Workspace) -> Vec<String> {
    let wrong = |package: &Package, dependency: &Dependency, _: Option<&str>| {
        dependency.name.starts_with("lambda") && package.name != "backup-lambda"
    };
    complaints(workspace, wrong, "the runtime is named by `backup-lambda` alone")
}

pub(crate) fn libraries_of_the_product_have_no_executor(workspace: &Workspace) -> Vec<String> {
    let wrong = |package: &Package, dependency: &Dependency, _: Option<&str>| {
        let pure = is_function(workspace, package) || ["backup-core", "rdb"].contains(&package.name.as_str());
        let runs = dependency.name.starts_with("tokio") || dependency.name.starts_with("hyper");
        pure && runs && !dependency.optional && dependency.kind.as_deref() != Some("dev")
    };
    complaints(workspace, wrong, "whoever calls a library brings the executor")
}

pub(crate) fn the_product_does_not_know_its_tests(workspace: &Workspace) -> Vec<String> {
    let wrong = |package: &Package, _: &Dependency, ours: Option<&str>| {
        workspace.folder(package).starts_with("functions/")
            && ours.is_some_and(|path| path.starts_with("tests/"))
    };
    complaints(workspace, wrong, "nothing in the product depends on `tests/`")
}

/// One feature, `bin`: it turns on every optional dependency, and the binary asks for it.
pub(crate) fn sdk_and_runtime_stand_behind_bin(workspace: &Workspace) -> Vec<String> {
    let mut found = Vec::new();
    for package in workspace
        .packages
        .iter()
        .filter(|package| is_function(workspace, package))
    {
        let optional = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.optional);
        let mut optional: Vec<String> = optional
            .map(|dependency| format!("dep:{}", dependency.name))
            .collect();
        optional.sort();
        let features: Vec<_> = package
            .features
            .iter()
            .map(|(name, on)| (name.as_str(), sorted(on)))
            .collect();
        if features != [("bin", optional.clone())] {
            found.push(format!(
                "`{}` has features {features:?}, allowed is `bin` with {optional:?}",
                package.name
            ));
        }
        for adapter in ["dep:backup-aws", "dep:backup-lambda"] {
            if !optional.iter().any(|dependency| dependency == adapter) {
                found.push(format!("`{}` misses `{adapter}` behind `bin`", package.name));
            }
        }
        let is_bin = |target: &&Target| target.kind.iter().any(|kind| kind == "bin");
        let bins: Vec<_> = package
            .targets
            .iter()
            .filter(is_bin)
            .map(|target| &target.required_features)
            .collect();
        if bins != [&["bin"]] {
            found.push(format!(
                "`{}` has binaries that require {bins:?}, allowed is one with `bin`",
                package.name
            ));
        }
    }
    found
}

pub(crate) fn no_feature_is_for_tests(workspace: &Workspace) -> Vec<String> {
    let mut found = Vec::new();
    for package in &workspace.packages {
        for feature in package.features.keys() {
            let for_tests = ["test", "mock", "fake", "local", "sim"]
                .iter()
                .any(|word| feature.contains(word));
            if for_tests && workspace.folder(package).starts_with("functions/") {
                found.push(format!(
                    "`{}` has the feature `{feature}`: the seams are the ports",
                    package.name
                ));
            }
        }
    }
    found
}

fn sorted(list: &[String]) -> Vec<String> {
    let mut list = list.to_vec();
    list.sort();
    list
}
