"""Where parts are built and put together, and nowhere else."""
