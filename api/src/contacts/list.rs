//! List contacts.

use std::collections::HashMap;

use axum::{Json, extract::State};
use keystead_entities::{contact, subject_key};
use keystead_ids::{ContactId, ProjectId};
use keystead_keys::{Email, IndexKey, Name, Phone, Pii, PiiField, TenantKeys, without_traces};
use keystead_tenants::{TenantTx, orm::sea_query::SelectStatement};

use super::{ContactFilters, ContactOut, EmailIn, Person, PhoneIn, fields::FromText as _, store};
use crate::{
    app::App,
    http::{FieldCode, Page, PageParams, Paging, Problem, Problems, ReadContacts, Tx},
    vault,
};

/// List contacts, newest first, masked.
///
/// A page that searches by e-mail address or phone may hold fewer items than asked for, and still not be the last.
#[utoipa::path(get, path = "/", tag = "contacts", operation_id = "list_contacts", params(PageParams, ContactFilters),
    responses((status = 200, body = Page<ContactOut>), Problems), extensions(("x-permission" = json!("contacts.read"))))]
pub(super) async fn list(
    tx: Tx<ReadContacts>,
    State(app): State<App>,
    paging: Paging<ContactFilters>,
) -> Result<Json<Page<ContactOut>>, Problem> {
    let keys = vault::open(&app, &tx).await?;
    let search = Search::new(&paging.filters, &keys.index()?)?;
    let rows = store::page(&tx, &paging, &search).await?;
    without_traces(|| {
        let Page { items, next_cursor } = paging.page(rows, |(row, _)| row.id.uuid(), |row| search.item(&keys, &row));
        let found: Vec<Option<ContactOut>> = items.into_iter().collect::<Result<_, _>>()?;
        Ok(Json(Page { items: found.into_iter().flatten().collect(), next_cursor }))
    })
}

/// A value that is looked for, with its digest.
type Sought<T> = Option<(Pii<T>, [u8; 8])>;

/// What a list looks for, as the database can look for it.
pub(super) struct Search {
    pub(super) project: Option<ProjectId>,
    pub(super) email: Sought<Email>,
    pub(super) phone: Sought<Phone>,
    /// Tokens that a contact must all have.
    pub(super) name: Option<Vec<i64>>,
}

impl Search {
    fn new(filters: &ContactFilters, index: &IndexKey) -> Result<Self, Problem> {
        let name = filters.name.as_ref().map(|name| index.search_tokens(Name::CODE, name.as_str())).transpose()?;
        if name.as_ref().is_some_and(Vec::is_empty) {
            return Err(Problem::field("name", FieldCode::Empty, "must have a letter or digit"));
        }
        Ok(Self {
            project: filters.project_id,
            email: sought(filters.email.as_ref().map(|email| &email.0), index)?,
            phone: sought(filters.phone.as_ref().map(|phone| &phone.0), index)?,
            name,
        })
    }

    /// What a text may be of a person: a whole e-mail address or phone number, or else a name; none when it is nothing of
    /// that kind.
    fn of_text(text: &str, index: &IndexKey) -> Result<Option<Self>, Problem> {
        let mut search = Self { project: None, email: None, phone: None, name: None };
        if text.contains('@') {
            let Some(email) = EmailIn::from_text(text).ok() else { return Ok(None) };
            search.email = sought(Some(&email.0), index)?;
        } else if text.chars().filter(char::is_ascii_digit).count() >= FEWEST_DIGITS {
            let Some(phone) = PhoneIn::from_text(text).ok() else { return Ok(None) };
            search.phone = sought(Some(&phone.0), index)?;
        } else {
            search.name = Some(index.search_tokens(Name::CODE, text)?).filter(|tokens| !tokens.is_empty());
        }
        let is_something = search.email.is_some() || search.phone.is_some() || search.name.is_some();
        Ok(is_something.then_some(search))
    }

    /// The item that a row becomes; none when only its digest was the one that is sought.
    fn item(&self, keys: &TenantKeys, (row, key): &store::Row) -> Result<Option<ContactOut>, Problem> {
        let person = Person::open_or_damaged(keys, row, key.as_ref())?;
        let is_meant = match &person {
            Some(person) => {
                is_sought(&self.email, person.email.as_ref()) && is_sought(&self.phone, person.phone.as_ref())
            }
            // Whether a damaged value is the one cannot be told.
            None => self.email.is_none() && self.phone.is_none(),
        };
        Ok(is_meant.then(|| ContactOut::masked(row, person.as_ref())))
    }
}

fn sought<T: PiiField + Clone>(value: Option<&Pii<T>>, index: &IndexKey) -> Result<Sought<T>, Problem> {
    let Some(value) = value else { return Ok(None) };
    Ok(value.blind(index)?.map(|digest| (value.clone(), digest)))
}

/// Digests may collide; the values themselves decide. Both were brought to one spelling before they were sealed.
fn is_sought<T: PartialEq>(sought: &Sought<T>, value: Option<&Pii<T>>) -> bool {
    sought.as_ref().is_none_or(|(wanted, _)| value == Some(wanted))
}

/// A phone number has at least as many, and a name has not.
const FEWEST_DIGITS: usize = 7;

/// The newest contacts that a text finds, masked.
pub(crate) async fn search(
    tx: &TenantTx,
    keys: &TenantKeys,
    text: &crate::search::Sought,
) -> Result<Vec<ContactOut>, Problem> {
    let Some(search) = Search::of_text(text.text(), &keys.index()?)? else { return Ok(Vec::new()) };
    let rows = store::newest(tx, &search, text.limit()).await?;
    without_traces(|| {
        let found: Vec<Option<ContactOut>> = rows.iter().map(|row| search.item(keys, row)).collect::<Result<_, _>>()?;
        Ok(found.into_iter().flatten().collect())
    })
}

/// Selects the ids of the contacts whom a text finds, for another resource to filter by; none when it may be nobody's. Their
/// digests decide, as whoever filters does not open them.
pub(crate) fn found_by(keys: &TenantKeys, text: &str) -> Result<Option<SelectStatement>, Problem> {
    Search::of_text(text, &keys.index()?)?.map(|search| store::ids(&search)).transpose()
}

/// A contact as another resource shows it.
#[derive(Debug)]
pub(crate) struct Known {
    /// The project.
    pub(crate) project: ProjectId,
    /// The masked name, or that they were erased; none when it does not open.
    pub(crate) name: Option<String>,
    /// Are they nobody any more?
    pub(crate) erased: bool,
}

impl Known {
    /// What the caller may know of a contact.
    pub(crate) fn of(
        keys: &TenantKeys,
        row: &contact::Model,
        key: Option<&subject_key::Model>,
    ) -> Result<Self, Problem> {
        let erased = row.erased_at.is_some();
        let name = Person::name_or_damaged(keys, row, key)?.map(|name| name.masked());
        let name = if erased { Some(ERASED.to_owned()) } else { name };
        Ok(Self { project: row.project_id, name, erased })
    }
}

/// What stands for the name of who was erased.
const ERASED: &str = "Erased";

/// The contacts of these ids that the caller sees, in one query.
pub(crate) async fn known(
    tx: &TenantTx,
    keys: &TenantKeys,
    ids: &[ContactId],
) -> Result<HashMap<ContactId, Known>, Problem> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store::find_all(tx, ids).await?;
    without_traces(|| rows.iter().map(|(row, key)| Ok((row.id, Known::of(keys, row, key.as_ref())?))).collect())
}
