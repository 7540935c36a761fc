//! From bytes to batches. No I/O; holds one batch and one row of the file.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use axum::http::StatusCode;
use keystead_sheets::{
    Bound, Event, Field, Limits, Mapping, MappingError, MappingFault, RowError, Sheet, SheetError, Source, UnitRow,
};
use thiserror::Error;

use super::{
    batch::{Batch, Refusal, number_taken},
    wire::Instructions,
};
use crate::http::{FieldCode, FieldError, Problem};

/// The rows of a file. Bounds what a dry run has to remember.
const MAX_FILE_ROWS: i64 = 500_000;

/// Why the file cannot be read on.
#[derive(Debug, Error)]
pub(super) enum Fatal {
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error(transparent)]
    Mapping(#[from] MappingError),
    #[error("the file has more than {MAX_FILE_ROWS} rows")]
    TooManyRows,
    #[error("the file is too large")]
    TooLarge,
}

impl Fatal {
    /// The problem that names the column, or else the body.
    pub(super) fn problem(&self) -> Problem {
        match self {
            Self::TooLarge => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::Mapping(error) => Problem::fields(error.faults.iter().map(mapping_fault).collect()),
            Self::Sheet(error) => Problem::field(sheet_pointer(error), FieldCode::Malformed, error.to_string()),
            Self::TooManyRows => Problem::field("body", FieldCode::TooMany, self.to_string()),
        }
    }
}

fn sheet_pointer(error: &SheetError) -> &str {
    match error {
        SheetError::DuplicateHeader { name } => name,
        _ => "body",
    }
}

fn mapping_fault(fault: &MappingFault) -> FieldError {
    let pointer = match fault {
        MappingFault::MissingColumn { column, .. } => column.as_str(),
        MappingFault::Unmapped(field) | MappingFault::BadTemplate(field) | MappingFault::BadSource(field) => {
            field.name()
        }
        MappingFault::BadEmptyValues => "body",
    };
    FieldError { pointer: pointer.to_owned(), code: FieldCode::Malformed, message: fault.to_string() }
}

/// What a reader is told.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) instructions: Instructions,
    /// The project's currency.
    pub(super) currency: String,
    /// Nothing is written, so the file's own duplicates must be noticed here.
    pub(super) dry_run: bool,
    /// Rows that an earlier request dealt with.
    pub(super) skip: i64,
}

/// Reads a file into batches.
pub(super) struct Reader {
    reading: Reading,
    sheet: Sheet,
    columns: Option<Columns>,
    numbers: Numbers,
    batch: Batch,
    /// The number of the present row.
    row: Option<u64>,
    /// Rows that were read, with those that are skipped.
    read: i64,
}

/// The file's columns and what errors call them.
struct Columns {
    bound: Bound,
    number: String,
    currency: String,
}

impl Columns {
    fn find(mapping: Option<&Mapping>, header: &[String]) -> Result<Self, MappingError> {
        let own = Mapping::by_field_names(header);
        let mapping = mapping.unwrap_or(&own);
        // Without a column of its own, only the price can name a currency.
        let named_by = if mapping.columns.contains_key(&Field::Currency) { Field::Currency } else { Field::Price };
        let (number, currency) = (label(mapping, Field::Number), label(mapping, named_by));
        Ok(Self { bound: mapping.bind(header)?, number, currency })
    }
}

fn label(mapping: &Mapping, field: Field) -> String {
    match mapping.columns.get(&field) {
        Some(Source::Column(name)) => name.clone(),
        Some(Source::Template(template)) => template.clone(),
        Some(Source::Constant(_)) | None => field.name().to_owned(),
    }
}

/// The numbers of homes that a dry run met, as keyed hashes: eight bytes each, and nobody can make them collide.
#[derive(Default)]
struct Numbers {
    hasher: RandomState,
    met: HashSet<u64>,
}

impl Numbers {
    /// Is it the first time?
    fn meet(&mut self, number: &str) -> bool {
        self.met.insert(self.hasher.hash_one(number))
    }
}

impl Reader {
    /// A reader at the start of a file.
    pub(super) fn new(reading: Reading) -> Self {
        Self {
            reading,
            sheet: Sheet::new(Limits::default()),
            columns: None,
            numbers: Numbers::default(),
            batch: Batch::default(),
            row: None,
            read: 0,
        }
    }

