"""Keys and signatures, certificate chains, trust anchors and the trust list. Knows nothing of certificates (证照)."""
