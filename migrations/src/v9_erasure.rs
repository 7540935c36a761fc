//! Erasing a person such that backups of before do not open them.

use crate::tenant_table::{Scope::Project, TenantTable};

pub(crate) fn sql() -> String {
    let erasures = TenantTable::new(
        "erasures",
        "erasure",
        Project,
        "project_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 300),
    confirmation text NOT NULL CHECK (confirmation = 'ERASE'),
    UNIQUE (tenant_id, contact_id),
    FOREIGN KEY (tenant_id, project_id, contact_id) REFERENCES app.contacts (tenant_id, project_id, id)",
    )
    .read(&["contacts.erase", "audit.read"])
    .insert(&["contacts.erase"]);
    [include_str!("v9_erasure.sql"), &erasures.sql_before_v14(), "RESET ROLE;"].concat()
}
