"""One walk through the life of a resource, the same for every kind: the standard methods and their refusals."""

import uuid
from dataclasses import dataclass

from api import Failure


@dataclass
class Resource:
    """A kind of resource, and enough about it to make, find and change one."""

    singular: str
    plural: str
    # Makes the data of a new record that `marker` tells apart.
    sample: object
    # The text field that holds the marker, and another field that can be changed.
    marker_field: str
    changed_field: str
    # Makes a value of that other field of a text.
    changed: object = lambda text: text

    @property
    def message(self):
        return self.singular.capitalize()

    @property
    def messages(self):
        return self.plural.capitalize()

    @property
    def service(self):
        return f"{self.message}Service"


def refused(call, code, reason):
    """Makes a call that must be refused, and returns the failure."""
    try:
        answer = call()
    except Failure as failure:
        assert (failure.code, failure.reason) == (code, reason), f"expected {code} {reason}, got {failure}"
        assert failure.domain == "clientele.dev", failure
        return failure
    raise AssertionError(f"expected {code} {reason}, but it succeeded: {answer.message}")


class Walk:
    """The cases of one resource. Each method whose name starts with `case_` is one, run in this order."""

    def __init__(self, api, resource):
        self.api, self.resource = api, resource
        self.marker = f"Foreign {uuid.uuid4().hex[:12]}"
        self.names = []

    def call(self, verb, request, plural=False):
        noun = self.resource.messages if plural else self.resource.message
        return self.api.call(f"{self.resource.service}/{verb}{noun}", request)

    def create(self, **more):
        sample = self.resource.sample(self.marker)
        return self.call("Create", {self.resource.singular: sample, **more})

    def get(self, name):
        return self.call("Get", {"name": name}).message

    def list(self, **more):
        request = {"filter": f'{self.resource.marker_field} = "{self.marker}"', **more}
        return self.call("List", request, plural=True).message

    def update(self, name, value, mask=None, **more):
        changed = {"name": name, self.resource.changed_field: self.resource.changed(value), **more}
        mask = self.resource.changed_field if mask is None else mask
        return self.call("Update", {self.resource.singular: changed, "update_mask": mask})

    def case_create_answers_with_name_etag_and_revision(self):
        for _ in range(3):
            answer = self.create()
            created = answer.message
            assert created["name"].startswith(f"{self.resource.plural}/"), created
            assert created["etag"] and created["create_time"] == created["update_time"], created
            assert int(answer.headers["clientele-revision"]) > 0, answer.headers
            self.names.append(created["name"])
        assert len(set(self.names)) == 3

    def case_get_answers_what_create_stored(self):
        stored = self.get(self.names[0])
        for field, value in self.resource.sample(self.marker).items():
            assert stored[field] == value, f"{field}: {stored[field]!r} is not {value!r}"

    def case_unknown_name_is_not_found(self):
        name = f"{self.resource.plural}/unknown-one"
        failure = refused(lambda: self.get(name), "NOT_FOUND", "RESOURCE_NOT_FOUND")
        assert failure.metadata == {"resource": name, "resourceType": failure.resource_type}, failure
        assert failure.resource == name, failure
        assert failure.resource_type.lower() == f"clientele.dev/{self.resource.singular}", failure

    def case_chosen_id_is_taken_once(self):
        chosen = f"foreign-{uuid.uuid4().hex[:12]}"
        more = {f"{self.resource.singular}_id": chosen}
        name = self.create(**more).message["name"]
        assert name == f"{self.resource.plural}/{chosen}", name
        refused(lambda: self.create(**more), "ALREADY_EXISTS", "RESOURCE_EXISTS")
        self.call("Delete", {"name": name})

    def case_repeat_with_the_same_request_id_changes_nothing(self):
        more = {"request_id": uuid.uuid4().hex}
        first, second = self.create(**more), self.create(**more)
        assert first.message["name"] == second.message["name"]
        assert first.headers.get("clientele-replayed") is None
        assert second.headers.get("clientele-replayed") == "true", second.headers
        self.call("Delete", {"name": first.message["name"]})

    def case_validate_only_writes_nothing(self):
        self.create(validate_only=True)
        assert len(self.list()[self.resource.plural]) == 3

    def case_list_filters(self):
        found = self.list()
        assert [item["name"] for item in found[self.resource.plural]] == sorted(self.names), found
        assert "next_page_token" not in found, found
        nobody = self.list(filter=f'{self.resource.marker_field} = "nobody has this"')
        assert nobody == {}, nobody

    def case_list_pages_without_gap_or_double(self):
        walked, token = [], ""
        for _ in range(4):
            page = self.list(page_size=1, page_token=token)
            walked += [item["name"] for item in page.get(self.resource.plural, [])]
            token = page.get("next_page_token", "")
            if not token:
                break
        assert walked == sorted(self.names), walked

    def case_page_token_is_bound_to_its_list(self):
        token = self.list(page_size=1)["next_page_token"]
        other = {"filter": "", "page_token": token}
        refused(lambda: self.list(**other), "INVALID_ARGUMENT", "PAGE_TOKEN_MISMATCH")
        refused(lambda: self.list(page_token="made-up"), "INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")

    def case_bad_filter_is_refused_with_its_place(self):
        failure = refused(lambda: self.list(filter='nonsense = "x"'), "INVALID_ARGUMENT", "FILTER_INVALID")
        assert failure.metadata.get("offset") == "0" and failure.fields == ["filter"], failure

    def case_batch_get_keeps_the_order(self):
        names = [self.names[2], self.names[0]]
        found = self.call("BatchGet", {"names": names}, plural=True).message[self.resource.plural]
        assert [item["name"] for item in found] == names, found

    def case_update_changes_the_masked_field_alone(self):
        before = self.get(self.names[0])
        after = self.update(self.names[0], "changed from abroad", etag=before["etag"]).message
        changed = self.resource.changed("changed from abroad")
        assert after[self.resource.changed_field] == changed, after
        assert after["etag"] != before["etag"] and after["update_time"] != before["update_time"]
        expected = {**before, self.resource.changed_field: changed}
        for field in set(expected) - {"etag", "update_time"}:
            assert after[field] == expected[field], field

    def case_update_that_alters_nothing_keeps_the_etag(self):
        before = self.get(self.names[0])
        assert self.update(self.names[0], "changed from abroad").message == before

    def case_stale_etag_is_aborted(self):
        name = self.names[1]
        stale = self.get(name)["etag"]
        current = self.update(name, "somebody was faster").message["etag"]
        failure = refused(lambda: self.update(name, "too late", etag=stale), "ABORTED", "ETAG_MISMATCH")
        assert failure.metadata == {"resource": name, "currentEtag": current}, failure
        assert self.get(name)[self.resource.changed_field] == self.resource.changed("somebody was faster")

    def case_unknown_mask_path_is_refused(self):
        failure = refused(
            lambda: self.update(self.names[0], "x", mask="noSuchField"), "INVALID_ARGUMENT", "MASK_INVALID"
        )
        assert failure.fields == ["update_mask.paths[0]"], failure

    def case_delete_hides_and_keeps(self):
        name = self.names[2]
        deleted = self.call("Delete", {"name": name}).message
        assert deleted["delete_time"], deleted
        assert name not in [item["name"] for item in self.list()[self.resource.plural]]
        assert name in [item["name"] for item in self.list(show_deleted=True)[self.resource.plural]]
        assert self.get(name)["delete_time"] == deleted["delete_time"]

    def case_deleted_record_takes_no_change(self):
        name = self.names[2]
        refused(lambda: self.call("Delete", {"name": name}), "NOT_FOUND", "RESOURCE_NOT_FOUND")
        refused(lambda: self.update(name, "x"), "FAILED_PRECONDITION", "RESOURCE_DELETED")

    def case_undelete_brings_it_back(self):
        name = self.names[2]
        back = self.call("Undelete", {"name": name}).message
        assert "delete_time" not in back, back
        assert name in [item["name"] for item in self.list()[self.resource.plural]]
        refused(lambda: self.call("Undelete", {"name": name}), "ALREADY_EXISTS", "RESOURCE_NOT_DELETED")
