"""Detector and encoder behind one interface each, and where their weights come from."""
