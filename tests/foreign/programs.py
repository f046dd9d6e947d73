"""Runs the example clients: `programs.py ADDRESS FOLDER`, with the sample at ADDRESS and the clients made in FOLDER.
Then tries the filters and the reasons of docs/api.md.

Prints one line for each failure and closes with `N passed, N failed`.
"""

import json
import os
import re
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import google.rpc
import grpc

from api import Api
from cases import report, run
from relay import Relay

ROOT = Path(__file__).parents[2]
TEXT = "nordlicht optik"
FIRM = {"name": "customers/nordlicht-optik"}


def run_program(command, address, *arguments):
    """Runs a program to its end; returns its exit code, the lines it printed, and what it says of errors."""
    environment = {**os.environ, "CLIENTELE_ADDRESS": f"http://{address}"}
    done = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.splitlines(), done.stderr.strip()


class Program:
    """One example client, `command TEXT SUBJECT`, which takes a customer by a text, says who decides, and logs a call."""

    def __init__(self, channel, command):
        self.api, self.command = Api(channel), command
        self.relay = Relay(channel)

    def run(self, *arguments):
        self.relay.requests.clear()
        server, address = self.relay.serve()
        try:
            return run_program(self.command, address, *arguments)
        finally:
            server.stop(None)

    def logged(self, subject):
        request = {"filter": f'subject = "{subject}"'}
        found = self.api.call("ConversationService/ListConversations", request).message
        return found.get("conversations", [])

    def case_who_decides_is_found_and_one_call_is_logged_though_answers_are_lost(self):
        subject = f"About {uuid.uuid4().hex}"
        code, printed, errors = self.run(TEXT, subject)
        assert code == 0, errors
        conversation, = self.logged(subject)
        assert conversation["customer"] == FIRM["name"] and conversation["channel"] == "PHONE", conversation

        answer = self.api.call("RelationshipService/GetDecisionMakers", {"customer": FIRM}).message
        people = [f"  {person['display_name']}, {person['positions'][0]['job_title']}" for person in answer["people"]]
        firm = f"{answer['customer_display_name']} ({FIRM['name']})"
        assert printed == [firm, *people, f"logged {conversation['name']}"], printed

    def case_a_write_is_repeated_with_the_same_request_id(self):
        self.run(TEXT, f"About {uuid.uuid4().hex}")
        for method in ["GetDecisionMakers", "LogConversation"]:
            first, second = self.relay.requests[method]
            assert first == second, f"{method} was repeated with another request"

    def case_a_refusal_is_told_with_reason_and_fields_and_not_repeated(self):
        code, _, errors = self.run(TEXT, "x" * 3000)
        assert code == 1, errors
        first, *fields = errors.splitlines()
        assert first.endswith(" FIELD_INVALID"), errors
        assert [field.split(":")[0] for field in fields] == ["  conversation.subject"], errors
        assert len(self.relay.requests["LogConversation"]) == 1, "a refusal was repeated"

    def case_nobody_is_told(self):
        code, printed, errors = self.run("zzzz qqqq", "About nobody")
        told = errors.upper().replace("_", "")
        assert (code, printed, told) == (1, [], "NOTFOUND RESOURCENOTFOUND"), (code, printed, errors)

    def case_a_server_that_stays_away_is_told_after_a_while(self):
        with socket.socket() as taken:
            # A port that is taken and does not listen refuses every connection.
            taken.bind(("127.0.0.1", 0))
            code, _, errors = run_program(self.command, f"127.0.0.1:{taken.getsockname()[1]}", TEXT, "About nobody")
        assert code == 1 and errors.upper() == "UNAVAILABLE", errors


class Protos:
    """What other programs find in proto/ and third_party/."""

    def __init__(self, address, folder):
        self.address, self.folder = address, folder

    def case_proto_loader_loads_all_of_them_and_calls(self):
        command = ["node", self.folder / "loader/client.js", self.folder]
        code, printed, errors = run_program(command, self.address, "nordlicht optik")
        assert code == 0, errors
        loaded = json.loads(printed[0])
        text = "\n".join(path.read_text() for path in (self.folder / "proto").rglob("*.proto"))
        services = [line.split()[1] for line in text.splitlines() if line.startswith("service ")]
        assert sorted(loaded["services"]) == sorted(services) and services, loaded
        assert loaded["first"] == "Nordlicht Optik", loaded

    def case_the_files_of_google_are_unchanged(self):
        original = Path(next(iter(google.rpc.__path__))).parent.parent
        folder = self.folder / "third_party"
        names = [str(path.relative_to(folder)) for path in folder.rglob("*.proto")]
        assert {"google/rpc/status.proto", "google/rpc/error_details.proto"} <= set(names), names
        for name in names:
            assert (folder / name).read_bytes() == (original / name).read_bytes(), f"{name} differs"


class Page:
    """What docs/api.md promises, with the sample."""

    def __init__(self, channel):
        self.api = Api(channel)
        self.rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in (ROOT / "docs/api.md").read_text().splitlines()
            if line.startswith("|")
        ]

    def case_every_filter_finds_something(self):
        found = {}
        for plural, text, _ in [row for row in self.rows if re.fullmatch("[a-z]+s", row[0])]:
            filter = text.strip("`")
            answer = self.api.call(f"{plural[:-1].capitalize()}Service/List{plural.capitalize()}", {"filter": filter})
            found[filter] = len(answer.message.get(plural, []))
        assert found and all(found.values()), f"found nothing: {[text for text, n in found.items() if not n]}"

    def case_every_reason_is_one_and_has_its_code(self):
        proto = (ROOT / "proto/clientele/v1/error_reason.proto").read_text()
        codes = re.findall(r"// ([A-Z_]+)\. [^=]*?\n  ERROR_REASON_([A-Z_]+) = ", proto)
        known = {(code, reason) for code, reason in codes}
        rows = [row for row in self.rows if re.fullmatch("[A-Z_]+", row[0])]
        told = {(code, reason) for code, reasons, _ in rows for reason in re.findall("`([A-Z_]+)`", reasons)}
        assert told and told <= known, told - known


def main(address, folder):
    clients = folder / "examples/clients"
    commands = {
        "python": [folder / "venv/bin/python", clients / "python/client.py"],
        "typescript": ["node", clients / "typescript/dist/client.js"],
    }
    with grpc.insecure_channel(address) as channel:
        results = [run(Program(channel, command), about) for about, command in commands.items()]
        results.append(run(Protos(address, folder), "protos"))
        results.append(run(Page(channel), "docs/api.md"))
    return report(results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
