//! From foreign columns to homes, and the files that come with the product.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use keystead_sheets::{
    Bound, Event, Field, Limits, Mapping, MappingFault, PriceUnit, Reason, Row, Sheet, Source, UnitRow,
};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn column(name: &str) -> Source {
    Source::Column(name.to_owned())
}

fn mapping() -> Mapping {
    let columns = [
        (Field::Number, column("Lot #")),
        (Field::Phase, Source::Constant("Phase 1".to_owned())),
        (Field::Plan, Source::Template("{Type} {Style}".to_owned())),
        (Field::Elevation, column("Elevation")),
        (Field::Floor, column("Floor")),
        (Field::Bathrooms, Source::Template("{Full}/{Half}".to_owned())),
        (Field::Price, column("List Price")),
        (Field::Currency, column("Currency")),
    ];
    Mapping { columns: columns.into(), empty_values: texts(&["NA", "n/a"]), price_unit: PriceUnit::Major }
}

const HEADER: &[&str] = &["Lot #", "Type", "Style", "Elevation", "Floor", "Full", "Half", "List  PRICE", "currency"];

fn bound() -> Bound {
    mapping().bind(&texts(HEADER)).expect("all columns are there")
}

fn unit(cells: &[&str]) -> Result<UnitRow, Vec<(String, Reason)>> {
    let unit = bound().unit(&Row { number: 7, cells: texts(cells) });
    unit.map_err(|errors| {
        errors
            .into_iter()
            .map(|error| {
                assert_eq!(error.row, 7);
                (error.column.expect("a column"), error.reason)
            })
            .collect()
    })
}

#[test]
fn a_good_row_is_a_home() {
    let unit = unit(&[" 12-A ", "1Fam", " 2  Story ", "Tudor", "-1", "2", "1", "$499,900.50", "usd"]).expect("good");
    assert_eq!((unit.row, unit.number.as_str(), unit.phase.as_str()), (7, "12-A", "Phase 1"));
    assert_eq!((unit.plan.as_deref(), unit.elevation.as_deref()), (Some("1Fam 2 Story"), Some("Tudor")));
    assert_eq!((unit.floor, unit.bathrooms_half_units, unit.bedrooms), (Some(-1), Some(5), None));
    assert_eq!((unit.price_minor, unit.currency.as_deref()), (49_990_050, Some("USD")));
}

#[test]
fn empty_values_and_short_rows_are_nothing() {
    let short = unit(&["1", "NA", "Ranch", "NA", "n/a", "NA", "NA", "5"]).expect("good");
    assert_eq!(
        (short.plan.as_deref(), short.elevation, short.floor, short.currency),
        (Some("Ranch"), None, None, None)
    );
    let none = unit(&["1", "NA", " NA ", "", "", "", "", "5", ""]).expect("good");
    assert_eq!((none.plan, none.bathrooms_half_units), (None, None));
}

#[test]
fn all_faults_of_a_row_are_told_at_once() {
    let errors = unit(&["NA", "", "", "Tudor", "first", "2", "", "-5", "dollars"]).expect_err("bad");
    let expected = [
        ("Lot #", Reason::Missing),
        ("Elevation", Reason::NeedsPlan),
        ("Floor", Reason::NotInteger),
        ("{Full}/{Half}", Reason::NotBathrooms),
        ("List Price", Reason::NegativePrice),
        ("Currency", Reason::NotCurrency),
    ];
    assert_eq!(errors, expected.map(|(column, reason)| (column.to_owned(), reason)));
}

