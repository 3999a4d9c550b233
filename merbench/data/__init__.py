"""A dataset on disk: where it is, its labelled clips, its frames, and whether they are whole."""
