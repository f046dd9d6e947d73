//! Records that name others by their external ids: across files, within a file, and when there is no such record.

use clientele::pb;
use clientele::pb::colleague_service_client::ColleagueServiceClient;
use serde_json::{Value, json};

use super::counts;
use crate::cli::{Server, calls};

/// Colleagues, from a file of their own.
const PEOPLE: &str =
    "[colleague]\nexternal_ids = [{ system = \"hr\", column = \"id\" }]\ndisplay_name = \"name\"\n";

/// Firms that name the colleague who owns them and the firm that they belong to.
const FIRMS: &str = r#"
[customer]
external_ids = [{ system = "crm", column = "id" }]
display_name = "name"
owner = { ref = "hr", column = "owner" }
parent = { ref = "crm", column = "parent" }
"#;

fn with_people() -> Server {
    let server = Server::start();
    server.import(PEOPLE, "id,name\n1,Ada\n2,Bo\n").ok();
    server
}

#[test]
fn one_file_names_the_records_of_another_by_id() {
    let server = with_people();
    let file = "id,name,owner,parent\nF1,One,1,\nF2,Two,2,F1\nF3,Three,,\n";
    let ran = server.import(FIRMS, file);
    assert_eq!(
        (ran.code, counts(&ran, "customers")),
        (0, [3, 0, 0, 0]),
        "{}",
        ran.err
    );
    let firm = |id| server.by_id("customers", "crm", id);
    assert_eq!(
        firm("F1")["owner"],
        server.by_id("colleagues", "hr", "1")["name"]
    );
    assert_eq!(firm("F2")["parent"], firm("F1")["name"]);
    assert_eq!(
        (&firm("F3")["owner"], &firm("F3")["parent"]),
        (&Value::Null, &Value::Null)
    );
    let changed = server.import(FIRMS, file.replace("F1,One,1", "F1,One,2"));
    assert_eq!(counts(&changed, "customers"), [0, 1, 2, 0]);
    assert_eq!(
        firm("F1")["owner"],
        server.by_id("colleagues", "hr", "2")["name"]
    );
}

#[test]
fn one_id_may_be_that_of_records_of_two_kinds() {
    let server = Server::start();
    server
        .import(&PEOPLE.replace("hr", "crm"), "id,name\n1,Ada\n")
        .ok();
    let owned = FIRMS.replace("\"hr\"", "\"crm\"");
    server
        .import(&owned, "id,name,owner,parent\n1,One,1,\n2,Two,1,1\n")
        .ok();
    let ada = server.by_id("colleagues", "crm", "1")["name"].clone();
    let firm = |id| server.by_id("customers", "crm", id);
    assert_eq!(
        (&firm("2")["owner"], &firm("2")["parent"]),
        (&ada, &firm("1")["name"])
    );
    assert_eq!(firm("1")["owner"], ada);
}

#[test]
fn an_unknown_reference_is_a_fault_of_its_row() {
    let server = with_people();
    let ran = server.import(FIRMS, "id,name,owner,parent\nF1,One,secret,\nF2,Two,1,\n");
    assert_eq!((ran.code, counts(&ran, "customers")), (1, [1, 0, 0, 1]));
    let said = "line 2: customer: column `owner` refers to a colleague that is not known by this id of `hr`: import it first\n";
    assert_eq!(ran.err, said);
    assert_eq!(server.all("customers").len(), 1);
}

#[test]
fn a_reference_to_a_deleted_record_is_a_fault_of_its_row() {
    let server = with_people();
    let name = server.by_id("colleagues", "hr", "1")["name"]
        .as_str()
        .unwrap()
        .to_owned();
    calls(async {
        let mut client = ColleagueServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        let name = name.clone();
        client
            .delete_colleague(pb::DeleteColleagueRequest {
                name,
                ..Default::default()
            })
            .await
            .unwrap();
    });
    let ran = server.import(FIRMS, "id,name,owner,parent\nF1,One,1,\n");
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains(&format!(
            "column `owner` refers to {name}, which is deleted"
        )),
        "{}",
        ran.err
    );
}

