//! From the bytes of a cell to its text, and what a cell may not be.

use encoding_rs::WINDOWS_1252;

/// How the bytes of a file are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-1252, of which Latin-1's printable part is a subset.
    Windows1252,
}

/// Decides the encoding as the file goes by.
///
/// A byte order mark, or a first row with non-ASCII text that is valid UTF-8, settles UTF-8: later damage is a row's error
/// and does not turn the rest of the file into gibberish. Otherwise the first row that is not UTF-8 settles Windows-1252
/// for itself and for all that follow; everything before it was ASCII, which both share.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Decoder {
    settled: Option<Encoding>,
}

impl Decoder {
    pub(crate) fn settle_utf8(&mut self) {
        self.settled = Some(Encoding::Utf8);
    }

    pub(crate) fn encoding(self) -> Encoding {
        self.settled.unwrap_or(Encoding::Utf8)
    }

    /// The texts of a row's cells.
    ///
    /// # Errors
    /// The place of the first cell that is damaged.
    pub(crate) fn decode<'a>(&mut self, cells: impl Iterator<Item = &'a [u8]> + Clone) -> Result<Vec<String>, usize> {
        if self.settled != Some(Encoding::Windows1252) {
            let damaged = cells.clone().position(|cell| std::str::from_utf8(cell).is_err());
            match (damaged, self.settled) {
                (None, None) if !cells.clone().all(<[u8]>::is_ascii) => self.settled = Some(Encoding::Utf8),
                (None, _) => {}
                (Some(place), Some(_)) => return Err(place),
                (Some(_), None) => self.settled = Some(Encoding::Windows1252),
            }
        }
        let latin = self.settled == Some(Encoding::Windows1252);
        let text = |cell: &[u8]| {
            if latin {
                WINDOWS_1252.decode_without_bom_handling(cell).0.into_owned()
            } else {
                String::from_utf8_lossy(cell).into_owned()
            }
        };
        Ok(cells.map(text).collect())
    }
}

/// Does the cell hold a control character other than tab and line ends? Windows-1252 maps its gaps to some.
pub(crate) fn has_control(cell: &str) -> bool {
    cell.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

/// Would a spreadsheet program compute the cell (OWASP, CSV Injection)? Signed numbers and lone dashes are what they seem.
pub(crate) fn looks_like_formula(cell: &str) -> bool {
    let text = cell.trim();
    if text.is_empty() {
        return false;
    }
    if cell.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    match text.chars().next() {
        Some('=' | '@' | '＝' | '＠' | '＋' | '－') => true,
        Some('+' | '-') => !is_signed_number(text) && !text.chars().all(|c| c == '-'),
        _ => false,
    }
}

fn is_signed_number(text: &str) -> bool {
    let number = text[1..].trim_start_matches(['$', '€', '£', ' ']);
    let number = number.strip_suffix('%').unwrap_or(number);
    let part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}');
    number.starts_with(|c: char| c.is_ascii_digit() || c == '.') && number.chars().all(part)
}

/// How column names are compared: letter case and runs of space do not matter.
pub(crate) fn fold_name(name: &str) -> String {
    squeeze(name).to_lowercase()
}

/// Without space at the ends, and with one space for each run of space within.
pub(crate) fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_numbers() {
        for formula in [
            "=1+1",
            " =cmd|' /C calc'!A0",
            "@SUM(A1)",
            "+A1",
            "-A1",
            "\t=1",
            "\r5",
            "-1+1",
            "+49 30/123",
            "＝1",
            "-2-3",
            "+",
        ] {
            assert!(looks_like_formula(formula), "{formula:?}");
        }
        for plain in
            ["", " ", "\t", "-5", "+5", "-1,234.50", "-$5", "-12%", "- 7", "-.5", "--", "-", "12-A", "a=b", "x@y", "–5"]
        {
            assert!(!looks_like_formula(plain), "{plain:?}");
        }
    }

    #[test]
    fn the_encoding_settles_once() {
        let decode =
            |decoder: &mut Decoder, cell: &[u8]| decoder.decode([cell].into_iter()).map(|cells| cells[0].clone());
        let mut latin = Decoder::default();
        assert_eq!(decode(&mut latin, b"plain"), Ok("plain".into()));
        assert_eq!(latin.encoding(), Encoding::Utf8);
        assert_eq!(decode(&mut latin, b"Stra\xdfe \x80"), Ok("Straße €".into()));
        assert_eq!(decode(&mut latin, "ß".as_bytes()), Ok("ÃŸ".into()));
        assert_eq!(latin.encoding(), Encoding::Windows1252);
        let mut utf8 = Decoder::default();
        assert_eq!(decode(&mut utf8, "Straße".as_bytes()), Ok("Straße".into()));
        assert_eq!(decode(&mut utf8, b"Stra\xdfe"), Err(0));
        assert_eq!(decode(&mut utf8, b"go on"), Ok("go on".into()));
    }

    #[test]
    fn control_characters_show() {
        assert!(has_control("a\u{1}") && has_control("\u{85}") && has_control("\u{7f}"));
        assert!(!has_control("a\tb\r\nc é"));
    }
}
