"""What a finished run is: its folder, its record, where it came from, and whether it still holds."""
