//! Why a customer is in a segment, whom somebody is like, and the card of a persona.

use clientele::pb;
use clientele::pb::persona_service_client::PersonaServiceClient;
use serde_json::Value;
use tempfile::TempDir;

use super::{Server, calls};

fn demo() -> Server {
    Server::start_in(TempDir::new().unwrap(), &["--demo"])
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

#[test]
fn an_explanation_is_a_tree_with_a_mark_for_each_part() {
    let server = demo();
    let page = server
        .run(&[
            "segments",
            "explain",
            "customers/atelier-vermeulen",
            "next-tour",
        ])
        .ok();
    let title =
        "Atelier Vermeulen (customers/atelier-vermeulen) is in Next tour (segments/next-tour)\n";
    assert!(page.starts_with(title), "{page}");
    for line in [
        "✓ all of",
        "  ✓ one of",
        "    ✗ in Machine shops (segments/machine-shops)",
        "    ✓ in Owner-led firms (segments/owner-led)",
        "  ✓ not",
    ] {
        assert!(
            page.lines().any(|shown| shown == line),
            "no {line:?} in\n{page}"
        );
    }
    assert!(
        page.contains("✗ business.industry = \"machinery\""),
        "{page}"
    );
    for part in [
        "is \"crafts\"",
        "is not listed",
        "  has seniority: OWNER; buying_roles.role: DECISION_MAKER; end_date: unset\n",
    ] {
        assert!(page.contains(part), "no {part:?} in\n{page}");
    }
    assert!(!page.contains("It would"), "{page}");
}

#[test]
fn who_is_out_is_told_what_would_have_to_change() {
    let server = demo();
    let page = server
        .run(&[
            "segments",
            "explain",
            "erp:100214",
            "segments/machine-shops",
        ])
        .ok();
    let change = "It would be in if one thing changed: business.industry = \"machinery\" became true (it is \"optics\").\n";
    assert!(page.ends_with(change), "{page}");
    let page = server
        .run(&["segments", "explain", "talleres ibarra", "next-tour"])
        .ok();
    let change = "It would be in if one thing changed: it was no longer on the list of Guests of the open house \
                  (segments/open-house).";
    assert!(page.replace('\n', " ").contains(change), "{page}");
    let page = server
        .run(&["segments", "explain", "amara okonkwo", "enterprises"])
        .ok();
    assert!(page.contains("is unset"), "{page}");
    let told = json(
        &server
            .run(&[
                "segments",
                "explain",
                "talleres ibarra",
                "next-tour",
                "--json",
            ])
            .ok(),
    );
    assert_eq!(
        (&told["customer"], told["member"].as_bool()),
        (&Value::from("customers/talleres-ibarra"), None)
    );
    assert_eq!(told["flips"].as_array().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_explained_is_said() {
    let server = demo();
    let why = server
        .run(&[
            "segments",
            "explain",
            "customers/nordlicht-optik",
            "nowhere",
        ])
        .fails();
    assert!(
        why.contains("segments/nowhere does not exist (SEGMENT_NOT_FOUND)"),
        "{why}"
    );
    let why = server
        .run(&["segments", "explain", "100214", "next-tour"])
        .fails();
    assert!(why.contains("nobody is called \"100214\""), "{why}");
    let why = server
        .run(&[
            "segments",
            "explain",
            "contacts/mara-lindqvist",
            "next-tour",
        ])
        .fails();
    assert!(
        why.contains("contacts/mara-lindqvist is not a customer"),
        "{why}"
    );
    server
        .run(&["segments", "explain", "customers/nordlicht-optik"])
        .misused();
}

#[test]
fn personas_are_a_table_and_each_is_a_card() {
    let server = demo();
    let table = server.run(&["personas"]).ok();
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(table.contains("personas/curious-cleo"), "{table}");
    assert_eq!(server.run(&["personas", "--json"]).ok().lines().count(), 3);
    let card = server.run(&["personas", "show", "workshop-begona"]).ok();
    assert!(
        card.starts_with('┌') && card.trim_end().ends_with('┘'),
        "{card}"
    );
    for part in [
        "The Workshop of Three Generations",
        "personas/workshop-begona",
        "“My grandfather bought the first one from your predecessor.”",
        "goals",
        "One new machine every second year",
        "frustrated by",
        "in person, phone",
        "2 of 13 customers",
        "They are known by their owner, not by their logo (an opinion)",
    ] {
        assert!(card.contains(part), "no {part:?} in\n{card}");
    }
    let widths: Vec<usize> = card.lines().map(|line| line.chars().count()).collect();
    assert!(widths.iter().all(|width| *width == widths[0]), "{card}");
    let carla = server
        .run(&["personas", "show", "personas/careful-carla"])
        .ok();
    assert!(
        carla.contains(" of 20 contacts") && carla.contains("35 to 60 years"),
        "{carla}"
    );
    assert_eq!(
        json(
            &server
                .run(&["personas", "show", "careful-carla", "--json"])
                .ok()
        )["subject"],
        "CONTACT"
    );
    let why = server.run(&["personas", "show", "nobody"]).fails();
    assert!(why.contains("PERSONA_NOT_FOUND"), "{why}");
}

#[test]
fn a_persona_without_a_filter_is_tied_to_no_data() {
    let server = demo();
    calls(async {
        let mut personas = PersonaServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        let (display_name, subject) = (
            "Free Freya".to_owned(),
            pb::persona::Subject::Customer.into(),
        );
        let persona = Some(pb::Persona {
            display_name,
            subject,
            ..Default::default()
        });
        let request = pb::CreatePersonaRequest {
            persona,
            persona_id: "freya".to_owned(),
            ..Default::default()
        };
        personas.create_persona(request).await.unwrap();
    });
    let card = server.run(&["personas", "show", "freya"]).ok();
    assert!(
        card.contains("no filter") && !card.contains("customers "),
        "{card}"
    );
}

#[test]
fn whom_somebody_is_like_comes_first() {
    let server = demo();
    let page = server
        .run(&["personas", "match", "customers/talleres-ibarra"])
        .ok();
    let titles: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("fits ") || line.starts_with("does not fit "))
        .collect();
    let expected = [
        "fits The Workshop of Three Generations (personas/workshop-begona)",
        "does not fit Curious Cleo (personas/curious-cleo)",
    ];
    assert_eq!(titles, expected, "{page}");
    assert!(
        page.contains(
            "It would fit if one thing changed: kind = INDIVIDUAL became true (it is BUSINESS)."
        ),
        "{page}"
    );
    let page = server
        .run(&["personas", "match", "--person", "svenja petersen"])
        .ok();
    assert!(page.contains("fits Careful Carla"), "{page}");
    let lines = server
        .run(&["personas", "match", "contacts/svenja-petersen", "--json"])
        .ok();
    assert_eq!(
        (lines.lines().count(), json(&lines)["fits"].as_bool()),
        (1, Some(true))
    );
}

#[test]
fn profiles_of_a_segment_say_who_decides() {
    let server = demo();
    let lines = server
        .run(&["deciders", "--segment", "open-house", "--json"])
        .ok();
    assert_eq!(lines.lines().count(), 4, "{lines}");
    let both = [
        "deciders",
        "--segment",
        "segments/open-house",
        "--filter",
        "kind = INDIVIDUAL",
    ];
    let page = server.run(&both).ok();
    assert!(
        page.starts_with("Amara Okonkwo  customers/amara-okonkwo\n"),
        "{page}"
    );
    assert_eq!(
        page.lines()
            .filter(|line| line.starts_with("decides"))
            .count(),
        1,
        "{page}"
    );
    let nobody = server
        .run(&[
            "deciders",
            "--segment",
            "open-house",
            "--filter",
            "display_name = \"nobody\"",
        ])
        .ok();
    assert_eq!(nobody, "no match\n");
    server
        .run(&[
            "deciders",
            "customers/amara-okonkwo",
            "--segment",
            "open-house",
        ])
        .misused();
    let brief = server.run(&["brief", "talleres ibarra"]).ok();
    let at = brief.find("PERSONAS AND SEGMENTS\n").unwrap();
    assert!(
        brief[at..].contains("  in the segment Owner-led firms  [segments/owner-led]\n"),
        "{brief}"
    );
}
