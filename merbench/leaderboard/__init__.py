"""The leaderboard, generated from kept records; nothing here trains."""
