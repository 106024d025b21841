//! What the crates are built from, as Cargo resolves it.

use contract::repository::cargo;

/// Crates of a tree, as `cargo tree --prefix none` prints them, whose names begin like one that may not be in it.
fn strangers(tree: &str, forbidden: &[&str]) -> Vec<String> {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let strange = names.filter(|name| forbidden.iter().any(|start| name.starts_with(start)));
    strange.map(str::to_owned).collect()
}

/// Everything that a crate is built from, tests left out.
fn tree(selection: &[&str]) -> Result<String, String> {
    // `--locked`, so that looking changes nothing.
    let common = [
        "tree",
        "--locked",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    cargo(&[&common, selection].concat())
}

#[test]
fn the_simulation_builds_without_sdk_and_runtime() {
    let tree = tree(&["--package", "sim"]).unwrap();
    assert!(
        tree.contains("backup-core ") && tree.contains("prune "),
        "it runs the functions themselves:\n{tree}"
    );
    let forbidden = ["aws-", "lambda_runtime", "lambda-", "backup-aws", "backup-lambda"];
    assert_eq!(strangers(&tree, &forbidden), Vec::<String>::new());
    let broken = format!("{tree}aws-sdk-s3 v1.0.0\nlambda_runtime v1.0.0\n");
    assert_eq!(strangers(&broken, &forbidden), ["aws-sdk-s3", "lambda_runtime"]);
}

#[test]
fn the_binaries_bring_one_tls_and_no_c_library_for_it() {
    let tree = tree(&["--features", "bin"]).unwrap();
    assert!(
        tree.contains("aws-sdk-s3 ") && tree.contains("ring "),
        "the whole product is looked at:\n{tree}"
    );
    // aws-lc-rs gathers jitter entropy for 33 ms or more at the first connection; the others need a C library.
    let forbidden = ["aws-lc-", "openssl-sys", "native-tls", "aws-config"];
    assert_eq!(strangers(&tree, &forbidden), Vec::<String>::new());
    assert_eq!(
        strangers("ring v0.17.0\naws-lc-rs v1.0.0 (*)\n", &forbidden),
        ["aws-lc-rs"]
    );
}
