//! Amounts as people write them, exactly.

use crate::{Reason, mapping::PriceUnit};

/// Currencies whose sign is a plain dollar.
const DOLLARS: [&str; 7] = ["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"];
/// Signs that name one currency, longest first.
const SIGNS: [(&str, &str); 6] =
    [("US$", "USD"), ("CA$", "CAD"), ("C$", "CAD"), ("A$", "AUD"), ("€", "EUR"), ("£", "GBP")];

/// What the amount itself says about its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    None,
    Dollar,
    Code(String),
}

impl Mark {
    /// The currency of a row whose own currency is `row`, if it says one.
    pub(crate) fn reconcile(self, row: Option<String>) -> Result<Option<String>, Reason> {
        match (self, row) {
            (Self::None | Self::Dollar, None) => Ok(None),
            (Self::Code(code), None) => Ok(Some(code)),
            (Self::Dollar, Some(row)) if !DOLLARS.contains(&row.as_str()) => Err(Reason::OtherCurrency),
            (Self::Code(code), Some(row)) if code != row => Err(Reason::OtherCurrency),
            (_, row) => Ok(row),
        }
    }
}

/// An amount in minor units (hundredths), and what it says about its currency.
///
/// Thousands may be set apart by commas, points, apostrophes or spaces, in threes; a comma or a point before one or two
/// final digits is decimal. Never rounds.
pub(crate) fn parse(text: &str, unit: PriceUnit) -> Result<(i64, Mark), Reason> {
    let text = text.trim();
    let bracketed = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    let (mark, number) = unmark(bracketed.unwrap_or(text));
    let unsigned = number.trim_start_matches(['-', '−', '+']).trim_start();
    let (mark, unsigned) = if mark == Mark::None { unmark(unsigned) } else { (mark, unsigned) };
    let minor = digits(unsigned, unit)?;
    if bracketed.is_some() || number.starts_with(['-', '−']) {
        return Err(Reason::NegativePrice);
    }
    if number.len() - number.trim_start_matches('+').len() > 1 {
        return Err(Reason::NotPrice);
    }
    Ok((minor, mark))
}

/// Takes a sign or code off the front or the back.
fn unmark(text: &str) -> (Mark, &str) {
    for (sign, code) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return (Mark::Code(code.to_owned()), rest.trim());
        }
    }
    if let Some(rest) = text.strip_prefix('$').or_else(|| text.strip_suffix('$')) {
        return (Mark::Dollar, rest.trim());
    }
    let is_code = |code: &str| code.bytes().all(|byte| byte.is_ascii_uppercase());
    if let Some((code, rest)) = text.split_at_checked(3).filter(|(code, _)| is_code(code)) {
        return (Mark::Code(code.to_owned()), rest.trim());
    }
    let back = text.len().checked_sub(3).and_then(|place| text.split_at_checked(place));
    if let Some((rest, code)) = back.filter(|(_, code)| is_code(code)) {
        return (Mark::Code(code.to_owned()), rest.trim());
    }
    (Mark::None, text)
}

fn digits(number: &str, unit: PriceUnit) -> Result<i64, Reason> {
    let (whole, fraction) = split_decimal(number)?;
    let whole = ungroup(whole)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Reason::NotPrice);
    }
    let fraction = fraction.trim_end_matches('0');
    let places = if unit == PriceUnit::Major { 2 } else { 0 };
    if fraction.len() > places {
        return Err(Reason::InexactPrice);
    }
    let shifted = format!("{whole}{fraction:0<places$}");
    shifted.parse().map_err(|_| Reason::PriceTooLarge)
}

/// Splits at the decimal separator, if there is one.
fn split_decimal(number: &str) -> Result<(&str, &str), Reason> {
    let count = |separator| number.matches(separator).count();
    let (commas, points) = (count(','), count('.'));
    let decimal = match (number.rfind(','), number.rfind('.')) {
        (Some(comma), Some(point)) => Some(if comma > point { ',' } else { '.' }),
        (Some(comma), None) if commas == 1 && number.len() - comma != 4 => Some(','),
        (None, Some(point)) if points == 1 => {
            // 124.500 is 124500 to half of Europe; 1240.500 is nobody's thousands.
            if number.len() - point == 4 && point <= 3 {
                return Err(Reason::AmbiguousPrice);
            }
            Some('.')
        }
        _ => None,
    };
    let Some(decimal) = decimal else { return Ok((number, "")) };
    if count(decimal) > 1 {
        return Err(Reason::NotPrice);
    }
    match number.split_once(decimal) {
        Some((whole, fraction)) if !fraction.is_empty() => Ok((whole, fraction)),
        _ => Err(Reason::NotPrice),
    }
}

