"""A client in another language: `client.py ADDRESS [NAME]` meets clientele by reflection and uses all of it.

Prints one line for each failure and closes with `N passed, N failed`, after NAME when one is given.
"""

import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from api import TIMEOUT, Api, services_by_reflection
from around import Around
from cases import report, run
from comparison import Comparisons
from groups import Groups
from lookups import LookUps
from questions import Questions
from resource import Resource, Walk, refused
from talk import Talk

SERVICES = [
    "AffiliationService",
    "ColleagueService",
    "ContactService",
    "ConversationService",
    "CustomerService",
    "HistoryService",
    "NoteService",
    "PersonaService",
    "PromiseService",
    "RelationshipService",
    "SegmentService",
    "TenantService",
]


def customer(marker):
    return {
        "display_name": marker,
        "kind": "BUSINESS",
        "lifecycle": "ACTIVE",
        "business": {"legal_name": "Zażółć gęślą jaźń GmbH", "employee_count": 49},
        "labels": {"tier": "gold"},
        "attributes": {"floor": 3.0, "nested": {"list": [1.0, "two", None, True]}},
    }


class Met:
    """What a stranger checks first: reflection and health."""

    def __init__(self, channel, api):
        self.channel, self.api = channel, api

    def case_both_versions_of_reflection_list_the_services(self):
        for version in ["v1", "v1alpha"]:
            names = services_by_reflection(self.channel, version)
            for service in SERVICES:
                assert f"clientele.v1.{service}" in names, (version, names)

    def case_http_rules_arrive_with_the_descriptors(self):
        for service in SERVICES:
            for method in self.api.service(f"clientele.v1.{service}").methods:
                rule = self.api.http_rule(method)
                assert rule and rule[1].startswith(("/v1/", "/v1:")), f"{method.full_name}: {rule}"
        get = self.api.service("clientele.v1.CustomerService").methods_by_name["GetCustomer"]
        assert self.api.http_rule(get) == ("get", "/v1/{name=customers/*}")

    def case_health_is_told_for_all_and_for_each_service(self):
        health = health_pb2_grpc.HealthStub(self.channel)
        for service in [""] + [f"clientele.v1.{name}" for name in SERVICES]:
            answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=TIMEOUT)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING, service

    def case_health_of_an_unknown_service_is_not_found(self):
        health = health_pb2_grpc.HealthStub(self.channel)
        try:
            health.Check(health_pb2.HealthCheckRequest(service="no.such.Service"), timeout=TIMEOUT)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.NOT_FOUND, error
        else:
            raise AssertionError("an unknown service is healthy")


class Together:
    """What spans resources: references, children, buying roles."""

    def __init__(self, api, affiliation_sample):
        self.api, self.sample = api, affiliation_sample
        self.affiliation = self.claim = None

    def case_all_wrong_fields_are_named_together(self):
        wrong = {
            "display_name": "",
            "emails": [{"address": "no at sign"}],
            "business": {"employee_count": -1},
        }
        create = lambda: self.api.call("CustomerService/CreateCustomer", {"customer": wrong})
        failure = refused(create, "INVALID_ARGUMENT", "FIELD_INVALID")
        wanted = {"customer.display_name", "customer.emails[0].address", "customer.business.employee_count"}
        assert set(failure.fields) == wanted, failure
        assert failure.metadata == {"violationCount": "3"}, failure

    def case_external_id_belongs_to_one_record(self):
        ids = [{"system": "erp", "id": "4711"}]
        first = self.api.call("ContactService/CreateContact", {"contact": {"display_name": "A", "external_ids": ids}})
        second = {"contact": {"display_name": "B", "external_ids": ids}}
        create = lambda: self.api.call("ContactService/CreateContact", second)
        failure = refused(create, "ALREADY_EXISTS", "EXTERNAL_ID_EXISTS")
        assert failure.resource == first.message["name"], failure
        found = self.api.call("ContactService/ListContacts", {"filter": 'external_ids.erp = "4711"'}).message
        assert [contact["name"] for contact in found["contacts"]] == [first.message["name"]]

    def case_reference_to_nobody_is_refused(self):
        broken = {**self.sample("x"), "contact": "contacts/nobody"}
        create = lambda: self.api.call("AffiliationService/CreateAffiliation", {"affiliation": broken})
        failure = refused(create, "FAILED_PRECONDITION", "REFERENCE_UNUSABLE")
        assert failure.metadata["field"] == "contact", failure

    def case_role_is_added(self):
        created = self.api.call("AffiliationService/CreateAffiliation", {"affiliation": self.sample("Chief")})
        self.affiliation = created.message["name"]
        claim = {"role": "DECISION_MAKER", "evidence": "STATED", "claimant": "the receptionist"}
        answer = self.api.call("AffiliationService/AddBuyingRole", {"affiliation": self.affiliation, **claim}).message
        added = answer["buying_roles"][-1]
        assert {key: added[key] for key in claim} == claim, added
        self.claim = added["claim_id"]
        assert self.count() == 1

    def case_role_is_confirmed(self):
        request = {"affiliation": self.affiliation, "claim_id": self.claim, "evidence": "CONFIRMED"}
        answer = self.api.call("AffiliationService/ConfirmBuyingRole", request).message
        claim = answer["buying_roles"][-1]
        assert claim["evidence"] == "CONFIRMED" and claim["verify_time"], claim

    def case_role_with_a_stale_etag_is_aborted(self):
        request = {"affiliation": self.affiliation, "claim_id": self.claim, "etag": 'W/"stale"'}
        for verb in ["ConfirmBuyingRole", "EndBuyingRole"]:
            refused(lambda: self.api.call(f"AffiliationService/{verb}", request), "ABORTED", "ETAG_MISMATCH")

    def case_role_ends(self):
        request = {"affiliation": self.affiliation, "claim_id": self.claim}
        answer = self.api.call("AffiliationService/EndBuyingRole", request).message
        assert answer["buying_roles"][-1]["end_date"], answer
        assert self.count() == 0

    def case_unknown_claim_is_not_found(self):
        request = {"affiliation": self.affiliation, "claim_id": "no-such-claim"}
        end = lambda: self.api.call("AffiliationService/EndBuyingRole", request)
        refused(end, "NOT_FOUND", "CLAIM_NOT_FOUND")

    def case_parent_goes_and_comes_with_its_children(self):
        parent = {"name": self.sample("x")["customer"]}
        delete = lambda **more: self.api.call("CustomerService/DeleteCustomer", {**parent, **more})
        failure = refused(delete, "FAILED_PRECONDITION", "HAS_CHILDREN")
        assert failure.metadata["childCollection"] == "affiliations", failure
        delete(force=True)
        child = {"name": self.affiliation}
        assert "delete_time" in self.api.call("AffiliationService/GetAffiliation", child).message
        self.api.call("CustomerService/UndeleteCustomer", parent)
        assert "delete_time" not in self.api.call("AffiliationService/GetAffiliation", child).message

    def count(self):
        customer_name = self.sample("x")["customer"]
        answer = self.api.call("CustomerService/GetCustomer", {"name": customer_name}).message
        return answer.get("decision_maker_count", 0)


