"""Service items (政务服务事项): what a citizen applies for, and with which certificates.

Stands above issuer, verifier and wallet, below the composition. Nothing is decided here yet.
"""
