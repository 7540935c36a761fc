//! Which rows are read together. Every reference stays in its tenant, so the tenant is part of each.

use sea_orm::{EntityTrait, Related, RelationDef};

use crate::{contact, contract, contract_party, phase, subject_key, unit};

impl Related<unit::Entity> for contract::Entity {
    fn to() -> RelationDef {
        use contract::Column::{TenantId, UnitId};
        Self::belongs_to(unit::Entity).from((TenantId, UnitId)).to((unit::Column::TenantId, unit::Column::Id)).into()
    }
}

impl Related<contact::Entity> for contract_party::Entity {
    fn to() -> RelationDef {
        use contract_party::Column::{ContactId, TenantId};
        let contact = (contact::Column::TenantId, contact::Column::Id);
        Self::belongs_to(contact::Entity).from((TenantId, ContactId)).to(contact).into()
    }
}

impl Related<subject_key::Entity> for contact::Entity {
    fn to() -> RelationDef {
        use contact::Column::{Id, TenantId};
        let key = (subject_key::Column::TenantId, subject_key::Column::Id);
        Self::belongs_to(subject_key::Entity).from((TenantId, Id)).to(key).into()
    }
}

impl Related<phase::Entity> for unit::Entity {
    fn to() -> RelationDef {
        use unit::Column::{PhaseId, TenantId};
        Self::belongs_to(phase::Entity)
            .from((TenantId, PhaseId))
            .to((phase::Column::TenantId, phase::Column::Id))
            .into()
    }
}
