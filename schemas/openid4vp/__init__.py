"""OpenID for Verifiable Presentations 1.0: the messages of verifier and wallet, writing and reading side by side. Pure.

errors             what a wallet answers when it refuses a request (8.5), and what a verifier cannot read
client_id          who asks: the prefixes of 5.9 and what each needs
metadata           ``client_metadata`` (5.1, 11.1)
request            the authorization request as a value; its claims and how they are read
request_object     the signed request object (5, RFC 9101), its header by prefix, ``wallet_nonce`` (5.10)
registration       ``verifier_info`` of ours: the city attests who asks, why, by which law, for how long (5.11)
transaction_data   what the holder authorises with the presentation (8.4, B.3.3)
response           the response in the clear and encrypted (8.1 to 8.3), errors (8.5)
dc_api             the same over the Digital Credentials API (appendix A)
"""
