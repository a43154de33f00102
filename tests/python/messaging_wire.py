"""A client of the kind that is in the field, driving every call of the Messaging service. Usage: ADDRESS.

The test that runs it has published the messages that it reads.
"""

import sys

import grpc
from cases import Cases, check, equal
from database import utils_pb2
from messaging import messaging_pb2, messaging_pb2_grpc, schemas_pb2, validation_pb2

cases = Cases()


@cases.case("GetRoutingKeySchemas tells the binding keys of requests and of results")
def _(stub):
    request = messaging_pb2.GetRoutingKeySchemasRequest
    equal(stub.GetRoutingKeySchemas(request(), timeout=10).routing_key, "schemas.*")
    equal(stub.GetRoutingKeySchemas(request(results=True), timeout=10).routing_key, "schemas.result.*")


@cases.case("GetRoutingKeyValidations tells the binding keys of requests and of results")
def _(stub):
    request = messaging_pb2.GetRoutingKeyValidationsRequest
    equal(stub.GetRoutingKeyValidations(request(), timeout=10).routing_key, "validation.*")
    equal(stub.GetRoutingKeyValidations(request(results=True), timeout=10).routing_key, "validation.result.*")


@cases.case("GetMessagingParams has no broker to hand out on the embedded driver")
def _(stub):
    try:
        stub.GetMessagingParams(messaging_pb2.GetMessagingParamsRequest(), timeout=10)
    except grpc.RpcError as error:
        equal(error.code(), grpc.StatusCode.FAILED_PRECONDITION)
        details = dict(error.trailing_metadata())["grpc-status-details-bin"]
        check(b"NO_BROKER" in details, f"the reason is not in {details!r}")
    else:
        raise AssertionError("it answered")


@cases.case("StreamSchemaMessages delivers a schema with its properties")
def _(stub):
    stream = stub.StreamSchemaMessages(messaging_pb2.SchemaMessageRequest(), timeout=10)
    message = next(stream)
    stream.cancel()
    equal(message.id, "schema-1")
    equal(message.import_name, "people")
    equal(message.raw, True)
    equal(message.task, schemas_pb2.UPLOAD_SCHEMA)
    equal(message.date, "2026-01-02T03:04:05")
    equal(dict(message.extra), {"rows": "3"})
    equal(list(message.schema.required), ["name"])
    equal(message.schema.properties["name"].type, utils_pb2.STRING)
    equal(dict(message.schema.properties["name"].extra), {"minLength": "2"})


@cases.case("StreamValidationMessages delivers files in their order, bad bodies left out")
def _(stub):
    stream = stub.StreamValidationMessages(messaging_pb2.ValidationMessageRequest(), timeout=10)
    first, second = next(stream), next(stream)
    stream.cancel()
    equal(first.id, "validation-1")
    equal(first.task, validation_pb2.SAMPLE_VALIDATION)
    equal(bytes.fromhex(first.file_data), b"name\nAda\n")
    equal(first.metadata.filename, "people.csv")
    equal(first.metadata.content_type, "text/csv")
    equal(first.metadata.size, 9)
    equal(second.id, "validation-2")
    equal(second.task, validation_pb2.UNKNOWN)


@cases.case("a stream that waits ends with the deadline of its reader")
def _(stub):
    stream = stub.StreamSchemaMessages(messaging_pb2.SchemaMessageRequest(), timeout=0.3)
    try:
        next(stream)
    except grpc.RpcError as error:
        equal(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
    else:
        raise AssertionError("there was a message")


if __name__ == "__main__":
    cases.run("messaging", messaging_pb2_grpc.MessagingServiceStub(grpc.insecure_channel(sys.argv[1])))
