//! The reader against every kind of file.

use keystead_sheets::{Encoding, Event, Limits, Reason, Row, RowError, Sheet, SheetError};
use proptest::prelude::*;

fn read(bytes: &[u8]) -> Vec<Event> {
    read_with(Limits::default(), bytes).0
}

fn read_with(limits: Limits, bytes: &[u8]) -> (Vec<Event>, Encoding) {
    let mut sheet = Sheet::new(limits);
    let mut events = sheet.feed(bytes);
    events.extend(sheet.finish());
    assert!(sheet.is_closed());
    (events, sheet.encoding())
}

fn header(names: &[&str]) -> Event {
    Event::Header(texts(names))
}

fn row(number: u64, cells: &[&str]) -> Event {
    Event::Row(Row { number, cells: texts(cells) })
}

fn error(row: u64, column: Option<&str>, reason: Reason) -> Event {
    Event::RowError(RowError { row, column: column.map(str::to_owned), reason })
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn fatal(bytes: &[u8]) -> SheetError {
    match read(bytes).pop() {
        Some(Event::Fatal(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_separator_and_line_end_is_recognised() {
    let expected = [header(&["a", "b"]), row(2, &["1", "x"]), row(3, &["2", "y"])];
    for separator in [",", ";", "\t"] {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("a{separator}b{end}1{separator}x{end}2{separator}y");
            assert_eq!(read(text.as_bytes()), expected, "{text:?}");
            assert_eq!(read((text + end).as_bytes()), expected);
        }
    }
}

#[test]
fn the_separator_is_looked_for_outside_quotes() {
    let events = read(b"\"Price, net; gross\";b\n1;2\n");
    assert_eq!(events, [header(&["Price, net; gross", "b"]), row(2, &["1", "2"])]);
    assert_eq!(read(b"only\n1,2\n"), [header(&["only"]), error(2, None, Reason::TooManyCells { columns: 1 })]);
}

#[test]
fn quotes_hold_separators_quotes_and_line_ends() {
    let events = read(b"a,b\n\"1,\"\"x\"\"\",\"line\r\nline\"\nlast,row\n");
    assert_eq!(events, [header(&["a", "b"]), row(2, &["1,\"x\"", "line\r\nline"]), row(3, &["last", "row"])]);
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_program_does() {
    let events = read(b"\n \r\n,\na,b\r\n\r\n1,2\n\n\n , \n,\n3,4");
    assert_eq!(events, [header(&["a", "b"]), row(6, &["1", "2"]), row(11, &["3", "4"])]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name() {
    let text = "\u{feff}number,straße\n1,ü\n";
    let (events, encoding) = read_with(Limits::default(), text.as_bytes());
    assert_eq!((events, encoding), (vec![header(&["number", "straße"]), row(2, &["1", "ü"])], Encoding::Utf8));
    let damaged = b"\xef\xbb\xbfa\nb\xfc\nc\n";
    assert_eq!(read(damaged), [header(&["a"]), error(2, Some("a"), Reason::NotUtf8), row(3, &["c"])]);
}

#[test]
fn latin_1_is_read_as_windows_1252() {
    let (events, encoding) = read_with(Limits::default(), b"a,b\n1,x\nStra\xdfe,\x80 5\n\xe9,\xc3\xa9\n");
    assert_eq!(encoding, Encoding::Windows1252);
    assert_eq!(events[2..], [row(3, &["Straße", "€ 5"]), row(4, &["é", "Ã©"])]);
    let (events, encoding) = read_with(Limits::default(), b"stra\xdfe\nx\n");
    assert_eq!((events, encoding), (vec![header(&["straße"]), row(2, &["x"])], Encoding::Windows1252));
}

#[test]
fn damage_in_utf_8_concerns_its_row_only() {
    let (events, encoding) = read_with(Limits::default(), b"a,b\n\xc3\xa9,1\n2,\xff\n\xc3\xa9,3\n");
    assert_eq!(encoding, Encoding::Utf8);
    let expected = [row(2, &["é", "1"]), error(3, Some("b"), Reason::NotUtf8), row(4, &["é", "3"])];
    assert_eq!(events[1..], expected);
}

#[test]
fn files_that_are_not_text_are_refused() {
    assert_eq!(fatal(b"\xff\xfea\0,\0b\0"), SheetError::Utf16);
    assert_eq!(fatal(b"\xfe\xff\0a\0,"), SheetError::Utf16);
    assert!(matches!(fatal(b"a\0,\0b\0\n\0"), SheetError::NotText { .. }));
    assert!(matches!(fatal(b"PK\x03\x04\x14\0\x06\0\x08\0"), SheetError::NotText { .. }));
    assert!(matches!(fatal(b"a,\x01b\n"), SheetError::NotText { .. }));
    let late = read(b"a,b\n1,2\n3,\0\n5,6\n");
    assert_eq!(late[..2], [header(&["a", "b"]), row(2, &["1", "2"])]);
    assert!(matches!(late[2..], [Event::Fatal(SheetError::NotText { .. })]));
}

#[test]
fn headers_are_judged() {
    for nothing in [&b""[..], b"\n\r\n", b" , ,\n", b"\xef\xbb\xbf"] {
        assert_eq!(fatal(nothing), SheetError::NoHeader);
    }
    assert_eq!(fatal(b"Lot,Price, lot \n"), SheetError::DuplicateHeader { name: "lot".into() });
    assert_eq!(fatal(b"a,=b\n"), SheetError::HeaderFormula { column: 2 });
    assert_eq!(fatal(format!("a,{}\n", "x".repeat(201)).as_bytes()), SheetError::HeaderTooLong);
    assert_eq!(fatal(format!("a,{}\n", "x".repeat(40_000)).as_bytes()), SheetError::HeaderTooLong);
    assert_eq!(
        read(b" Lot  No ,,Price,,\n1,,2,,\n"),
        [header(&["Lot  No", "", "Price"]), row(2, &["1", "", "2", "", ""])]
    );
}

#[test]
fn an_open_quotation_mark_is_found_at_the_end() {
    assert_eq!(fatal(b"a,b\n1,2\n\n3,\"4\n5,6\n7,8\n"), SheetError::UnterminatedQuote { row: 4 });
    assert_eq!(fatal(b"\"a,b\n1,2\n"), SheetError::UnterminatedQuote { row: 1 });
    assert_eq!(read(b"a\n\"x\""), [header(&["a"]), row(2, &["x"])]);
}

#[test]
fn formulas_and_control_characters_are_row_errors() {
    let events = read(b"a,b,c\n=1+1,ok,@x\n-5,+5,\"\t=x\"\nfine,\x07,\n-1.5,\"+1,000\",-$3\n");
    let expected = [
        header(&["a", "b", "c"]),
        error(2, Some("a"), Reason::Formula),
        error(2, Some("c"), Reason::Formula),
        error(3, Some("c"), Reason::Formula),
        error(4, Some("b"), Reason::ControlCharacter),
        row(5, &["-1.5", "+1,000", "-$3"]),
    ];
    assert_eq!(events, expected);
}

#[test]
fn the_errors_of_a_row_are_bounded() {
    let names: Vec<String> = (0..400).map(|n| n.to_string()).collect();
    let text = format!("{}\n{}\n", names.join(","), vec!["=1"; 400].join(","));
    assert_eq!(read(text.as_bytes()).len(), 1 + 20);
}

#[test]
fn ragged_rows_are_judged_by_content() {
    let events = read(b"a,b\n1\n1,2,,\n1,2,3\n");
    let surplus = error(4, None, Reason::TooManyCells { columns: 2 });
    assert_eq!(events[1..], [row(2, &["1"]), row(3, &["1", "2", "", ""]), surplus]);
    let wide = format!("a\n1{}\n2\n", ",".repeat(600));
    assert_eq!(read(wide.as_bytes())[1..], [error(2, None, Reason::TooManyCells { columns: 1 }), row(3, &["2"])]);
}

#[test]
fn limits_are_exact() {
    let limits = Limits { max_row_bytes: 10, max_columns: 3, max_cell_bytes: 6 };
    let (events, _) = read_with(limits, b"a,b,c\n123456,1234,\n1234567,1,\n12345,12345,1\n");
    let expected = [
        header(&["a", "b", "c"]),
        row(2, &["123456", "1234", ""]),
        error(3, Some("a"), Reason::CellTooLong { limit: 6 }),
        error(4, None, Reason::RowTooLong { limit: 10 }),
    ];
    assert_eq!(events, expected);
    let (events, _) = read_with(limits, b"a,b,c,d\n");
    assert_eq!(events, [Event::Fatal(SheetError::TooManyColumns { limit: 3 })]);
}

#[test]
fn a_huge_cell_is_one_error_in_bounded_memory() {
    let mut sheet = Sheet::new(Limits::default());
    let mut events = sheet.feed(b"a,b\n1,\"");
    let mut most = 0;
    for _ in 0..1280 {
        let chunk = [b"x,y\n\"\"".as_slice(); 1366].concat();
        events.extend(sheet.feed(&chunk));
        most = most.max(sheet.held_bytes());
    }
    events.extend(sheet.feed(b"\"\n2,3\n"));
    events.extend(sheet.finish());
    let expected =
        [header(&["a", "b"]), error(2, Some("b"), Reason::CellTooLong { limit: 32 * 1024 }), row(3, &["2", "3"])];
    assert_eq!(events, expected);
    assert!(most <= 160 * 1024, "{most} bytes held");
}

#[test]
fn a_million_columns_end_the_reading_early() {
    let mut sheet = Sheet::new(Limits::default());
    let (mut events, mut most) = (Vec::new(), 0);
    for n in 0..1_000_000 {
        events.extend(sheet.feed(format!("column {n},").as_bytes()));
        most = most.max(sheet.held_bytes());
    }
    events.extend(sheet.finish());
    assert_eq!(events, [Event::Fatal(SheetError::TooManyColumns { limit: 512 })]);
    assert!(most <= 160 * 1024, "{most} bytes held");
    let bare = ",".repeat(1_000_000);
    assert_eq!(fatal(bare.as_bytes()), SheetError::TooManyColumns { limit: 512 });
}

#[test]
fn a_long_file_streams_in_bounded_memory() {
    let mut sheet = Sheet::new(Limits::default());
    sheet.feed(b"number,phase,price\n");
    let (mut rows, mut most) = (0, 0);
    for n in 0..100_000_u32 {
        rows += sheet.feed(format!("{n},Phase {},{}\r\n", n % 7, n * 10).as_bytes()).len();
        most = most.max(sheet.held_bytes());
    }
    rows += sheet.finish().len();
    assert_eq!(rows, 100_000);
    assert!(most <= 16 * 1024, "{most} bytes held");
}

#[test]
fn nothing_follows_the_end() {
    let mut sheet = Sheet::new(Limits::default());
    sheet.feed(b"a\n1\n\0");
    assert!(sheet.is_closed() && sheet.feed(b"2\n").is_empty() && sheet.finish().is_empty());
    let mut sheet = Sheet::new(Limits::default());
    sheet.feed(b"a\n1");
    assert_eq!(sheet.finish(), [row(2, &["1"])]);
    assert!(sheet.feed(b"2\n").is_empty() && sheet.finish().is_empty());
}

fn read_cut(bytes: &[u8], cuts: &[usize], limits: Limits) -> (Vec<Event>, Encoding) {
    let mut sheet = Sheet::new(limits);
    let (mut events, mut rest) = (Vec::new(), bytes);
    for cut in cuts.iter().cycle().take(bytes.len() * cuts.len().min(1)) {
        let (chunk, behind) = rest.split_at((*cut).min(rest.len()));
        events.extend(sheet.feed(chunk));
        rest = behind;
    }
    events.extend(sheet.feed(rest));
    events.extend(sheet.finish());
    (events, sheet.encoding())
}

/// Text that is made of what matters to the reader.
fn csv_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => Just(b",".to_vec()), 3 => Just(b";".to_vec()), 2 => Just(b"\t".to_vec()), 4 => Just(b"\"".to_vec()),
        4 => Just(b"\n".to_vec()), 3 => Just(b"\r\n".to_vec()), 2 => Just(b"\r".to_vec()), 1 => Just(b"\xef\xbb\xbf".to_vec()),
        2 => Just("é".as_bytes().to_vec()), 1 => Just(vec![0xe9]), 1 => Just(b"=".to_vec()), 1 => Just(b" ".to_vec()),
        8 => "[a-z0-9]{1,6}".prop_map(String::into_bytes), 1 => Just(b"-12".to_vec()), 1 => any::<u8>().prop_map(|b| vec![b]),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn chunks_make_no_difference(bytes in csv_like(), cuts in prop::collection::vec(1_usize..9, 1..5), small in any::<bool>()) {
        let tight = Limits { max_row_bytes: 24, max_columns: 6, max_cell_bytes: 10 };
        let limits = if small { tight } else { Limits::default() };
        prop_assert_eq!(read_cut(&bytes, &cuts, limits), read_with(limits, &bytes));
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let events = read(&bytes);
        prop_assert!(!events.is_empty(), "a header or a reason");
        let fatal = events.iter().position(|event| matches!(event, Event::Fatal(_)));
        prop_assert!(fatal.is_none_or(|place| place == events.len() - 1));
    }

    #[test]
    fn what_was_written_is_read(rows in prop::collection::vec(prop::collection::vec("[a-z ,;\"\n]{0,8}x", 3), 1..8)) {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let lines = rows.iter().map(|cells| cells.iter().map(quoted).collect::<Vec<_>>().join(","));
        let text = format!("a,b,c\r\n{}\r\n", lines.collect::<Vec<_>>().join("\r\n"));
        let cells: Vec<_> = read(text.as_bytes()).into_iter().filter_map(|event| match event {
            Event::Row(row) => Some(row.cells),
            _ => None,
        }).collect();
        // A cell that starts with a line end is a formula trick, and refused.
        let honest = |cells: &Vec<String>| !cells.iter().any(|cell| cell.starts_with('\n'));
        prop_assert_eq!(cells, rows.into_iter().filter(honest).collect::<Vec<_>>());
    }
}
