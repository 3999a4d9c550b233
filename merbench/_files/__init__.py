"""Files written whole, and pictures decoded."""
