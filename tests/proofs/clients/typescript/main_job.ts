// The main job, as somebody does it who has the OpenAPI document and openapi-fetch, and nothing else from us.
import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./api.js";
import { download, given, mailed, upload } from "./outside.js";

type Api = Client<paths>;
type Role = components["schemas"]["RoleOut"];

const baseUrl = given("KEYSTEAD_URL");
const slug = given("SLUG");
const password = given("PASSWORD");
const demo = given("DEMO");

/** The answer, or the problem as an error. */
function taken<T>(answer: { data?: T; error?: components["schemas"]["Problem"]; response: Response }): T {
  if (answer.error) throw new Error(`${answer.error.type}: ${JSON.stringify(answer.error)}`);
  return answer.data as T;
}

function must(condition: boolean, what: string) {
  if (!condition) throw new Error(what);
}

function first<T>(items: T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("the list is empty");
  return item;
}

const done = (step: string) => console.log(`done: ${step}`);

const nobody: Api = createClient<paths>({ baseUrl });

async function logIn(email: string, secret: string, tenant?: string): Promise<Api> {
  const body = { email, password: secret, client: "native" as const, ...(tenant === undefined ? {} : { tenant }) };
  const tokens = taken(await nobody.POST("/v1/auth/login", { body }));
  return createClient<paths>({ baseUrl, headers: { authorization: `${tokens.token_type} ${tokens.access_token}` } });
}

async function signUp(): Promise<Api> {
  const email = `ada@${slug}.test`;
  const body = { company_name: "Acme Homes", slug, admin_name: "Ada Byron", email, password };
  const application = taken(await nobody.POST("/v1/signups", { body }));
  done("sign up");
  const token = await mailed(email, "ksv_");
  const verified = taken(await nobody.POST("/v1/signups/verify", { body: { token } }));
  must(verified.state === "verified", `the application is ${verified.state}`);
  done("verify the address");
  const operator = await logIn(given("OPERATOR_EMAIL"), given("OPERATOR_PASSWORD"));
  const path = { id: application.id };
  const tenant = taken(await operator.POST("/v1/platform/signups/{id}/approve", { params: { path } }));
  must(tenant.state === "active", `the tenant is ${tenant.state}`);
  done("approve as operator");
  const admin = await logIn(email, password, slug);
  done("log in");
  const me = taken(await admin.GET("/v1/me"));
  must(me.membership?.tenant === slug, "the membership is of another tenant");
  done("read who one is");
  return admin;
}

async function layOut(admin: Api) {
  const fusion = { code: "FUSION", name: "Fusion", time_zone: "America/Los_Angeles", currency: "USD" };
  const project_id = taken(await admin.POST("/v1/projects", { body: fusion })).id;
  done("create a project");
  for (const [name, released_at] of [["Phase 1", "2026-01-15T17:00:00Z"], ["Phase 2", "2026-04-01T17:00:00Z"]] as const) {
    taken(await admin.POST("/v1/phases", { body: { project_id, name, released_at } }));
  }
  taken(await admin.POST("/v1/phases", { body: { project_id, name: "Phase 3" } }));
  done("lay out phases");
  const { id } = taken(await admin.POST("/v1/buildings", { body: { project_id, name: "Foundy", floors: 4 } }));
  const path = { id };
  const seen = (await admin.GET("/v1/buildings/{id}", { params: { path } })).response.headers.get("etag");
  const header = { "If-Match": seen ?? "" };
  const renamed = taken(await admin.PATCH("/v1/buildings/{id}", { params: { path, header }, body: { name: "Foundry" } }));
  must(renamed.name === "Foundry" && renamed.floors === 4, "the patch did something else");
  const late = await admin.PATCH("/v1/buildings/{id}", { params: { path, header }, body: { floors: null } });
  must(late.error?.status === 412 && typeof late.error.current_version === "number", "an old version was accepted");
  done("rename a building under its version");
  const aspen = { project_id, code: "A", name: "Aspen", bedrooms: 1, bathrooms: 1, square_feet: 742 };
  const plan_id = taken(await admin.POST("/v1/plans", { body: aspen })).id;
  for (const [code, name] of [["A1", "Brick Loft"], ["A2", "Garden Patio"]] as const) {
    taken(await admin.POST("/v1/elevations", { body: { project_id, plan_id, code, name } }));
  }
  done("create a plan with elevations");
  return { project_id, plan_id };
}

