"""What an annotation file says: clips, class sets, action units, and the workbooks they are read from."""
