//! One person's data between the wire and the row: sealed on the way in, opened on the way out.

use keystead_entities::{contact, search_token, subject_key};
use keystead_ids::{ContactId, ProjectId, TenantId};
use keystead_keys::{
    Address, DateOfBirth, Email, IndexKey, KeyError, Name, Phone, Pii, PiiField, Place, Sealed, SubjectKey, TenantKeys,
    WrappedSubject, Wrapping, without_traces,
};
use keystead_tenants::orm::Set;

use crate::{http::Problem, vault};

/// What is known about a person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(super) name: Pii<Name>,
    pub(super) email: Option<Pii<Email>>,
    pub(super) phone: Option<Pii<Phone>>,
    pub(super) address: Option<Pii<Address>>,
    pub(super) date_of_birth: Option<Pii<DateOfBirth>>,
}

impl Person {
    /// Opens a row. One damaged value makes all of the row unreadable: half a person misleads.
    pub(super) fn open(
        keys: &TenantKeys,
        row: &contact::Model,
        wrapped: &subject_key::Model,
    ) -> Result<Self, KeyError> {
        without_traces(|| {
            let key = subject(keys, wrapped)?;
            Ok(Self {
                name: open_one(row, &key, row.name.as_deref().ok_or(KeyError::Erased)?)?,
                email: open_optional(row, &key, row.email.as_deref())?,
                phone: open_optional(row, &key, row.phone.as_deref())?,
                address: open_optional(row, &key, row.address.as_deref())?,
                date_of_birth: open_optional(row, &key, row.date_of_birth.as_deref())?,
            })
        })
    }

    /// Opens a row of a list, where one that is damaged must not hide the others: it comes as none, and is logged.
    pub(super) fn open_or_damaged(
        keys: &TenantKeys,
        row: &contact::Model,
        wrapped: Option<&subject_key::Model>,
    ) -> Result<Option<Self>, Problem> {
        unless_damaged(row, wrapped.ok_or(KeyError::Corrupt).and_then(|wrapped| Self::open(keys, row, wrapped)))
    }

    /// The same for the name alone.
    pub(super) fn name_or_damaged(
        keys: &TenantKeys,
        row: &contact::Model,
        wrapped: Option<&subject_key::Model>,
    ) -> Result<Option<Pii<Name>>, Problem> {
        let key = wrapped.ok_or(KeyError::Corrupt).and_then(|wrapped| subject(keys, wrapped));
        let name = row.name.as_deref().ok_or(KeyError::Erased);
        unless_damaged(row, key.and_then(|key| open_one(row, &key, name?)))
    }
}

fn unless_damaged<T>(row: &contact::Model, opened: Result<T, KeyError>) -> Result<Option<T>, Problem> {
    match opened {
        Ok(value) => Ok(Some(value)),
        // In a database that is older than the erasure, too.
        Err(KeyError::Erased) => Ok(None),
        Err(damage @ (KeyError::Corrupt | KeyError::MissingVersion { .. })) => {
            tracing::error!(tenant = %row.tenant_id, contact = %row.id, %damage, "a contact does not open");
            Ok(None)
        }
        Err(other) => Err(other.into()),
    }
}

/// The person's own key.
pub(super) fn subject(keys: &TenantKeys, row: &subject_key::Model) -> Result<SubjectKey, KeyError> {
    keys.open_subject(row.id.uuid(), &wrapped(row)?)
}

/// The key as its row has it.
pub(crate) fn wrapped(row: &subject_key::Model) -> Result<WrappedSubject, KeyError> {
    let wrapped = row.wrapped.clone().ok_or(KeyError::Erased)?;
    let wrapping = u8::try_from(row.wrapping).ok().and_then(Wrapping::of_code).ok_or(KeyError::Corrupt)?;
    let key_version = row.key_version.try_into().map_err(|_| KeyError::Corrupt)?;
    Ok(WrappedSubject { wrapping, key_version, wrapped })
}

