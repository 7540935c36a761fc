//! The streaming reader.

use std::collections::HashSet;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use crate::{
    fault::{Reason, RowError, SheetError},
    text::{Decoder, Encoding, fold_name, has_control, looks_like_formula},
};

/// The separators that are recognised, in order of preference.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The longest column name, in characters.
const MAX_NAME_CHARS: usize = 200;
/// How many faulty cells of one row are reported.
const MAX_ERRORS_PER_ROW: usize = 20;

/// What a file may not exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of all cells of a row together. Also how far the header's separator is looked for.
    pub max_row_bytes: usize,
    /// The columns of the header.
    pub max_columns: usize,
    /// The bytes of a cell.
    pub max_cell_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_row_bytes: 64 * 1024, max_columns: 512, max_cell_bytes: 32 * 1024 }
    }
}

/// What the reader found, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The names of the columns, without surrounding space; comes first and once. Nameless columns are empty texts.
    Header(Vec<String>),
    /// A row that is not blank.
    Row(Row),
    /// Something is wrong with a row, which is left out. Several may concern one row.
    RowError(RowError),
    /// The file cannot be read on; nothing follows.
    Fatal(SheetError),
}

/// The cells of one row. It may have fewer cells than the header, and blank ones beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row's number in a spreadsheet program.
    pub number: u64,
    /// The cells, as they are in the file.
    pub cells: Vec<String>,
}

/// Reads CSV (RFC 4180, and what spreadsheet programs make of it) in chunks. How the file is cut into chunks makes no
/// difference to the events. Holds at most one row of [`Limits::max_row_bytes`] and gives out what one chunk contains.
#[derive(Debug)]
pub struct Sheet {
    limits: Limits,
    stage: Stage,
    decoder: Decoder,
    /// The names of the columns, once known.
    header: Option<Vec<String>>,
    row: PartialRow,
}

#[derive(Debug)]
enum Stage {
    /// Looking for the separator in the first line.
    Opening(Opening),
    /// Reading rows.
    Reading(Box<Reader>),
    /// The end, or a fatal error.
    Closed,
}

/// The first line as far as it was seen.
#[derive(Debug, Default)]
struct Opening {
    buffer: Vec<u8>,
    seen: usize,
    quoted: bool,
    text: bool,
    counts: [usize; 3],
}

/// Is the first line complete?
enum Progress {
    More,
    Complete,
    Utf16,
    Utf8Mark,
}

impl Opening {
    fn push(&mut self, byte: u8, limit: usize) -> Progress {
        self.buffer.push(byte);
        self.seen += 1;
        if self.seen == 2 && matches!(self.buffer[..], [0xff, 0xfe] | [0xfe, 0xff]) {
            return Progress::Utf16;
        }
        if self.seen == 3 && self.buffer == BYTE_ORDER_MARK {
            self.buffer.clear();
            self.text = false;
            return Progress::Utf8Mark;
        }
        match byte {
            b'\r' | b'\n' if self.text && !self.quoted => return Progress::Complete,
            b'\r' | b'\n' => {}
            b'"' => (self.quoted, self.text) = (!self.quoted, true),
            _ => self.count(byte),
        }
        if self.buffer.len() >= limit { Progress::Complete } else { Progress::More }
    }

    fn count(&mut self, byte: u8) {
        self.text = true;
        if let Some(place) = SEPARATORS.iter().position(|separator| *separator == byte) {
            self.counts[place] += usize::from(!self.quoted);
        }
    }

    /// The most frequent separator of the first line; a comma if there is none.
    fn separator(&self) -> u8 {
        let best = self.counts.iter().copied().max().unwrap_or_default();
        let place = self.counts.iter().position(|count| *count == best);
        place.map_or(b',', |place| SEPARATORS[place])
    }
}

/// The row that is being read.
#[derive(Debug, Default)]
struct PartialRow {
    /// The number of the last row that began or was blank.
    number: u64,
    /// A row has begun.
    open: bool,
    /// The last line ended with a carriage return, so a line feed belongs to it.
    after_return: bool,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The bytes of the present cell.
    cell_bytes: usize,
    /// Why the row is refused already; its bytes are not kept any more.
    refused: Option<(Option<usize>, Reason)>,
}

