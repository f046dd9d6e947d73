//! `tenants set`: what the operator sets up, beside a running server.

use super::{Server, program};

#[test]
fn a_region_counts_from_the_next_call_on() {
    let server = Server::demo();
    let looked_up = |text: &str| server.run(&["brief", "--person", text]);
    // One of the sample, whose address says where it is; and one that could be anywhere.
    let set = |region: &str| server.run(&["tenants", "set", "--region", region]);
    assert_eq!(set("de").ok(), "tenant default: region DE\n");
    assert!(looked_up("040 555 0143").ok().contains("Mara Lindqvist"));
    assert_eq!(set("").ok(), "tenant default: region none\n");
    let why = set("Germany").misused();
    assert!(why.contains("not a region code: write DE"), "{why}");
    let other = server.run(&["tenants", "set", "--region", "AT", "--tenant", "nobody"]);
    assert_eq!(other.fails(), "error: there is no such tenant\n");
}

#[test]
fn a_store_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    command.args(["tenants", "set", "--region", "AT"]);
    let ran = super::Ran::of(command);
    assert!(ran.fails().contains("there is no store at clientele.db"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
