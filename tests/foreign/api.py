"""The API as a stranger meets it: services found by reflection, messages built from the descriptors it sends.

No generated code of clientele is used here; what the server does not say about itself, this client does not know.
"""

from dataclasses import dataclass, field

import grpc
from google.api import annotations_pb2
from google.protobuf import descriptor_pool, json_format, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

TIMEOUT = 30


@dataclass
class Failure(Exception):
    """A refused call: the code, the reason and the metadata of its ErrorInfo, the violations of its BadRequest, and the
    details whose types are the service's own, by their names."""

    code: str
    reason: str = ""
    domain: str = ""
    metadata: dict = field(default_factory=dict)
    fields: list = field(default_factory=list)
    resource: str = ""
    resource_type: str = ""
    lists: dict = field(default_factory=dict)
    text: str = ""

    def __str__(self):
        return f"{self.code} {self.reason} {self.metadata} {self.fields} {self.lists} {self.text}"


def failure_of(error, pool):
    """Reads what a refused call carries in grpc-status-details-bin; the pool knows the types of the service."""
    failure = Failure(error.code().name, text=error.details())
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        status = status_pb2.Status.FromString(value)
        assert status.code == error.code().value[0], "the status in the details has another code than the call"
        for detail in status.details:
            read_detail(failure, detail, pool)
    return failure


def read_detail(failure, detail, pool):
    info, bad, resource = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.BadRequest(),
        error_details_pb2.ResourceInfo(),
    )
    if detail.Unpack(info):
        failure.reason, failure.domain, failure.metadata = info.reason, info.domain, dict(info.metadata)
    elif detail.Unpack(bad):
        failure.fields = [violation.field for violation in bad.field_violations]
    elif detail.Unpack(resource):
        failure.resource, failure.resource_type = resource.resource_name, resource.resource_type
    elif detail.TypeName().startswith("clientele.v1."):
        own = message_factory.GetMessageClass(pool.FindMessageTypeByName(detail.TypeName()))()
        assert detail.Unpack(own), detail
        data = json_format.MessageToDict(own, preserving_proto_field_name=True)
        failure.lists[own.DESCRIPTOR.name] = data


@dataclass
class Answer:
    """An answer: the message as plain data with the field names of the protos, and the headers."""

    message: dict
    headers: dict


class Api:
    """The methods of a server, by the descriptors that it sent."""

    def __init__(self, channel):
        self.channel = channel
        self.database = ProtoReflectionDescriptorDatabase(channel)
        self.pool = descriptor_pool.DescriptorPool(self.database)

    def service_names(self):
        return list(self.database.get_services())

    def service(self, name):
        return self.pool.FindServiceByName(name)

    def call(self, method, request=None, actor=None):
        """Calls clientele.v1.SERVICE/METHOD, given as SERVICE/METHOD, with a request given as plain data."""
        service, method_name = method.split("/")
        descriptor = self.service(f"clientele.v1.{service}").methods_by_name[method_name]
        request_class = message_factory.GetMessageClass(descriptor.input_type)
        response_class = message_factory.GetMessageClass(descriptor.output_type)
        stub = self.channel.unary_unary(
            f"/clientele.v1.{method}",
            request_serializer=request_class.SerializeToString,
            response_deserializer=response_class.FromString,
        )
        message = json_format.ParseDict(request or {}, request_class())
        try:
            metadata = [("clientele-actor", actor)] if actor else None
            answer, call = stub.with_call(message, timeout=TIMEOUT, metadata=metadata)
        except grpc.RpcError as error:
            raise failure_of(error, self.pool) from None
        data = json_format.MessageToDict(answer, preserving_proto_field_name=True)
        return Answer(data, dict(call.initial_metadata()))

    def http_rule(self, method):
        """Returns verb and path of the HTTP rule of a method descriptor, as reflection delivered it."""
        rule = method.GetOptions().Extensions[annotations_pb2.http]
        verb = rule.WhichOneof("pattern")
        return (verb, getattr(rule, verb)) if verb else None


def services_by_reflection(channel, version):
    """Lists the services with one version of the reflection protocol; the messages are the same in both."""
    stub = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    answers = list(stub(iter([request]), timeout=TIMEOUT))
    return [service.name for service in answers[0].list_services_response.service]
