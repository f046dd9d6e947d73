"""A client in another language that connects by TLS.

`secure.py make FOLDER` writes certificates of two CAs; `secure.py FOLDER ADDRESS [NAME]` calls a server that uses those of
the first and lets in only clients who show one of the same.
"""

import pathlib
import sys

import grpc
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc

from api import TIMEOUT, Api
from cases import report, run


def make(folder):
    for name in ["ours", "others"]:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / f"{name}-ca.pem")
        for role in ["server", "client"]:
            issued = authority.issue_cert("localhost", "127.0.0.1")
            issued.private_key_pem.write_to_path(folder / f"{name}-{role}.key")
            for pem in issued.cert_chain_pems:
                pem.write_to_path(folder / f"{name}-{role}.pem", append=True)


class Secure:
    """Who comes through, and who does not."""

    def __init__(self, folder, address):
        self.folder, self.address = folder, address

    def read(self, name):
        return (self.folder / name).read_bytes()

    def channel(self, authority, own=None):
        shown = {}
        if own:
            shown = {"private_key": self.read(f"{own}-client.key"), "certificate_chain": self.read(f"{own}-client.pem")}
        credentials = grpc.ssl_channel_credentials(self.read(f"{authority}-ca.pem"), **shown)
        return grpc.secure_channel(self.address, credentials)

    def is_refused(self, *certificates):
        with self.channel(*certificates) as channel:
            try:
                health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=TIMEOUT)
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNAVAILABLE, error
                return True
        return False

    def case_who_trusts_the_server_and_shows_a_certificate_comes_through(self):
        with self.channel("ours", "ours") as channel:
            api = Api(channel)
            request = {"customer": {"display_name": "Zażółć GmbH"}}
            name = api.call("CustomerService/CreateCustomer", request).message["name"]
            found = api.call("CustomerService/GetCustomer", {"name": name}).message
            assert found["display_name"] == "Zażółć GmbH", found

    def case_who_shows_none_is_refused(self):
        assert self.is_refused("ours")

    def case_who_shows_one_of_another_ca_is_refused(self):
        assert self.is_refused("ours", "others")

    def case_a_server_of_another_ca_is_not_trusted(self):
        assert self.is_refused("others", "ours")


def main(folder, address, label=""):
    return report([run(Secure(pathlib.Path(folder), address), "secure")], label)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(main(*sys.argv[1:]))
