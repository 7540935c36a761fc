//! Files and spreadsheet imports.

use crate::tenant_table::{
    Scope::{Project, Tenant},
    TenantTable,
};

pub(crate) fn sql() -> String {
    let files = TenantTable::new(
        "files",
        "file",
        Project,
        "project_id uuid NOT NULL,
    plan_id uuid,
    kind text NOT NULL CHECK (kind IN ('floorplan')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    content_type text NOT NULL CHECK (content_type IN ('application/pdf', 'image/png', 'image/jpeg')),
    length bigint NOT NULL CHECK (length BETWEEN 1 AND 104857600),
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    storage_key text NOT NULL,
    state text NOT NULL DEFAULT 'quarantined' CHECK (state IN ('quarantined', 'ready', 'rejected', 'removed')),
    rejected_because text,
    UNIQUE (tenant_id, storage_key),
    FOREIGN KEY (tenant_id, project_id) REFERENCES app.projects (tenant_id, id),
    FOREIGN KEY (tenant_id, project_id, plan_id) REFERENCES app.plans (tenant_id, project_id, id)",
    )
    .read(&["files.read"])
    .insert(&["files.manage"])
    .update(&["files.manage"], "state, rejected_because");

    let mappings = TenantTable::new(
        "import_mappings",
        "import_mapping",
        Tenant,
        "name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    mapping jsonb NOT NULL,
    UNIQUE (tenant_id, name)",
    )
    .read(&["units.manage"])
    .insert(&["units.manage"])
    .update(&["units.manage"], "name, mapping")
    .delete(&["units.manage"]);

    let imports = TenantTable::new(
        "imports",
        "import",
        Project,
        "project_id uuid NOT NULL,
    file_name text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 200),
    mapping jsonb NOT NULL,
    dry_run boolean NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished', 'failed')),
    failed_because text,
    rows_read bigint NOT NULL DEFAULT 0,
    rows_imported bigint NOT NULL DEFAULT 0,
    rows_refused bigint NOT NULL DEFAULT 0,
    FOREIGN KEY (tenant_id, project_id) REFERENCES app.projects (tenant_id, id)",
    )
    .read(&["units.manage"])
    .insert(&["units.manage"])
    .update(&["units.manage"], "state, failed_because, rows_read, rows_imported, rows_refused");

    let import_errors = TenantTable::new(
        "import_errors",
        "import_error",
        Project,
        "project_id uuid NOT NULL,
    import_id uuid NOT NULL,
    row_number bigint NOT NULL,
    column_name text,
    reason text NOT NULL,
    FOREIGN KEY (tenant_id, import_id) REFERENCES app.imports (tenant_id, id)",
    )
    .read(&["units.manage"])
    .insert(&["units.manage"])
    .unaudited();

    let indexes = "CREATE INDEX files_of_plan ON app.files (tenant_id, project_id, plan_id, id);
CREATE INDEX import_errors_in_order ON app.import_errors (tenant_id, import_id, id);
CREATE INDEX imports_newest ON app.imports (tenant_id, project_id, id);";

    [files, mappings, imports, import_errors]
        .iter()
        .map(TenantTable::sql_before_v14)
        .chain([indexes.to_owned()])
        .collect()
}
