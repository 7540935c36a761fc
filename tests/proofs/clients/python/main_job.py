"""The main job, as somebody does it who has the OpenAPI document and openapi-python-client, and nothing else from us."""

import datetime
import hashlib
import io
import pathlib
import uuid
from typing import TypeVar

from keystead_client import AuthenticatedClient, Client
from keystead_client.api.audit import export_audit_trail, list_audit_events
from keystead_client.api.buildings import create_building, read_building, update_building
from keystead_client.api.contacts import list_contacts, reveal_contact
from keystead_client.api.contracts import approve_contract, cancel_contract, create_contract, submit_contract
from keystead_client.api.elevations import create_elevation
from keystead_client.api.files import confirm_file, declare_file, link_file
from keystead_client.api.imports import create_import_mapping, import_units
from keystead_client.api.invitations import accept_invitation, create_invitation
from keystead_client.api.phases import create_phase
from keystead_client.api.plans import create_plan
from keystead_client.api.platform import approve_signup
from keystead_client.api.projects import create_project
from keystead_client.api.roles import list_roles
from keystead_client.api.sessions import log_in, read_me
from keystead_client.api.sign_up import sign_up, verify_signup
from keystead_client.api.units import list_units
from keystead_client.models import (
    AcceptIn,
    AddressIn,
    BuildingIn,
    BuildingPatch,
    BuyerIn,
    CancelIn,
    CancelReason,
    ClientKind,
    ColumnSource,
    ConstantSource,
    ContentType,
    ContractIn,
    ContractState,
    ElevationIn,
    FileIn,
    FileKind,
    InvitationIn,
    LoginIn,
    ColumnMapping,
    ColumnMappingColumns,
    MappingIn,
    PersonalField,
    PersonIn,
    PhaseIn,
    PlanIn,
    PriceUnit,
    Problem,
    ProjectIn,
    RevealIn,
    SignupIn,
    Status,
    VerifyIn,
)
from keystead_client.types import UNSET, File, Unset

from outside import download, given, mailed, upload

T = TypeVar("T")

URL = given("KEYSTEAD_URL")
SLUG = given("SLUG")
PASSWORD = given("PASSWORD")
DEMO = pathlib.Path(given("DEMO"))

nobody = Client(base_url=URL)


def taken(answer: T | Problem | None) -> T:
    """The answer, or the problem as an error."""
    assert answer is not None, "an answer that the document does not know"
    assert not isinstance(answer, Problem), f"{answer}"
    return answer


def done(step: str) -> None:
    print(f"done: {step}", flush=True)


def enter(email: str, password: str = PASSWORD, tenant: str | Unset = SLUG) -> AuthenticatedClient:
    body = LoginIn(email=email, password=password, tenant=tenant, client=ClientKind.NATIVE)
    return AuthenticatedClient(base_url=URL, token=taken(log_in.sync(client=nobody, body=body)).access_token)


def sign_up_and_approve() -> AuthenticatedClient:
    email = f"ada@{SLUG}.test"
    body = SignupIn(company_name="Acme Homes", slug=SLUG, admin_name="Ada Byron", email=email, password=PASSWORD)
    application = taken(sign_up.sync(client=nobody, body=body))
    done("sign up")
    verified = taken(verify_signup.sync(client=nobody, body=VerifyIn(token=mailed(email, "ksv_"))))
    assert verified.state == "verified"
    done("verify the address")
    operator = enter(given("OPERATOR_EMAIL"), given("OPERATOR_PASSWORD"), UNSET)
    tenant = taken(approve_signup.sync(application.id, client=operator))
    assert tenant.state == "active"
    done("approve as operator")
    admin = enter(email)
    done("log in")
    me = taken(read_me.sync(client=admin))
    assert me.membership is not None and me.membership.tenant == SLUG
    done("read who one is")
    return admin


