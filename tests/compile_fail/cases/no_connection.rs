//! The part of the ORM that slices may use holds no connection.

use keystead_tenants::orm::{Database, DatabaseConnection};

fn main() {}
