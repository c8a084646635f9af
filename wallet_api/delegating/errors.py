"""Errors of delegations. No message holds a name or a number.

DelegationRefused
├── UnknownDelegation, UnknownAgent     nobody, or nothing, of that name
├── GrantNotPermitted                   not the holder, and nobody who may act for it
├── TypeNotDelegable                    nobody else may use certificates of this type
├── TermsInvalid                        purposes, relation or time are not as they must be
├── TooManyDelegations, TooManyManagers
└── DelegationEnded, PurposeNotGranted  it does not serve for this, or not any more
"""

from wallet_api.errors import WalletError


class DelegationRefused(WalletError):
    """A delegation is not made, or not used."""

    code = "delegation_refused"


class UnknownDelegation(DelegationRefused):
    """Neither given nor received by this holder, or nothing of this id."""

    code = "unknown_delegation"


class UnknownAgent(DelegationRefused):
    """No person of this number and name has a wallet here; which of both is wrong is not told."""

    code = "unknown_agent"


class GrantNotPermitted(DelegationRefused):
    """Who asks is not the holder, nor shown to be its legal representative, guardian or manager for this."""

    code = "grant_not_permitted"


class TypeNotDelegable(DelegationRefused):
    """Certificates of this type are used by their holders alone, or by a guardian alone."""

    code = "type_not_delegable"


class TermsInvalid(DelegationRefused):
    """The purposes, the relation or the time are not as they must be."""

    code = "delegation_terms_invalid"


class TooManyDelegations(DelegationRefused):
    """The holder has as many delegations in force as may be."""

    code = "too_many_delegations"


class TooManyManagers(DelegationRefused):
    """The enterprise has as many managers (证照管理员) as may be."""

    code = "too_many_managers"


class DelegationEnded(DelegationRefused):
    """The delegation was recalled, or its time is over."""

    code = "delegation_ended"


class PurposeNotGranted(DelegationRefused):
    """The delegation is not for this purpose."""

    code = "purpose_not_granted"
