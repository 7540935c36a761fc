//! Which column of a foreign spreadsheet means what.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::{
    text::{fold_name, squeeze},
    unit::{Bound, Part, Value},
};

const MAX_SOURCE_CHARS: usize = 300;
const MAX_EMPTY_VALUES: usize = 50;

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// What is known of a home.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Field {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in mappings.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        // Derived, the document would have the variants' names: the derive does not see through a macro's `$name`.
        impl utoipa::PartialSchema for Field {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some("What is known of a home."))
                    .enum_values(Some(Self::ALL.iter().map(|known| known.name())))
                    .into()
            }
        }

        impl utoipa::ToSchema for Field {}
    };
}

fields! {
    /// The lot or unit number, unique within the project. Required; at most 60 characters.
    Number = "number";
    /// The release phase. Required; at most 100 characters.
    Phase = "phase";
    /// The building; at most 100 characters.
    Building = "building";
    /// The code of the floor plan; at most 60 characters.
    Plan = "plan";
    /// The code of the plan's elevation; at most 60 characters. Needs a plan.
    Elevation = "elevation";
    /// The address in one line; at most 300 characters.
    Address = "address";
    /// The assessor's parcel number; at most 60 characters.
    Parcel = "parcel";
    /// The floor, -20 to 200; the ground floor is 0 or 1 as the builder counts.
    Floor = "floor";
    /// Bedrooms, 0 to 50.
    Bedrooms = "bedrooms";
    /// Bathrooms: `2`, `2.5`, or full and half as in `2/1`.
    Bathrooms = "bathrooms";
    /// Living area, 1 to 1,000,000 square feet.
    SquareFeet = "square_feet";
    /// The price. Required.
    Price = "price";
    /// The currency of the price, three letters (ISO 4217).
    Currency = "currency";
    /// Why the home is not for sale; empty if it is. At most 200 characters.
    NotForSaleReason = "not_for_sale_reason";
}

impl Field {
    /// Must every home have it?
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::Number | Self::Phase | Self::Price)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where the value of a field comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// One column, by the name in the header; letter case and runs of space do not matter.
    #[schema(title = "ColumnSource")]
    Column(String),
    /// Several columns and text between them, such as `{Bldg Type} {House Style}`; empty if all of the columns are.
    #[schema(title = "TemplateSource")]
    Template(String),
    /// The same for every row.
    #[schema(title = "ConstantSource")]
    Constant(String),
}

/// What a number in the price column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceUnit {
    /// Dollars, with cents behind a decimal separator.
    #[default]
    Major,
    /// Cents.
    Minor,
}

/// From a spreadsheet's columns to the fields of a home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ColumnMapping)] // `Mapping` is Python's
pub struct Mapping {
    /// For each field that the spreadsheet tells, where from.
    pub columns: BTreeMap<Field, Source>,
    /// Texts that mean "nothing", such as `NA`; compared with the whole trimmed cell, letter case included.
    #[serde(default)]
    pub empty_values: Vec<String>,
    /// What a number in the price column counts.
    #[serde(default)]
    pub price_unit: PriceUnit,
}

