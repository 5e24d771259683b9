"""A handler's module that cannot be loaded."""

import a_module_that_nobody_has  # type: ignore[import-not-found]  # that is the point


def handler(event: object, context: object) -> object:
    return a_module_that_nobody_has.handle(event, context)