def lay_out(admin: AuthenticatedClient) -> tuple[str, str]:
    fusion = ProjectIn(code="FUSION", name="Fusion", time_zone="America/Los_Angeles", currency="USD")
    project = taken(create_project.sync(client=admin, body=fusion)).id
    done("create a project")
    release = datetime.datetime(2026, 1, 15, 17, tzinfo=datetime.UTC)
    for name in ("Phase 1", "Phase 2"):
        taken(create_phase.sync(client=admin, body=PhaseIn(project_id=project, name=name, released_at=release)))
    taken(create_phase.sync(client=admin, body=PhaseIn(project_id=project, name="Phase 3")))
    done("lay out phases")
    building = taken(create_building.sync(client=admin, body=BuildingIn(project_id=project, name="Foundy", floors=4)))
    seen = read_building.sync_detailed(building.id, client=admin).headers["etag"]
    renamed = taken(update_building.sync(building.id, client=admin, if_match=seen, body=BuildingPatch(name="Foundry")))
    assert (renamed.name, renamed.floors) == ("Foundry", 4)
    late = update_building.sync(building.id, client=admin, if_match=seen, body=BuildingPatch(floors=None))
    assert isinstance(late, Problem) and late.status == 412 and isinstance(late.current_version, int)
    done("rename a building under its version")
    aspen = PlanIn(project_id=project, code="A", name="Aspen", bedrooms=1, bathrooms=1, square_feet=742)
    plan = taken(create_plan.sync(client=admin, body=aspen)).id
    for code, name in (("A1", "Brick Loft"), ("A2", "Garden Patio")):
        elevation = ElevationIn(project_id=project, plan_id=plan, code=code, name=name)
        taken(create_elevation.sync(client=admin, body=elevation))
    done("create a plan with elevations")
    return project, plan


def team(admin: AuthenticatedClient, project: str) -> tuple[AuthenticatedClient, AuthenticatedClient, AuthenticatedClient]:
    roles = {role.key: role.id for role in taken(list_roles.sync(client=admin)).items}
    agent, escrow, vp = (f"{who}@{SLUG}.test" for who in ("agent", "escrow", "vp"))
    for body in (
        InvitationIn(email=agent, role_id=roles["sales_agent"], project_ids=[project]),
        InvitationIn(email=escrow, role_id=roles["escrow_coord"], all_projects=True),
        InvitationIn(email=vp, role_id=roles["vp_sales"], all_projects=True),
    ):
        taken(create_invitation.sync(client=admin, body=body))
    done("invite a team")
    for email in (agent, escrow, vp):
        accept = AcceptIn(token=mailed(email, "ksi_"), name=f"{email} Person", password=PASSWORD)
        taken(accept_invitation.sync(client=nobody, body=accept))
    done("join by invitation")
    return enter(agent), enter(escrow), enter(vp)


def import_homes(admin: AuthenticatedClient, project: str) -> None:
    columns = ColumnMappingColumns()
    columns["number"] = ColumnSource(column="Lot")
    columns["phase"] = ConstantSource(constant="Phase 1")
    columns["price"] = ColumnSource(column="Price")
    mapping = MappingIn(name="Lots", mapping=ColumnMapping(columns=columns, price_unit=PriceUnit.MINOR))
    saved = taken(create_import_mapping.sync(client=admin, body=mapping))
    assert saved.mapping.price_unit == PriceUnit.MINOR
    done("save an import mapping")
    wrong = File(io.BytesIO(b"Lot,Price\n9,100\n10,-1\n"))
    tried = taken(
        import_units.sync(
            client=admin, project_id=project, file_name="wrong.csv", dry_run=True, mapping_id=saved.id, body=wrong
        )
    )
    assert tried.rows_imported == 1 and tried.errors[0].row == 3
    done("try an import")
    with (DEMO / "fusion-homes.csv").open("rb") as homes:
        report = taken(
            import_units.sync(client=admin, project_id=project, file_name="fusion-homes.csv", body=File(homes))
        )
    assert report.rows_imported == 120 and report.state == "finished"
    done("import homes")


def floor_plan(admin: AuthenticatedClient, agent: AuthenticatedClient, project: str, plan: str) -> None:
    pdf = (DEMO / "floorplan-a.pdf").read_bytes()
    body = FileIn(
        project_id=project,
        plan_id=plan,
        kind=FileKind.FLOORPLAN,
        name="Plan A.pdf",
        content_type=ContentType.APPLICATIONPDF,
        length=len(pdf),
        sha256=hashlib.sha256(pdf).hexdigest(),
    )
    declared = taken(declare_file.sync(client=admin, body=body))
    to = declared.upload
    upload(to.method, to.url, to.headers.additional_properties, pdf)
    assert taken(confirm_file.sync(declared.id, client=admin)).state == "ready"
    done("upload a floor plan")
    link = taken(link_file.sync(declared.id, client=agent))
    assert download(link.url) == pdf
    done("download the floor plan")