impl Sheet {
    /// A reader at the start of a file.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            stage: Stage::Opening(Opening::default()),
            decoder: Decoder::default(),
            header: None,
            row: PartialRow::default(),
        }
    }

    /// Takes the next bytes of the file. After a fatal error, and after [`Self::finish`], there are no more events.
    pub fn feed(&mut self, chunk: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        let end = chunk.iter().position(|byte| *byte == 0);
        let result = self.advance(&chunk[..end.unwrap_or(chunk.len())], &mut events);
        let binary = if end.is_some() { Err(SheetError::NotText { reason: "it contains NUL bytes" }) } else { Ok(()) };
        self.close_on_error(result.and(binary), &mut events);
        events
    }

    /// Says that the file is at its end.
    pub fn finish(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        let result = self.conclude(&mut events);
        self.close_on_error(result, &mut events);
        self.stage = Stage::Closed;
        events
    }

    /// How the bytes are read, as far as is known: the last word comes with the last row.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.decoder.encoding()
    }

    /// Will there be no more events?
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed)
    }

    /// The bytes that the reader holds, for metrics.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let opening = if let Stage::Opening(opening) = &self.stage { opening.buffer.capacity() } else { 0 };
        opening + self.row.bytes.capacity() + self.row.ends.capacity() * size_of::<usize>()
    }

    fn close_on_error(&mut self, result: Result<(), SheetError>, events: &mut Vec<Event>) {
        if let Err(error) = result
            && !self.is_closed()
        {
            events.push(Event::Fatal(error));
            self.stage = Stage::Closed;
            self.row = PartialRow::default();
        }
    }

    fn advance(&mut self, chunk: &[u8], events: &mut Vec<Event>) -> Result<(), SheetError> {
        let mut rest = chunk;
        while let Stage::Opening(opening) = &mut self.stage
            && let Some((byte, behind)) = rest.split_first()
        {
            rest = behind;
            match opening.push(*byte, self.limits.max_row_bytes) {
                Progress::More => {}
                Progress::Utf8Mark => self.decoder.settle_utf8(),
                Progress::Utf16 => return Err(SheetError::Utf16),
                Progress::Complete => self.open(events)?,
            }
        }
        self.read(rest, events)
    }

    /// The separator is known: reads what was held back for it.
    fn open(&mut self, events: &mut Vec<Event>) -> Result<(), SheetError> {
        let Stage::Opening(opening) = &mut self.stage else { return Ok(()) };
        let held = std::mem::take(&mut opening.buffer);
        let reader = ReaderBuilder::new().delimiter(opening.separator()).build();
        self.stage = Stage::Reading(Box::new(reader));
        self.read(&held, events)
    }

    fn read(&mut self, mut input: &[u8], events: &mut Vec<Event>) -> Result<(), SheetError> {
        let mut output = [0; 4096];
        loop {
            input = self.row.skip_line_ends(input);
            let Stage::Reading(reader) = &mut self.stage else { return Ok(()) };
            if input.is_empty() {
                return Ok(());
            }
            let (result, taken, written) = reader.read_field(input, &mut output);
            self.row.after_return = taken > 0 && input[taken - 1] == b'\r';
            input = &input[taken..];
            self.row.extend(&output[..written], &self.limits);
            if let ReadFieldResult::Field { record_end } = result {
                self.end_cell()?;
                if record_end {
                    self.end_row(events)?;
                }
            }
        }
    }

    fn conclude(&mut self, events: &mut Vec<Event>) -> Result<(), SheetError> {
        self.open(events)?;
        if self.row.open {
            let row = self.row.number;
            // A line end closes any row but one whose quotation mark is open.
            self.read(b"\n", events)?;
            if self.row.open {
                return Err(SheetError::UnterminatedQuote { row });
            }
        }
        if self.header.is_none() { Err(SheetError::NoHeader) } else { Ok(()) }
    }

    fn end_cell(&mut self) -> Result<(), SheetError> {
        let limit = self.limits.max_columns;
        if self.row.ends.len() < limit {
            self.row.ends.push(self.row.bytes.len());
        } else if self.header.is_none() {
            return Err(SheetError::TooManyColumns { limit });
        } else {
            let columns = self.header.as_ref().map_or(limit, Vec::len);
            self.row.refuse(None, Reason::TooManyCells { columns });
        }
        self.row.cell_bytes = 0;
        Ok(())
    }

    fn end_row(&mut self, events: &mut Vec<Event>) -> Result<(), SheetError> {
        let number = self.row.number;
        let refused = self.row.refused.take();
        if let Some(header) = &self.header {
            if let Some((place, reason)) = refused {
                let column = place.and_then(|place| name_of(header, place));
                events.push(Event::RowError(RowError { row: number, column, reason }));
            } else {
                judge_row(number, self.decoder.decode(self.row.cells()), header, events);
            }
        } else if refused.is_some() {
            return Err(SheetError::HeaderTooLong);
        } else {
            let cells = self.decoder.decode(self.row.cells());
            let names = cells.map_err(|_| SheetError::NotText { reason: "the header is not valid UTF-8" })?;
            // Rows of separators only may come before the header, as blank lines may.
            if names.iter().any(|name| !name.trim().is_empty()) {
                let names = judge_header(names)?;
                self.header = Some(names.clone());
                events.push(Event::Header(names));
            }
        }
        self.row.close();
        Ok(())
    }
}

