//! `personas`: the card of each, whom somebody is like, and both in profiles.

use clientele::pb;
use clientele::pb::persona_service_client::PersonaServiceClient;

use super::{Server, calls, json};

#[test]
fn personas_are_a_table_and_each_is_a_card() {
    let server = Server::demo();
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
        )["record_kind"],
        "CONTACT"
    );
    let why = server.run(&["personas", "show", "nobody"]).fails();
    assert!(why.contains("RESOURCE_NOT_FOUND"), "{why}");
}

#[test]
fn a_persona_without_a_filter_is_tied_to_no_data() {
    let server = Server::demo();
    calls(async {
        let mut personas = PersonaServiceClient::connect(server.address.clone())
            .await
            .unwrap();
        let (display_name, record_kind) = (
            "Free Freya".to_owned(),
            pb::persona::RecordKind::Customer.into(),
        );
        let persona = Some(pb::Persona {
            display_name,
            record_kind,
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
    let server = Server::demo();
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
    let server = Server::demo();
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