def sell(agent: AuthenticatedClient, vp: AuthenticatedClient, escrow: AuthenticatedClient, project: str) -> str:
    found = taken(list_units.sync(client=agent, project_id=project, status=Status.AVAILABLE, number="1101"))
    home = found.items[0]
    assert home.price.amount_minor == 50_349_000
    done("find homes")
    address = AddressIn(line1="1 Main Street", city="Reno", region="NV", postal_code="89501", country="US")
    jane = PersonIn(
        name="Jane Doe",
        email="jane.doe@example.com",
        phone="+1 415 555 0123",
        date_of_birth=datetime.date(1984, 2, 29),
        address=address,
    )
    john = PersonIn(name="John Roe", email="john.roe@example.com")
    draft = ContractIn(unit_id=home.id, buyers=[BuyerIn(contact=jane), BuyerIn(contact=john)])
    key = str(uuid.uuid4())
    contract = taken(create_contract.sync(client=agent, body=draft, idempotency_key=key))
    again = taken(create_contract.sync(client=agent, body=draft, idempotency_key=key))
    assert again.id == contract.id and [buyer.name for buyer in contract.buyers] == ["J. D.", "J. R."]
    done("draft a contract with two buyers once")
    late = ContractIn(unit_id=home.id, buyers=[BuyerIn(contact=PersonIn(name="Late Buyer"))])
    refused = create_contract.sync(client=agent, body=late)
    assert isinstance(refused, Problem) and refused.type_ == "urn:keystead:problem:unit-under-contract"
    done("be refused a second contract")
    assert taken(submit_contract.sync(contract.id, client=agent)).state == ContractState.SUBMITTED
    done("submit")
    assert taken(approve_contract.sync(contract.id, client=vp)).state == ContractState.APPROVED
    done("approve")
    reason = CancelIn(reason=CancelReason.FINANCING_DENIED, note="The lender declined.")
    over = taken(cancel_contract.sync(contract.id, client=escrow, body=reason))
    assert over.state == ContractState.CANCELLED and over.cancel_reason == "financing_denied"
    done("cancel with a reason")
    return contract.buyers[0].contact_id


def look_back(admin: AuthenticatedClient, agent: AuthenticatedClient, project: str, buyer: str) -> None:
    masked = {contact.id: contact for contact in taken(list_contacts.sync(client=agent, project_id=project)).items}
    assert (masked[buyer].phone, masked[buyer].email) == ("•••0123", "j…@e….com")
    done("list buyers masked")
    wanted = [PersonalField.NAME, PersonalField.EMAIL, PersonalField.DATE_OF_BIRTH]
    reveal = RevealIn(fields=wanted, purpose="preparing the purchase agreement")
    plain = taken(reveal_contact.sync(buyer, client=agent, body=reveal))
    assert plain.name == "Jane Doe" and plain.date_of_birth == datetime.date(1984, 2, 29)
    done("reveal for a purpose")
    actions: set[str] = set()
    cursor: str | Unset | None = UNSET
    while cursor is not None:
        page = taken(list_audit_events.sync(client=admin, limit=50, cursor=cursor))
        for event in page.items:
            actions.add(event.action)
            assert event.after is None or "Jane Doe" not in event.after.additional_properties.values()
        cursor = page.next_cursor
    assert actions >= {"contract.created", "contract.cancelled", "reveal.created", "member.created"}
    done("page through the audit trail")
    assert len(taken(export_audit_trail.sync(client=admin)).splitlines()) > 2
    done("export the audit chain")


def main() -> None:
    admin = sign_up_and_approve()
    project, plan = lay_out(admin)
    agent, escrow, vp = team(admin, project)
    import_homes(admin, project)
    floor_plan(admin, agent, project, plan)
    buyer = sell(agent, vp, escrow, project)
    look_back(admin, agent, project, buyer)


if __name__ == "__main__":
    main()
