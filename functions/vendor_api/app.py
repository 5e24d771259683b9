"""The data plane's entrypoint: incidents, token introspection, health."""

from hallpass.bootstrap import vendor_handler

handler = vendor_handler()