impl PartialRow {
    /// Counts blank rows, and begins a row at the first byte that ends no line.
    fn skip_line_ends<'a>(&mut self, mut input: &'a [u8]) -> &'a [u8] {
        while !self.open
            && let Some((byte, behind)) = input.split_first()
        {
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\r' | b'\n' => (self.number, self.after_return) = (self.number + 1, *byte == b'\r'),
                _ => {
                    (self.number, self.open) = (self.number + 1, true);
                    return input;
                }
            }
            input = behind;
        }
        input
    }

    fn extend(&mut self, bytes: &[u8], limits: &Limits) {
        if self.refused.is_some() {
            return;
        }
        // Which limit comes first must not depend on how many bytes come at once.
        let cell_room = limits.max_cell_bytes - self.cell_bytes;
        let row_room = limits.max_row_bytes - self.bytes.len();
        if bytes.len() <= cell_room.min(row_room) {
            self.cell_bytes += bytes.len();
            self.bytes.extend_from_slice(bytes);
        } else if cell_room <= row_room {
            self.refuse(Some(self.ends.len()), Reason::CellTooLong { limit: limits.max_cell_bytes });
        } else {
            self.refuse(None, Reason::RowTooLong { limit: limits.max_row_bytes });
        }
    }

    /// The first reason counts.
    fn refuse(&mut self, place: Option<usize>, reason: Reason) {
        self.refused.get_or_insert((place, reason));
        self.bytes.clear();
    }

    fn cells(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    fn close(&mut self) {
        self.open = false;
        self.bytes.clear();
        self.ends.clear();
    }
}

fn judge_header(mut names: Vec<String>) -> Result<Vec<String>, SheetError> {
    while names.last().is_some_and(|name| name.trim().is_empty()) {
        names.pop();
    }
    let mut seen = HashSet::new();
    for (name, column) in names.iter().zip(1..) {
        if name.chars().count() > MAX_NAME_CHARS {
            return Err(SheetError::HeaderTooLong);
        }
        if has_control(name) {
            return Err(SheetError::NotText { reason: "the header contains control characters" });
        }
        if looks_like_formula(name) {
            return Err(SheetError::HeaderFormula { column });
        }
        let name = name.trim();
        if !name.is_empty() && !seen.insert(fold_name(name)) {
            return Err(SheetError::DuplicateHeader { name: name.to_owned() });
        }
    }
    Ok(names.iter().map(|name| name.trim().to_owned()).collect())
}

fn judge_row(number: u64, cells: Result<Vec<String>, usize>, header: &[String], events: &mut Vec<Event>) {
    let error =
        |place: usize, reason| Event::RowError(RowError { row: number, column: name_of(header, place), reason });
    let cells = match cells {
        Ok(cells) => cells,
        Err(place) => return events.push(error(place, Reason::NotUtf8)),
    };
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        return;
    }
    if cells.iter().skip(header.len()).any(|cell| !cell.trim().is_empty()) {
        return events.push(error(header.len(), Reason::TooManyCells { columns: header.len() }));
    }
    let before = events.len();
    let faults = cells.iter().enumerate().filter_map(|(place, cell)| Some(error(place, fault_of(cell)?)));
    events.extend(faults.take(MAX_ERRORS_PER_ROW));
    if events.len() == before {
        events.push(Event::Row(Row { number, cells }));
    }
}

fn fault_of(cell: &str) -> Option<Reason> {
    if has_control(cell) {
        return Some(Reason::ControlCharacter);
    }
    looks_like_formula(cell).then_some(Reason::Formula)
}

fn name_of(header: &[String], place: usize) -> Option<String> {
    header.get(place).filter(|name| !name.is_empty()).cloned()
}
