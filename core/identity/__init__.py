"""The same object in several tracks and videos: suggested by looks, decided by a person."""
