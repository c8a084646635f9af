"""Watches: places in status lists that are looked at with every edition of the list, without asking about a person.

model      a watch, and what is told of it
service    the use cases: begin, list, end; one round of looking
ports      what is needed from outside
routes     /v1/watches
"""