def further(firm, person):
    """The resources around a customer and a contact."""
    held = {"customer": firm, "contacts": [person], "state": "HELD", "start_time": "2026-01-31T09:00:00Z"}
    colleague = lambda marker: {"display_name": marker, "active": True}
    conversation = lambda marker: {**held, "subject": marker, "channel": "PHONE", "duration": "90s"}
    promise = lambda marker: {"customer": firm, "text": marker, "side": "CUSTOMER", "due_time": "2026-02-28T00:00:00Z"}
    note = lambda marker: {"records": [person, firm], "body": marker, "highlighted": True}
    ages = {"min_age": 30, "genders": ["woman"]}
    persona = lambda marker: {"display_name": marker, "record_kind": "CUSTOMER", "demographics": ages, "goals": ["🎯"]}
    segment = lambda marker: {"display_name": marker, "members": {"customers": [firm]}}
    tags = lambda text: [text]
    return [
        Resource("colleague", "colleagues", colleague, "display_name", "tags", tags),
        Resource("conversation", "conversations", conversation, "subject", "intent"),
        Resource("promise", "promises", promise, "text", "tags", tags),
        Resource("note", "notes", note, "body", "tags", tags),
        Resource("persona", "personas", persona, "display_name", "headline"),
        Resource("segment", "segments", segment, "display_name", "description"),
    ]


def main(address, label):
    with grpc.insecure_channel(address) as channel:
        api = Api(channel)
        create = lambda method, sample: api.call(method, sample).message["name"]
        firm = create("CustomerService/CreateCustomer", {"customer": {"display_name": "Employer"}})
        person = create("ContactService/CreateContact", {"contact": {"display_name": "Employee"}})
        affiliation = lambda marker: {"customer": firm, "contact": person, "job_title": marker, "primary": True}
        contact = lambda marker: {"display_name": marker, "family_name": "Ólafsdóttir", "likes": ["🎷"]}
        results = [run(Met(channel, api), "meeting")]
        for resource in [
            Resource("customer", "customers", customer, "display_name", "about"),
            Resource("contact", "contacts", contact, "display_name", "about"),
            Resource("affiliation", "affiliations", affiliation, "job_title", "department"),
            *further(firm, person),
        ]:
            results.append(run(Walk(api, resource), resource.plural))
        results.append(run(Around(api), "around"))
        results.append(run(Questions(api), "questions"))
        results.append(run(Groups(api), "groups"))
        results.append(run(Talk(api), "talk"))
        results.append(run(LookUps(api), "look-ups"))
        results.append(run(Comparisons(api), "comparisons"))
        results.append(run(Together(api, affiliation), "together"))
    return report(results, label)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""))
