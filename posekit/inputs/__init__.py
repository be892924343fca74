"""What others tell a running show."""
