"""Transaction codes as they are kept."""

import pytest

from issuer.openid4vci.tx_codes import is_tx_code, seal_tx_code


@pytest.mark.parametrize("code", ["493536", "Zeichen 江门"])
def test_a_code_is_known_again_and_not_kept(code: str) -> None:
    sealed = seal_tx_code(code, input_mode="text", salt="s")
    assert is_tx_code(sealed, code)
    assert not is_tx_code(sealed, code + "1")
    assert (sealed.length, sealed.salt) == (len(code), "s")
    assert code not in str(vars(type(sealed))) + repr(sealed)


def test_the_same_code_is_kept_differently_under_another_salt() -> None:
    one, other = (seal_tx_code("1", input_mode="numeric", salt=salt) for salt in "ab")
    assert one.digest != other.digest
