//! Buyers. Personal data stands here as ciphertext only, each person under a data key of their own.

use crate::tenant_table::{Scope::Project, TenantTable};

pub(crate) fn sql() -> String {
    let subject_keys = TenantTable::new(
        "subject_keys",
        "subject_key",
        Project,
        "project_id uuid NOT NULL,
    key_version integer NOT NULL,
    wrapped bytea NOT NULL,
    FOREIGN KEY (tenant_id, project_id) REFERENCES app.projects (tenant_id, id)",
    )
    .read(&["contacts.read"])
    .insert(&["contacts.manage"])
    .unaudited();

    let contacts = TenantTable::new(
        "contacts",
        "contact",
        Project,
        "project_id uuid NOT NULL,
    name bytea NOT NULL,
    email bytea,
    phone bytea,
    address bytea,
    date_of_birth bytea,
    email_bidx bytea CHECK (length(email_bidx) = 8),
    phone_bidx bytea CHECK (length(phone_bidx) = 8),
    UNIQUE (tenant_id, project_id, id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES app.projects (tenant_id, id),
    FOREIGN KEY (tenant_id, id) REFERENCES app.subject_keys (tenant_id, id)",
    )
    .read(&["contacts.read"])
    .insert(&["contacts.manage"])
    .update(&["contacts.manage"], "name, email, phone, address, date_of_birth, email_bidx, phone_bidx")
    .sealed(&["name", "email", "phone", "address", "date_of_birth"])
    .hidden(&["email_bidx", "phone_bidx"]);

    let search_tokens = TenantTable::new(
        "search_tokens",
        "search_token",
        Project,
        "project_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    field smallint NOT NULL,
    token bigint NOT NULL,
    UNIQUE (tenant_id, field, token, contact_id),
    FOREIGN KEY (tenant_id, project_id, contact_id) REFERENCES app.contacts (tenant_id, project_id, id)",
    )
    .read(&["contacts.read"])
    .insert(&["contacts.manage"])
    .delete(&["contacts.manage"])
    .unaudited();

    let reveals = TenantTable::new(
        "reveals",
        "reveal",
        Project,
        "project_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    fields text[] NOT NULL CHECK (cardinality(fields) > 0),
    purpose text NOT NULL CHECK (length(purpose) BETWEEN 3 AND 300),
    FOREIGN KEY (tenant_id, project_id, contact_id) REFERENCES app.contacts (tenant_id, project_id, id)",
    )
    .read(&["contacts.reveal", "audit.read"])
    .insert(&["contacts.reveal"]);

    let indexes = "CREATE INDEX contacts_by_email ON app.contacts (tenant_id, email_bidx);
CREATE INDEX contacts_by_phone ON app.contacts (tenant_id, phone_bidx);
CREATE INDEX contacts_of_project ON app.contacts (tenant_id, project_id, id);
CREATE INDEX search_tokens_of_contact ON app.search_tokens (tenant_id, contact_id);
CREATE INDEX reveals_of_contact ON app.reveals (tenant_id, contact_id, id);";

    [subject_keys, contacts, search_tokens, reveals]
        .iter()
        .map(TenantTable::sql_before_v14)
        .chain([indexes.to_owned()])
        .collect()
}
