//! What an event is about, from the database's plain UUIDs to the ids of the API and back.

use std::borrow::Cow;

use keystead_ids::{
    BuildingId, ContactId, ContractId, ElevationId, ErasureId, FileId, ImportId, InvitationId, MappingId, MemberId,
    PhaseId, PlanId, ProjectId, RevealId, RoleId, TenantId, UnitId,
};
use serde::{Deserialize, Deserializer, de::Error as _};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, extensions::ExtensionsBuilder, schema::Type},
};
use uuid::Uuid;

/// The id of any object: as the API writes it, or a plain UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectId(pub Uuid);

/// Kinds of the audit trail whose objects have ids of their own in the API.
const PREFIXES: [(&str, &str); 17] = [
    ("settings", TenantId::PREFIX),
    ("role", RoleId::PREFIX),
    ("member", MemberId::PREFIX),
    ("invitation", InvitationId::PREFIX),
    ("project", ProjectId::PREFIX),
    ("phase", PhaseId::PREFIX),
    ("building", BuildingId::PREFIX),
    ("plan", PlanId::PREFIX),
    ("elevation", ElevationId::PREFIX),
    ("unit", UnitId::PREFIX),
    ("file", FileId::PREFIX),
    ("import_mapping", MappingId::PREFIX),
    ("import", ImportId::PREFIX),
    ("contact", ContactId::PREFIX),
    ("reveal", RevealId::PREFIX),
    ("erasure", ErasureId::PREFIX),
    ("contract", ContractId::PREFIX),
];

impl ObjectId {
    /// The id as the API writes it for objects of this kind; the plain UUID for kinds that the API does not show.
    #[must_use]
    pub fn wire(self, kind: &str) -> String {
        match PREFIXES.iter().find(|(known, _)| *known == kind) {
            Some((_, prefix)) => format!("{prefix}_{}", self.0.as_simple()),
            None => self.0.to_string(),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let known = PREFIXES.iter().find_map(|&(_, prefix)| keystead_ids::parse_id(prefix, text).ok());
        known.or_else(|| text.parse().ok()).map(Self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| D::Error::custom("must be an id"))
    }
}

impl PartialSchema for ObjectId {
    fn schema() -> RefOr<Schema> {
        // As ids of one kind say theirs, this one says that any will do.
        let reference = ExtensionsBuilder::new().add("x-object-ref", "any").build();
        ObjectBuilder::new().schema_type(Type::String).extensions(Some(reference)).into()
    }
}

impl ToSchema for ObjectId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_that_is_shown_is_read_back() {
        let id = ObjectId(Uuid::from_u128(0x0197_f0a1_b2c3_7d4e_8f90_a1b2_c3d4_e5f6));
        for kind in PREFIXES.map(|(kind, _)| kind).into_iter().chain(["assignment", "tenant_key"]) {
            assert_eq!(ObjectId::read(&id.wire(kind)), Some(id), "{kind}");
        }
        assert_eq!(id.wire("contract"), "ctr_0197f0a1b2c37d4e8f90a1b2c3d4e5f6");
        assert_eq!(id.wire("assignment"), "0197f0a1-b2c3-7d4e-8f90-a1b2c3d4e5f6");
    }

    #[test]
    fn other_text_is_no_id() {
        for bad in ["", "ctr_", "xyz_0197f0a1b2c37d4e8f90a1b2c3d4e5f6", "ctr_0197F0A1B2C37D4E8F90A1B2C3D4E5F6", "'; --"]
        {
            assert_eq!(ObjectId::read(bad), None, "{bad}");
        }
    }
}
