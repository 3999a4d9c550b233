"""What network and feature methods inherit."""
