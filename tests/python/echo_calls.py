"""A client of the kind that is in the field against the bare transport: bytes in, bytes out. Usage: ADDRESS."""

import sys
import time

import grpc
from cases import Cases, check, equal

transport = Cases()


class Client:
    """Methods of the service test.Echo, without a codec."""

    def __init__(self, address, **options):
        self.channel = grpc.insecure_channel(address, **options)
        self.unary = self.channel.unary_unary("/test.Echo/Unary")
        self.count = self.channel.unary_stream("/test.Echo/Count")
        self.join = self.channel.stream_unary("/test.Echo/Join")
        self.chat = self.channel.stream_stream("/test.Echo/Chat")


def failure_of(run):
    try:
        run()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call succeeded")


def handler_sees(client, ending):
    end = time.monotonic() + 5
    while client.unary(b"last ending", timeout=10) != ending:
        check(time.monotonic() < end, f"the handler was not told of {ending}")
        time.sleep(0.01)


@transport.case("messages of any shape and size")
def _(client):
    for size in (0, 1, 100, 16_384, 65_536, 1_048_576, 4_194_304):
        equal(client.unary(b"x" * size, timeout=20), b"x" * size)
    equal(list(client.count(b"3", timeout=10)), [b"1", b"2", b"3"])
    equal(client.join(iter([b"a", b"b" * 100_000, b"c"]), timeout=10), b"a" + b"b" * 100_000 + b"c")
    equal(list(client.chat(iter([b"a", b"b" * 100_000, b"c"]), timeout=10)), [b"a", b"b" * 100_000, b"c"])


@transport.case("many calls at once")
def _(client):
    calls = [client.unary.future(b"%d" % number, timeout=20) for number in range(2_000)]
    equal([int(call.result()) for call in calls], list(range(2_000)))


@transport.case("metadata both ways")
def _(client):
    sent = (("x-text", "a value"), ("x-bytes-bin", bytes(range(256))))
    _, call = client.unary.with_call(b"", metadata=sent, timeout=10)
    equal(dict(call.initial_metadata())["x-text"], "a value")
    equal(dict(call.trailing_metadata())["x-bytes-bin"], bytes(range(256)))


@transport.case("failures with a message and details")
def _(client):
    error = failure_of(lambda: client.unary(b"fail", timeout=10))
    equal(error.code(), grpc.StatusCode.DATA_LOSS)
    equal(error.details(), "lost: 100 % ü\n")
    check("grpc-status-details-bin" in dict(error.trailing_metadata()), "there are no details")


@transport.case("unknown methods and requests that are too large")
def _(client):
    missing = client.channel.unary_unary("/test.Echo/Missing")
    equal(failure_of(lambda: missing(b"", timeout=10)).code(), grpc.StatusCode.UNIMPLEMENTED)
    error = failure_of(lambda: client.unary(b"x" * 4_194_305, timeout=20))
    equal(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)


@transport.case("deadlines and cancellation, which the handler sees")
def _(client):
    error = failure_of(lambda: client.unary(b"wait", timeout=0.2))
    equal(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
    handler_sees(client, b"DEADLINE_EXCEEDED")
    call = client.count(b"forever", timeout=20)
    equal(next(call), b"1")
    call.cancel()
    handler_sees(client, b"CANCELLED")


@transport.case("gzip both ways")
def _(client):
    large = b"x" * 300_000
    equal(client.unary(large, compression=grpc.Compression.Gzip, timeout=10), large)
    equal(
        list(client.chat(iter([large, b"small", large]), compression=grpc.Compression.Gzip, timeout=10)),
        [large, b"small", large],
    )


if __name__ == "__main__":
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    transport.run("over our transport", Client(sys.argv[1], options=options))
