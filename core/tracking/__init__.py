"""From boxes to objects: online association, exemplar crops, offline linking."""
