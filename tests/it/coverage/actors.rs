//! Who acts in the sweep: people of several builders in every role and scope, the operator, and nobody.

use std::{collections::BTreeMap, ops::Range};

use futures::future::{join, join_all};
use keystead_ids::{
    Permission,
    PresetRole::{self, Viewer},
};
use keystead_proofs::scale;
use keystead_tests::{Call, Operator, Person, Tenant, World};
use serde_json::json;
use tokio_postgres::Client;

use crate::seed::{self, Holdings};

/// Somebody who sends requests.
pub(super) struct Actor {
    /// For reports.
    pub(super) name: String,
    /// The builder that they work for; `None` for the operator and for nobody.
    pub(super) tenant: Option<usize>,
    /// The only project that they may work in, if any.
    pub(super) project: Option<usize>,
    /// Holds every permission.
    pub(super) may_all: bool,
    pub(super) person: Option<Person>,
}

/// A project of a builder's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) tenant: usize,
    pub(super) project: usize,
}

/// Builders with two projects each, and everybody who acts.
pub(super) struct Cast<'w> {
    world: &'w World,
    pub(super) tenants: Vec<Tenant<'w>>,
    /// Of each builder, what its two projects hold.
    pub(super) holdings: Vec<[Holdings; 2]>,
    pub(super) operator: Operator,
}

const BUILDERS: [(&str, [&str; 2]); 3] =
    [("acme", ["FUSION", "OTHER"]), ("bolt", ["VOLTA", "AMPERE"]), ("crag", ["GRANITE", "BASALT"])];

impl Actor {
    /// A request of theirs.
    pub(super) fn call(&self, world: &World, method: &str, path: &str) -> Call {
        match &self.person {
            Some(person) => person.call(method, path),
            None => world.call(method, path),
        }
    }
}

impl<'w> Cast<'w> {
    /// Two builders in the fast tier, three in the deep one.
    pub(super) async fn meet(world: &'w World) -> Self {
        let builders = &BUILDERS[..scale(2, 3)];
        let built = join_all(builders.iter().map(|(slug, projects)| async move {
            let tenant = world.tenant(slug).await;
            let holdings = join(seed::fill(&tenant, projects[0]), seed::fill(&tenant, projects[1])).await;
            (tenant, <[Holdings; 2]>::from(holdings))
        }));
        let (tenants, mut holdings): (Vec<_>, Vec<_>) = built.await.into_iter().unzip();
        let operator = world.operator().await;
        let signups = operator.get("/v1/platform/signups").expect(200).await;
        for (tenant, of_tenant) in tenants.iter().zip(&mut holdings) {
            let signup = signups.items().iter().find(|signup| signup["tenant_id"] == tenant.id.as_str());
            let signup = signup.expect("the builder's application")["id"].as_str().unwrap();
            of_tenant
                .iter_mut()
                .for_each(|of_project| drop(of_project.ids.insert("sgn".to_owned(), signup.to_owned())));
        }
        Self { world, tenants, holdings, operator }
    }

    /// What an actor owns: in the one project that they work in, or the builder's first.
    pub(super) fn own(&self, actor: &Actor) -> &Holdings {
        self.at(self.place(actor))
    }

    fn scoped_to(&self, tenant: usize, project: Option<usize>) -> Vec<&str> {
        project.map(|project| self.holdings[tenant][project].id("prj")).into_iter().collect()
    }

    /// A member of every preset role and scope, of every builder: the deep tier's cast.
    pub(super) async fn of_presets(&self) -> Vec<Actor> {
        let mut actors = Vec::new();
        for (tenant, builder) in self.tenants.iter().enumerate() {
            for role in PresetRole::ALL {
                for project in [None, Some(0), Some(1)] {
                    let person = builder.hire(role, &self.scoped_to(tenant, project)).await;
                    let name = format!("{} {} of {project:?}", builder.slug, role.key());
                    actors.push(Actor { name, tenant: Some(tenant), project, may_all: false, person: Some(person) });
                }
            }
        }
        actors
    }

