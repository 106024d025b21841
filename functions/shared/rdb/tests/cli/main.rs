#![cfg(test)]
#[test]
fn a() {
    println!("{}", env!("CARGO_BIN_EXE_rdb-verify"));
}
