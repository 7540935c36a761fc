//! Contracts: the sale of one home, once.

use crate::tenant_table::{Scope::Project, TenantTable};

pub(crate) fn sql() -> String {
    let contracts = TenantTable::new(
        "contracts",
        "contract",
        Project,
        "project_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    number integer NOT NULL,
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'approved', 'cancelled')),
    list_price_minor bigint NOT NULL CHECK (list_price_minor >= 0),
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    created_by uuid NOT NULL,
    submitted_by uuid,
    submitted_at timestamptz,
    approved_by uuid,
    approved_at timestamptz,
    cancelled_by uuid,
    cancelled_at timestamptz,
    cancel_reason text CHECK (cancel_reason IN ('financing_denied', 'home_did_not_sell', 'remorse', 'job_change', 'appraisal',
        'builder_delay', 'death_or_divorce', 'better_offer', 'default', 'rescission', 'other')),
    cancel_note text CHECK (length(cancel_note) <= 500),
    CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL AND cancelled_by IS NOT NULL AND cancel_reason IS NOT NULL)),
    UNIQUE (tenant_id, project_id, id),
    UNIQUE (tenant_id, project_id, number),
    FOREIGN KEY (tenant_id, project_id, unit_id) REFERENCES app.units (tenant_id, project_id, id),
    FOREIGN KEY (tenant_id, created_by) REFERENCES app.members (tenant_id, id),
    FOREIGN KEY (tenant_id, submitted_by) REFERENCES app.members (tenant_id, id),
    FOREIGN KEY (tenant_id, approved_by) REFERENCES app.members (tenant_id, id),
    FOREIGN KEY (tenant_id, cancelled_by) REFERENCES app.members (tenant_id, id)",
    )
    .read(&["contracts.read"])
    .insert(&["contracts.write"])
    .update(
        &["contracts.write", "contracts.approve", "contracts.cancel"],
        "state, submitted_by, submitted_at, approved_by, approved_at, cancelled_by, cancelled_at, cancel_reason, cancel_note",
    );

    let parties = TenantTable::new(
        "contract_parties",
        "contract_party",
        Project,
        "project_id uuid NOT NULL,
    contract_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('buyer', 'co_buyer', 'guarantor')),
    position smallint NOT NULL CHECK (position BETWEEN 1 AND 10),
    UNIQUE (tenant_id, contract_id, contact_id),
    UNIQUE (tenant_id, contract_id, position),
    FOREIGN KEY (tenant_id, project_id, contract_id) REFERENCES app.contracts (tenant_id, project_id, id),
    FOREIGN KEY (tenant_id, project_id, contact_id) REFERENCES app.contacts (tenant_id, project_id, id)",
    )
    .read(&["contracts.read"])
    .insert(&["contracts.write"]);

    // One counter a project, written by a trigger only: unique numbers, and a gap is an attempt that was rolled back.
    let counters = TenantTable::new(
        "contract_counters",
        "contract_counter",
        Project,
        "project_id uuid NOT NULL,
    last_number integer NOT NULL,
    CHECK (id = project_id),
    FOREIGN KEY (tenant_id, project_id) REFERENCES app.projects (tenant_id, id)",
    )
    .unaudited();

    [
        counters.sql_before_v14(),
        contracts.sql_before_v14(),
        parties.sql_before_v14(),
        include_str!("contracts.sql").to_owned(),
    ]
    .concat()
}
