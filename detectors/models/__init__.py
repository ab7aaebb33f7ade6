"""Weights of the text model, as ``tocsin train`` writes them."""
