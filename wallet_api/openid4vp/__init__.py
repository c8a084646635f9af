"""The wallet's side of OpenID4VP 1.0: a verifier asks, the holder sees who, why and what, and shares or does not.

incoming    a request by link, by QR code, over the Digital Credentials API: fetched, authenticated
choices     which certificates answer it, and what the holder decides on (pure)
signing     one certificate's presentation without the holder's signature (pure)
answering   the use case: preview, share, sign, decline
sending     the response, and errors (8.5), on their way to the verifier
afterwards  ask for deletion, report a verifier
errors, ports, parts, bodies, routes
"""
