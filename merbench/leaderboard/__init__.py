"""The leaderboard, generated from stored records; nothing here trains."""
