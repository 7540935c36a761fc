//! The kernel: signed tenant context, audit trail, platform and identity tables.

pub(crate) fn sql() -> String {
    [
        "SET LOCAL ROLE keystead_ctx;",
        include_str!("kernel/context.sql"),
        "SET LOCAL ROLE keystead_owner;",
        include_str!("kernel/platform.sql"),
        include_str!("kernel/identity.sql"),
        include_str!("kernel/rows.sql"),
        "SET LOCAL ROLE keystead_audit;",
        include_str!("kernel/audit.sql"),
        "RESET ROLE;",
    ]
    .join("\n")
}
