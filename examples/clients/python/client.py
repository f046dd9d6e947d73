"""Shows who decides at a customer, and logs a call with them. README.md has the three commands that run it."""

from __future__ import annotations

import os
import random
import sys
import time
import uuid
from typing import TypeVar

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from clientele.v1.conversation_service_pb2 import Conversation
from clientele.v1.customer_key_pb2 import CustomerKey
from clientele.v1.error_details_pb2 import KeyCandidates
from clientele.v1.log_conversation_pb2 import LogConversationRequest
from clientele.v1.relationship_service_pb2 import GetDecisionMakersRequest
from clientele.v1.relationship_service_pb2_grpc import RelationshipServiceStub

Request = TypeVar("Request")
Response = TypeVar("Response")
ATTEMPTS = 4


def call(method: grpc.UnaryUnaryMultiCallable[Request, Response], request: Request) -> Response:
    """Retries a call while the server is unavailable. A write needs a request id for that: it may have taken effect."""
    for attempt in range(1, ATTEMPTS):
        try:
            return method(request, timeout=10)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
        time.sleep(0.1 * 2 ** (attempt - 1) * random.uniform(0.5, 1))
    return method(request, timeout=10)


def explain(error: grpc.RpcError) -> str:
    """Returns the reason of an error and its details: bad fields, or the records that a key matches."""
    lines = [error.code().name]
    metadata = {entry.key: entry.value for entry in error.trailing_metadata() or ()}
    details = metadata.get("grpc-status-details-bin", b"")
    assert isinstance(details, bytes)
    for detail in Status.FromString(details).details:
        info, bad, several = ErrorInfo(), BadRequest(), KeyCandidates()
        if detail.Unpack(info):
            lines[0] += f" {info.reason}"
        elif detail.Unpack(bad):
            lines += [f"  {violation.field}: {violation.description}" for violation in bad.field_violations]
        elif detail.Unpack(several):
            lines += [f"  {name}" for name in several.candidates]
    return "\n".join(lines)


def main(text: str, subject: str) -> None:
    address = os.environ.get("CLIENTELE_ADDRESS", "http://127.0.0.1:50051").removeprefix("http://")
    with grpc.insecure_channel(address) as channel:
        service = RelationshipServiceStub(channel)
        customer = CustomerKey(text=text)

        answer = call(service.GetDecisionMakers, GetDecisionMakersRequest(customer=customer))
        print(f"{answer.customer_display_name} ({answer.customer})")
        for person in answer.people:
            print(f"  {person.display_name}, {person.positions[0].job_title}")

        conversation = Conversation(channel=Conversation.PHONE, direction=Conversation.OUTBOUND, subject=subject)
        request = LogConversationRequest(customer=customer, conversation=conversation, request_id=str(uuid.uuid4()))
        print(f"logged {call(service.LogConversation, request).conversation.name}")


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2])
    except grpc.RpcError as error:
        sys.exit(explain(error))
