//! From a row to a home.

use std::collections::{BTreeMap, HashSet};

use crate::{
    Reason, Row, RowError,
    mapping::{Field, PriceUnit},
    price,
    text::squeeze,
};

/// A home as a row tells it. Every text is trimmed, not empty and within its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitRow {
    /// The row's number in a spreadsheet program.
    pub row: u64,
    /// The lot or unit number.
    pub number: String,
    /// The release phase's name.
    pub phase: String,
    /// The building's name.
    pub building: Option<String>,
    /// The floor plan's code.
    pub plan: Option<String>,
    /// The elevation's code; only with a plan.
    pub elevation: Option<String>,
    /// The address in one line.
    pub address: Option<String>,
    /// The assessor's parcel number.
    pub parcel: Option<String>,
    /// The floor.
    pub floor: Option<i16>,
    /// Bedrooms.
    pub bedrooms: Option<i16>,
    /// Bathrooms in halves: 5 are two full and one half.
    pub bathrooms_half_units: Option<i16>,
    /// Living area in square feet.
    pub square_feet: Option<i32>,
    /// The price in minor units (cents).
    pub price_minor: i64,
    /// The currency that the row or the price itself names; the project's own if none.
    pub currency: Option<String>,
    /// Why the home is not for sale.
    pub not_for_sale_reason: Option<String>,
}

/// A mapping whose columns were found in a header.
#[derive(Debug, Clone)]
pub struct Bound {
    pub(crate) values: BTreeMap<Field, Value>,
    pub(crate) empty_values: HashSet<String>,
    pub(crate) price_unit: PriceUnit,
}

/// Where a field's value comes from, with places instead of names.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    /// How errors name it.
    pub(crate) label: String,
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, Clone)]
pub(crate) enum Part {
    Text(String),
    Cell(usize),
}

impl Bound {
    /// The home in `row`.
    ///
    /// # Errors
    /// Everything that is wrong with the row, in the order of [`Field::ALL`].
    pub fn unit(&self, row: &Row) -> Result<UnitRow, Vec<RowError>> {
        let mut reading = Reading { bound: self, row, errors: Vec::new() };
        let unit = reading.unit();
        match unit {
            Some(unit) if reading.errors.is_empty() => Ok(unit),
            _ => Err(reading.errors),
        }
    }

    fn value(&self, field: Field, row: &Row) -> Option<String> {
        let value = self.values.get(&field)?;
        let (mut text, mut told) = (String::new(), true);
        for part in &value.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Cell(place) => text.push_str(&self.cell(*place, row)),
            }
        }
        if value.parts.iter().any(|part| matches!(part, Part::Cell(_))) {
            let told_by = |part: &Part| matches!(part, Part::Cell(place) if !self.cell(*place, row).is_empty());
            told = value.parts.iter().any(told_by);
        }
        Some(squeeze(&text)).filter(|text| told && !text.is_empty())
    }

    fn cell(&self, place: usize, row: &Row) -> String {
        let text = row.cells.get(place).map(|cell| squeeze(cell)).unwrap_or_default();
        if self.empty_values.contains(&text) { String::new() } else { text }
    }
}

/// One row being read; collects what is wrong.
struct Reading<'a> {
    bound: &'a Bound,
    row: &'a Row,
    errors: Vec<RowError>,
}

