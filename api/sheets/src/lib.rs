//! A builder's spreadsheet, as CSV, becomes homes. Pure functions of bytes: no I/O, bounded memory whatever the file.
//!
//! [`Sheet`] takes the bytes in chunks of any size and gives [`Event`]s. [`Mapping`] says which column means what; bound to
//! the header it turns each [`Row`] into a [`UnitRow`] or into the reasons why not.
//!
//! ```
//! use keystead_sheets::{Event, Limits, Mapping, Sheet};
//!
//! let mut sheet = Sheet::new(Limits::default());
//! let mut events = sheet.feed(b"number,phase,price\n12,Phase 1,\"$499,900\"\n");
//! events.extend(sheet.finish());
//! let [Event::Header(header), Event::Row(row)] = &events[..] else { panic!("{events:?}") };
//! let bound = Mapping::by_field_names(header).bind(header).expect("all columns are there");
//! let unit = bound.unit(row).expect("a good row");
//! assert_eq!((row.number, unit.price_minor), (2, 49_990_000));
//! ```

mod fault;
mod mapping;
mod price;
mod sheet;
mod text;
mod unit;

pub use fault::{Reason, RowError, SheetError};
pub use mapping::{Field, Mapping, MappingError, MappingFault, PriceUnit, Source};
pub use sheet::{Event, Limits, Row, Sheet};
pub use text::Encoding;
pub use unit::{Bound, UnitRow};
