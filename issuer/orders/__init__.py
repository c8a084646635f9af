"""Orders that wait for their holders: a department says what a certificate shall hold, the holder's wallet fetches it.

    awaiting_approval -> waiting -> issued          the first fetch issues the certificate, later ones add credentials
            |               |
         declined     withdrawn | expired

desk          hand in, approve, decline, withdraw, expire, list
four_eyes     which types need a second officer
proposals     life-cycle acts that a second officer confirms
offers        credential offers of OpenID4VCI for orders: by value, by reference, as link and as QR code
entitlements  what a holder may fetch (``issuer.openid4vci.ports.Entitlements``)
bulk          a file of records becomes orders with offers
snapshots     certificates that a register answers at once

Every act is recorded in the audit trail in the transaction that does it (``issuer.orders.ports``).
"""
