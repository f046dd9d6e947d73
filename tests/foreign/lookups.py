"""One box for names, addresses and numbers: who is found, in which spelling, and what is never shown."""

import uuid

from resource import refused


class LookUps:
    """A firm and a person who works there. Each method whose name starts with `case_` is one case, run in this order."""

    def __init__(self, api):
        self.api = api
        # Words of letters alone, so that a typo in them is one.
        word = lambda: "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:9])
        self.first, self.last = word(), word()
        self.mail, self.digits = f"{self.first}@{self.last}.example", str(uuid.uuid4().int)[:6]
        number, mails = f"+43 732 7{self.digits}", [{"address": self.mail}]
        phones = {"emails": mails, "phone_numbers": [{"text": number}]}
        self.person = self.create("Contact", {"display_name": f"{self.first} {self.last}".title(), **phones})
        self.firm = self.create("Customer", {"display_name": f"{self.last.title()} Stähle AG", "kind": "BUSINESS"})
        tie = {"customer": self.firm, "contact": self.person, "job_title": "CFO"}
        self.affiliation = self.create("Affiliation", tie)
        self.mia = self.create("Colleague", {"display_name": "Mia who looks up"})

    def create(self, kind, record, **more):
        return self.api.call(f"{kind}Service/Create{kind}", {kind.lower(): record}, **more).message["name"]

    def results(self, text, actor=None, **more):
        return self.api.call("RelationshipService/LookUp", {"text": text, **more}, actor).message.get("results", [])

    def found(self, text, **more):
        return [result.get("contact") or result["customer"] for result in self.results(text, **more)]

    def case_a_name_is_found_with_a_typo(self):
        one, other = self.first, self.last
        for text in [f"{one} {other}", f"{other.upper()}, {one}", f"{one[:4]}{one[5:]} {other}", f"{one} {other}z"]:
            assert self.found(text)[:1] == [self.person], text
        [match] = self.results(f"{one[:4]}{one[5:]} {other}")[0]["matches"]
        assert match == {"field": "display_name", "text_kind": "NAME", "typo_count": 1}, match

    def case_a_firm_is_found_without_accents_and_legal_form(self):
        for text in [f"{self.last} STAHLE", f"{self.last} Stähle GmbH", f"stahle {self.last[:3]}{self.last[4:]}"]:
            assert self.found(text)[:1] == [self.firm], text

    def case_an_address_is_found_as_a_whole(self):
        result = self.results(self.mail.upper())[0]
        assert result["contact"] == self.person, result
        assert result["matches"][0] == {"field": "emails", "text_kind": "EMAIL"}, result

    def case_a_number_is_found_in_another_spelling(self):
        digits = self.digits
        here = [f"0043 (732) 7{digits[:3]}-{digits[3:]}", f"0732/7{digits}"]
        for text, region in [(here[0], "AT"), (here[1], "AT"), (f"+437327{digits}", "")]:
            [result] = self.results(text, region_code=region)
            assert (result["contact"], result["matches"][0]["text_kind"]) == (self.person, "PHONE_NUMBER"), (text, result)

    def case_a_person_comes_with_the_job(self):
        [job] = self.results(self.mail)[0]["positions"]
        expected = {"affiliation": self.affiliation, "customer": self.firm, "job_title": "CFO"}
        assert {key: job[key] for key in expected} == expected, job

    def case_the_kinds_asked_for_are_found(self):
        assert self.found(self.last, kinds=["CUSTOMER"]) == [self.firm]
        assert self.found(self.last, kinds=["CONTACT"]) == [self.person]

    def case_a_write_is_found_at_once_and_its_old_name_is_not(self):
        old, new = self.first + "q", self.last + "q"
        for _ in range(5):
            name = self.create("Customer", {"display_name": old})
            assert name in self.found(old)
            changed = {"customer": {"name": name, "display_name": new}, "update_mask": "displayName"}
            self.api.call("CustomerService/UpdateCustomer", changed)
            assert name in self.found(new) and name not in self.found(old)
            self.api.call("CustomerService/DeleteCustomer", {"name": name})
            assert name not in self.found(new)

    def case_what_is_deleted_is_gone_until_it_comes_back(self):
        self.api.call("ContactService/DeleteContact", {"name": self.person, "force": True})
        for text in [self.mail, self.first, f"{self.first} {self.last}", f"+43 732 7{self.digits}"]:
            assert self.person not in self.found(text), text
        self.api.call("ContactService/UndeleteContact", {"name": self.person})
        assert self.found(self.mail)[0] == self.found(self.first)[0] == self.person

    def case_what_is_private_is_never_shown(self):
        secret = uuid.uuid4().hex
        talk = {"customer": self.firm, "contacts": [self.person], "state": "HELD", "subject": secret}
        talk |= {"start_time": "2026-01-31T09:00:00Z", "visibility": "PRIVATE"}
        self.create("Conversation", talk, actor=self.mia)
        self.create("Note", {"records": [self.person], "body": secret, "visibility": "PRIVATE"}, actor=self.mia)
        for actor in [None, self.mia]:
            assert self.results(secret, actor=actor) == []
            for result in self.results(f"{self.first} {self.last}", actor=actor):
                assert "last_conversation" not in result, result
        public = self.create("Conversation", talk | {"visibility": "EVERYONE", "start_time": "2026-01-30T09:00:00Z"})
        assert self.results(self.mail)[0]["last_conversation"]["conversation"] == public

    def case_a_text_that_is_none_is_refused(self):
        for text in ["", "x" * 201]:
            failure = refused(lambda: self.results(text), "INVALID_ARGUMENT", "FIELD_INVALID")
            assert failure.fields == ["text"], failure
