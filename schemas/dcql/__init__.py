"""DCQL, the Digital Credentials Query Language (OpenID4VP 1.0, 6 and 7), for wallet and verifier alike. Pure.

    query = read_query(document)
    offered = matches(query, candidates)          # the wallet: what could answer each credential query
    plan = choose(query, offered)                 # one answer, or QueryNotSatisfied
    check_response(query, presented)              # the verifier: is it what was asked for

query      the query as values, written back as the same JSON
reading    strict reading, with limits
paths      claims path pointers
matching   one credential query against one credential
choosing   credential sets: what a wallet returns, what a verifier accepts
"""

from schemas.dcql.choosing import check_counts, check_response, choose, matches
from schemas.dcql.matching import Candidate, Match, match
from schemas.dcql.query import ClaimsQuery, CredentialQuery, CredentialSetQuery, Query, TrustedAuthorities
from schemas.dcql.reading import read_query

__all__ = [
    "Candidate",
    "ClaimsQuery",
    "CredentialQuery",
    "CredentialSetQuery",
    "Match",
    "Query",
    "TrustedAuthorities",
    "check_counts",
    "check_response",
    "choose",
    "match",
    "matches",
    "read_query",
]
