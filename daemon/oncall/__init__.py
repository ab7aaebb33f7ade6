"""Who is on call, and when nobody is to be called. Pure."""
