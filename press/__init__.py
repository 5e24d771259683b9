"""Prints the site for vendors' developers out of docs/*.md: plain files, which the vendor API serves as they are."""
