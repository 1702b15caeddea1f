"""How the demo models are made: pictures of the world, a detector, an encoder, their scores."""
