"""The background's entrypoint: refresh one page, read a walk ahead, keep the busy listings warm."""

from hallpass.bootstrap_refresh import refresh_handler

handler = refresh_handler()
