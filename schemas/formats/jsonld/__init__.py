"""JSON-LD credentials: contexts on board, document rules, detection of data loss, and canonical N-Quads (RDFC-1.0).

    contexts   the contexts that documents may refer to; nothing is fetched
    compiled   the direct way to canonical N-Quads, by tables made once from known contexts (base install)
    rdf        the general way, over PyLD (extra ``jsonld``)
    loss       what JSON-LD would drop in silence is an error
    rdfc10     RDF Dataset Canonicalization over quads, with the labels that ecdsa-sd-2023 needs
    rules      VCDM 2.0 and 1.1

``compiled.canonical`` gives the bytes, or None for documents whose contexts are not all on board: those take
``rdf.canonical``. Both refuse a document that would lose a part of itself.
"""
