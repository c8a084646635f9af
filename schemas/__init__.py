"""Certificate types as data, number rules, document formats, QR codes, and the report: what both sides share."""
