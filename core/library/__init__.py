"""The library folder on disk: catalog, one immutable shard a video, integrity."""