#[test]
fn a_parent_may_stand_below_its_child() {
    let server = with_people();
    let mut file = "id,name,owner,parent\n".to_owned();
    for i in 0..100 {
        let parent = if i < 99 {
            format!("F{}", i + 1)
        } else {
            String::new()
        };
        file.push_str(&format!(
            "F{i},Firm {i},1,{}\n",
            if i % 10 == 9 { "" } else { &parent }
        ));
    }
    let first = server.import(FIRMS, &file);
    assert_eq!(
        (first.code, counts(&first, "customers")),
        (0, [100, 0, 0, 0]),
        "{}",
        first.err
    );
    let stored = server.all("customers");
    assert_eq!(
        stored
            .iter()
            .filter(|firm| firm["parent"].is_string())
            .count(),
        90
    );
    assert_eq!(
        server.by_id("customers", "crm", "F7")["parent"],
        server.by_id("customers", "crm", "F8")["name"]
    );
    let second = server.import(FIRMS, &file);
    assert!(second.out.contains("nothing changed"), "{}", second.out);
    assert_eq!(server.all("customers"), stored);
}

#[test]
fn a_new_parent_below_a_child_that_is_there_counts_as_one_update() {
    let server = with_people();
    server
        .import(FIRMS, "id,name,owner,parent\nF1,One,1,\n")
        .ok();
    let ran = server.import(FIRMS, "id,name,owner,parent\nF1,One,1,F2\nF2,Two,1,\n");
    assert_eq!(counts(&ran, "customers"), [1, 1, 0, 0], "{}", ran.err);
}

#[test]
fn a_parent_that_never_comes_is_a_fault_and_the_rest_of_the_row_is_kept() {
    let server = with_people();
    let ran = server.import(FIRMS, "id,name,owner,parent\nF1,One,1,F9\nF2,Two,1,F1\n");
    assert_eq!(ran.code, 1);
    let said = "line 2: customer: column `parent` refers to a customer that is not known by this id of `crm`: import it first\n";
    assert_eq!(ran.err, said);
    assert_eq!(
        server.by_id("customers", "crm", "F1")["display_name"],
        "One"
    );
    assert_eq!(server.all("customers").len(), 2);
}

#[test]
fn faults_alike_are_told_ten_times_and_counted() {
    let server = with_people();
    let rows: String = (0..35).map(|i| format!("F{i},Firm {i},1,G\n")).collect();
    let ran = server.import(FIRMS, format!("id,name,owner,parent\n{rows}"));
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 11, "{}", ran.err);
    assert!(
        lines[..10].iter().all(|line| line.starts_with("line ")),
        "{}",
        ran.err
    );
    assert!(
        lines[10].starts_with("and 25 more lines: customer: column `parent` refers to"),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("35 failed"), "{}", ran.out);
}

#[test]
fn a_circle_of_parents_is_a_fault() {
    let server = with_people();
    let ran = server.import(FIRMS, "id,name,owner,parent\nF1,One,1,F2\nF2,Two,1,F1\n");
    assert_eq!(ran.code, 1);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    let parents = server.all("customers");
    assert_eq!(
        parents
            .iter()
            .filter(|firm| firm["parent"].is_string())
            .count(),
        1
    );
}

#[test]
fn a_record_waits_for_a_reference_it_cannot_be_without() {
    let server = Server::start();
    let mapping = r#"
[customer]
external_ids = [{ system = "crm", column = "firm" }]
display_name = "name"
[conversation]
external_ids = [{ system = "crm", column = "talk" }]
customer = { ref = "crm", column = "with" }
state = { value = "HELD" }
start_time = "when"
subject = { template = "Talk {talk}" }
"#;
    let file = "firm,name,talk,with,when\nF1,One,T1,F3,2026-01-05\nF2,Two,T2,F1,2026-01-06\nF3,Three,T3,F9,2026-01-07\n";
    let ran = server.import(mapping, file);
    assert_eq!(
        (ran.code, counts(&ran, "conversations")),
        (1, [2, 0, 0, 1]),
        "{}",
        ran.err
    );
    assert!(
        ran.err
            .starts_with("line 4: conversation: column `with` refers to a customer"),
        "{}",
        ran.err
    );
    let customer = server.by_id("customers", "crm", "F3");
    assert_eq!(
        server.by_id("conversations", "crm", "T1")["customer"],
        customer["name"]
    );
    assert_eq!(customer["last_conversation"]["subject"], "Talk T1");
}

