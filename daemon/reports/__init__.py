"""What is learned from afterwards: a report for each incident, and one for each month."""