fn open_one<T: PiiField>(row: &contact::Model, key: &SubjectKey, sealed: &[u8]) -> Result<Pii<T>, KeyError> {
    Pii::open(key, &place::<T>(row.tenant_id, row.id), &Sealed::from_bytes(sealed.to_vec()))
}

fn open_optional<T: PiiField>(
    row: &contact::Model,
    key: &SubjectKey,
    sealed: Option<&[u8]>,
) -> Result<Option<Pii<T>>, KeyError> {
    sealed.map(|sealed| open_one(row, key, sealed)).transpose()
}

const fn place<T: PiiField>(tenant: TenantId, id: ContactId) -> Place {
    Place::of::<T>(tenant, vault::CONTACTS, id.0, id.0)
}

/// Seals one contact's values.
pub(super) struct Sealer {
    pub(super) tenant: TenantId,
    pub(super) id: ContactId,
    pub(super) key: SubjectKey,
    pub(super) index: IndexKey,
}

impl Sealer {
    /// With a new key for a new contact, and the row that keeps the key.
    pub(super) fn create(
        keys: &TenantKeys,
        project: ProjectId,
        id: ContactId,
    ) -> Result<(Self, subject_key::ActiveModel), Problem> {
        let tenant = keys.tenant();
        let (key, wrapped) = keys.new_subject(id.uuid())?;
        let row = subject_key::ActiveModel {
            tenant_id: Set(tenant),
            id: Set(id),
            project_id: Set(project),
            key_version: Set(wrapped
                .key_version
                .try_into()
                .map_err(|_| Problem::internal("a key version does not fit"))?),
            wrapped: Set(Some(wrapped.wrapped)),
            wrapping: Set(wrapped.wrapping.code().into()),
            ..Default::default()
        };
        Ok((Self { tenant, id, key, index: keys.index()? }, row))
    }

    /// The whole row of a new contact.
    pub(super) fn row(&self, project: ProjectId, person: &Person) -> Result<contact::ActiveModel, KeyError> {
        without_traces(|| {
            Ok(contact::ActiveModel {
                tenant_id: Set(self.tenant),
                id: Set(self.id),
                project_id: Set(project),
                name: Set(Some(self.seal(&person.name)?)),
                email: Set(self.seal_optional(person.email.as_ref())?),
                phone: Set(self.seal_optional(person.phone.as_ref())?),
                address: Set(self.seal_optional(person.address.as_ref())?),
                date_of_birth: Set(self.seal_optional(person.date_of_birth.as_ref())?),
                email_bidx: Set(self.blind(person.email.as_ref())?),
                phone_bidx: Set(self.blind(person.phone.as_ref())?),
                ..Default::default()
            })
        })
    }

    pub(super) fn seal<T: PiiField>(&self, value: &Pii<T>) -> Result<Vec<u8>, KeyError> {
        value.seal(&self.key, &place::<T>(self.tenant, self.id)).map(Sealed::into_bytes)
    }

    pub(super) fn seal_optional<T: PiiField>(&self, value: Option<&Pii<T>>) -> Result<Option<Vec<u8>>, KeyError> {
        value.map(|value| self.seal(value)).transpose()
    }

    /// The digest that finds the value.
    pub(super) fn blind<T: PiiField>(&self, value: Option<&Pii<T>>) -> Result<Option<Vec<u8>>, KeyError> {
        let Some(value) = value else { return Ok(None) };
        Ok(value.blind(&self.index)?.map(|digest| digest.to_vec()))
    }

    /// The rows that find the name by the beginnings of its words.
    pub(super) fn tokens(&self, project: ProjectId, name: &Pii<Name>) -> Result<Vec<search_token::Model>, Problem> {
        let field = name_field()?;
        let (tenant_id, project_id, contact_id) = (self.tenant, project, self.id);
        let row = |token| search_token::Model { tenant_id, project_id, contact_id, field, token };
        Ok(without_traces(|| name.tokens(&self.index))?.into_iter().map(row).collect())
    }
}

/// The code of names as the database keeps it.
pub(super) fn name_field() -> Result<i16, Problem> {
    i16::try_from(Name::CODE).map_err(|_| Problem::internal("the code of names does not fit"))
}
