"""Before and after a talk: what to read, and what is written down of it."""

from resource import refused


class Talk:
    """Cases around LogConversation and GetBriefing. Each method whose name starts with `case_` is one, in this order."""

    def __init__(self, api):
        self.api = api
        create = lambda kind, record: api.call(f"{kind}Service/Create{kind}", {kind.lower(): record}).message["name"]
        domains = {"domains": ["talk.example"]}
        self.firm = create("Customer", {"display_name": "Talked With", "kind": "BUSINESS", "business": domains})
        self.mia = create("Colleague", {"display_name": "Mia of Talks"})
        self.made = None

    def request(self, **more):
        role = {"role": "DECISION_MAKER", "evidence": "CONFIRMED"}
        person = {"new_contact": {"display_name": "Zoë"}, "affiliation": {"job_title": "Chief"}, "roles": [role]}
        talk = {"subject": "Offer", "start_time": "2026-01-31T09:00:00Z", "channel": "PHONE"}
        promises = [{"text": "send samples", "side": "COMPANY", "due_time": "2026-02-01T00:00:00Z"}]
        key = {"domain": "talk.example"}
        return {"customer": key, "conversation": talk, "people": [person], "promises": promises, **more}

    def log(self, **more):
        return self.api.call("RelationshipService/LogConversation", self.request(**more), actor=self.mia)

    def brief(self, **record):
        answer = self.api.call("RelationshipService/GetBriefing", record, actor=self.mia).message
        return answer, {section["part"]: section.get("items", []) for section in answer["sections"]}

    def case_a_talk_is_written_down_with_all_that_came_out_of_it(self):
        self.made = self.log(request_id="foreign-talk").message
        talk, person = self.made["conversation"], self.made["contacts"][0]
        assert (talk["customer"], talk["contacts"], talk["colleagues"]) == (self.firm, [person["name"]], [self.mia]), talk
        claim = self.made["affiliations"][0]["buying_roles"][0]
        assert (claim["claimant"], claim["source"]) == (self.mia, talk["name"]), claim
        assert self.made["promises"][0]["conversation"] == talk["name"], self.made

    def case_the_same_request_writes_it_once(self):
        again = self.log(request_id="foreign-talk").message
        assert again == self.made, again

    def case_a_trial_writes_nothing(self):
        would = self.log(validate_only=True).message
        assert "name" not in would["conversation"] and "name" not in would["contacts"][0], would

    def case_wrong_fields_of_all_its_parts_are_named_together(self):
        log = lambda: self.log(people=[{"new_contact": {}}], promises=[{"side": "COMPANY"}])
        failure = refused(log, "INVALID_ARGUMENT", "FIELD_INVALID")
        assert set(failure.fields) == {"people[0].new_contact.display_name", "promises[0].text"}, failure

    def case_the_briefing_of_the_customer_tells_it(self):
        answer, parts = self.brief(customer={"name": self.firm})
        assert (answer["record"], answer["record_display_name"]) == (self.firm, "Talked With"), answer
        assert [item["kind"] for item in parts["PROMISES"]] == ["OVERDUE"], parts
        assert parts["LAST_CONVERSATION"][0]["record"] == self.made["conversation"]["name"], parts
        assert parts["DECISION_MAKERS"][0]["record"] == self.made["affiliations"][0]["name"], parts

    def case_the_briefing_of_the_person_tells_where_they_work(self):
        _, parts = self.brief(contact={"name": self.made["contacts"][0]["name"]})
        assert parts["DECISION_MAKERS"][0]["text"].startswith("Talked With: Chief"), parts

    def case_a_key_of_nobody_is_not_found(self):
        brief = lambda: self.brief(customer={"domain": "nobody.example"})
        refused(brief, "NOT_FOUND", "RESOURCE_NOT_FOUND")
