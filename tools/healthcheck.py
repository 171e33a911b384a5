"""Asks the portal in this container whether it is alive; exits with 1 if not. Standard library."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request


def request(environment: dict[str, str]) -> urllib.request.Request:
    """Return a request that the portal accepts: for its own name, as if it came by the proxy."""
    hosts = environment.get("ALLOWED_HOSTS", "").split(",")
    host = hosts[0].strip().lstrip(".").replace("*", "") or "localhost"
    port = environment.get("PORT") or "8000"
    return urllib.request.Request(
        f"http://127.0.0.1:{port}/healthz/", headers={"Host": host, "X-Forwarded-Proto": "https"}
    )


def main() -> int:
    """Return 0 when the portal answers, else say why not and return 1."""
    try:
        with urllib.request.urlopen(request(dict(os.environ)), timeout=5):  # noqa: S310 - loopback
            return 0
    except (urllib.error.URLError, OSError) as error:
        print(f"Health check: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
