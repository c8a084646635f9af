"""OpenID4VP 1.0, the verifier's side: requests, responses, and what is found of them. No HTTP, no storage, no clock.

transactions   one exchange as a value, kept until it is answered or over
requests       starting one: the request, its link, the request object by GET and POST
answers        the response: opened, verified at once, answered once
judging        what a response is worth
matching       presentations as DCQL sees them
releasing      the result goes to who started the transaction (session fixation, 14.3)
ports          what is needed from outside
endpoint       request_uri and response_uri as requests and answers, without a web framework
routes         the request_uri and response_uri over HTTP
"""
