"""From a media file to a shard: the pipeline over one video, and the queue of videos."""
