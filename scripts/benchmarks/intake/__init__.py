"""What reading files takes."""
