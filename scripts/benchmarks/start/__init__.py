"""What starting a short command costs."""
