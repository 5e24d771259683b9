"""A layer of one constant."""

NAME = "toy layer"
