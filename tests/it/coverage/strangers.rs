//! What is a stranger's to an actor: the ids to try, and the bytes that must never be seen.

use std::collections::{BTreeMap, BTreeSet};

use keystead_proofs::scale;

use super::{
    actors::{Actor, Cast},
    document::{Operation, Reference},
};
use crate::seed::{self, Holdings};

/// What the id of another builder's object is called among the ids to try.
pub(super) const FOREIGN: &str = "foreign tenant";

pub(super) struct Strangers<'c, 'w> {
    cast: &'c Cast<'w>,
    /// Kinds of objects that belong to a project, as the objects themselves say.
    pub(super) of_a_project: BTreeSet<String>,
    /// Kinds whose deleted objects stay for their own builder to see.
    kept: BTreeSet<String>,
    /// What tells a builder's objects, by builder and project, with the kind.
    marks: Vec<[Vec<(String, String)>; 2]>,
}

impl<'c, 'w> Strangers<'c, 'w> {
    pub(super) async fn of(cast: &'c Cast<'w>, operations: &[Operation<'_>]) -> Self {
        let marks = cast.holdings.iter().map(|projects| [marks(&projects[0]), marks(&projects[1])]).collect();
        let (admin, holdings) = (&cast.tenants[0].admin, &cast.holdings[0][1]);
        let mut of_a_project = BTreeSet::from(["rvl".to_owned()]);
        for operation in operations.iter().filter(|operation| {
            operation.method == "GET" && operation.path.ends_with("/{id}") && operation.permission != "operator"
        }) {
            let prefix = operation.in_path().unwrap().prefix;
            let ids = |reference: &Reference| holdings.id(&reference.prefix).to_owned();
            let object = operation.send(|method, path| admin.call(method, path), &ids, "").await;
            assert_eq!(object.status, 200, "{}: {}", operation.name(), object.text);
            let project = holdings.id("prj");
            if object.json["project_id"] == project || object.json["id"] == project {
                of_a_project.insert(prefix);
            }
        }
        let mut kept = BTreeSet::new();
        for operation in operations.iter().filter(|operation| operation.method == "DELETE") {
            let prefix = operation.in_path().unwrap().prefix;
            let ids = |reference: &Reference| {
                let gone = holdings.gone.get(&reference.prefix);
                gone.unwrap_or_else(|| panic!("nothing of {} was deleted", reference.prefix)).clone()
            };
            let again = operation.send(|method, path| admin.call(method, path), &ids, "").await;
            if again.status != 404 {
                kept.insert(prefix);
            }
        }
        Self { cast, of_a_project, kept, marks }
    }

    /// Ids of a kind that must be to the actor as if nobody had them, with what they are.
    pub(super) fn ids(&self, actor: &Actor, prefix: &str) -> Vec<(&'static str, String)> {
        if prefix == "any" {
            let kinds = self.cast.own(actor).ids.keys().filter(|kind| !["tnt", "sgn", "ses"].contains(&kind.as_str()));
            let ids = kinds.flat_map(|kind| self.ids(actor, kind));
            // What was one's own is remembered in one's own trail.
            return ids.filter(|(whose, _)| *whose != "deleted").collect();
        }
        let mut ids = Vec::new();
        let own = actor.tenant.unwrap_or(0);
        for (tenant, projects) in self.cast.holdings.iter().enumerate().filter(|(tenant, _)| *tenant != own) {
            for project in &projects[..scale(1, 2)] {
                ids.extend(project.find(prefix).map(|id| (FOREIGN, id.to_owned())));
            }
            let gone = projects[0].gone.get(prefix).filter(|_| tenant + 1 == self.cast.holdings.len());
            ids.extend(gone.map(|id| ("deleted of a foreign tenant", id.clone())));
        }
        if let Some(project) = actor.project.filter(|_| self.of_a_project.contains(prefix)) {
            let other = &self.cast.holdings[own][1 - project];
            ids.extend(other.find(prefix).map(|id| ("foreign project", id.to_owned())));
        }
        let gone = self.cast.own(actor).gone.get(prefix).filter(|_| !self.kept.contains(prefix));
        ids.extend(gone.map(|id| ("deleted", id.clone())));
        ids
    }

    /// What of a stranger's an answer to an operation tells; `named` is the id that the request named itself.
    pub(super) fn leak(&self, actor: &Actor, operation: &str, text: &str, named: &str) -> Option<&str> {
        let named = named.split_once('_').map_or(named, |(_, digits)| digits);
        let own = actor.tenant;
        let foreign = self.marks.iter().enumerate().filter(|(tenant, _)| Some(*tenant) != own);
        let foreign = foreign.flat_map(|(_, projects)| projects.iter().flatten());
        let other_project = own.zip(actor.project).map(|(tenant, project)| &self.marks[tenant][1 - project]);
        let other_project = other_project.into_iter().flatten().filter(|(kind, _)| {
            self.of_a_project.contains(kind) && !(kind == "prj" && COLLEAGUES.contains(&operation))
        });
        // The operator knows builders and who applied.
        let hidden = foreign.filter(|(kind, _)| !(actor.name == "operator" && ["tnt", "sgn"].contains(&kind.as_str())));
        let found = hidden
            .chain(other_project)
            .find(|(_, mark)| text.contains(mark.as_str()) && (named.is_empty() || mark.replace('-', "") != named));
        found.map(|(_, mark)| mark.as_str())
    }
}

/// Where members see ids of projects that they do not work in: who works where is seen by whoever may see colleagues.
const COLLEAGUES: [&str; 3] = ["GET /v1/members", "GET /v1/members/{id}", "GET /v1/invitations"];

/// Both spellings of every id, with its kind.
fn marks(holdings: &Holdings) -> Vec<(String, String)> {
    let made = holdings.made.iter().map(|made| &made.id);
    let ids: BTreeMap<&String, ()> =
        holdings.ids.values().chain(holdings.gone.values()).chain(made).map(|id| (id, ())).collect();
    ids.into_keys()
        .flat_map(|id| {
            let (kind, uuid) = (id.split_once('_').unwrap().0.to_owned(), seed::uuid_of(id));
            [(kind.clone(), uuid.simple().to_string()), (kind, uuid.to_string())]
        })
        .collect()
}
