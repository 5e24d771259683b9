"""The control plane, as its own tests have it."""

from tests.admin.conftest import aws_office, either, office, path

__all__ = ["aws_office", "either", "office", "path"]
