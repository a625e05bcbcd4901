"""Training of the light network: see ../README.md."""