#[test]
fn each_limit_is_kept() {
    let fault = |place: usize, text: &str| {
        let mut cells = ["1", "T", "S", "E", "1", "1", "0", "5", "USD"];
        cells[place] = text;
        unit(&cells).map(|_| ()).map_err(|errors| errors.into_iter().map(|(_, reason)| reason).collect::<Vec<_>>())
    };
    let long = "x".repeat(61);
    assert_eq!(fault(0, &long[1..]), Ok(()));
    assert_eq!(fault(0, &long), Err(vec![Reason::TooLong { limit: 60 }]));
    assert_eq!(fault(0, &"é".repeat(60)), Ok(()));
    assert_eq!(fault(0, "1\u{0}2"), Err(vec![Reason::ControlCharacter]));
    assert_eq!(fault(0, "1\n2"), Ok(()), "line ends become space");
    assert_eq!(fault(4, "201"), Err(vec![Reason::OutOfRange { min: -20, max: 200 }]));
    assert_eq!(fault(4, "99999999999999999999"), Err(vec![Reason::OutOfRange { min: -20, max: 200 }]));
    assert_eq!(fault(7, ""), Err(vec![Reason::Missing]));
    assert_eq!(fault(7, "1.005"), Err(vec![Reason::AmbiguousPrice]));
    assert_eq!(fault(7, "92233720368547758.08"), Err(vec![Reason::PriceTooLarge]));
    assert_eq!(fault(7, "€5"), Err(vec![Reason::OtherCurrency]));
    assert_eq!(fault(8, "CAD"), Ok(()));
}

#[test]
fn prices_may_count_cents() {
    let cents = Mapping { price_unit: PriceUnit::Minor, ..mapping() }.bind(&texts(HEADER)).expect("bound");
    let row = Row { number: 2, cells: texts(&["1", "", "", "", "", "", "", "49990050"]) };
    assert_eq!(cents.unit(&row).map(|unit| unit.price_minor), Ok(49_990_050));
}

#[test]
fn each_missing_column_is_named() {
    let error =
        mapping().bind(&texts(&["Lot #", "Style", "Elevation", "Floor", "Full", "Currency"])).expect_err("missing");
    let missing = |field, column: &str| MappingFault::MissingColumn { field, column: column.to_owned() };
    let expected =
        [missing(Field::Plan, "Type"), missing(Field::Bathrooms, "Half"), missing(Field::Price, "List Price")];
    assert_eq!(error.faults, expected);
    assert_eq!(error.to_string().matches("is not in the file").count(), 3);
}

#[test]
fn bad_mappings_are_refused_without_a_file() {
    let nothing = Mapping { columns: BTreeMap::new(), empty_values: Vec::new(), price_unit: PriceUnit::Major };
    let required = [Field::Number, Field::Phase, Field::Price].map(MappingFault::Unmapped);
    assert_eq!(nothing.check().map_err(|error| error.faults), Err(required.to_vec()));
    for template in ["Type", "{Type", "Type}", "{}", "{ }", "{a{b}}", "}{"] {
        let mut bad = mapping();
        bad.columns.insert(Field::Plan, Source::Template(template.to_owned()));
        let faults = bad.check().map_err(|error| error.faults);
        assert_eq!(faults, Err(vec![MappingFault::BadTemplate(Field::Plan)]), "{template}");
    }
    let mut bad = mapping();
    bad.columns.insert(Field::Plan, Source::Constant(" ".to_owned()));
    bad.empty_values = vec![String::new(); 51];
    let faults = vec![MappingFault::BadSource(Field::Plan), MappingFault::BadEmptyValues];
    assert_eq!(bad.check().map_err(|error| error.faults), Err(faults));
}

#[test]
fn the_wire_form_is_strict() {
    let text = r#"{"columns":{"number":{"column":"PID"},"plan":{"template":"{A} {B}"},"phase":{"constant":"x"},
        "price":{"column":"P"}},"empty_values":["NA"],"price_unit":"minor"}"#;
    let mapping: Mapping = serde_json::from_str(text).expect("valid");
    assert_eq!(mapping.check(), Ok(()));
    let again = serde_json::to_string(&mapping).expect("plain data");
    assert_eq!(serde_json::from_str::<Mapping>(&again).expect("valid"), mapping);
    for bad in [
        r#"{"columns":{"colour":{"column":"x"}}}"#,
        r#"{"columns":{"price":{"columns":"x"}}}"#,
        r#"{"columns":{"price":"x"}}"#,
        r#"{"columns":{},"price_unit":"pence"}"#,
        r#"{"columns":{},"strict":true}"#,
        r#"{"columns":{"price":{"column":"x","constant":"y"}}}"#,
        r"{}",
    ] {
        assert!(serde_json::from_str::<Mapping>(bad).is_err(), "{bad}");
    }
}

