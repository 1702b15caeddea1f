"""What a track looks like in words: its colour and its class."""
