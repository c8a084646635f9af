"""Relying parties (用证单位) as they are registered: who may ask, for what, where browsers return to.

    registry = Registry(parties, shipped.purposes())
    purpose = registry.purpose(access, "water.account-opening")     # or PurposeNotAllowed, PartySuspended
    query = registry.query(access, purpose.purpose_id, narrower)     # or OverAsking

model        a party, its environments, and the access that a key or a token gives
documents    a party as JSON
ports        where parties are kept
return_uris  where a browser may be sent back to
registry     what a party may do
"""
