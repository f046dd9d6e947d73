"""What happens around customers: conversations and promises, who acts, what stays private, and how it was before."""

import uuid

from resource import refused


class Around:
    """Cases that span several resources. Each method whose name starts with `case_` is one, run in this order."""

    def __init__(self, api):
        self.api = api
        self.firm = self.create("Customer", {"display_name": "Around"})
        self.person = self.create("Contact", {"display_name": "Person"})
        self.mia = self.create("Colleague", {"display_name": "Mia", "emails": [{"address": self.address()}]})
        self.mail = self.api.call("ColleagueService/GetColleague", {"name": self.mia}).message["emails"][0]["address"]
        self.talk = self.note = None

    def address(self):
        return f"mia-{uuid.uuid4().hex[:12]}@foreign.example"

    def create(self, kind, record, **more):
        return self.api.call(f"{kind}Service/Create{kind}", {kind.lower(): record}, **more).message["name"]

    def held(self, hour, **more):
        start = f"2026-01-31T{hour:02}:00:00Z"
        return {"customer": self.firm, "contacts": [self.person], "state": "HELD", "start_time": start, **more}

    def last(self, kind, name):
        return self.api.call(f"{kind}Service/Get{kind}", {"name": name}).message.get("last_conversation", {})

    def case_promises_are_made_along_with_a_conversation(self):
        promises = [{"text": "send samples", "side": "COMPANY"}, {"text": "decide", "side": "CUSTOMER"}]
        request = {"conversation": self.held(9, subject="Offer"), "promises": promises}
        self.talk = self.api.call("ConversationService/CreateConversation", request).message["name"]
        found = self.api.call("PromiseService/ListPromises", {"filter": f'conversation = "{self.talk}"'}).message
        assert sorted(promise["text"] for promise in found["promises"]) == ["decide", "send samples"], found
        assert all(promise["customer"] == self.firm for promise in found["promises"]), found

    def case_promises_and_conversation_are_all_or_nothing(self):
        broken = {"text": "x", "side": "COMPANY", "owner": "colleagues/nobody"}
        request = {"conversation": self.held(23), "promises": [broken]}
        create = lambda: self.api.call("ConversationService/CreateConversation", request)
        failure = refused(create, "FAILED_PRECONDITION", "REFERENCE_UNUSABLE")
        assert failure.metadata["field"] == "promises[0].owner", failure
        assert self.last("Customer", self.firm)["conversation"] == self.talk

    def case_the_last_conversation_follows(self):
        self.create("Conversation", self.held(8))
        for kind, name in [("Customer", self.firm), ("Contact", self.person)]:
            last = self.last(kind, name)
            assert (last["conversation"], last["subject"]) == (self.talk, "Offer"), last
        later = self.create("Conversation", self.held(10))
        assert self.last("Contact", self.person)["conversation"] == later
        self.api.call("ConversationService/DeleteConversation", {"name": later})
        assert self.last("Customer", self.firm)["conversation"] == self.talk

    def case_the_actor_is_the_author(self):
        private = {"records": [self.person], "body": "mine alone", "visibility": "PRIVATE"}
        for actor in [self.mia, self.mail]:
            self.note = self.create("Note", private, actor=actor)
            found = self.api.call("NoteService/GetNote", {"name": self.note}, actor=self.mia).message
            assert found["author"] == self.mia, found

    def case_a_private_note_is_not_there_for_others(self):
        for actor in [None, self.create("Colleague", {"display_name": "Jo"})]:
            for service in ["NoteService/GetNote", "HistoryService/ListRevisions"]:
                get = lambda: self.api.call(service, {"name": self.note}, actor=actor)
                refused(get, "NOT_FOUND", "RESOURCE_NOT_FOUND")
            listed = self.api.call("NoteService/ListNotes", {"filter": f'author = "{self.mia}"'}, actor=actor).message
            assert listed == {}, listed

    def case_an_unknown_actor_is_refused(self):
        call = lambda: self.api.call("CustomerService/ListCustomers", actor="nobody@foreign.example")
        refused(call, "INVALID_ARGUMENT", "ACTOR_UNKNOWN")

    def case_history_tells_every_state(self):
        changed = {"name": self.talk, "subject": "Second offer"}
        request = {"conversation": changed, "update_mask": "subject"}
        self.api.call("ConversationService/UpdateConversation", request, actor=self.mia)
        listed = self.api.call("HistoryService/ListRevisions", {"name": self.talk}).message["revisions"]
        assert [revision["action"] for revision in listed] == ["UPDATED", "CREATED"], listed
        newest, first = listed
        assert (newest["changed_paths"], newest["actor"]) == (["subject"], self.mia), newest
        before = {"name": self.talk, "revision": str(int(newest["revision"]) - 1)}
        found = self.api.call("HistoryService/GetRevision", before).message
        assert found == first and found["conversation"]["subject"] == "Offer", found
        early = {"name": self.talk, "revision": str(int(first["revision"]) - 1)}
        get = lambda: self.api.call("HistoryService/GetRevision", early)
        refused(get, "NOT_FOUND", "REVISION_NOT_FOUND")

    def case_a_filter_in_a_segment_is_checked(self):
        broken = {"segment": {"display_name": "x", "filter": "kind = BUSINESS AND nothing = 1"}}
        create = lambda: self.api.call("SegmentService/CreateSegment", broken)
        failure = refused(create, "INVALID_ARGUMENT", "FILTER_INVALID")
        assert failure.metadata["offset"] == "20" and failure.fields == ["segment.filter"], failure