async function team(admin: Api, project_id: string) {
  const roles = taken(await admin.GET("/v1/roles")).items;
  const role = (key: string): Role => first(roles.filter((known) => known.key === key));
  const invite = async (email: string, key: string, where: { project_ids: string[] } | { all_projects: true }) =>
    taken(await admin.POST("/v1/invitations", { body: { email, role_id: role(key).id, ...where } }));
  const [agent, escrow, vp] = [`agent@${slug}.test`, `escrow@${slug}.test`, `vp@${slug}.test`] as const;
  await invite(agent, "sales_agent", { project_ids: [project_id] });
  await invite(escrow, "escrow_coord", { all_projects: true });
  await invite(vp, "vp_sales", { all_projects: true });
  done("invite a team");
  for (const email of [agent, escrow, vp]) {
    const token = await mailed(email, "ksi_");
    taken(await nobody.POST("/v1/invitations/accept", { body: { token, name: `${email} Person`, password } }));
  }
  done("join by invitation");
  const enter = (email: string) => logIn(email, password, slug);
  return { agent: await enter(agent), escrow: await enter(escrow), vp: await enter(vp) };
}

async function importHomes(admin: Api, project_id: string) {
  const columns = { number: { column: "Lot" }, phase: { constant: "Phase 1" }, price: { column: "Price" } };
  const mapping = { columns, price_unit: "minor" as const };
  const saved = taken(await admin.POST("/v1/import-mappings", { body: { name: "Lots", mapping } }));
  must(saved.mapping.price_unit === "minor", "the mapping changed");
  done("save an import mapping");
  const file = (query: { file_name: string; dry_run?: boolean; mapping_id?: string }, body: string) => ({
    params: { query: { project_id, ...query } },
    body,
    // openapi-fetch serialises JSON unless told how: this is its documented way for other bodies.
    bodySerializer: (text: string) => text,
    headers: { "content-type": "text/csv" },
  });
  const wrong = file({ file_name: "wrong.csv", dry_run: true, mapping_id: saved.id }, "Lot,Price\n9,100\n10,-1\n");
  const tried = taken(await admin.POST("/v1/imports", wrong));
  must(tried.rows_imported === 1 && first(tried.errors).row === 3, JSON.stringify(tried));
  done("try an import");
  const homes = readFileSync(`${demo}/fusion-homes.csv`, "utf8");
  const report = taken(await admin.POST("/v1/imports", file({ file_name: "fusion-homes.csv" }, homes)));
  must(report.rows_imported === 120 && report.state === "finished", JSON.stringify(report));
  done("import homes");
}

async function floorPlan(admin: Api, agent: Api, project_id: string, plan_id: string) {
  const pdf = new Uint8Array(readFileSync(`${demo}/floorplan-a.pdf`));
  const sha256 = createHash("sha256").update(pdf).digest("hex");
  const facts = { kind: "floorplan", name: "Plan A.pdf", content_type: "application/pdf" } as const;
  const body = { project_id, plan_id, length: pdf.length, sha256, ...facts };
  const declared = taken(await admin.POST("/v1/files", { body }));
  await upload(declared.upload, pdf);
  const path = { id: declared.id };
  const ready = taken(await admin.POST("/v1/files/{id}/confirm", { params: { path } }));
  must(ready.state === "ready", `the file is ${ready.state}`);
  done("upload a floor plan");
  const link = taken(await agent.POST("/v1/files/{id}/link", { params: { path } }));
  must(Buffer.from(await download(link.url)).equals(pdf), "another file came down");
  done("download the floor plan");
}

