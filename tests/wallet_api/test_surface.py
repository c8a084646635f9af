"""The public surface, pinned: adding is allowed, renaming needs a line in the changelog."""

import dataclasses
import importlib
import inspect
import pkgutil

import wallet_api
from keys.errors import EcertError
from wallet_api import Begun, Presented, ShownQr, Wallet, WalletError, Wanted, errors
from wallet_api.sealing import SealBroken


def test_the_names_that_others_may_use() -> None:
    assert set(wallet_api.__all__) == {
        "COUNTER_AUDIENCE",
        "Begun",
        "CertificateView",
        "Challenge",
        "HeldCertificate",
        "HistoryPage",
        "Presented",
        "Receipt",
        "ShownQr",
        "Wallet",
        "WalletError",
        "Wanted",
    }


def test_the_use_cases_of_a_wallet() -> None:
    assert set(Wallet.__slots__) == {"history", "holders", "holdings", "parts", "presenting", "receiving", "showing"}


def test_the_fields_of_what_is_handed_out() -> None:
    fields = {
        kind.__name__: [one.name for one in dataclasses.fields(kind)] for kind in (Begun, Presented, ShownQr, Wanted)
    }
    assert fields == {
        "Begun": ["handle", "signing_input", "kid", "algorithm", "fields", "expires_at", "encoding"],
        "Presented": [
            "presentation_id",
            "presentation",
            "credential_id",
            "type_id",
            "fields",
            "audience",
            "purpose",
            "at",
        ],
        "ShownQr": ["text", "presented", "by_reference", "expires_at", "frames", "renewal"],
        "Wanted": ["fields", "type_id", "identifier", "credential_id", "format"],
    }


def test_every_error_has_the_root_and_a_code_of_its_own() -> None:
    found = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, EcertError)]
    mine = [one for one in found if issubclass(one, WalletError)] + [SealBroken]
    codes = {one.__name__: one.code for one in mine}
    assert len(set(codes.values())) == len(codes)
    assert codes["WalletError"] == "wallet_error"
    assert codes["UnknownHolder"] == "unknown_holder"
    assert codes["ReferenceGone"] == "reference_gone"


def test_every_module_says_what_it_is() -> None:
    names = [module.name for module in pkgutil.iter_modules(wallet_api.__path__) if module.name != "routes"]
    assert all(importlib.import_module(f"wallet_api.{name}").__doc__ for name in names)
