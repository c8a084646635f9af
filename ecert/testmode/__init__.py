"""The test environment of relying parties: every outcome on the first day, with nothing but a ``test_`` key.

outcomes      the magic certificates, and what a verification says of each
issuer        a test issuer: really signed credentials and status lists, trusted by test keys alone
evidence      what the test environment knows: the city's evidence, and the test issuer's
wallet        a wallet without a browser that answers OpenID4VP requests of the test environment
"""
