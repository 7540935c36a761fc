//! What every slice shares: who calls, what came in, what goes wrong, how pages turn.

mod body;
mod caller;
mod etag;
mod limits;
pub(crate) mod money;
mod objects;
mod once;
mod origin;
mod page;
pub(crate) mod patch;
mod problem;
mod request;
pub(crate) mod text;
mod whole;

pub use body::{Body, Created, Params, PathOf, read_json, read_query};
pub use caller::{
    ApproveContracts, BeMember, CancelContracts, EraseContacts, ManageContacts, ManageFiles, ManageMembers,
    ManageProjects, ManageSettings, ManageUnits, ReadAudit, ReadContacts, ReadContracts, ReadFiles, ReadMembers,
    ReadProjects, ReadSettings, ReadUnits, RevealContacts, WriteContracts,
};
pub use caller::{Caller, Needs, Operator, Tx};
pub use etag::{IfMatch, Versioned};
pub use limits::{Limits, Quotas};
pub use money::Money;
pub use once::Once;
pub use origin::{Origin, Signed};
pub use page::{CursorKey, NoFilters, Page, PageParams, Paging};
pub use patch::Patch;
pub use problem::{Blocker, FieldCode, FieldError, OrNotFound, Problem, ProblemBody, Problems};
pub use request::{Fresh, RequestInfo, Visitor, track};
pub use text::{EmailAddress, Text};
pub use whole::Whole;
