"""The verify API for banks and utilities (``/v1/verifications``, ``/v1/webhooks``). Pure but for its routes.

model      one verification as it is kept, whose it is, and for how long its claims are
service    ask a holder, look it up, list, hear of its end
expiry     the end of what nobody answers, and of what was answered and not kept yet
receipts   a signed statement of what was checked, and its check years later
webhooks   what relying parties hear, how it is signed, when it is tried again
documents  all of it as JSON
ports      what is needed from outside
routes     over HTTP
"""
