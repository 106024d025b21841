//! Real clients judge the embedded AWS: boto3 and the AWS CLI live through the lives of snapshots, and provoke every
//! error that botocore's model has.
//!
//! The Python half is in `clients_support`: `life.py` and `errors.py` are what is run, `cells.py`, `not_modelled.txt`
//! and `beyond_model.txt` the table. `UPDATE_EXPECT=1` rewrites `golden/errors.txt`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(clippy::print_stdout, reason = "the table is for people")]

mod clients_support;
mod wire_support;

use clients_support::{engine, product, run};
use expect_test::expect_file;
use wire_support::python_with_clients;

#[tokio::test(flavor = "multi_thread")]
async fn both_clients_live_through_the_life_of_a_snapshot_of_every_kind() {
    let Some(python) = python_with_clients() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path()).await;
    let told = run(python, "life", &engine).await;
    assert!(told.success, "{}", told.output);
    println!("{}", told.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_of_the_model_is_raised_or_listed_and_known_to_the_product() {
    let Some(python) = python_with_clients() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path()).await;
    let told = run(python, "errors", &engine).await;
    assert!(told.success, "{}", told.output);
    println!("{}", told.output);
    expect_file!["golden/errors.txt"].assert_eq(&told.output);
    let complaints = product::complaints(&told.answers);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
