"""The national share interface (GB/T 36906; docs/adr/0028): what public bodies ask of each other without the holder.

grants    which caller may do what with which types and fields (setting ECERT_SHARE_GRANTS)
service   the operations, over ports; every use is in the holder's history and in the audit trail before it is answered
elements  a certificate in the words of GB/T 36903
"""
