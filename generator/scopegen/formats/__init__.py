"""Findings for programs: their fingerprints, and every format that is not text for people, which is `report.render`'s.

Each format writes what comes from a document as a literal of its language.
"""