    /// What errors call the column of the number.
    pub(super) fn number_column(&self) -> &str {
        self.columns.as_ref().map_or(Field::Number.name(), |columns| &columns.number)
    }

    /// Has it not yet come to where the earlier request stopped?
    pub(super) fn is_behind(&self) -> bool {
        self.read < self.reading.skip
    }

    /// Takes bytes, and adds the batches that they fill.
    pub(super) fn feed(&mut self, bytes: &[u8], full: &mut Vec<Batch>) -> Result<(), Fatal> {
        let events = self.sheet.feed(bytes);
        self.take_all(events, full)
    }

    /// At the end of the file: adds the last batch, be it empty.
    pub(super) fn finish(&mut self, full: &mut Vec<Batch>) -> Result<(), Fatal> {
        let events = self.sheet.finish();
        self.take_all(events, full)?;
        full.push(std::mem::take(&mut self.batch));
        Ok(())
    }

    fn take_all(&mut self, events: Vec<Event>, full: &mut Vec<Batch>) -> Result<(), Fatal> {
        events.into_iter().try_for_each(|event| self.take(event, full))
    }

    fn take(&mut self, event: Event, full: &mut Vec<Batch>) -> Result<(), Fatal> {
        match event {
            Event::Header(names) => {
                self.columns = Some(Columns::find(self.reading.instructions.mapping.as_ref(), &names)?);
            }
            Event::Row(row) => {
                self.begin_row(row.number, full)?;
                let Some(columns) = &self.columns else { return Ok(()) };
                // A dry run has to know the numbers of the rows that it skips, too.
                if !self.is_skipped() || self.reading.dry_run {
                    let judged = columns.bound.unit(&row);
                    self.keep(judged);
                }
            }
            Event::RowError(error) => {
                self.begin_row(error.row, full)?;
                if !self.is_skipped() {
                    self.batch.errors.push(error.into());
                }
            }
            Event::Fatal(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Counts the row if it is a new one: several errors may concern one row. A row is never split over two batches.
    fn begin_row(&mut self, number: u64, full: &mut Vec<Batch>) -> Result<(), Fatal> {
        if self.row == Some(number) {
            return Ok(());
        }
        if self.read >= MAX_FILE_ROWS {
            return Err(Fatal::TooManyRows);
        }
        if self.batch.is_full() {
            full.push(std::mem::take(&mut self.batch));
        }
        self.row = Some(number);
        self.read += 1;
        self.batch.rows += i64::from(!self.is_skipped());
        Ok(())
    }

    fn is_skipped(&self) -> bool {
        self.read <= self.reading.skip
    }

    fn keep(&mut self, judged: Result<UnitRow, Vec<RowError>>) {
        let judged = judged.map_err(|errors| errors.into_iter().map(Refusal::from).collect());
        let judged = judged.and_then(|unit| self.acceptable(unit).map_err(|refusal| vec![refusal]));
        if self.is_skipped() {
            return;
        }
        match judged {
            Ok(unit) => self.batch.units.push(unit),
            Err(errors) => self.batch.errors.extend(errors),
        }
    }

    fn acceptable(&mut self, unit: UnitRow) -> Result<UnitRow, Refusal> {
        let Some(columns) = &self.columns else { return Ok(unit) };
        if let Some(currency) = unit.currency.as_ref().filter(|currency| **currency != self.reading.currency) {
            let reason = format!("is in {currency}; the project's currency is {}", self.reading.currency);
            return Err(Refusal { row: unit.row.cast_signed(), column: Some(columns.currency.clone()), reason });
        }
        if self.reading.dry_run && !self.numbers.meet(&unit.number) {
            return Err(number_taken(unit.row, &columns.number));
        }
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use keystead_sheets::PriceUnit;

    use super::*;

    fn reading(dry_run: bool, skip: i64) -> Reading {
        let instructions = Instructions { mapping: None, release_phases: false };
        Reading { instructions, currency: "USD".into(), dry_run, skip }
    }

    fn read(reading: Reading, text: &str) -> Result<Vec<Batch>, Fatal> {
        let (mut reader, mut full) = (Reader::new(reading), Vec::new());
        for chunk in text.as_bytes().chunks(7) {
            reader.feed(chunk, &mut full)?;
        }
        reader.finish(&mut full)?;
        Ok(full)
    }

    fn homes(count: i64) -> String {
        let mut text = "number,phase,price\n".to_owned();
        for number in 1..=count {
            writeln!(text, "{number},One,1000").expect("memory");
        }
        text
    }

    fn numbers(batches: &[Batch]) -> Vec<&str> {
        batches.iter().flat_map(|batch| &batch.units).map(|unit| unit.number.as_str()).collect()
    }

    #[test]
    fn batches_are_bounded_and_lose_no_row() {
        let batches = read(reading(false, 0), &homes(2_001)).expect("good");
        let rows: Vec<_> = batches.iter().map(|batch| (batch.rows, batch.rows_imported())).collect();
        assert_eq!(rows, [(1_000, 1_000), (1_000, 1_000), (1, 1)]);
        assert_eq!(read(reading(false, 0), &homes(0)).expect("good"), [Batch::default()]);
    }

    #[test]
    fn a_resumed_file_goes_on_after_the_rows_that_were_read() {
        let batches = read(reading(false, 1_000), &homes(1_002)).expect("good");
        assert_eq!(numbers(&batches), ["1001", "1002"]);
        let mut behind = Reader::new(reading(false, 5));
        behind.feed(homes(3).as_bytes(), &mut Vec::new()).expect("good");
        assert!(behind.is_behind());
    }

    #[test]
    fn errors_name_row_column_and_reason() {
        let text = "Number,phase,price,currency\n1,One,5,EUR\n2,One,,USD\n=3,One,5,\n4,,x,\n5,One,5,usd\n";
        let mut batches = read(reading(false, 0), text).expect("good");
        assert_eq!(numbers(&batches), ["5"]);
        assert_eq!((batches[0].rows, batches[0].rows_refused()), (5, 4));
        let errors = batches[0].take_errors();
        let places: Vec<_> = errors.iter().map(|e| (e.row, e.column.as_deref().unwrap_or_default())).collect();
        assert_eq!(places, [(2, "currency"), (3, "price"), (4, "Number"), (5, "phase"), (5, "price")]);
        assert_eq!(errors[0].reason, "is in EUR; the project's currency is USD");
    }

    #[test]
    fn only_a_dry_run_looks_for_duplicates_itself_and_knows_those_that_it_skips() {
        let text = "number,phase,price\n1,One,5\n2,One,5\n1,One,5\n";
        assert_eq!(numbers(&read(reading(false, 0), text).expect("good")), ["1", "2", "1"]);
        for skip in [0, 1] {
            let mut batches = read(reading(true, skip), text).expect("good");
            let last = batches.last_mut().expect("one");
            assert_eq!(last.take_errors(), [number_taken(4, "number")]);
            assert_eq!((last.rows, last.rows_refused()), (3 - skip, 1));
        }
    }

    #[test]
    fn a_wrong_header_is_fatal_and_named() {
        let Err(Fatal::Mapping(error)) = read(reading(false, 0), "number,price\n1,5\n") else { panic!("not refused") };
        assert_eq!(mapping_fault(&error.faults[0]).pointer, "phase");
        let named = [(Field::Number, "Lot"), (Field::Phase, "Area"), (Field::Price, "Price")];
        let columns = named.map(|(field, name)| (field, Source::Column(name.to_owned()))).into();
        let mapping = Mapping { columns, empty_values: Vec::new(), price_unit: PriceUnit::Major };
        let instructions = Instructions { mapping: Some(mapping), release_phases: false };
        let told = Reading { instructions, ..reading(false, 0) };
        let Err(Fatal::Mapping(error)) = read(told, "Lot,Price\n1,5\n") else { panic!("not refused") };
        assert_eq!(mapping_fault(&error.faults[0]).pointer, "Area");
        assert!(matches!(read(reading(false, 0), ""), Err(Fatal::Sheet(SheetError::NoHeader))));
    }

    #[test]
    fn a_file_has_at_most_so_many_rows() {
        let mut reader = Reader::new(reading(false, 0));
        reader.feed(b"number,phase,price\n", &mut Vec::new()).expect("good");
        reader.read = MAX_FILE_ROWS;
        let refused = reader.feed(b"1,One,5\n", &mut Vec::new());
        assert!(matches!(refused, Err(Fatal::TooManyRows)));
    }
}
