"""Row keys: the words that those of the program begin with, which no caller's may."""

ORDER, PROPOSAL, IDEMPOTENCY = "order:", "proposal:", "idempotency:"
_OURS = (ORDER, PROPOSAL, IDEMPOTENCY)


def is_free(row_key: str) -> bool:
    """Tell whether a caller may use this row key: it is none that the program makes."""
    return not row_key.startswith(_OURS)
