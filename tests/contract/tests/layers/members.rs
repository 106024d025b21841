//! The lists of the root manifest, and what every crate has in common.

use contract::repository::{Workspace, tracked};
use std::path::Path;

/// What is wrong with the root manifest's two lists, given the folders that hold a manifest.
fn membership(members: &[String], default: &[String], folders: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders.iter().filter(|folder| !members.contains(folder)) {
        found.push(format!("`{folder}` is no member"));
    }
    let place = |member: &str| match member {
        m if m.starts_with("functions/shared/") => 1,
        m if m.starts_with("functions/") => 0,
        _ => 2,
    };
    if !members.is_sorted_by_key(|member| place(member)) {
        found.push("members are listed functions first, what they share next, their proof last".to_owned());
    }
    let product: Vec<&String> = members.iter().filter(|member| place(member) < 2).collect();
    if default.iter().collect::<Vec<_>>() != product {
        found.push("`default-members` is the product in the order of `members`".to_owned());
    }
    found
}

#[test]
fn members_are_all_crates_with_the_product_first() {
    let manifest: toml::Table = contract::text("Cargo.toml").unwrap().parse().unwrap();
    let list = |name: &str| -> Vec<String> { manifest["workspace"][name].clone().try_into().unwrap() };
    let (members, default) = (list("members"), list("default-members"));
    let tracked = tracked().unwrap();
    let folders = tracked
        .iter()
        .filter_map(|file| file.strip_suffix("/Cargo.toml"))
        // A fuzz target is a workspace of its own, as cargo-fuzz lays them out.
        .filter(|folder| !folder.ends_with("/fuzz"))
        .map(str::to_owned);
    let folders: Vec<String> = folders.collect();
    assert!(folders.len() >= 14, "{folders:?}");
    assert_eq!(membership(&members, &default, &folders), Vec::<String>::new());

    let new = [folders.clone(), vec!["functions/new".to_owned()]].concat();
    assert_eq!(
        membership(&members, &default, &new),
        ["`functions/new` is no member"]
    );
    let turned: Vec<String> = members.iter().rev().cloned().collect();
    assert_eq!(membership(&turned, &default, &folders).len(), 2);
    assert_eq!(membership(&members, &members, &folders).len(), 1);
}

#[test]
fn every_crate_takes_the_lints_and_the_name_of_its_folder() {
    let workspace = Workspace::read().unwrap();
    for package in &workspace.packages {
        let folder = workspace.folder(package);
        assert!(
            Path::new(&folder).ends_with(&package.name),
            "`{}` lies in `{folder}`",
            package.name
        );
        let manifest: toml::Table = contract::text(&format!("{folder}/Cargo.toml"))
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{folder}");
    }
}
