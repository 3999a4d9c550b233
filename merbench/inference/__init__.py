"""What a network attends to: its maps over the face, pictures of them, and how much falls on the true motion."""
