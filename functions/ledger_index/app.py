"""The ledger's index: files disclosures by person, day and integration, and looks for what needs attention."""

from hallpass.bootstrap_index import index_handler

handler = index_handler()
