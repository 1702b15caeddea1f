"""The sample clips, the world that renders them, and the training of the demo models."""
