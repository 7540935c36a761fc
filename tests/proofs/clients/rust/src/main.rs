//! The main job, as somebody does it who has the OpenAPI document and progenitor, and nothing else from us.

mod outside;

#[allow(warnings, reason = "generated at build time")]
mod api {
    include!(concat!(env!("OUT_DIR"), "/api.rs"));
}

use std::{collections::HashMap, fs, num::NonZero, path::PathBuf};

use anyhow::{Context, Result, ensure};
use api::{Client, Error, types};
use futures::TryStreamExt;
use outside::{download, given, mailed, upload};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

/// Somebody at work.
struct Stranger {
    http: reqwest::Client,
    nobody: Client,
    url: String,
    slug: String,
    password: String,
    demo: PathBuf,
}

fn done(step: &str) {
    println!("done: {step}");
}

/// The problem that the API answered with.
fn problem<T>(answer: Result<T, Error<types::Problem>>) -> Result<types::Problem> {
    match answer {
        Ok(_) => anyhow::bail!("this should have been refused"),
        Err(Error::ErrorResponse(answer)) => Ok(answer.into_inner()),
        Err(other) => Err(other.into()),
    }
}

fn client(url: &str, headers: HeaderMap) -> Result<Client> {
    let http = reqwest::Client::builder().no_proxy().default_headers(headers).build()?;
    Ok(Client::new_with_client(url, http))
}

