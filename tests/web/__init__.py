"""Tests of the web room: pages, forms and refusals, asked of the application without a socket."""

import pytest

# So that a failed check shows the values that it compared.
pytest.register_assert_rewrite("tests.web.wire")
