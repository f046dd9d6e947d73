//! A store that was written while fields of the API had other names: the migration and the refiling after it give them
//! those of today.

use clientele::pb;
use clientele::pb::conversation::Channel;
use prost::Message;

use crate::harness::answer::done;
use crate::harness::engine::{Engine, Store, execute};
use crate::harness::{Harness, in_runtime};

/// What records of the golden store would have been, had they used every field that has another name now.
const EARLIER: &str = r#"
    update contacts set preferred_channel = 'PHONE', locked_paths = '["about","preferred_channel"]'
      where name = 'contacts/golden-anna';
    update customers set spend_currency_code = 'EUR', spend_units = 50, locked_paths = '["spend","spend.units"]'
      where name = 'customers/golden-alpha';
    update changes set changed_paths = '["about","spend","spend.units"]' where name = 'customers/golden-alpha';
    update changes set changed_paths = '["preferred_channel"]' where name = 'contacts/golden-anna';
    update changes set changed_paths = '["our_people"]' where name = 'conversations/golden-talk';
    update changes set changed_paths = '["done_time"]' where name = 'promises/golden-ours';
    update changes set changed_paths = '["subjects","written_time"]' where name = 'notes/golden-note';
    update changes set changed_paths = '["subject"]' where name = 'personas/golden-persona';
    update personas set subject = 'CONTACT', match_filter = 'preferred_channel = PHONE AND preferred_channel != SMS'
      where name = 'personas/golden-persona';
    update conversations set our_people = '["colleagues/mia"]' where name = 'conversations/golden-talk';
    update segments set filter = 'spend >= 50 AND spend.currency_code = "EUR"' where name = 'segments/golden-permissions';
    update segments set filter = 'last_conversation.our_people:"colleagues/mia"' where name = 'segments/golden-claims';"#;

async fn fields_of_earlier_names_are_those_of_today(engine: Engine) {
    let store = Store::golden(engine).await;
    execute(&store.url(), EARLIER).await;
    let h = Harness::start_on_earlier(engine, store).await;

    let person: pb::Contact = h.get("contacts/golden-anna").await;
    assert_eq!(
        person.preferred_channels().collect::<Vec<_>>(),
        [Channel::Phone]
    );
    assert_eq!(person.locked_paths, ["about", "preferred_channels"]);
    let firm: pb::Customer = h.get("customers/golden-alpha").await;
    assert_eq!(firm.annual_spend.unwrap().units, 50);
    assert_eq!(firm.locked_paths, ["annual_spend", "annual_spend.units"]);

    let persona: pb::Persona = h.get("personas/golden-persona").await;
    assert_eq!(
        persona.match_filter,
        "preferred_channels:PHONE AND (preferred_channels:* AND NOT preferred_channels:SMS)"
    );
    for segment in ["segments/golden-permissions", "segments/golden-claims"] {
        assert_eq!(
            h.members(segment, 10).await,
            ["customers/golden-alpha"],
            "{segment}"
        );
    }
    assert_eq!(
        h.names::<pb::Contact>("preferred_channels:PHONE").await,
        ["contacts/golden-anna"]
    );
    let of_firm = "records:\"customers/golden-alpha\" AND write_time < now()";
    assert_eq!(h.names::<pb::Note>(of_firm).await, ["notes/golden-note"]);
    assert_eq!(
        h.names::<pb::Persona>("record_kind = CONTACT").await,
        ["personas/golden-persona"]
    );

    for (name, paths) in [
        (
            "customers/golden-alpha",
            &["about", "annual_spend", "annual_spend.units"][..],
        ),
        ("contacts/golden-anna", &["preferred_channels"]),
        ("conversations/golden-talk", &["colleagues"]),
        ("promises/golden-ours", &["complete_time"]),
        ("notes/golden-note", &["records", "write_time"]),
        ("personas/golden-persona", &["record_kind"]),
    ] {
        let request = pb::ListRevisionsRequest {
            name: name.to_owned(),
            ..Default::default()
        };
        let newest = done(h.history.clone().list_revisions(request).await)
            .revisions
            .remove(0);
        assert_eq!(newest.changed_paths, paths, "{name}");
    }
    h.stop().await;
}

#[test]
fn fields_of_earlier_names_are_those_of_today_on_sqlite() {
    in_runtime(fields_of_earlier_names_are_those_of_today(Engine::Sqlite));
}

#[test]
fn fields_of_earlier_names_are_those_of_today_on_postgres() {
    in_runtime(fields_of_earlier_names_are_those_of_today(Engine::Postgres));
}

/// Field 31 of a contact was one channel.
#[test]
fn an_earlier_body_with_one_channel_has_a_list_of_one() {
    let body = [0xf8, 0x01, Channel::Phone as u8];
    let person = pb::Contact::decode(&body[..]).unwrap();
    assert_eq!(person.preferred_channels, [i32::from(Channel::Phone)]);
}
