"""Past series from files, replayed through the live detectors, and the page that shows what came of it."""
