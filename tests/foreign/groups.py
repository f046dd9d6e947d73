"""Who belongs where, and why: explanations of segments, personas that fit, and both in profiles and briefings."""

import uuid

from resource import refused


def replay(nodes):
    """Returns the verdict of the first node and how many nodes it takes, from the operators and the restrictions alone."""
    node, n_nodes, verdicts = nodes[0], 1, []
    while n_nodes < len(nodes) and nodes[n_nodes].get("depth", 0) > node.get("depth", 0):
        verdict, n_inner = replay(nodes[n_nodes:])
        verdicts.append(verdict)
        n_nodes += n_inner
    operator = node["operator"]
    if operator == "RESTRICTION":
        return node.get("holds", False), 1
    if operator == "NOT":
        return not verdicts[0], n_nodes
    return (any if operator == "OR" else all)(verdicts), n_nodes


class Groups:
    """A firm, segments and personas. Each method whose name starts with `case_` is one case, run in this order."""

    def __init__(self, api):
        self.api = api
        self.tag = uuid.uuid4().hex
        self.firm = self.create("Customer", {"display_name": "Ferrum", "kind": "BUSINESS", "tags": [self.tag]})
        self.guests = self.create("Segment", {"display_name": "Guests", "members": {"customers": [self.firm]}})
        wanted = f'tags:"{self.tag}" AND NOT segment:"{self.guests}" AND (kind = INDIVIDUAL OR annual_spend > 1000)'
        self.wanted = self.create("Segment", {"display_name": "Wanted", "filter": wanted})
        persona = {"record_kind": "CUSTOMER", "display_name": "Guest", "match_filter": f'segment:"{self.guests}"'}
        self.persona = self.create("Persona", persona)

    def create(self, kind, record):
        return self.api.call(f"{kind}Service/Create{kind}", {kind.lower(): record}).message["name"]

    def explain(self, segment):
        request = {"customer": {"name": self.firm}, "segment": segment}
        return self.api.call("SegmentService/ExplainMembership", request)

    def case_an_explanation_replays_and_its_flips_turn_it(self):
        answer = self.explain(self.wanted)
        told, nodes = answer.message, answer.message["nodes"]
        assert "member" not in told and told["revision"] == answer.headers["clientele-revision"], told
        assert [node["operator"] for node in nodes] == ["AND", "RESTRICTION", "NOT", "RESTRICTION", "OR"] + ["RESTRICTION"] * 2
        assert replay(nodes) == (False, len(nodes)), nodes
        assert told["flips"] == [2, 3], told
        for node in nodes:
            if node.get("occurrence") in told["flips"]:
                node["holds"] = not node.get("holds", False)
        assert replay(nodes) == (True, len(nodes)), nodes
        assert nodes[1]["values"] == [f'"{self.tag}"'] and "values" not in nodes[6], nodes

    def case_a_list_is_one_restriction(self):
        told = self.explain(self.guests).message
        [node] = told["nodes"]
        assert told["member"] and node["holds"] and node["segment"] == self.guests, told
        assert "flips" not in told and "filter" not in told, told

    def case_members_are_listed_counted_and_checked_alike(self):
        call = lambda method, request: self.api.call(f"SegmentService/{method}", request).message
        for segment, is_member in [(self.guests, True), (self.wanted, False)]:
            listed = call("ListSegmentMembers", {"segment": segment}).get("customers", [])
            assert [one["name"] for one in listed] == [self.firm] * is_member, listed
            counted = call("CountSegmentMembers", {"segment": segment})
            assert counted.get("member_count", 0) == len(listed) and "evaluate_time" in counted, counted
        keys = [{"name": self.firm}, {"domain": "nobody.example"}]
        told = call("CheckMembership", {"customers": keys, "segments": [self.wanted, self.guests]})
        held = [(one["outcome"], [each.get("member", False) for each in one["memberships"]]) for one in told["results"]]
        assert held == [("FOUND", [False, True]), ("NOT_FOUND", [False, False])], held
        assert [result.get("customer") for result in told["results"]] == [self.firm, None], told
        held = call("ListCustomerSegments", {"customer": {"name": self.firm}, "page_size": 1000})["memberships"]
        assert self.guests in [one["segment"] for one in held], held
        assert self.wanted not in [one["segment"] for one in held], held

    def case_a_list_is_edited_by_any_key(self):
        call = lambda method, request: self.api.call(f"SegmentService/{method}", request).message
        system = f"s{self.tag}"
        customer = {"display_name": "Aes", "external_ids": [{"system": system, "id": "1"}], "tags": [self.tag]}
        other = self.create("Customer", customer)
        edit = {"segment": self.guests, "customers": [{"external_id": {"system": system, "id": "1"}}]}
        assert call("AddSegmentMembers", edit)["members"]["customers"] == [self.firm, other]
        previewed = call("PreviewSegment", {"filter": f'tags:"{self.tag}" segment:"{self.guests}" -kind=BUSINESS'})
        assert [one["name"] for one in previewed["customers"]] == [other] and previewed["member_count"] == 1, previewed
        canonical = f'tags:"{self.tag}" AND segment:"{self.guests}" AND NOT kind = BUSINESS'
        assert previewed["filter"] == canonical, previewed
        assert call("RemoveSegmentMembers", edit)["members"]["customers"] == [self.firm]
        add = lambda: call("AddSegmentMembers", edit | {"segment": self.wanted})
        refused(add, "FAILED_PRECONDITION", "SEGMENT_HAS_FILTER")
        delete = lambda: call("DeleteSegment", {"name": self.guests})
        refused(delete, "FAILED_PRECONDITION", "RESOURCE_IN_USE")

    def case_a_persona_fits_by_its_filter(self):
        request = {"customer": {"name": self.firm}, "page_size": 1000}
        answer = self.api.call("PersonaService/MatchPersonas", request).message
        [found] = [one for one in answer["persona_matches"] if one["persona"] == self.persona]
        assert found["fits"] and replay(found["nodes"]) == (True, 1), found
        fits = [one.get("fits", False) for one in answer["persona_matches"]]
        assert fits == sorted(fits, reverse=True), fits

    def case_profile_and_briefing_show_them(self):
        key = {"customer": {"name": self.firm}}
        profile = self.api.call("RelationshipService/GetProfile", key | {"read_mask": "memberships,personaMatches"}).message
        guests = {"segment": self.guests, "segment_display_name": "Guests", "member": True}
        assert guests in profile["memberships"], profile
        assert self.persona in [one["persona"] for one in profile["persona_matches"]], profile
        sections = self.api.call("RelationshipService/GetBriefing", key | {"limit": 200}).message["sections"]
        [section] = [section for section in sections if section["part"] == "PERSONAS_AND_SEGMENTS"]
        assert {self.guests, self.persona} <= {item["record"] for item in section["items"]}, section

    def case_decision_makers_of_a_segment(self):
        request = {"segment": self.guests}
        answers = self.api.call("RelationshipService/ListDecisionMakers", request).message["decision_makers"]
        assert [answer["customer"] for answer in answers] == [self.firm], answers
        ask = lambda: self.api.call("RelationshipService/ListDecisionMakers", {"segment": "segments/none"})
        refused(ask, "NOT_FOUND", "RESOURCE_NOT_FOUND")

    def case_the_unknown_is_not_explained(self):
        refused(lambda: self.explain("segments/none"), "NOT_FOUND", "RESOURCE_NOT_FOUND")