#[test]
fn a_customer_can_be_found_by_who_works_there() {
    let server = Server::start();
    let people = "[customer]\nexternal_ids = [{ system = \"crm\", column = \"firm\" }]\ndisplay_name = \"firm\"\n\
        [contact]\nexternal_ids = [{ system = \"crm\", column = \"id\" }]\ndisplay_name = \"id\"\n\
        [affiliation]\nprimary = \"primary\"\nend_date = \"end\"\n";
    let file = "firm,id,primary,end\nA,ann,,\nA,ben,,\nB,ben,yes,\nA,cid,,\nB,cid,,\nA,dot,,2020-01-01\nB,dot,,\n,eve,,\n";
    server.import(people, file);
    let promises = "[promise]\nexternal_ids = [{ system = \"crm\", column = \"id\" }]\ntext = \"id\"\nside = { value = \"COMPANY\" }\n\
        customer = { ref = \"crm\", via = \"contact\", column = \"id\" }\n";
    let ran = server.import(promises, "id\nann\nben\ncid\ndot\neve\n");
    assert_eq!(
        (ran.code, counts(&ran, "promises")),
        (1, [3, 0, 0, 2]),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("who is at 2 customers") && ran.err.contains("who is at no customer"),
        "{}",
        ran.err
    );
    for (id, firm) in [("ann", "A"), ("ben", "B"), ("dot", "B")] {
        let customer = server.by_id("customers", "crm", firm);
        assert_eq!(
            server.by_id("promises", "crm", id)["customer"],
            customer["name"],
            "{id}"
        );
    }
}

#[test]
fn notes_keep_when_and_by_whom_they_were_written() {
    let server = with_people();
    server
        .import(
            &FIRMS.replace("parent = { ref = \"crm\", column = \"parent\" }", ""),
            "id,name,owner\nF1,One,1\n",
        )
        .ok();
    let mapping = r#"
[note]
external_ids = [{ system = "crm", template = "{firm} {text}", digest = true }]
body = "text"
write_time = "when"
records = { ref = "crm", kind = "customer", column = "firm" }
author = { ref = "hr", kind = "colleague", column = "by" }
"#;
    let long = "long ".repeat(200);
    let file =
        format!("firm,text,when,by\nF1,Short,2019-02-03T04:05:06Z,1\nF1,{long},2020-01-01,2\n");
    server.import(mapping, &file).ok();
    let notes = server.all("notes");
    let note = notes.iter().find(|note| note["body"] == "Short").unwrap();
    assert_eq!(note["write_time"], "2019-02-03T04:05:06Z");
    assert_eq!(
        note["author"],
        server.by_id("colleagues", "hr", "1")["name"]
    );
    assert_eq!(
        note["records"],
        json!([server.by_id("customers", "crm", "F1")["name"]])
    );
    assert_eq!(
        notes.iter().find(|note| note["body"] != "Short").unwrap()["write_time"],
        "2020-01-01T00:00:00Z"
    );
    let second = server.import(mapping, &file);
    assert!(second.out.contains("nothing changed"), "{}", second.out);
}

#[test]
fn personas_and_segments_are_imported_like_anything_else() {
    let server = with_people();
    server
        .import(FIRMS, "id,name,owner,parent\nF1,One,1,\nF2,Two,1,\n")
        .ok();
    let personas = r#"
[persona]
external_ids = [{ system = "m", column = "id" }]
display_name = "name"
record_kind = { value = "CUSTOMER" }
story = "story"
goals = { column = "goals", split = ";" }
"statements[0].text" = "claim"
"statements[0].filter" = "evidence"
"#;
    let file =
        "id,name,story,goals,claim,evidence\np,Carla,Once.,a; b,All pay,lifecycle = ACTIVE\n";
    server.import(personas, file).ok();
    let persona = &server.all("personas")[0];
    assert_eq!(persona["goals"], json!(["a", "b"]));
    assert_eq!(
        persona["statements"],
        json!([{ "text": "All pay", "filter": "lifecycle = ACTIVE" }])
    );
    let segments = r#"
[segment]
external_ids = [{ system = "m", column = "id" }]
display_name = "id"
members.customers = { ref = "crm", column = "firms", split = " " }
"#;
    server.import(segments, "id,firms\ns,F2 F1\n").ok();
    let names = ["F2", "F1"].map(|id| server.by_id("customers", "crm", id)["name"].clone());
    assert_eq!(
        server.all("segments")[0]["members"]["customers"],
        json!(names)
    );
    assert!(
        server
            .import(segments, "id,firms\ns,F2 F1\n")
            .out
            .contains("nothing changed")
    );
}
