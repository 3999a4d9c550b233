"""TODO: one sentence that says what comes back."""