/// Reads a whole file, in chunks as an upload would come.
fn import(path: &Path, mapping: Option<Mapping>) -> Vec<UnitRow> {
    let bytes = std::fs::read(path).expect("the file");
    let mut sheet = Sheet::new(Limits::default());
    let mut events: Vec<Event> = bytes.chunks(1000).flat_map(|chunk| sheet.feed(chunk)).collect();
    events.extend(sheet.finish());
    let mut events = events.into_iter();
    let Some(Event::Header(header)) = events.next() else { panic!("no header") };
    let bound = mapping.unwrap_or_else(|| Mapping::by_field_names(&header)).bind(&header).expect("bound");
    events
        .map(|event| match event {
            Event::Row(row) => bound.unit(&row).unwrap_or_else(|errors| panic!("{errors:?}")),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn ames_mapping() -> Mapping {
    let text = std::fs::read(repository().join("deploy/demo/ames-mapping.json")).expect("the mapping");
    serde_json::from_slice(&text).expect("valid")
}

#[test]
fn the_ames_mapping_is_valid() {
    assert_eq!(ames_mapping().check(), Ok(()));
}

#[test]
fn the_ames_sales_are_homes() {
    let path = repository().join("../shared/data/ames/home-sales-2006-2009.csv");
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return;
    }
    let units = import(&path, Some(ames_mapping()));
    assert_eq!(units.len(), 2_589);
    let numbers: HashSet<_> = units.iter().map(|unit| unit.number.as_str()).collect();
    assert_eq!(units.len() - numbers.len(), 0, "parcels that were sold twice");
    let phases: BTreeSet<_> = units.iter().map(|unit| unit.phase.as_str()).collect();
    assert_eq!(phases.len(), 28);
    let first = &units[0];
    assert_eq!((first.row, first.number.as_str(), first.phase.as_str()), (2, "0526302110", "NAmes"));
    assert_eq!((first.plan.as_deref(), first.square_feet), (Some("1Fam 1Story"), Some(882)));
    assert_eq!((first.bedrooms, first.bathrooms_half_units, first.price_minor), (Some(2), Some(2), 12_450_000));
    assert!(units.iter().all(|unit| unit.currency.as_deref() == Some("USD") && unit.plan.is_some()));
}

#[test]
fn the_demo_file_is_fusion() {
    let units = import(&repository().join("deploy/demo/fusion-homes.csv"), None);
    assert_eq!(units.len(), 120);
    let distinct = |of: fn(&UnitRow) -> Option<&str>| units.iter().filter_map(of).collect::<BTreeSet<_>>().len();
    assert_eq!(distinct(|unit| Some(&unit.number)), 120);
    assert_eq!(distinct(|unit| Some(&unit.phase)), 3);
    assert_eq!(distinct(|unit| unit.building.as_deref()), 6);
    assert_eq!(distinct(|unit| unit.plan.as_deref()), 4);
    assert_eq!(distinct(|unit| unit.address.as_deref()), 120);
    assert!(units.iter().filter(|unit| unit.not_for_sale_reason.is_some()).count() == 4);
    let plans: serde_json::Value =
        serde_json::from_slice(&std::fs::read(repository().join("deploy/demo/fusion-plans.json")).expect("the plans"))
            .expect("JSON");
    for unit in &units {
        let plan = plans["plans"]
            .as_array()
            .and_then(|plans| plans.iter().find(|plan| plan["code"] == *unit.plan.as_deref().unwrap_or("")));
        let plan = plan.expect("a known plan");
        let elevations = plan["elevations"].as_array().expect("elevations");
        assert!(elevations.iter().any(|elevation| elevation["code"] == *unit.elevation.as_deref().unwrap_or("")));
        assert_eq!(plan["bedrooms"], unit.bedrooms.expect("bedrooms"));
    }
}
