"""The routes of OpenID4VCI: authorization servers, their fronts, the credential endpoints."""

from fastapi import APIRouter

import issuer.openid4vci.authorization.front.routes
import issuer.openid4vci.authorization.routes
import issuer.openid4vci.credentials.routes
from ecert.http.edge import Edge
from ecert.openid4vci import credential_issuers
from ecert.wiring import Container


def routers(container: Container, edge: Edge) -> tuple[APIRouter, ...]:
    """Return the routers of the protocol servers of all departments."""
    servers = credential_issuers(container)
    return (
        issuer.openid4vci.authorization.routes.router(servers.authorization, edge),
        issuer.openid4vci.authorization.front.routes.router(servers.front, edge),
        issuer.openid4vci.credentials.routes.router(servers.credentials, edge),
    )