impl Stranger {
    async fn enter(&self, email: &str, password: &str, tenant: Option<&str>) -> Result<Client> {
        let body = types::LoginIn::builder().email(email).password(password).client(types::ClientKind::Native);
        let body = body.tenant(tenant.map(str::to_owned));
        let tokens = self.nobody.log_in().body(body).send().await?.into_inner();
        let mut bearer = HeaderValue::from_str(&format!("{} {}", tokens.token_type, tokens.access_token))?;
        bearer.set_sensitive(true);
        client(&self.url, HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
    }

    async fn member(&self, email: &str) -> Result<Client> {
        self.enter(email, &self.password, Some(&self.slug)).await
    }

    async fn sign_up(&self) -> Result<Client> {
        let email = format!("ada@{}.test", self.slug);
        let body = types::SignupIn::builder().company_name("Acme Homes").slug(self.slug.as_str());
        let body = body.admin_name("Ada Byron").email(email.as_str()).password(self.password.as_str());
        let application = self.nobody.sign_up().body(body).send().await?.into_inner();
        done("sign up");
        let token = mailed(&self.http, &email, "ksv_").await?;
        let body = types::VerifyIn::builder().token(token);
        let verified = self.nobody.verify_signup().body(body).send().await?.into_inner();
        ensure!(verified.state == "verified", "{}", verified.state);
        done("verify the address");
        let operator = self.enter(&given("OPERATOR_EMAIL")?, &given("OPERATOR_PASSWORD")?, None).await?;
        let tenant = operator.approve_signup().id(application.id).send().await?.into_inner();
        ensure!(tenant.state == "active", "{}", tenant.state);
        done("approve as operator");
        let admin = self.member(&email).await?;
        done("log in");
        let me = admin.read_me().send().await?.into_inner();
        ensure!(me.membership.context("no membership")?.tenant == self.slug, "the membership is of another tenant");
        done("read who one is");
        Ok(admin)
    }

    async fn team(&self, admin: &Client, project: &types::ProjectId) -> Result<[Client; 3]> {
        let roles = admin.list_roles().send().await?.into_inner().items;
        let emails = ["agent", "escrow", "vp"].map(|who| format!("{who}@{}.test", self.slug));
        for (email, key) in emails.iter().zip(["sales_agent", "escrow_coord", "vp_sales"]) {
            let role = roles.iter().find(|role| role.key == key).context("a preset role is missing")?;
            let body = types::InvitationIn::builder().email(email.as_str()).role_id(role.id.clone());
            let body = match key {
                "sales_agent" => body.project_ids(vec![project.clone()]),
                _ => body.all_projects(true),
            };
            admin.create_invitation().body(body).send().await?;
        }
        done("invite a team");
        for email in &emails {
            let token = mailed(&self.http, email, "ksi_").await?;
            let body = types::AcceptIn::builder().token(token).name(format!("{email} Person"));
            self.nobody.accept_invitation().body(body.password(self.password.as_str())).send().await?;
        }
        done("join by invitation");
        let [agent, escrow, vp] = &emails;
        Ok([self.member(agent).await?, self.member(escrow).await?, self.member(vp).await?])
    }

    async fn import_homes(&self, admin: &Client, project: &types::ProjectId) -> Result<()> {
        let column = |name: &str| types::Source::Column(name.to_owned());
        let phase = types::Source::Constant("Phase 1".to_owned());
        let columns = [("number", column("Lot")), ("phase", phase), ("price", column("Price"))];
        let columns = columns.into_iter().map(|(field, source)| (field.to_owned(), source));
        let mapping = types::ColumnMapping::builder().columns(columns.collect::<HashMap<_, _>>());
        let mapping = mapping.price_unit(types::PriceUnit::Minor);
        let body = types::MappingIn::builder().name("Lots").mapping(mapping);
        let saved = admin.create_import_mapping().body(body).send().await?.into_inner();
        ensure!(saved.mapping.price_unit == Some(types::PriceUnit::Minor), "the mapping changed");
        done("save an import mapping");
        let import = || admin.import_units().project_id(project.clone());
        let wrong = import().file_name("wrong.csv").dry_run(true).mapping_id(saved.id);
        let tried = wrong.body("Lot,Price\n9,100\n10,-1\n").send().await?.into_inner();
        ensure!(tried.rows_imported == 1 && tried.errors[0].row == 3, "{tried:?}");
        done("try an import");
        let homes = fs::read(self.demo.join("fusion-homes.csv"))?;
        let report = import().file_name("fusion-homes.csv").body(homes).send().await?.into_inner();
        ensure!(report.rows_imported == 120 && report.state == "finished", "{report:?}");
        done("import homes");
        Ok(())
    }

    async fn floor_plan(
        &self,
        admin: &Client,
        agent: &Client,
        project: &types::ProjectId,
        plan: &types::PlanId,
    ) -> Result<()> {
        let pdf = fs::read(self.demo.join("floorplan-a.pdf"))?;
        let body = types::FileIn::builder().project_id(project.clone()).plan_id(Some(plan.clone()));
        let body = body.kind(types::FileKind::Floorplan).content_type(types::ContentType::ApplicationPdf);
        let body = body
            .name("Plan A.pdf")
            .length(NonZero::try_from(u64::try_from(pdf.len())?)?)
            .sha256(hex::encode(Sha256::digest(&pdf)));
        let declared = admin.declare_file().body(body).send().await?.into_inner();
        let to = &declared.upload;
        upload(&self.http, (&to.method, &to.url), &to.headers, pdf.clone()).await?;
        let ready = admin.confirm_file().id(declared.id.clone()).send().await?.into_inner();
        ensure!(ready.state == "ready", "{}", ready.state);
        done("upload a floor plan");
        let link = agent.link_file().id(declared.id).send().await?.into_inner();
        ensure!(download(&self.http, &link.url).await? == pdf, "another file came down");
        done("download the floor plan");
        Ok(())
    }
}

async fn lay_out(admin: &Client) -> Result<(types::ProjectId, types::PlanId)> {
    let fusion = types::ProjectIn::builder().code("FUSION").name("Fusion").currency("USD");
    let fusion = fusion.time_zone("America/Los_Angeles".to_owned());
    let project = admin.create_project().body(fusion).send().await?.into_inner().id;
    done("create a project");
    let release: chrono::DateTime<chrono::Utc> = "2026-01-15T17:00:00Z".parse()?;
    for (name, released_at) in [("Phase 1", Some(release)), ("Phase 2", Some(release)), ("Phase 3", None)] {
        let body = types::PhaseIn::builder().project_id(project.clone()).name(name).released_at(released_at);
        admin.create_phase().body(body).send().await?;
    }
    done("lay out phases");
    let body = types::BuildingIn::builder().project_id(project.clone()).name("Foundy").floors(NonZero::new(4));
    let building = admin.create_building().body(body).send().await?.into_inner().id;
    let read = admin.read_building().id(building.clone()).send().await?;
    let seen = read.headers().get("etag").context("no ETag")?.to_str()?.to_owned();
    let change = |patch: types::builder::BuildingPatch| {
        admin.update_building().id(building.clone()).if_match(seen.as_str()).body(patch).send()
    };
    let renamed = change(types::BuildingPatch::builder().name("Foundry".parse::<types::BuildingPatchName>()?)).await?;
    ensure!(renamed.name == "Foundry" && renamed.floors == Some(4), "{:?}", *renamed);
    let late =
        problem(change(types::BuildingPatch::builder().name("Late".parse::<types::BuildingPatchName>()?)).await)?;
    ensure!(late.status == 412 && late.current_version.is_some(), "{late:?}");
    done("rename a building under its version");
    let aspen = types::PlanIn::builder().project_id(project.clone()).code("A").name("Aspen");
    let aspen = aspen.bedrooms(1).bathrooms(1).square_feet(NonZero::new(742));
    let plan = admin.create_plan().body(aspen).send().await?.into_inner().id;
    for (code, name) in [("A1", "Brick Loft"), ("A2", "Garden Patio")] {
        let body = types::ElevationIn::builder().project_id(project.clone()).plan_id(plan.clone());
        admin.create_elevation().body(body.code(code).name(name)).send().await?;
    }
    done("create a plan with elevations");
    Ok((project, plan))
}

async fn sell([agent, escrow, vp]: &[Client; 3], project: &types::ProjectId) -> Result<types::ContactId> {
    let found = agent.list_units().project_id(project.clone()).status(types::Status::Available).number("1101");
    let found = found.send().await?.into_inner();
    let home = found.items.first().context("there is no home 1101")?;
    ensure!(home.price.amount_minor == 50_349_000, "{home:?}");
    done("find homes");
    let address = types::AddressIn::builder().line1("1 Main Street".parse::<types::AddressInLine1>()?);
    let address =
        address.city("Reno".parse::<types::AddressInCity>()?).country("US".parse::<types::AddressInCountry>()?);
    let jane =
        types::PersonIn::builder().name("Jane Doe").email("jane.doe@example.com".parse::<types::PersonInEmail>()?);
    let jane = jane.phone("+1 415 555 0123".parse::<types::PersonInPhone>()?).address(Some(address.try_into()?));
    let jane = jane.date_of_birth(chrono::NaiveDate::from_ymd_opt(1984, 2, 29));
    let buyer = |person: types::builder::PersonIn| -> Result<types::BuyerIn> {
        let person: types::PersonIn = person.try_into()?;
        Ok(types::BuyerIn::builder().contact(Some(person)).try_into()?)
    };
    let buyers = vec![buyer(jane)?, buyer(types::PersonIn::builder().name("John Roe"))?];
    let key = uuid::Uuid::new_v4().to_string();
    let draft = |buyers: &[types::BuyerIn]| {
        agent.create_contract().body(types::ContractIn::builder().unit_id(home.id.clone()).buyers(buyers.to_vec()))
    };
    let contract = draft(&buyers).idempotency_key(key.as_str()).send().await?.into_inner();
    let again = draft(&buyers).idempotency_key(key.as_str()).send().await?.into_inner();
    ensure!(contract.id == again.id && contract.buyers.len() == 2, "one contract was drafted twice");
    ensure!(contract.buyers[0].name.as_deref() == Some("J. D."), "{:?}", contract.buyers);
    done("draft a contract with two buyers once");
    let late = vec![buyer(types::PersonIn::builder().name("Late Buyer"))?];
    let refused = problem(draft(&late).send().await)?;
    ensure!(refused.type_ == "urn:keystead:problem:unit-under-contract", "{refused:?}");
    done("be refused a second contract");
    let submitted = agent.submit_contract().id(contract.id.clone()).send().await?.into_inner();
    ensure!(submitted.state == types::ContractState::Submitted, "{submitted:?}");
    done("submit");
    let approved = vp.approve_contract().id(contract.id.clone()).send().await?.into_inner();
    ensure!(approved.state == types::ContractState::Approved, "{approved:?}");
    done("approve");
    let reason = types::CancelIn::builder().reason(types::CancelReason::FinancingDenied);
    let over = escrow.cancel_contract().id(contract.id.clone()).body(reason).send().await?.into_inner();
    ensure!(over.state == types::ContractState::Cancelled, "{over:?}");
    ensure!(over.cancel_reason.as_deref() == Some("financing_denied"), "{over:?}");
    done("cancel with a reason");
    Ok(contract.buyers[0].contact_id.clone())
}

async fn look_back(admin: &Client, agent: &Client, project: &types::ProjectId, buyer: types::ContactId) -> Result<()> {
    let contacts = agent.list_contacts().project_id(project.clone()).send().await?.into_inner().items;
    let masked = contacts.iter().find(|contact| contact.id == buyer).context("the buyer is not listed")?;
    ensure!(masked.phone.as_deref() == Some("•••0123") && masked.email.as_deref() == Some("j…@e….com"), "{masked:?}");
    done("list buyers masked");
    let fields = [types::PersonalField::Name, types::PersonalField::DateOfBirth].to_vec();
    let body = types::RevealIn::builder().fields(fields).purpose("preparing the purchase agreement");
    let plain = agent.reveal_contact().id(buyer).body(body).send().await?.into_inner();
    ensure!(plain.name.as_deref() == Some("Jane Doe"), "{plain:?}");
    ensure!(plain.date_of_birth == chrono::NaiveDate::from_ymd_opt(1984, 2, 29), "{plain:?}");
    done("reveal for a purpose");
    let mut actions = Vec::new();
    let mut cursor = None;
    loop {
        let page = admin.list_audit_events().limit(NonZero::new(50).context("50")?);
        let page = match cursor.take() {
            Some(cursor) => page.cursor(cursor),
            None => page,
        };
        let page: types::PageEventOut = page.send().await?.into_inner();
        actions.extend(page.items.into_iter().map(|event| event.action));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    for action in ["contract.created", "contract.cancelled", "reveal.created", "member.created"] {
        ensure!(actions.iter().any(|known| known == action), "{action} is missing");
    }
    done("page through the audit trail");
    let chain = admin.export_audit_trail().send().await?.into_inner();
    let chain: Vec<u8> = chain
        .into_inner()
        .try_fold(Vec::new(), |mut all, part| async move {
            all.extend_from_slice(&part);
            Ok(all)
        })
        .await?;
    ensure!(chain.iter().filter(|byte| **byte == b'\n').count() > 2, "the export is short");
    done("export the audit chain");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let url = given("KEYSTEAD_URL")?;
    let stranger = Stranger {
        http: reqwest::Client::builder().no_proxy().build()?,
        nobody: client(&url, HeaderMap::new())?,
        url,
        slug: given("SLUG")?,
        password: given("PASSWORD")?,
        demo: given("DEMO")?.into(),
    };
    let admin = stranger.sign_up().await?;
    let (project, plan) = lay_out(&admin).await?;
    let team = stranger.team(&admin, &project).await?;
    stranger.import_homes(&admin, &project).await?;
    stranger.floor_plan(&admin, &team[0], &project, &plan).await?;
    let buyer = sell(&team, &project).await?;
    look_back(&admin, &team[0], &project, buyer).await
}
