"""The front of the authorization server: pushed requests, login, consent, and the way back to the wallet.

    POST …/par                    a client pushes its request                              RFC 9126
    GET  …/authorize              the browser comes with ``client_id`` and ``request_uri``
    …/authorize/login             the form of an embedded identity provider
    /identity/callback            the way back from one elsewhere
    …/authorize/consent           which certificates the wallet may have; approve, deny
    303 to ``redirect_uri``       with ``code``, ``state`` and ``iss``                     RFC 6749, RFC 9207

redirects    which addresses a client may name, and how an answer gets there
requests     the parameters of an authorization request
par          the endpoint that takes them
pushed       where they are kept until the authorization is complete
logins       the browser's session
choosing     which certificates a holder can have
endpoint     the steps one after the other
views        what the pages say
services     all of it joined

Until a ``redirect_uri`` is known to be the client's, an error is a page and never a redirect.
"""
