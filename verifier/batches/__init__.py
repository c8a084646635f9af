"""Batches: up to 10,000 presentations or statuses checked again, by jobs, with a reason for each.

model      a batch, its items, what became of them
judging    items judged by the evidence of now (pure but for its ports)
service    the use cases: begin, add, look, cancel; one slice of the work
ports      what is needed from outside
routes     /v1/batches
"""
