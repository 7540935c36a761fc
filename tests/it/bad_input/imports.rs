//! Spreadsheets.

use keystead_ids::PresetRole::VpSales;
use keystead_tests::{Answer, Call, Person, Tenant, World};

use crate::rows::{Rows, count};

/// A refused file leaves the record of its import, and nothing else.
const RECORD: [&str; 3] = ["app.imports", "app.import_errors", "audit.events"];

fn import(who: &Person, project: &str, file: impl Into<Vec<u8>>) -> Call {
    who.call("POST", &format!("/v1/imports?project_id={project}&file_name=homes.csv")).body("text/csv", file.into())
}

async fn acme(world: &World) -> (Tenant<'_>, String) {
    let acme = world.tenant("acme").await;
    let fusion = acme.project("FUSION").await;
    (acme, fusion)
}

/// What the report says of the rows: row, column, reason.
fn errors(report: &Answer) -> Vec<(i64, &str, &str)> {
    let errors = report.json["errors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            (error["row"].as_i64().unwrap(), error["column"].as_str().unwrap_or(""), error["reason"].as_str().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_refused_with_the_reason_and_makes_no_home() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let rows = Rows::of(&world).await;
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("number,phase,price\n1,One,5\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let columns = |count: usize| (0..count).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    let files: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        ("no phase", b"number,price\n1,5\n".to_vec(), "phase", "phase"),
        ("wrong header", b"lot;area;cost\n1;One;5\n".to_vec(), "number", "number"),
        ("nothing", Vec::new(), "body", "no header"),
        ("blank lines", b"\n\n\n".to_vec(), "body", "no header"),
        ("a column twice", b"number,phase,price,Price \n1,One,5,6\n".to_vec(), "Price", "twice"),
        ("a formula for a name", b"number,phase,price,=1+1\n1,One,5,6\n".to_vec(), "body", "formula"),
        ("UTF-16", utf16, "body", "UTF-16"),
        ("zeroes", [b"number,phase,price\n".as_slice(), &[0; 64]].concat(), "body", "not text"),
        ("a zip file", b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00".to_vec(), "body", "not text"),
        ("an open quotation mark", b"number,phase,price\n1,\"One,5\n2,Two,6\n".to_vec(), "body", "never closed"),
        ("513 columns", columns(513).into_bytes(), "body", "512 columns"),
        ("1,000,000 columns", columns(1_000_000).into_bytes(), "body", ""),
    ];
    for (name, file, pointer, reason) in files {
        let answer = import(&acme.admin, &fusion, file).refused(422, "invalid", pointer).await;
        assert!(answer.text.contains(reason), "{name}: {}", answer.text);
        assert!(answer.text.len() < 2_000, "{name}: the answer is short");
    }
    rows.unchanged_but(&RECORD).await;
    assert_eq!(count(&world, "SELECT count(*) FROM app.imports WHERE state <> 'failed'").await, 0);
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_the_first_column() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let report = import(&acme.admin, &fusion, "\u{feff}number,phase,price\n1,Café,1000\n").expect(201).await;
    assert_eq!(
        (&report.json["rows_imported"], &report.json["rows_refused"]),
        (&1.into(), &0.into()),
        "{}",
        report.text
    );
    let phases = acme.admin.get(&format!("/v1/phases?project_id={fusion}")).expect(200).await;
    assert_eq!(phases.items()[0]["name"], "Café");
}

#[tokio::test]
async fn latin_1_is_read_as_what_it_says() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let file = b"number;phase;price\n1;Pe\xf1asquitos \x80;1000\n2;Caf\xe9;2000\n".to_vec();
    let report = import(&acme.admin, &fusion, file).expect(201).await;
    assert_eq!(report.json["rows_imported"], 2, "{}", report.text);
    let phases = acme.admin.get(&format!("/v1/phases?project_id={fusion}")).expect(200).await;
    let mut names: Vec<_> = phases.items().iter().map(|phase| phase["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Café", "Peñasquitos €"]);
}

#[tokio::test]
async fn a_cell_of_ten_megabytes_costs_its_row_only() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let file =
        format!("number,phase,price,address\n1,One,1000,{}\n2,One,1000,1 Main St\n", "x".repeat(10 * 1024 * 1024));
    let report = import(&acme.admin, &fusion, file).expect(201).await;
    assert_eq!(
        (&report.json["rows_imported"], &report.json["rows_refused"]),
        (&1.into(), &1.into()),
        "{}",
        report.text
    );
    let (row, _, reason) = errors(&report)[0];
    assert!(row == 2 && reason.contains("longer than"), "{}", report.text);
    assert!(report.text.len() < 2_000, "the cell is not quoted");
}

