"""Delegation (授权用证): a holder lets a named agent use one certificate for named purposes until a moment.

    granting.py     making one: own, as legal representative, as guardian, as a manager      -> powers.py, parents.py
    using.py        the agent shows the certificate by it
    recalling.py    seeing and recalling

The format is ``schemas.formats.delegation``; why it is so stands in docs/adr/0029.
"""
