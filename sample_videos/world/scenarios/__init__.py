"""What happens in a clip: a place, a cast with planned stories, light and camera."""
