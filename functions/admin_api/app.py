"""The control plane's entrypoint: districts, integrations, tokens, people."""

from hallpass.bootstrap_admin import admin_handler

handler = admin_handler()