/// What is wrong with a mapping, by itself or for a certain header.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct MappingError {
    /// Every fault that was found.
    pub faults: Vec<MappingFault>,
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.faults.iter().enumerate() {
            write!(f, "{}{fault}", if place == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// One fault of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MappingFault {
    /// A required field has no source.
    #[error("the field {0} must be mapped")]
    Unmapped(Field),
    /// The header has no such column.
    #[error("the column \"{column}\" for the field {field} is not in the file")]
    MissingColumn {
        /// The field that needs it.
        field: Field,
        /// The column's name in the mapping.
        column: String,
    },
    /// Braces do not match, or there is no column in them.
    #[error("the template of the field {0} must name columns in braces, such as {{Type}} {{Style}}")]
    BadTemplate(Field),
    /// Empty, or too long.
    #[error("the source of the field {0} must have 1 to {MAX_SOURCE_CHARS} characters")]
    BadSource(Field),
    /// Too many empty values, or one that is too long.
    #[error("there may be at most {MAX_EMPTY_VALUES} empty values of at most {MAX_SOURCE_CHARS} characters")]
    BadEmptyValues,
}

impl Mapping {
    /// The mapping of a spreadsheet whose columns are named as the fields are, as ours are.
    #[must_use]
    pub fn by_field_names(header: &[String]) -> Self {
        let names: Vec<String> = header.iter().map(|name| fold_name(name)).collect();
        let present = Field::ALL.iter().filter(|field| names.iter().any(|name| name == field.name()));
        let columns = present.map(|field| (*field, Source::Column(field.name().to_owned()))).collect();
        Self { columns, empty_values: Vec::new(), price_unit: PriceUnit::Major }
    }

    /// Checks what can be checked without a file: when a mapping is saved.
    ///
    /// # Errors
    /// All faults of the mapping itself.
    pub fn check(&self) -> Result<(), MappingError> {
        let unmapped = Field::ALL.iter().filter(|field| field.is_required() && !self.columns.contains_key(field));
        let mut faults: Vec<_> = unmapped.map(|field| MappingFault::Unmapped(*field)).collect();
        faults.extend(self.columns.iter().filter_map(|(field, source)| source.parts(*field).err()));
        let overlong = self.empty_values.iter().any(|value| value.chars().count() > MAX_SOURCE_CHARS);
        if overlong || self.empty_values.len() > MAX_EMPTY_VALUES {
            faults.push(MappingFault::BadEmptyValues);
        }
        if faults.is_empty() { Ok(()) } else { Err(MappingError { faults }) }
    }

    /// Finds the mapping's columns in the header of a file.
    ///
    /// # Errors
    /// The faults of the mapping itself, or else one for each column that is missing.
    pub fn bind(&self, header: &[String]) -> Result<Bound, MappingError> {
        self.check()?;
        let places: HashMap<String, usize> = header.iter().enumerate().map(|(i, name)| (fold_name(name), i)).collect();
        let (mut values, mut faults) = (BTreeMap::new(), Vec::new());
        for (field, source) in &self.columns {
            match source.parts(*field) {
                Ok(pieces) => {
                    let parts = bind_parts(*field, pieces, &places, &mut faults);
                    values.insert(*field, Value { label: source.label(*field).to_owned(), parts });
                }
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() {
            let empty_values = self.empty_values.iter().map(|value| squeeze(value)).collect();
            Ok(Bound { values, empty_values, price_unit: self.price_unit })
        } else {
            Err(MappingError { faults })
        }
    }
}

/// A piece of a source before its columns are looked up.
enum Piece<'a> {
    Text(&'a str),
    Column(&'a str),
}

impl Source {
    /// How an error names the source.
    fn label(&self, field: Field) -> &str {
        match self {
            Self::Column(name) => name,
            Self::Template(template) => template,
            Self::Constant(_) => field.name(),
        }
    }

    fn parts(&self, field: Field) -> Result<Vec<Piece<'_>>, MappingFault> {
        let (Self::Column(text) | Self::Template(text) | Self::Constant(text)) = self;
        if text.trim().is_empty() || text.chars().count() > MAX_SOURCE_CHARS {
            return Err(MappingFault::BadSource(field));
        }
        match self {
            Self::Column(name) => Ok(vec![Piece::Column(name)]),
            Self::Constant(text) => Ok(vec![Piece::Text(text)]),
            Self::Template(template) => pieces(template).ok_or(MappingFault::BadTemplate(field)),
        }
    }
}

fn pieces(template: &str) -> Option<Vec<Piece<'_>>> {
    let (mut pieces, mut rest) = (Vec::new(), template);
    while let Some((text, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        if text.contains('}') || name.contains('{') || name.trim().is_empty() {
            return None;
        }
        pieces.extend([Piece::Text(text), Piece::Column(name)]);
        rest = after;
    }
    if rest.contains('}') || pieces.is_empty() {
        return None;
    }
    pieces.push(Piece::Text(rest));
    Some(pieces)
}

fn bind_parts(
    field: Field,
    pieces: Vec<Piece<'_>>,
    places: &HashMap<String, usize>,
    faults: &mut Vec<MappingFault>,
) -> Vec<Part> {
    let mut parts = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => parts.push(Part::Text(text.to_owned())),
            Piece::Column(name) => match places.get(&fold_name(name)) {
                Some(place) => parts.push(Part::Cell(*place)),
                None => faults.push(MappingFault::MissingColumn { field, column: name.to_owned() }),
            },
        }
    }
    parts
}
