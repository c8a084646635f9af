"""JSON-LD credentials: contexts on board, document rules, detection of data loss, and canonical N-Quads (RDFC-1.0).

contexts   the contexts that documents may refer to; nothing is fetched
rdf        the general way to RDF, over PyLD (extra ``jsonld``)
compiled   the direct way, by tables made once from known contexts (base install)
rdfc10     RDF Dataset Canonicalization over quads, with the labels that ecdsa-sd-2023 needs
loss       what JSON-LD would drop in silence is an error
rules      VCDM 2.0 and 1.1
"""
