"""Builds the Quart application: registers blueprints, hooks and error handlers, no logic."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, ParamSpec

from quart import Quart
from quart.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from server.core.errors import NotAdmittedError, VisitorError
from server.core.limits import MAX_RAW_BODY_BYTES
from server.http.asgi import App
from server.http.tracebacks import drop_tracebacks

from . import admission
from .edge import activity, before_view, error_pages, renewal
from .edge.asgi_guard import Guard
from .edge.forms import BodyTooLargeError, ForeignFormError
from .edge.gateways import GatewayError
from .edge.ready_pages import ReadyPages
from .request_handling import AppRequest, RequestHandler
from .services import EXTENSION, Services
from .views.chat import chat
from .views.composer import composer
from .views.door import door
from .views.host import host
from .views.mine import mine
from .views.panic import panic
from .views.people import people
from .views.plain import plain
from .views.private import private
from .views.rooms import rooms
from .views.static_pages import static_pages
from .views.wait import wait

BLUEPRINTS = (
    *(door, wait, rooms, private, chat, composer, plain),
    *(people, host, mine, panic, static_pages),
)


P = ParamSpec("P")


class SilentQuart(Quart):
    """Quart that neither logs nor keeps exceptions: they may hold what a visitor typed."""

    asgi_http_class = RequestHandler  # type: ignore[assignment]
    request_class = AppRequest  # type: ignore[mutable-override]

    def ensure_async(self, func: Callable[P, Any]) -> Callable[P, Awaitable[Any]]:
        """Return it as it is: every function here is a coroutine function."""
        return func

    async def handle_user_exception(self, error: Exception) -> HTTPException | ResponseReturnValue:
        """Answer an exception, then release the frames that it was raised through."""
        try:
            return await super().handle_user_exception(error)
        finally:
            drop_tracebacks(error)

    def log_exception(
        self,
        exception_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
    ) -> None:
        """Do nothing: `error_pages.on_exception` counts it by the name of its type."""


def create_app(services: Services) -> Quart:
    """Build the application over these services; `create_web` is what is served."""
    app = SilentQuart("server", static_folder=None, template_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_RAW_BODY_BYTES,
        # `edge/forms.py` has a timer of its own, which holds no reference to the request.
        BODY_TIMEOUT=None,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        PROPAGATE_EXCEPTIONS=False,
    )
    # No redirects to a corrected path: they would hold an absolute URL.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = services
    # Quart logs one case itself, without `log_exception`: an exception in an `after_request` hook
    # while the response is already the answer to another exception.
    app.logger.disabled = True
    app.before_request(before_view.prepare)
    app.after_request(activity.count_traffic)
    # Called before the one above: they run in the reverse order.
    app.after_request(renewal.send_new_cookie)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_error_handler(VisitorError, error_pages.on_visitor_error)
    app.register_error_handler(NotAdmittedError, admission.on_not_admitted)
    app.register_error_handler(BodyTooLargeError, error_pages.on_body_too_large)
    app.register_error_handler(ForeignFormError, error_pages.on_foreign_form)
    app.register_error_handler(GatewayError, error_pages.on_gateway)
    app.register_error_handler(HTTPException, error_pages.on_http_error)
    app.register_error_handler(Exception, error_pages.on_exception)
    return app


def create_web(services: Services, host: str | None) -> App:
    """Build everything that a request passes: guard, ready pages, application.

    Args:
        services: what the views share.
        host: the only `Host` that is served; `None` accepts any.
    """
    app = create_app(services)
    return Guard(ReadyPages(app, app.url_map, services), host, services.failures)
