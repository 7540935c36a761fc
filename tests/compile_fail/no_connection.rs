//! The part of the ORM that slices may use holds no connection.
//! Refused with E0432.

use keystead_tenants::orm::{Database, DatabaseConnection};