impl Reading<'_> {
    fn unit(&mut self) -> Option<UnitRow> {
        let number = self.text(Field::Number, 60);
        let phase = self.text(Field::Phase, 100);
        let building = self.text(Field::Building, 100);
        let plan = self.text(Field::Plan, 60);
        let elevation = self.text(Field::Elevation, 60);
        if elevation.is_some() && plan.is_none() {
            self.fail(Field::Elevation, Reason::NeedsPlan);
        }
        let address = self.text(Field::Address, 300);
        let parcel = self.text(Field::Parcel, 60);
        let floor = self.integer(Field::Floor, -20, 200);
        let bedrooms = self.integer(Field::Bedrooms, 0, 50);
        let bathrooms_half_units = self.parsed(Field::Bathrooms, half_bathrooms);
        let square_feet = self.integer(Field::SquareFeet, 1, 1_000_000);
        let price = self.price();
        let not_for_sale_reason = self.text(Field::NotForSaleReason, 200);
        let (price_minor, currency) = price?;
        Some(UnitRow {
            row: self.row.number,
            number: number?,
            phase: phase?,
            building,
            plan,
            elevation,
            address,
            parcel,
            floor: floor.and_then(|floor| i16::try_from(floor).ok()),
            bedrooms: bedrooms.and_then(|bedrooms| i16::try_from(bedrooms).ok()),
            bathrooms_half_units,
            square_feet: square_feet.and_then(|area| i32::try_from(area).ok()),
            price_minor,
            currency,
            not_for_sale_reason,
        })
    }

    /// The value of a field that passes `judge`; what does not pass is an error, and so is nothing if it is required.
    fn parsed<T>(&mut self, field: Field, judge: impl FnOnce(String) -> Result<T, Reason>) -> Option<T> {
        let Some(text) = self.bound.value(field, self.row) else {
            if field.is_required() {
                self.fail(field, Reason::Missing);
            }
            return None;
        };
        // A row that did not come from a sheet may hold anything.
        let judged = if text.chars().any(char::is_control) { Err(Reason::ControlCharacter) } else { judge(text) };
        judged.map_err(|reason| self.fail(field, reason)).ok()
    }

    fn text(&mut self, field: Field, limit: usize) -> Option<String> {
        let judge =
            |text: String| if text.chars().count() <= limit { Ok(text) } else { Err(Reason::TooLong { limit }) };
        self.parsed(field, judge)
    }

    fn integer(&mut self, field: Field, min: i64, max: i64) -> Option<i64> {
        self.parsed(field, |text| {
            let number = whole(&text).ok_or(Reason::NotInteger)?;
            if (min..=max).contains(&number) { Ok(number) } else { Err(Reason::OutOfRange { min, max }) }
        })
    }

    fn price(&mut self) -> Option<(i64, Option<String>)> {
        let unit = self.bound.price_unit;
        let price = self.parsed(Field::Price, |text| price::parse(&text, unit));
        let named = self.bound.value(Field::Currency, self.row).is_some();
        let currency = self.parsed(Field::Currency, currency_code);
        let (minor, mark) = price?;
        if named && currency.is_none() {
            return None;
        }
        mark.reconcile(currency)
            .map_err(|reason| self.fail(Field::Price, reason))
            .ok()
            .map(|currency| (minor, currency))
    }

    fn fail(&mut self, field: Field, reason: Reason) {
        let label = self.bound.values.get(&field).map_or(field.name(), |value| &value.label);
        self.errors.push(RowError { row: self.row.number, column: Some(label.to_owned()), reason });
    }
}

/// `1250`, `1,250`, `-3` and, as programs write whole numbers in number columns, `3.0`.
fn whole(text: &str) -> Option<i64> {
    let text = text.split_once('.').map_or(text, |(whole, zeros)| {
        let idle = !zeros.is_empty() && zeros.bytes().all(|digit| digit == b'0');
        if idle { whole } else { text }
    });
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let groups: Vec<&str> = digits.split(',').collect();
    let well_formed = groups.iter().enumerate().all(|(place, group)| {
        let length = groups.len() == 1 || if place == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        length && !group.is_empty() && group.bytes().all(|digit| digit.is_ascii_digit())
    });
    if !well_formed {
        return None;
    }
    // Beyond i64 is out of every range, and still a number.
    Some(format!("{sign}{}", groups.concat()).parse().unwrap_or(if sign.is_empty() { i64::MAX } else { i64::MIN }))
}

/// `2`, `2.5`, or `2/1` for two full and one half; at most fifty.
fn half_bathrooms(text: String) -> Result<i16, Reason> {
    let small = |text: &str| text.parse::<i16>().ok().filter(|n| (0..=50).contains(n) && !text.starts_with('+'));
    let halves = match text.split_once('/') {
        Some((full, half)) => small(full.trim()).zip(small(half.trim())).map(|(full, half)| 2 * full + half),
        None => {
            let (full, tenths) = text.split_once(['.', ',']).unwrap_or((&text, "0"));
            let half = match tenths.trim_end_matches('0') {
                "" if !tenths.is_empty() => Some(0),
                "5" => Some(1),
                _ => None,
            };
            small(full).zip(half).map(|(full, half)| 2 * full + half)
        }
    };
    halves.filter(|halves| *halves <= 100).ok_or(Reason::NotBathrooms)
}

fn currency_code(text: String) -> Result<String, Reason> {
    let code = text.to_ascii_uppercase();
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { Ok(code) } else { Err(Reason::NotCurrency) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers() {
        for (text, number) in
            [("0", 0), ("1250", 1250), ("1,250", 1250), ("-3", -3), ("3.0", 3), ("3.000", 3), ("007", 7)]
        {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        assert_eq!(whole("99999999999999999999"), Some(i64::MAX));
        for bad in ["", "-", "1.5", "1,25", ",125", "1e3", "+3", "3.", "0x3", "٣", "1,2500", "three"] {
            assert_eq!(whole(bad), None, "{bad}");
        }
    }

    #[test]
    fn bathrooms_count_in_halves() {
        for (text, halves) in
            [("2", 4), ("2.5", 5), ("2,5", 5), ("2.50", 5), ("2.0", 4), ("2/1", 5), ("1 / 2", 4), ("0", 0)]
        {
            assert_eq!(half_bathrooms(text.to_owned()), Ok(halves), "{text}");
        }
        for bad in ["", "2.25", "2.", "/", "2/", "-1", "51/0", "+2", "2/1/1", "two", "50/1"] {
            assert_eq!(half_bathrooms(bad.to_owned()), Err(Reason::NotBathrooms), "{bad}");
        }
    }
}