    /// People who may do everything that their builder or project lets them, of these builders.
    pub(super) async fn of_everything(&self, builders: Range<usize>, projects: &[Option<usize>]) -> Vec<Actor> {
        let mut actors = Vec::new();
        for tenant in builders {
            let builder = &self.tenants[tenant];
            allow_viewers(builder, Permission::ALL.iter().copied()).await;
            for project in projects {
                let person = builder.hire(Viewer, &self.scoped_to(tenant, *project)).await;
                let name = format!("{} everything of {project:?}", builder.slug);
                actors.push(Actor {
                    name,
                    tenant: Some(tenant),
                    project: *project,
                    may_all: true,
                    person: Some(person),
                });
            }
        }
        actors
    }

    /// The operator and nobody.
    pub(super) fn of_the_platform(&self) -> Vec<Actor> {
        let platform =
            |name: &str, person| Actor { name: name.to_owned(), tenant: None, project: None, may_all: false, person };
        vec![platform("operator", Some(self.operator.clone())), platform("anonymous", None)]
    }

    pub(super) const fn world(&self) -> &'w World {
        self.world
    }

    /// A digest of every row of every builder, by table; of all but one builder when `but` is given.
    pub(super) async fn rows(&self, superuser: &Client, but: Option<usize>) -> BTreeMap<String, (i64, String)> {
        seed::settled(superuser).await;
        let tenants = self.tenants.iter().enumerate().filter(|(index, _)| Some(*index) != but);
        let ids: Vec<String> = tenants.map(|(_, tenant)| format!("'{}'", seed::uuid_of(&tenant.id))).collect();
        let condition = format!("tenant_id IN ({})", ids.join(", "));
        let mut rows = BTreeMap::new();
        for table in seed::tables(superuser).await {
            rows.insert(table.name.clone(), seed::fingerprint(superuser, &table, &condition).await);
        }
        rows
    }

    /// A digest of every row that is a stranger's to the actor: of the other builders, and of their own one's other project if
    /// they work in one.
    pub(super) async fn strangers_rows(&self, superuser: &Client, actor: &Actor) -> BTreeMap<String, (i64, String)> {
        let mut rows = self.rows(superuser, actor.tenant).await;
        let Some((tenant, project)) = actor.tenant.zip(actor.project) else { return rows };
        let other = self.holdings[tenant][1 - project].uuid("prj");
        for table in seed::tables(superuser).await {
            let column = if table.name == "app.projects" { "id" } else { "project_id" };
            if table.has(column) {
                let of_other = seed::fingerprint(superuser, &table, &format!("{column} = '{other}'")).await;
                rows.insert(format!("{} of the other project", table.name), of_other);
            }
        }
        rows
    }

    /// Whose things an actor has no business with: of each other builder the first project, and the other project of their own
    /// if they work in one.
    pub(super) fn victims(&self, actor: &Actor) -> Vec<Place> {
        let others = (0..self.tenants.len()).filter(|tenant| Some(*tenant) != actor.tenant);
        let others = others.map(|tenant| Place { tenant, project: 0 });
        let own = actor.tenant.zip(actor.project).map(|(tenant, project)| Place { tenant, project: 1 - project });
        others.chain(own).collect()
    }

    /// Where an actor works: in their one project, or their builder's first.
    pub(super) fn place(&self, actor: &Actor) -> Place {
        Place { tenant: actor.tenant.unwrap_or(0), project: actor.project.unwrap_or(0) }
    }

    /// What there is in a project.
    pub(super) fn at(&self, place: Place) -> &Holdings {
        &self.holdings[place.tenant][place.project]
    }

    /// The administrator of the builder whose project it is.
    pub(super) fn admin(&self, place: Place) -> &Person {
        &self.tenants[place.tenant].admin
    }
}

/// Lets the role "viewer" do this, and nothing else; sessions opened from now on know it.
pub(crate) async fn allow_viewers(tenant: &Tenant<'_>, permissions: impl Iterator<Item = Permission>) {
    let names: Vec<&str> = permissions.map(Permission::name).collect();
    let role = format!("/v1/roles/{}", tenant.role(Viewer).await);
    tenant.admin.patch(&role, &json!({ "permissions": names })).await.expect(200).await;
}
