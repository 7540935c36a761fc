//! What a builder sells: projects, phases, buildings, plans, elevations, homes; and who may sell where.

use crate::tenant_table::{
    Scope::{IsProject, Project, Tenant},
    TenantTable,
};

/// Whoever sees homes sees what they are described by.
const READ: &[&str] = &["projects.read", "units.read"];
const MANAGE: &[&str] = &["projects.manage"];

pub(crate) fn sql() -> String {
    let projects = TenantTable::new(
        "projects",
        "project",
        IsProject,
        "code text NOT NULL CHECK (code ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    time_zone text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'archived')),
    UNIQUE (tenant_id, code)",
    )
    .read(READ)
    .insert(MANAGE)
    .update(MANAGE, "code, name, time_zone, state");

    let member_projects = TenantTable::new(
        "member_projects",
        "assignment",
        Tenant,
        "member_id uuid NOT NULL,
    project_id uuid NOT NULL,
    UNIQUE (tenant_id, member_id, project_id),
    FOREIGN KEY (tenant_id, member_id) REFERENCES app.members (tenant_id, id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES app.projects (tenant_id, id)",
    )
    .read(&["members.read"])
    .insert(&["members.manage"])
    .delete(&["members.manage"])
    .platform_reads();

    let phases = TenantTable::new(
        "phases",
        "phase",
        Project,
        "project_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    released_at timestamptz,
    UNIQUE (tenant_id, project_id, id),
    UNIQUE (tenant_id, project_id, name),
    FOREIGN KEY (tenant_id, project_id) REFERENCES app.projects (tenant_id, id)",
    )
    .read(READ)
    .insert(MANAGE)
    .update(MANAGE, "name, released_at");

    let buildings = TenantTable::new(
        "buildings",
        "building",
        Project,
        "project_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    floors smallint CHECK (floors BETWEEN 1 AND 200),
    UNIQUE (tenant_id, project_id, id),
    UNIQUE (tenant_id, project_id, name),
    FOREIGN KEY (tenant_id, project_id) REFERENCES app.projects (tenant_id, id)",
    )
    .read(READ)
    .insert(MANAGE)
    .update(MANAGE, "name, floors");

    let plans = TenantTable::new(
        "plans",
        "plan",
        Project,
        "project_id uuid NOT NULL,
    code text NOT NULL CHECK (length(code) BETWEEN 1 AND 60),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    bedrooms smallint CHECK (bedrooms BETWEEN 0 AND 50),
    bathrooms smallint CHECK (bathrooms BETWEEN 0 AND 50),
    half_bathrooms smallint CHECK (half_bathrooms BETWEEN 0 AND 50),
    square_feet integer CHECK (square_feet BETWEEN 1 AND 1000000),
    UNIQUE (tenant_id, project_id, id),
    UNIQUE (tenant_id, project_id, code),
    FOREIGN KEY (tenant_id, project_id) REFERENCES app.projects (tenant_id, id)",
    )
    .read(READ)
    .insert(MANAGE)
    .update(MANAGE, "code, name, bedrooms, bathrooms, half_bathrooms, square_feet");

    let elevations = TenantTable::new(
        "elevations",
        "elevation",
        Project,
        "project_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    code text NOT NULL CHECK (length(code) BETWEEN 1 AND 60),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    UNIQUE (tenant_id, plan_id, id),
    UNIQUE (tenant_id, plan_id, code),
    FOREIGN KEY (tenant_id, project_id, plan_id) REFERENCES app.plans (tenant_id, project_id, id)",
    )
    .read(READ)
    .insert(MANAGE)
    .update(MANAGE, "code, name");

    let units = TenantTable::new(
        "units",
        "unit",
        Project,
        "project_id uuid NOT NULL,
    phase_id uuid NOT NULL,
    building_id uuid,
    plan_id uuid,
    elevation_id uuid,
    number text NOT NULL CHECK (length(number) BETWEEN 1 AND 60),
    floor smallint CHECK (floor BETWEEN -20 AND 200),
    address text CHECK (length(address) <= 300),
    parcel text CHECK (length(parcel) <= 60),
    bedrooms smallint CHECK (bedrooms BETWEEN 0 AND 50),
    square_feet integer CHECK (square_feet BETWEEN 1 AND 1000000),
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    not_for_sale_reason text CHECK (length(not_for_sale_reason) BETWEEN 1 AND 200),
    sale_stage text CHECK (sale_stage IN ('offer', 'pending_signature')),
    CHECK (elevation_id IS NULL OR plan_id IS NOT NULL),
    UNIQUE (tenant_id, project_id, id),
    UNIQUE (tenant_id, project_id, number),
    FOREIGN KEY (tenant_id, project_id, phase_id) REFERENCES app.phases (tenant_id, project_id, id),
    FOREIGN KEY (tenant_id, project_id, building_id) REFERENCES app.buildings (tenant_id, project_id, id),
    FOREIGN KEY (tenant_id, project_id, plan_id) REFERENCES app.plans (tenant_id, project_id, id),
    FOREIGN KEY (tenant_id, plan_id, elevation_id) REFERENCES app.elevations (tenant_id, plan_id, id)",
    )
    .read(&["units.read"])
    .insert(&["units.manage"])
    // sale_stage is derived from contracts by a trigger: the API's role cannot write it.
    .update(
        &["units.manage"],
        "phase_id, building_id, plan_id, elevation_id, number, floor, address, parcel, bedrooms, square_feet, price_minor, \
         not_for_sale_reason",
    );

    // Nor may a new home come with a stage.
    let no_stage = "REVOKE INSERT ON app.units FROM keystead_app, keystead_worker;
GRANT INSERT (tenant_id, id, project_id, phase_id, building_id, plan_id, elevation_id, number, floor, address, parcel, bedrooms,
    square_feet, price_minor, currency, not_for_sale_reason) ON app.units TO keystead_app, keystead_worker;";

    let indexes = "CREATE INDEX units_by_plan ON app.units (tenant_id, project_id, plan_id, number);
CREATE INDEX units_by_building ON app.units (tenant_id, project_id, building_id, number);
CREATE INDEX units_newest ON app.units (tenant_id, project_id, id);
CREATE INDEX member_projects_by_project ON app.member_projects (tenant_id, project_id);";

    let tables = [projects, member_projects, phases, buildings, plans, elevations, units];
    tables.iter().map(TenantTable::sql_before_v14).chain([no_stage.to_owned(), indexes.to_owned()]).collect()
}
