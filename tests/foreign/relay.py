"""A relay in front of a server, which loses answers: what a client meets when a connection breaks at the wrong time."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import grpc

from api import TIMEOUT

DETAILS = "grpc-status-details-bin"


class Relay(grpc.GenericRpcHandler):
    """Passes calls on as bytes. The first answer of each method is lost: the call took effect, and is UNAVAILABLE."""

    def __init__(self, channel):
        self.channel = channel
        # The requests that came, by the name of the method.
        self.requests = defaultdict(list)

    def service(self, call):
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self.pass_on(call.method, request, context))

    def pass_on(self, method, request, context):
        requests = self.requests[method.rpartition("/")[2]]
        requests.append(request)
        try:
            answer = self.channel.unary_unary(method)(request, timeout=TIMEOUT)
        except grpc.RpcError as error:
            context.set_trailing_metadata([pair for pair in error.trailing_metadata() if pair[0] == DETAILS])
            context.abort(error.code(), error.details())
        if len(requests) == 1:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the answer was lost")
        return answer

    def serve(self):
        """Starts serving on a free port of loopback; returns the server and the address."""
        server = grpc.server(ThreadPoolExecutor(max_workers=4), handlers=[self])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        return server, f"127.0.0.1:{port}"
