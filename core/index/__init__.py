"""Vectors made searchable: exact FAISS indexes over a library, derived and disposable."""
