"""The questions about customers: the profile, and who decides, asked for by several keys."""

import uuid

from resource import refused


def timeless(profile):
    """A profile without the time that it was read for, which it has to tell."""
    assert profile["evaluate_time"] >= profile["customer"]["create_time"], profile
    return {field: value for field, value in profile.items() if field not in ("evaluate_time", "revision")}


def at_any_revision(answer):
    """An answer without the revision that it was read at."""
    return {field: value for field, value in answer.items() if field != "revision"}


class Questions:
    """A firm with one person who decides. Each method whose name starts with `case_` is one case, run in this order."""

    def __init__(self, api):
        self.api = api
        self.domain = f"{uuid.uuid4().hex[:12]}.example"
        self.mail = f"mara@{uuid.uuid4().hex[:12]}.example"
        business = {"domains": [self.domain]}
        self.firm = self.create("Customer", {"display_name": "Ferrum", "kind": "BUSINESS", "business": business})
        self.person = self.create("Contact", {"display_name": "Mara", "emails": [{"address": self.mail}]})
        tie = {"customer": self.firm, "contact": self.person, "job_title": "CFO"}
        self.affiliation = self.create("Affiliation", tie)

    def create(self, kind, record):
        return self.api.call(f"{kind}Service/Create{kind}", {kind.lower(): record}).message["name"]

    def ask(self, method, request):
        return self.api.call(f"RelationshipService/{method}", request).message

    def keys(self):
        return [{"name": self.firm}, {"domain": self.domain.upper()}, {"email": self.mail}]

    def case_every_key_gives_the_same_profile(self):
        profiles = [timeless(self.ask("GetProfile", {"customer": key})) for key in self.keys()]
        assert profiles[0]["customer"]["name"] == self.firm, profiles[0]
        assert profiles[0]["people"][0]["contact"]["name"] == self.person, profiles[0]
        assert profiles[1:] == profiles[:1] * 2, profiles

    def case_a_read_mask_selects(self):
        request = {"customer": {"name": self.firm}, "read_mask": "customer.displayName"}
        assert self.ask("GetProfile", request) == {"customer": {"display_name": "Ferrum"}}

    def case_a_batch_answers_each_key(self):
        keys = [*self.keys(), {"name": "customers/nobody"}]
        results = self.ask("BatchGetProfiles", {"customers": keys})["results"]
        assert [result["outcome"] for result in results] == ["FOUND"] * 3 + ["NOT_FOUND"], results
        one = self.ask("GetProfile", {"customer": keys[0]})
        assert timeless(results[0]["profile"]) == timeless(one), results[0]

    def case_candidates_come_where_nobody_decides(self):
        answer = self.ask("GetDecisionMakers", {"customer": {"name": self.firm}})
        assert [person["contact"] for person in answer["candidates"]] == [self.person], answer
        assert answer["gaps"][0] == {"type": "NO_DECISION_MAKER"} and "people" not in answer, answer

    def case_who_decides_comes_with_claims_and_details(self):
        claim = {"affiliation": self.affiliation, "role": "BUDGET_HOLDER", "evidence": "CONFIRMED"}
        self.api.call("AffiliationService/AddBuyingRole", claim)
        answer = self.ask("GetDecisionMakers", {"customer": {"email": self.mail}, "talked_within": "3600s"})
        [person] = answer["people"]
        assert (person["evidence"], person["emails"]) == ("CONFIRMED", [{"address": self.mail}]), person
        [position] = person["positions"]
        assert (position["job_title"], position["buying_roles"][0]["role"]) == ("CFO", "BUDGET_HOLDER"), position
        gaps = {gap["type"]: gap.get("window") for gap in answer["gaps"]}
        assert gaps == {"NO_RECENT_CONVERSATION": "3600s", "SINGLE_THREADED": "3600s"}, gaps

    def case_a_list_gives_the_same_answers(self):
        then = {"evaluate_time": "2026-11-22T10:00:00Z"}
        one = self.ask("GetDecisionMakers", {"customer": {"name": self.firm}, **then})
        pages, request = [], {"filter": 'display_name = "Ferrum"', "page_size": 1, **then}
        while True:
            page = self.ask("ListDecisionMakers", request)
            pages += page["decision_makers"]
            if "next_page_token" not in page:
                break
            request["page_token"] = page["next_page_token"]
        assert at_any_revision(one) in [at_any_revision(page) for page in pages], pages

    def case_a_key_that_fits_two_names_them(self):
        business = {"domains": [self.domain]}
        twin = self.create("Customer", {"display_name": "Twin", "kind": "BUSINESS", "business": business})
        ask = lambda: self.ask("GetDecisionMakers", {"customer": {"domain": self.domain}})
        failure = refused(ask, "FAILED_PRECONDITION", "KEY_AMBIGUOUS")
        several = {"candidates": sorted([self.firm, twin]), "candidate_count": 2}
        assert failure.lists == {"KeyCandidates": several}, failure
        assert failure.metadata == {"resourceType": "clientele.dev/Customer"}, failure

    def case_a_key_that_fits_nobody_is_not_found(self):
        ask = lambda: self.ask("GetProfile", {"customer": {"phone_number": "+43 1 0000000"}})
        failure = refused(ask, "NOT_FOUND", "RESOURCE_NOT_FOUND")
        assert failure.metadata == {"resourceType": failure.resource_type} and failure.resource == "", failure
        assert failure.resource_type == "clientele.dev/Customer", failure