/// The digits without their grouping: one to three, then threes, set apart by one kind of separator.
fn ungroup(whole: &str) -> Result<String, Reason> {
    let separator = whole.chars().find(|c| !c.is_ascii_digit());
    let Some(separator) = separator else {
        return if whole.is_empty() { Err(Reason::NotPrice) } else { Ok(whole.to_owned()) };
    };
    if !matches!(separator, ',' | '.' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}') {
        return Err(Reason::NotPrice);
    }
    let groups: Vec<&str> = whole.split(separator).collect();
    let well_formed = groups.iter().enumerate().all(|(place, group)| {
        let length = if place == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        length && group.bytes().all(|byte| byte.is_ascii_digit())
    });
    if well_formed { Ok(groups.concat()) } else { Err(Reason::NotPrice) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn major(text: &str) -> Result<i64, Reason> {
        parse(text, PriceUnit::Major).map(|(minor, _)| minor)
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, minor) in [
            ("0", 0),
            ("499900", 49_990_000),
            ("499900.5", 49_990_050),
            ("499,900.05", 49_990_005),
            ("1,234,567", 123_456_700),
            ("1.234.567,89", 123_456_789),
            ("1 234 567,8", 123_456_780),
            ("1\u{a0}234\u{a0}567", 123_456_700),
            ("1\u{202f}234", 123_400),
            ("1'234'567.00", 123_456_700),
            ("124500,50", 12_450_050),
            ("12,5", 1_250),
            ("124,500", 12_450_000),
            ("1240.500", 124_050),
            ("12.000000", 1_200),
            ("$499,900", 49_990_000),
            ("US$ 1", 100),
            ("1 €", 100),
            ("USD 5.00", 500),
            ("5.00 CAD", 500),
            ("+7", 700),
            ("0007", 700),
            ("92233720368547758.07", i64::MAX),
        ] {
            assert_eq!(major(text), Ok(minor), "{text}");
        }
    }

    #[test]
    fn anything_doubtful_is_refused() {
        for (text, reason) in [
            ("", Reason::NotPrice),
            ("$", Reason::NotPrice),
            (".", Reason::NotPrice),
            ("5.", Reason::NotPrice),
            (".5", Reason::NotPrice),
            ("1,23,456", Reason::NotPrice),
            ("1234,567.00", Reason::NotPrice),
            ("1,234 567", Reason::NotPrice),
            ("1.2.3", Reason::NotPrice),
            ("1e5", Reason::NotPrice),
            ("0x10", Reason::NotPrice),
            ("NaN", Reason::NotPrice),
            ("٣٤", Reason::NotPrice),
            ("12%", Reason::NotPrice),
            ("++5", Reason::NotPrice),
            ("five", Reason::NotPrice),
            ("124.500", Reason::AmbiguousPrice),
            ("499.000", Reason::AmbiguousPrice),
            ("-5", Reason::NegativePrice),
            ("−5", Reason::NegativePrice),
            ("$-5", Reason::NegativePrice),
            ("-$5", Reason::NegativePrice),
            ("(5.00)", Reason::NegativePrice),
            ("1.005", Reason::AmbiguousPrice),
            ("1234.005", Reason::InexactPrice),
            ("1.0001", Reason::InexactPrice),
            ("92233720368547758.08", Reason::PriceTooLarge),
            ("99999999999999999999999", Reason::PriceTooLarge),
        ] {
            assert_eq!(major(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn minor_units_are_whole() {
        let minor = |text| parse(text, PriceUnit::Minor).map(|(minor, _)| minor);
        assert_eq!(minor("49990000"), Ok(49_990_000));
        assert_eq!(minor("49,990,000.00"), Ok(49_990_000));
        assert_eq!(minor("4999.5"), Err(Reason::InexactPrice));
        assert_eq!(minor("9223372036854775808"), Err(Reason::PriceTooLarge));
    }

    #[test]
    fn the_sign_must_agree_with_the_row() {
        let currency = |text: &str, row: Option<&str>| {
            parse(text, PriceUnit::Major).and_then(|(_, mark)| mark.reconcile(row.map(str::to_owned)))
        };
        assert_eq!(currency("5", None), Ok(None));
        assert_eq!(currency("$5", None), Ok(None));
        assert_eq!(currency("€5", None), Ok(Some("EUR".into())));
        assert_eq!(currency("$5", Some("CAD")), Ok(Some("CAD".into())));
        assert_eq!(currency("$5", Some("EUR")), Err(Reason::OtherCurrency));
        assert_eq!(currency("£5", Some("USD")), Err(Reason::OtherCurrency));
        assert_eq!(currency("5 USD", Some("USD")), Ok(Some("USD".into())));
    }
}
