//! A program that keeps reading an old state of a SQLite file, so that its log cannot be emptied.

use std::path::Path;

use clientele::pb;
use clientele::pb::note_service_client::NoteServiceClient;
use clientele::server::health::WRITES;
use clientele::store::engine::open::DatabaseUrl;
use sqlx::{Connection, Executor, SqliteConnection};
use tonic::{Code, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt;

use crate::crash::load::{Ledger, create};
use crate::crash::{Place, soon};
use crate::harness::engine::Engine;
use crate::harness::records::note;

/// The least that can be set.
const BOUND: u64 = 64 << 20;
/// More writes than fit: each takes more than twice its text, for the record and its history.
const MORE_THAN_FIT: u64 = BOUND / (2 * TEXT as u64) + 100;
/// The length of a text; nearly the most that a note has.
const TEXT: usize = 60_000;
/// What a group of writes may add beyond the bound: generous, as one record here has some hundred kilobytes.
const BEYOND: u64 = 2 << 20;
/// Notes of a customer that goes and comes.
const N_NOTES: u64 = 100;
/// What the service logs at half of the bound.
const WARNING: &str = "the log of the store grows";

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_reader_cannot_make_the_log_grow_without_end() {
    let mut place = Place::on(Engine::Sqlite).await;
    place.restart_with(("CLIENTELE_MAX_WAL_BYTES", &BOUND.to_string()));
    let DatabaseUrl::Sqlite(file) = place.url.clone() else {
        unreachable!("it is a file")
    };
    let (ledger, mut n_written) = (Ledger::new(), 0);
    write(&place, &ledger, &mut n_written).await.unwrap();
    // Without a foreign reader the log is emptied, however much is written.
    while n_written < MORE_THAN_FIT {
        write(&place, &ledger, &mut n_written).await.unwrap();
    }
    assert!(!place.serve().log().contains(WARNING));

    let mut reader = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    reader
        .execute("begin; select count(*) from customers")
        .await
        .unwrap();
    let refusal = loop {
        assert!(n_written < 4 * MORE_THAN_FIT, "no write is refused");
        if let Err(refusal) = write(&place, &ledger, &mut n_written).await {
            break refusal;
        }
        assert!(log_bytes(&file) < BOUND + BEYOND, "it grows past the bound");
    };
    is_named(&refusal);
    let warned = place.serve().log();
    let process = format!("process.id={}", std::process::id());
    assert!(
        warned.contains(WARNING) && warned.contains(&process),
        "{warned}"
    );
    let says_so = place.serve().health_is(WRITES, ServingStatus::NotServing);
    soon("health says so", says_so).await;
    assert_eq!(place.serve().health("").await, ServingStatus::Serving);
    ledger.verify(place.serve().customers()).await;

    reader.execute("commit").await.unwrap();
    let says_so = place.serve().health_is(WRITES, ServingStatus::Serving);
    soon("health says so", says_so).await;
    write(&place, &ledger, &mut n_written).await.unwrap();
    assert!(log_bytes(&file) < BOUND / 2, "the space is given back");
    ledger.verify(place.serve().customers()).await;
    place.kill();
    place.remove().await;
}

/// Few units that write much are copied into the file as soon as many that write little.
#[tokio::test(flavor = "multi_thread")]
async fn large_units_do_not_make_the_log_long() {
    let mut place = Place::on(Engine::Sqlite).await;
    let DatabaseUrl::Sqlite(file) = place.url.clone() else {
        unreachable!("it is a file")
    };
    let mut customers = place.serve().customers();
    let firm = customers.create_customer(create("firm")).await.unwrap();
    let name = firm.into_inner().name;
    let mut notes = NoteServiceClient::new(place.serve().channel());
    for _ in 0..N_NOTES {
        let note = Some(note(&name, &"x".repeat(TEXT)));
        let request = pb::CreateNoteRequest {
            note,
            ..Default::default()
        };
        notes.create_note(request).await.unwrap();
    }
    // Each writes the notes and their history anew.
    for _ in 0..N_NOTES / 10 {
        let delete = pb::DeleteCustomerRequest {
            name: name.clone(),
            force: true,
            ..Default::default()
        };
        customers.delete_customer(delete).await.unwrap();
        let undelete = pb::UndeleteCustomerRequest {
            name: name.clone(),
            ..Default::default()
        };
        customers.undelete_customer(undelete).await.unwrap();
    }
    let n_bytes = log_bytes(&file);
    let written = N_NOTES / 10 * 2 * N_NOTES * 2 * TEXT as u64;
    assert!(n_bytes < written / 4, "{n_bytes} bytes of {written}");
    place.kill();
    place.remove().await;
}

/// Writes a record, and then a large one.
async fn write(place: &Place, ledger: &Ledger, n_written: &mut u64) -> Result<(), Status> {
    let request = create(&format!("c{n_written}"));
    let answer = place.serve().customers().create_customer(request).await?;
    ledger.note(&answer, 0);
    *n_written += 1;
    let note = pb::CreateNoteRequest {
        note: Some(note(&answer.get_ref().name, &"x".repeat(TEXT))),
        ..Default::default()
    };
    let mut notes = NoteServiceClient::new(place.serve().channel());
    notes.create_note(note).await?;
    Ok(())
}

fn is_named(refusal: &Status) {
    assert_eq!(refusal.code(), Code::Unavailable, "{refusal:?}");
    let reason = refusal.get_details_error_info().unwrap().reason;
    assert_eq!(reason, "STORE_UNAVAILABLE");
    assert!(refusal.get_details_retry_info().is_some(), "{refusal:?}");
    let process = format!("process {}", std::process::id());
    assert!(refusal.message().contains(&process), "{refusal:?}");
}

fn log_bytes(file: &Path) -> u64 {
    let log = format!("{}-wal", file.display());
    std::fs::metadata(log).unwrap().len()
}