#[tokio::test]
async fn a_row_of_a_million_cells_costs_its_row_only() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let file = format!("number,phase,price\n1,One,1000{}\n2,One,1000\n", ",7".repeat(1_000_000));
    let report = import(&acme.admin, &fusion, file).expect(201).await;
    assert_eq!(
        (&report.json["rows_imported"], &report.json["rows_refused"]),
        (&1.into(), &1.into()),
        "{}",
        report.text
    );
    assert_eq!(errors(&report)[0].0, 2);
}

#[tokio::test]
async fn every_bad_row_is_reported_with_its_number_column_and_reason_and_the_others_are_imported() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    acme.unit(&fusion, "100").await;
    let file = "number,phase,price,currency,address\n\
        1,One,1000,,good\n\
        =1+1,One,1000,,a formula\n\
        2,One,1000,,@SUM(A1)\n\
        3,One,1000,,\"=HYPERLINK(\"\"http://evil.test\"\")\"\n\
        4,One,-5,,negative\n\
        5,One,(5),,negative\n\
        6,One,99999999999999999999,,too much\n\
        7,One,1000,EUR,another currency\n\
        8,One,€ 5,,another currency\n\
        9,One,cheap,,no amount\n\
        ,One,5,,no number\n\
        1,One,5,,twice in the file\n\
        100,One,5,,in the database\n\
        10,One,0.001,,fractions of a cent\n\
        11,One,5,,bell \u{7}\n\
        12,,5,,no phase\n\
        13,One,5,,good\n";
    let dry = format!("/v1/imports?project_id={fusion}&file_name=homes.csv&dry_run=true");
    let dry = acme.admin.call("POST", &dry).body("text/csv", file).expect(201).await;
    assert_eq!(count(&world, "SELECT count(*) FROM app.units").await, 1, "a dry run makes no home");
    let report = import(&acme.admin, &fusion, file).expect(201).await;
    assert_eq!(errors(&dry), errors(&report), "a dry run says what the import will");
    let found: Vec<_> = errors(&report).iter().map(|(row, column, _)| (*row, *column)).collect();
    let expected = [
        (3, "number"),
        (4, "address"),
        (5, "address"),
        (6, "price"),
        (7, "price"),
        (8, "price"),
        (9, "currency"),
        (10, "currency"),
        (11, "price"),
        (12, "number"),
        (13, "number"),
        (14, "number"),
        (15, "price"),
        (16, "address"),
        (17, "phase"),
    ];
    assert_eq!(found, expected, "{}", report.text);
    assert!(!report.text.contains("evil.test"), "cells are not quoted");
    assert_eq!((&report.json["rows_imported"], &report.json["rows_refused"]), (&2.into(), &15.into()));
    assert_eq!(count(&world, "SELECT count(*) FROM app.units").await, 3);
}

#[tokio::test]
async fn an_import_of_a_file_that_was_imported_makes_no_home_twice() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let file = "number,phase,price\n1,One,1000\n2,One,1000\n";
    import(&acme.admin, &fusion, file).expect(201).await;
    let rows = Rows::of(&world).await;
    let report = import(&acme.admin, &fusion, file).expect(201).await;
    assert_eq!((&report.json["rows_imported"], &report.json["rows_refused"]), (&0.into(), &2.into()));
    rows.unchanged_but(&RECORD).await;
}

#[tokio::test]
async fn an_import_that_is_asked_for_wrongly_is_refused() {
    let world = World::new().await;
    let (acme, fusion) = acme(&world).await;
    let rival = world.tenant("rival").await;
    let foreign = rival.project("RIVAL").await;
    let vp = acme.hire(VpSales, &[]).await;
    let rows = Rows::of(&world).await;
    let file = "number,phase,price\n1,One,1000\n";
    let post = |query: &str| acme.admin.call("POST", &format!("/v1/imports?{query}"));
    for (query, pointer) in [
        (format!("project_id={fusion}"), "file_name"),
        ("file_name=a.csv".to_owned(), "project_id"),
        (format!("project_id={fusion}&file_name=a.csv&dry_run=perhaps"), "dry_run"),
        (format!("project_id={fusion}&file_name=a.csv&colour=red"), "colour"),
        (format!("project_id={fusion}&file_name=%00"), "file_name"),
        (format!("project_id={fusion}&file_name=a.csv&mapping_id=map_{}", "0".repeat(32)), "mapping_id"),
        ("project_id=FUSION&file_name=a.csv".to_owned(), "project_id"),
    ] {
        post(&query).body("text/csv", file).refused(422, "invalid", pointer).await;
    }
    for content_type in ["application/json", "application/vnd.ms-excel", "text/html", "text/csvx"] {
        let call = post(&format!("project_id={fusion}&file_name=a.csv")).body(content_type, file);
        call.refused(415, "media-type", "").await;
    }
    import(&acme.admin, &foreign, file).refused(404, "not-found", "").await;
    import(&vp, &fusion, file).refused(403, "forbidden", "").await;
    rows.unchanged().await;
}
