"""Training and measuring the text model; needed by nobody who only runs the daemon."""