async function sell(agent: Api, vp: Api, escrow: Api, project_id: string) {
  const query = { project_id, status: "available", number: "1101" } as const;
  const home = first(taken(await agent.GET("/v1/units", { params: { query } })).items);
  must(home.price.amount_minor === 50_349_000 && home.floor !== undefined, JSON.stringify(home));
  done("find homes");
  const address = { line1: "1 Main Street", city: "Reno", region: "NV", postal_code: "89501", country: "US" };
  const jane = { name: "Jane Doe", email: "jane.doe@example.com", phone: "+1 415 555 0123", date_of_birth: "1984-02-29", address };
  const buyers = [{ contact: jane }, { contact: { name: "John Roe", email: "john.roe@example.com" } }];
  const header = { "Idempotency-Key": randomUUID() };
  const draft = () => agent.POST("/v1/contracts", { params: { header }, body: { unit_id: home.id, buyers } });
  const contract = taken(await draft());
  must(taken(await draft()).id === contract.id, "one contract was drafted twice");
  must(contract.buyers.length === 2 && first(contract.buyers).name === "J. D.", "buyers are not masked");
  done("draft a contract with two buyers once");
  const late = [{ contact: { name: "Late Buyer" } }];
  const refused = await agent.POST("/v1/contracts", { body: { unit_id: home.id, buyers: late } });
  must(refused.error?.type === "urn:keystead:problem:unit-under-contract", "a home was sold twice");
  done("be refused a second contract");
  const path = { id: contract.id };
  must(taken(await agent.POST("/v1/contracts/{id}/submit", { params: { path } })).state === "submitted", "not submitted");
  done("submit");
  must(taken(await vp.POST("/v1/contracts/{id}/approve", { params: { path } })).state === "approved", "not approved");
  done("approve");
  const reason = { reason: "financing_denied", note: "The lender declined." } as const;
  const over = taken(await escrow.POST("/v1/contracts/{id}/cancel", { params: { path }, body: reason }));
  must(over.state === "cancelled" && over.cancel_reason === "financing_denied", JSON.stringify(over));
  done("cancel with a reason");
  return first(contract.buyers).contact_id;
}

async function lookBack(admin: Api, agent: Api, project_id: string, buyer: string) {
  const contacts = taken(await agent.GET("/v1/contacts", { params: { query: { project_id } } })).items;
  const masked = first(contacts.filter((known) => known.id === buyer));
  must(masked.phone === "•••0123" && masked.email === "j…@e….com", JSON.stringify(masked));
  done("list buyers masked");
  const wanted = { fields: ["name", "email", "date_of_birth"], purpose: "preparing the purchase agreement" } as const;
  const body = { ...wanted, fields: [...wanted.fields] };
  const plain = taken(await agent.POST("/v1/contacts/{id}/reveal", { params: { path: { id: buyer } }, body }));
  must(plain.name === "Jane Doe" && plain.date_of_birth === "1984-02-29", "the reveal shows something else");
  done("reveal for a purpose");
  const actions = new Set<string>();
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: 50, ...(cursor === null ? {} : { cursor }) };
    const page: components["schemas"]["Page_EventOut"] = taken(await admin.GET("/v1/audit/events", { params: { query } }));
    for (const event of page.items) {
      actions.add(event.action);
      const after: unknown = event.after?.["reason"] ?? null;
      must(after !== "Jane Doe", "the trail shows a buyer");
    }
    cursor = page.next_cursor;
  } while (cursor !== null);
  for (const action of ["contract.created", "contract.cancelled", "reveal.created", "member.created"]) {
    must(actions.has(action), `${action} is missing`);
  }
  done("page through the audit trail");
  const chain = taken(await admin.GET("/v1/audit/export", { parseAs: "text" }));
  must(chain.split("\n").length > 2, "the export is empty");
  done("export the audit chain");
}

const admin = await signUp();
const { project_id, plan_id } = await layOut(admin);
const { agent, escrow, vp } = await team(admin, project_id);
await importHomes(admin, project_id);
await floorPlan(admin, agent, project_id, plan_id);
const buyer = await sell(agent, vp, escrow, project_id);
await lookBack(admin, agent, project_id, buyer);
