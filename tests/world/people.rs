//! Builders and the people who work for them; and the platform's operator.

use keystead_ids::PresetRole;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Call, PASSWORD, Site, World, world::OPERATOR};

/// A builder on the platform.
pub struct Tenant<'w, S = World> {
    /// Where.
    pub world: &'w S,
    /// Its slug.
    pub slug: String,
    /// Its id.
    pub id: String,
    /// The administrator who signed up.
    pub admin: Person,
}

/// Somebody with a session.
#[derive(Debug, Clone)]
pub struct Person {
    /// Access token.
    pub token: String,
    /// Refresh token.
    pub refresh: String,
    /// Login.
    pub email: String,
    /// The member's id; empty for an operator.
    pub member: String,
    url: String,
    http: reqwest::Client,
}

/// The platform's operator.
pub type Operator = Person;

impl Person {
    /// Logs in; `tenant` is empty for the operator console.
    pub async fn enter(world: &impl Site, tenant: &str, email: &str) -> Self {
        let mut body = json!({ "email": email, "password": PASSWORD, "client": "native" });
        if !tenant.is_empty() {
            body["tenant"] = tenant.into();
        }
        let tokens = world.call("POST", "/v1/auth/login").json(&body).expect(200).await.json;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (token, refresh) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
        let mut person = Self {
            token,
            refresh,
            email: email.to_owned(),
            member: String::new(),
            url: world.url().to_owned(),
            http: world.http().clone(),
        };
        if !tenant.is_empty() {
            person.member = text(&person.get("/v1/me").expect(200).await.json["membership"]["member_id"]);
        }
        person
    }

    /// Logs in as the operator.
    pub async fn log_in(world: &impl Site) -> Self {
        Self::enter(world, "", OPERATOR).await
    }

    /// A request with this session.
    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(&self.http, method, &format!("{}{path}", self.url)).bearer(&self.token)
    }

    /// GET.
    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    /// POST.
    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.call("POST", path).json(body)
    }

    /// PATCH of what was read at `path`: reads the version first.
    pub async fn patch(&self, path: &str, body: &Value) -> Call {
        let etag = self.get(path).expect(200).await.etag();
        self.call("PATCH", path).header("if-match", &etag).json(body)
    }
}

impl<'w, S: Site> Tenant<'w, S> {
    /// Signs a builder up, who is active then.
    pub async fn sign_up(world: &'w S, slug: &str) -> Self {
        let email = format!("admin-{}@{slug}.test", Uuid::new_v4().simple());
        let body = json!({ "company_name": format!("{slug} homes"), "slug": slug, "admin_name": "Ada Admin",
            "email": email, "password": PASSWORD });
        let signup = world.call("POST", "/v1/signups").json(&body).expect(202).await.id();
        let token = world.token_mailed_to(&email, "ksv_").await;
        let verified = world.call("POST", "/v1/signups/verify").json(&json!({ "token": token })).expect(200).await;
        let id = match verified.json["tenant_id"].as_str() {
            Some(id) => id.to_owned(),
            None => {
                let operator = Person::log_in(world).await;
                operator.call("POST", &format!("/v1/platform/signups/{signup}/approve")).expect(200).await.id()
            }
        };
        let admin = Person::enter(world, slug, &email).await;
        Self { world, slug: slug.to_owned(), id, admin }
    }

    /// The id of a preset role.
    pub async fn role(&self, role: PresetRole) -> String {
        let roles = self.admin.get("/v1/roles").expect(200).await;
        let found = roles.items().iter().find(|item| item["key"] == role.key());
        found.expect("a preset role")["id"].as_str().unwrap().to_owned()
    }

    /// Invites somebody, who accepts and logs in. No project means all of them.
    pub async fn hire(&self, role: PresetRole, projects: &[&str]) -> Person {
        let email = format!("{}-{}@{}.test", role.key(), Uuid::new_v4().simple(), self.slug);
        let body = json!({ "email": email, "role_id": self.role(role).await, "all_projects": projects.is_empty(), "project_ids": projects });
        self.admin.post("/v1/invitations", &body).expect(201).await;
        let token = self.world.token_mailed_to(&email, "ksi_").await;
        let body = json!({ "token": token, "name": format!("{} Person", role.title()), "password": PASSWORD });
        self.world.call("POST", "/v1/invitations/accept").json(&body).expect(201).await;
        Person::enter(self.world, &self.slug, &email).await
    }

    /// A project with its id.
    pub async fn project(&self, code: &str) -> String {
        let body = json!({ "code": code, "name": code, "time_zone": "America/Los_Angeles", "currency": "USD" });
        self.admin.post("/v1/projects", &body).expect(201).await.id()
    }

    /// A released phase of a project.
    pub async fn phase(&self, project: &str) -> String {
        let body = json!({ "project_id": project, "name": format!("Phase {}", Uuid::new_v4().simple()), "released_at": "2020-01-01T00:00:00Z" });
        self.admin.post("/v1/phases", &body).expect(201).await.id()
    }

    /// A home that can be sold, in a phase of its own.
    pub async fn unit(&self, project: &str, number: &str) -> String {
        let phase = self.phase(project).await;
        self.unit_in(project, &phase, number).await
    }

    /// A home that can be sold.
    pub async fn unit_in(&self, project: &str, phase: &str, number: &str) -> String {
        let body = json!({ "project_id": project, "phase_id": phase, "number": number,
            "price": { "amount_minor": 65_000_000, "currency": "USD" } });
        self.admin.post("/v1/units", &body).expect(201).await.id()
    }
}
