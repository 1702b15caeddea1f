"""What there is in the footage: maps, groups of objects, what is unusual, what can be counted."""
