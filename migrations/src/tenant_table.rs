//! One way to make a tenant table, whole: key that leads with the tenant, forced row-level security with one RESTRICTIVE
//! tenant policy and one PERMISSIVE policy per allowed command, exact grants, row version, audit trigger.

use std::fmt::Write as _;

/// Which rows of its tenant an actor may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every row of the tenant.
    Tenant,
    /// Rows whose `project_id` is one of the actor's projects.
    Project,
    /// The projects themselves: rows whose `id` is one of the actor's projects.
    IsProject,
}

/// Writes the condition under which any of some permissions opens a row.
type Condition = fn(&TenantTable, &[&str]) -> String;

/// A tenant table in the making. Permissions are names of the catalogue; several mean "any of".
#[derive(Debug)]
pub struct TenantTable {
    name: &'static str,
    kind: &'static str,
    scope: Scope,
    columns: &'static str,
    read: &'static [&'static str],
    insert: &'static [&'static str],
    update: Option<(&'static [&'static str], &'static str)>,
    delete: &'static [&'static str],
    sealed: &'static [&'static str],
    hidden: &'static [&'static str],
    audited: bool,
    platform_reads: bool,
}

impl TenantTable {
    /// `name` is the table, `kind` the word for one row in the audit trail. `columns` are column and constraint
    /// definitions without `tenant_id`, `id`, `row_version`, `created_at`, `updated_at`, which every table gets.
    #[must_use]
    pub const fn new(name: &'static str, kind: &'static str, scope: Scope, columns: &'static str) -> Self {
        Self {
            name,
            kind,
            scope,
            columns,
            read: &[],
            insert: &[],
            update: None,
            delete: &[],
            sealed: &[],
            hidden: &[],
            audited: true,
            platform_reads: false,
        }
    }

    /// Who may read rows.
    #[must_use]
    pub const fn read(mut self, permissions: &'static [&'static str]) -> Self {
        self.read = permissions;
        self
    }

    /// Who may add rows.
    #[must_use]
    pub const fn insert(mut self, permissions: &'static [&'static str]) -> Self {
        self.insert = permissions;
        self
    }

    /// Who may change rows, and which columns (comma separated) the API's role may write at all.
    #[must_use]
    pub const fn update(mut self, permissions: &'static [&'static str], columns: &'static str) -> Self {
        self.update = Some((permissions, columns));
        self
    }

    /// Who may delete rows.
    #[must_use]
    pub const fn delete(mut self, permissions: &'static [&'static str]) -> Self {
        self.delete = permissions;
        self
    }

    /// Columns of ciphertext: the audit trail shows that they changed, not what to.
    #[must_use]
    pub const fn sealed(mut self, columns: &'static [&'static str]) -> Self {
        self.sealed = columns;
        self
    }

    /// Columns that the audit trail leaves out: look-up hashes, wrapped keys.
    #[must_use]
    pub const fn hidden(mut self, columns: &'static [&'static str]) -> Self {
        self.hidden = columns;
        self
    }

    /// Machinery whose changes are no business events.
    #[must_use]
    pub const fn unaudited(mut self) -> Self {
        self.audited = false;
        self
    }

    /// Lets the platform's role read, for what happens before a tenant context exists: opening a session, redeeming an
    /// invitation.
    #[must_use]
    pub const fn platform_reads(mut self) -> Self {
        self.platform_reads = true;
        self
    }

    /// The statements that make the table.
    #[must_use]
    pub fn sql(&self) -> String {
        self.statements(Self::condition)
    }

    /// The same with the conditions of before V14, which rewrites those of every table that there is.
    pub(crate) fn sql_before_v14(&self) -> String {
        self.statements(Self::condition_before_v14)
    }

    fn statements(&self, condition: Condition) -> String {
        let Self { name, columns, .. } = self;
        let mut sql = format!(
            "CREATE TABLE app.{name} (
    tenant_id uuid NOT NULL REFERENCES platform.tenants (id),
    id uuid NOT NULL,
    {columns},
    row_version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE app.{name} ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.{name} FORCE ROW LEVEL SECURITY;
CREATE POLICY {name}_tenant ON app.{name} AS RESTRICTIVE FOR ALL TO keystead_app, keystead_worker, keystead_derive
    USING (tenant_id = (SELECT ctx.tenant_id())) WITH CHECK (tenant_id = (SELECT ctx.tenant_id()));
CREATE TRIGGER {name}_version BEFORE UPDATE ON app.{name} FOR EACH ROW EXECUTE FUNCTION app.next_version();
"
        );
        self.policies(&mut sql, condition);
        if self.audited {
            self.audit_trigger(&mut sql);
        }
        if self.platform_reads {
            let _ = writeln!(
                sql,
                "CREATE POLICY {name}_platform ON app.{name} FOR SELECT TO keystead_platform USING (true);
GRANT SELECT ON app.{name} TO keystead_platform;"
            );
        }
        sql
    }

    fn policies(&self, sql: &mut String, condition: Condition) {
        let name = self.name;
        let mut policy = |command: &str, permissions: &[&str], clauses: &[&str], columns: &str| {
            if permissions.is_empty() {
                return;
            }
            let condition = condition(self, permissions);
            let clauses: String = clauses.iter().map(|clause| format!(" {clause} ({condition})")).collect();
            let _ = writeln!(
                sql,
                "CREATE POLICY {name}_{lower} ON app.{name} FOR {command} TO keystead_app, keystead_worker{clauses};
GRANT {command}{columns} ON app.{name} TO keystead_app, keystead_worker;",
                lower = command.to_lowercase()
            );
        };
        policy("SELECT", self.read, &["USING"], "");
        policy("INSERT", self.insert, &["WITH CHECK"], "");
        if let Some((permissions, columns)) = self.update {
            policy("UPDATE", permissions, &["USING", "WITH CHECK"], &format!(" ({columns})"));
        }
        policy("DELETE", self.delete, &["USING"], "");
    }

    fn condition(&self, permissions: &[&str]) -> String {
        match (self.project(), permissions) {
            (Some(column), [one]) => {
                format!("(SELECT ctx.anywhere('{one}')) OR {column} = ANY ((SELECT ctx.projects('{one}'))::uuid[])")
            }
            _ => self.condition_before_v14(permissions),
        }
    }

    fn condition_before_v14(&self, permissions: &[&str]) -> String {
        let permitted = match permissions {
            [one] => format!("(SELECT ctx.can('{one}'))"),
            many => format!("(SELECT ctx.can_any('{{{}}}'))", many.join(",")),
        };
        let Some(column) = self.project() else { return permitted };
        format!("{permitted} AND ((SELECT ctx.all_projects()) OR {column} = ANY ((SELECT ctx.project_ids())::uuid[]))")
    }

    /// The column that names a row's project.
    const fn project(&self) -> Option<&'static str> {
        match self.scope {
            Scope::Tenant => None,
            Scope::Project => Some("project_id"),
            Scope::IsProject => Some("id"),
        }
    }

    fn audit_trigger(&self, sql: &mut String) {
        let project = self.project().unwrap_or_default();
        let _ = writeln!(
            sql,
            "CREATE TRIGGER {name}_audit AFTER INSERT OR UPDATE OR DELETE ON app.{name} FOR EACH ROW
    EXECUTE FUNCTION audit.record('{kind}', '{{{sealed}}}', '{{{hidden}}}', '{project}');",
            name = self.name,
            kind = self.kind,
            sealed = self.sealed.join(","),
            hidden = self.hidden.join(","),
        );
    }
}
